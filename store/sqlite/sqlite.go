// Package sqlite keeps records in a file, through SQLite.
//
// [Open] opens the file or makes it. Every batch is one transaction and is on the disk
// when [Store.Apply] returns. Several processes may use the file at once, on one machine:
// SQLite needs the locks and the shared memory of a local file system. While a store is
// open, or after its process was killed, SQLite keeps the files name-wal and name-shm
// beside the file name. The first of them holds records too, and the three belong
// together.
//
// Each page of the file has a checksum, and each row has one. So damage is an error that wraps
// [store.ErrDamaged], and never a wrong answer, with two exceptions. If the end of the file
// name-wal is damaged or gone, SQLite takes the log to end before that, as after a power cut: then
// the store is as it was before the last batches. And a page that is an older version of itself
// fits its checksum: that is noticed where a total of a table is compared, as [Store.Records] does,
// and by [Store.Examine]. Other programs may read the file. If one changes rows, their pages count
// as damaged.
package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"process-orders/internal/shown"
	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// Options say how to open a store. The zero value writes it, and makes a new one if there is
// none.
type Options struct {
	// ReadOnly opens a store that is there, to read it: [Store.Start], [Store.Apply] and
	// [Store.Erase] return [ErrReadOnly].
	//
	// The store may be in a place where nothing can be written, as on a disk that is mounted
	// read-only. Then it is read as it is there, with what the file name-wal holds, and
	// nothing is made beside it. SQLite has no locks in such a place, unless the program that
	// writes the store, in another place, has left its file name-shm. So the store looks at
	// the files after each reading, and if others have changed them it returns [ErrChanged].
	// A store that an older version made is brought up to date, or refused if that cannot be
	// done.
	ReadOnly bool
	// CacheBytes is how much of the file is kept in memory while it is written; 0 means
	// 16 MiB. With less, more of a large file is read again with each batch. Besides, a store
	// takes some 2 MiB, and as much again for each goroutine that reads.
	CacheBytes int64

	// For tests: watch is called with each statement that was carried out, and there are
	// other schemas.
	watch func(statement string)
	other *sqlstore.Schemas
}

func (o *Options) schemas() sqlstore.Schemas {
	if o.other != nil {
		return *o.other
	}
	return known
}

// defaultCacheBytes let sorted inserts all over a large table read each page once.
const defaultCacheBytes = 16 << 20

// maxReaders is how many goroutines of a process read at once. Each has a connection
// with a cache of some 2 MB.
var maxReaders = max(4, runtime.GOMAXPROCS(0))

// A Store is a [store.Store] in a file.
type Store struct {
	name    string // as it was given, for errors
	path    string
	mode    mode // in which it is read
	writer  *writer
	readers *sql.DB
	queries queries      // those of readers that are prepared
	check   func() error // after each reading, if SQLite has no locks for it; or nil
	file    os.FileInfo  // that is written
}

var _ store.Store = (*Store)(nil)

// Open opens the store in a file. If there is no file, it makes the store; a new file can
// be read and written by its owner alone. Any other file, also an empty one, is refused
// with [ErrNoStore] and stays as it is. A store that an older version made is brought up
// to date.
func Open(ctx context.Context, name string, o Options) (*Store, error) {
	how := open
	if o.ReadOnly {
		how = openReadOnly
	}
	s, err := how(ctx, name, o)
	if err != nil {
		return nil, explain(name, err)
	}
	return s, nil
}

func open(ctx context.Context, name string, o Options) (*Store, error) {
	path, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	if err := prepareFile(path, o.schemas()); err != nil {
		return nil, err
	}
	if err := checkLog(ctx, path); err != nil {
		return nil, err
	}
	s := &Store{name: name, writer: newWriter(path, o)}
	if err := s.writer.do(ctx, func(c *connection) error { return migrate(ctx, c, o.schemas()) }); err != nil {
		_ = s.writer.close() // the first error says why
		return nil, err
	}
	if s.file, err = os.Stat(path); err != nil {
		_ = s.writer.close() // the first error says why
		return nil, err
	}
	s.openReaders(path, reading)
	return s, nil
}

// errGone says that nobody would find what is written.
var errGone = errors.New("the file was removed, moved or replaced while the store is open, so nothing is saved any more: put it back, or open the store again")

// checkFile looks whether the file that is written is still the one of its name: SQLite goes on
// writing to a file that was removed, and what it commits there is lost.
func (s *Store) checkFile() error {
	if now, err := os.Stat(s.path); errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(now, s.file) {
		return errGone
	}
	return nil
}

func (s *Store) openReaders(path string, mode mode) {
	s.path, s.mode = path, mode
	s.readers = sql.OpenDB(connector{path, mode})
	s.readers.SetMaxOpenConns(maxReaders)
	s.readers.SetMaxIdleConns(maxReaders) // opening one takes longer than most questions
}

// Close ends the use of the file. What was applied is on the disk without it.
func (s *Store) Close() error {
	// The readers are closed first: the last connection removes the two files beside the
	// store, which one that only reads may not.
	err := errors.Join(s.readers.Close(), s.writer.close())
	return explain(s.name, err)
}

// write makes changes in one transaction, and explains what went wrong.
func (s *Store) write(ctx context.Context, change func(*transaction) error) error {
	err := s.writer.do(ctx, func(c *connection) error {
		return c.transact(ctx, func(tx *transaction) error {
			if err := s.checkFile(); err != nil {
				return err
			}
			return change(tx)
		})
	})
	return explain(s.name, err)
}

// explain puts the name of the store before an error, and the reason or the way out if
// it is known. It wraps the error, so that those of the contract are still found. Its text
// holds nothing of the rows.
func explain(name string, err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, one := range joined.Unwrap() {
			all = append(all, explain(name, one))
		}
		return errors.Join(all...)
	}
	if err == nil {
		return nil
	}
	err = withReason(name, withoutValues(err))
	return sqlstore.Retell(err, shown.Text(err.Error()))
}

// withoutValues is the error without what the driver says of values: all that SQLite says
// in words of its own, and what database/sql says of a value that it cannot read.
func withoutValues(err error) error {
	text := err.Error()
	if of := (*sqlite.Error)(nil); errors.As(err, &of) {
		text = strings.ReplaceAll(text, of.Error(), nameOf(of.Code()))
	}
	if before, _, found := strings.Cut(text, "sql: Scan error"); found {
		text = before + errValue.Error()
		return sqlstore.Retell(errors.Join(errValue, err), text)
	}
	return sqlstore.Retell(err, text)
}

// errValue says that a value is not of the kind that its column has.
var errValue = fmt.Errorf("a value cannot be read: %w", store.ErrDamaged)

// errPage says that a page of the file is not what was written.
var errPage = fmt.Errorf("a page does not fit its checksum: %w", store.ErrDamaged)

// errFile says that SQLite finds the file damaged.
var errFile = fmt.Errorf("SQLite finds the file damaged: %w", store.ErrDamaged)

// errRule says that a row breaks a rule of the tables. That happens if rows are there that should not be.
var errRule = fmt.Errorf("a row breaks a rule of the tables: %w", store.ErrDamaged)

// codeWords is what SQLite's own words for its common result codes are.
var codeWords = map[int]string{
	sqlite3.SQLITE_BUSY:     "database is locked",
	sqlite3.SQLITE_READONLY: "attempt to write a readonly database",
	sqlite3.SQLITE_IOERR:    "disk I/O error",
	sqlite3.SQLITE_CORRUPT:  "database disk image is malformed",
	sqlite3.SQLITE_FULL:     "database or disk is full",
	sqlite3.SQLITE_CANTOPEN: "unable to open database file",
	sqlite3.SQLITE_NOTADB:   "file is not a database",
}

// nameOf is how errors name a result code of SQLite: in words, with the name of the code
// if that says more.
func nameOf(code int) string {
	words := codeWords[code&0xff]
	if words == "" {
		words = cmp.Or(sqlite.ErrorCodeString[code&0xff], fmt.Sprintf("SQLite error %d", code))
	}
	if exact := sqlite.ErrorCodeString[code]; code > 0xff && exact != "" {
		words += " " + exact
	}
	return words
}

// filesAtOnce is more than SQLite opens for a connection: the file, its log, the shared
// memory and the folder.
const filesAtOnce = 8

// isWriteError reports whether SQLite could not write a file, or make it.
func isWriteError(err error) bool {
	for _, code := range []int{sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC,
		sqlite3.SQLITE_IOERR_TRUNCATE, sqlite3.SQLITE_IOERR_DELETE, sqlite3.SQLITE_IOERR_CLOSE} {
		if isCode(err, code) {
			return true
		}
	}
	return false
}

// noMoreFiles returns the error of the system if it does not open as many files as SQLite
// needs. SQLite does not say why it could not, and what it had opened is closed by now.
func noMoreFiles(name string) error {
	for range filesAtOnce {
		file, err := os.Open(filepath.Dir(name))
		if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
			return errors.Unwrap(err)
		} else if err != nil {
			return nil
		}
		defer file.Close()
	}
	return nil
}

// damaged says in words what is wrong with a store that is damaged, and what to do.
func damaged(name string, err, words error) error {
	return sqlstore.Retell(err, fmt.Sprintf("store %s: %v; %s", name, words, sqlstore.WayOut))
}

func withReason(name string, err error) error {
	switch {
	case isCode(err, codePage):
		return damaged(name, errors.Join(errPage, err), errPage)
	case isCode(err, codeCorrupt), isCode(err, codeShortRead):
		return damaged(name, errors.Join(errFile, err), errFile)
	case isCode(err, codeConstraint):
		return damaged(name, errors.Join(errRule, err), errRule)
	case errors.Is(err, store.ErrDamaged):
		return damaged(name, err, err)
	case isCode(err, codeNoSQLite):
		return fmt.Errorf("store %s: %w: it is not an SQLite file", name, ErrNoStore)
	case isCode(err, codeBusy):
		return fmt.Errorf("store %s: another process keeps it busy: %w", name, err)
	case isCode(err, codeFull), isCode(err, codeNoSharedMemory):
		return sqlstore.Retell(errors.Join(store.ErrFull, err), fmt.Sprintf("store %s: no space left on device: %v", name, err))
	case isCode(err, codeCantOpen) && noMoreFiles(name) != nil:
		return fmt.Errorf("store %s: %w: %w", name, noMoreFiles(name), err)
	case isCode(err, codeCantOpen), isCode(err, codeReadOnly):
		return fmt.Errorf("store %s: it and its folder must be writable, as SQLite keeps two more files there: %w", name, err)
	}
	return fmt.Errorf("store %s: %w", name, err)
}
