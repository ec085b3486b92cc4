package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"process-orders/store/internal/sqlstore"
)

var (
	// ErrReadOnly says that a store was opened with [Options.ReadOnly].
	ErrReadOnly = errors.New("the store was opened only to be read")
	// ErrChanged says that a store was changed by others while it was read without locks.
	ErrChanged = errors.New("it was changed while it was read, by a program that this one cannot see: try again")
)

// openReadOnly opens a store that is there, to read it. It does not make one.
func openReadOnly(ctx context.Context, name string, o Options) (*Store, error) {
	path, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	// The files beside it are where the file itself is.
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return nil, err
	}
	if err := checkFile(path, o.schemas()); err != nil {
		return nil, err
	}
	s, err := open(ctx, name, o)
	if isUnwritable(err) {
		s, err = openUnwritable(ctx, name, path, o)
	}
	if err != nil {
		return nil, err
	}
	s.writer.refuses = ErrReadOnly
	return s, nil
}

// checkFile refuses a file that is no store.
func checkFile(path string, schemas sqlstore.Schemas) error {
	if err := checkRegular(path); err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	isNew, err := checkHeader(file, schemas)
	if err == nil && isNew {
		return fmt.Errorf("%w: it is empty", ErrNoStore)
	}
	return err
}

// isUnwritable reports whether a file cannot be opened because it or its folder cannot be
// written to.
func isUnwritable(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || isCode(err, codeReadOnly) || isCode(err, codeCantOpen)
}

// openUnwritable opens a store where nothing can be written.
func openUnwritable(ctx context.Context, name, path string, o Options) (*Store, error) {
	if err := checkLog(ctx, path); err != nil {
		return nil, err
	}
	found, err := look(path)
	if err != nil {
		return nil, err
	}
	mode, err := found.mode()
	if err != nil {
		return nil, err
	}
	s := &Store{name: name, writer: newWriter(path, Options{})}
	s.openReaders(path, mode)
	if !mode.locks {
		s.check = func() error { return found.check(path) }
	}
	if err := s.read(ctx, checkSchema(ctx, o.schemas())); err != nil {
		_ = s.Close() // which has changed nothing
		return nil, err
	}
	return s, nil
}

// checkSchema returns what refuses a store of another schema. The log may say more of that
// than the header.
func checkSchema(ctx context.Context, schemas sqlstore.Schemas) func(tx *sql.Tx) error {
	return func(tx *sql.Tx) error {
		var got int64
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&got); err != nil {
			return err
		}
		if err := schemas.Check(got); err != nil {
			return err
		}
		if got < schemas.Newest {
			return fmt.Errorf("an older process-orders wrote it (schema %d, this one knows %d), and it cannot be brought up to date where nothing can be written: copy it, with its -wal file if it has one, to another folder", got, schemas.Newest)
		}
		return nil
	}
}

// files are those of a store, as they were at one moment; nil if there is no such file.
type files struct{ main, log, shared, journal fs.FileInfo }

func look(path string) (f files, err error) {
	for suffix, to := range map[string]*fs.FileInfo{"": &f.main, "-wal": &f.log, "-shm": &f.shared, "-journal": &f.journal} {
		info, failed := os.Stat(path + suffix)
		switch {
		case failed == nil && (info.Size() > 0 || suffix == ""):
			*to = info
		case failed != nil && !errors.Is(failed, fs.ErrNotExist):
			err = failed
		}
	}
	return f, err
}

// mode is how to read the files if nothing can be written.
func (f *files) mode() (m mode, err error) {
	switch {
	case f.journal != nil:
		// Only a store that is made has one.
		return m, fmt.Errorf("%w: the program that made it died before it was done", ErrNoStore)
	case f.log == nil:
		return mode{parameters: "immutable=1", after: readerSettings}, nil
	case f.shared != nil:
		return mode{parameters: "mode=ro", after: readerSettings, locks: true}, nil
	}
	// The index of the log, which is otherwise in the file with the shared memory, is in the
	// memory of a connection that has the file for itself.
	vfs := "unix-none"
	if runtime.GOOS == "windows" {
		vfs = "win32-none"
	}
	own := []setting{{"locking_mode", "exclusive"}}
	return mode{parameters: "mode=ro", vfs: vfs, before: own, after: readerSettings}, nil
}

// check returns ErrChanged if the files are not as they were.
func (f *files) check(path string) error {
	now, err := look(path)
	if err == nil && !(same(f.main, now.main) && same(f.log, now.log)) {
		err = ErrChanged
	}
	return err
}

func same(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
