package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"process-orders/internal/durable"
	"process-orders/internal/shown"
	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// Backup writes a copy of the store to a new file, as the store is at one moment. Others may
// read and write meanwhile, and do not wait; but a [Store.Scrub] waits for the copy, for a
// minute at most. The copy is a store of its own, as large as the rows need, and has no bytes
// of erased customers. It can be read and written by its owner alone.
//
// The copy is on the disk, was read back and verified before it has its name. So the file is
// whole or not there, whatever happens. The error wraps fs.ErrExist if something has the name
// already, or the name of a file that SQLite keeps beside it, and [store.ErrDamaged] if the
// store is damaged. Backup takes as long as reading the store twice. If the context ends, it
// returns soon and leaves nothing behind. It needs only to read the store: see
// [Options.ReadOnly].
func (s *Store) Backup(ctx context.Context, name string) (err error) {
	if err := s.checkTarget(name); err != nil {
		return backupError(name, err)
	}
	folder, err := durable.NewTempFolder(name)
	if err != nil {
		return backupError(name, err)
	}
	defer func() {
		// Of a file that has its name the folder holds nothing more.
		if failed := folder.Remove(); err == nil && failed != nil {
			err = fmt.Errorf("backup %s is done: %w", name, failed)
		}
	}()
	const file = "copy.db"
	if err := s.copyTo(ctx, folder.Join(file)); err != nil {
		return s.explainCopy(ctx, name, err)
	}
	if err := verify(ctx, folder.Join(file)); err != nil {
		return s.explainVerify(ctx, name, err)
	}
	if err := folder.Publish(ctx, file); err != nil {
		return s.explainCopy(ctx, name, err)
	}
	return nil
}

// checkTarget refuses a name that something has. A log or journal that is left of another
// store would be taken for part of the copy.
func (s *Store) checkTarget(name string) error {
	if _, err := os.Lstat(name); err == nil {
		return sqlstore.Retell(fs.ErrExist, "there is something of that name: remove it first, or choose another name")
	}
	target, err := durable.Identify(name)
	if err != nil {
		return err
	}
	own, err := durable.Identify(s.path)
	if err != nil {
		return err
	}
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if beside, err := own.Beside(suffix); err == nil && target.Same(beside) {
			return errors.New("SQLite keeps a file of that name beside the store: choose another name")
		}
		if _, err := os.Lstat(name + suffix); err == nil {
			return sqlstore.Retell(fs.ErrExist, name+suffix+" is left of another store, and would be taken for part of this one: remove it first")
		}
	}
	return nil
}

// copyTo writes the rows of the store to a new file, which is on the disk when it returns.
//
// VACUUM INTO reads in one transaction and writes rows, not pages. So it disturbs nobody who
// writes, and leaves out what is in the free space of the file. SQLite's functions for
// backups copy pages as they are, with the bytes of erased customers, and start over whenever
// another process has written.
func (s *Store) copyTo(ctx context.Context, file string) error {
	out, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	// It is closed after SQLite has closed the file: whoever closes a file ends all locks that
	// the process has on it.
	err = s.vacuumInto(ctx, file, out)
	if err == nil {
		err = durable.Await(ctx, out.Sync)
	}
	return errors.Join(err, out.Close())
}

func (s *Store) vacuumInto(ctx context.Context, file string, out *os.File) error {
	db := sql.OpenDB(connector{s.path, s.mode.copying()})
	how := waiting
	how.IsTransient = isBusy
	err := how.Do(ctx, func() error {
		if err := out.Truncate(0); err != nil { // of an attempt before
			return err
		}
		_, err := db.ExecContext(ctx, "VACUUM INTO ?", file)
		return err
	})
	err = errors.Join(err, db.Close())
	if s.check != nil {
		if changed := s.check(); changed != nil {
			return changed // which explains all else
		}
	}
	return err
}

// copying is the mode of a connection that reads the store and writes another file.
func (m mode) copying() mode {
	m.after = nil
	return m
}

// verify reads all of a copy back.
func verify(ctx context.Context, file string) error {
	copied, err := openUnwritable(ctx, filepath.Base(file), file, Options{})
	if err != nil {
		return err
	}
	return errors.Join(copied.verify(ctx), copied.Close())
}

func (s *Store) verify(ctx context.Context) error {
	health, err := s.Examine(ctx)
	if err == nil && len(health.Faults) > 0 {
		err = fmt.Errorf("%w: %s", store.ErrDamaged, health.Faults[0])
	}
	return err
}

// backupError names the file that is to be written. Its text holds nothing of the rows.
func backupError(name string, err error) error {
	err = fmt.Errorf("backup %s: %w", name, withoutValues(err))
	return sqlstore.Retell(err, shown.Text(err.Error()))
}

// explainCopy tells errors of the new file from those of the store.
func (s *Store) explainCopy(ctx context.Context, name string, err error) error {
	var path *fs.PathError
	switch {
	case ctx.Err() != nil:
		return ctx.Err() // rather than SQLite's "interrupted"
	case errors.As(err, &path):
		return backupError(name, path.Err)
	case isCode(err, codeFull):
		return backupError(name, fmt.Errorf("no space left on device: %w", err))
	case isWriteError(err):
		return backupError(name, err)
	}
	return explain(s.name, err)
}

// explainVerify says that the copy is not kept.
func (s *Store) explainVerify(ctx context.Context, name string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return backupError(name, fmt.Errorf("it is not as it should be, and was removed; the store itself may be damaged: %w; %s", err, sqlstore.WayOut))
}
