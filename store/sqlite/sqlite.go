// Package sqlite keeps records in a file, through SQLite.
//
// Every batch is one transaction and is on the disk when Apply returns. The file may
// be used by several processes at once, on one machine: SQLite needs the locks and
// the shared memory of a local file system. Beside the file name SQLite keeps
// name-wal and name-shm while the store is open, or after it was killed; name-wal
// holds records too, and the three belong together.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"

	"process-orders/store"
)

// maxReaders is how many read at once in one process. Each has a cache of its own,
// of some 2 MB.
var maxReaders = max(4, runtime.GOMAXPROCS(0))

// A Store is a store.Store in a file.
type Store struct {
	name    string // as it was given, for errors
	writer  *writer
	readers *sql.DB
}

var _ store.Store = (*Store)(nil)

// Open opens the store in a file, and makes the file, readable by its owner alone,
// where there is none or an empty one. A file that is anything else is refused and
// left as it is.
func Open(ctx context.Context, name string) (*Store, error) {
	s, err := open(ctx, name)
	if err != nil {
		return nil, explain(name, err)
	}
	return s, nil
}

func open(ctx context.Context, name string) (*Store, error) {
	path, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	if err := prepareFile(path); err != nil {
		return nil, err
	}
	s := &Store{name: name, writer: newWriter(path)}
	if err := s.writer.do(ctx, func(c *connection) error { return migrate(ctx, c) }); err != nil {
		return nil, errors.Join(err, s.writer.close())
	}
	s.readers = sql.OpenDB(connector{path: path, readOnly: true})
	s.readers.SetMaxOpenConns(maxReaders)
	return s, nil
}

// Close ends the use of the file. What was applied is on the disk without it.
func (s *Store) Close() error {
	// The readers first, so that the writer may be the last and tidy up, which a
	// reader may not.
	err := errors.Join(s.readers.Close(), s.writer.close())
	return explain(s.name, err)
}

// write makes changes in one transaction, and explains what went wrong.
func (s *Store) write(ctx context.Context, change func(*transaction) error) error {
	err := s.writer.do(ctx, func(c *connection) error {
		return c.transact(ctx, change)
	})
	return explain(s.name, err)
}

// explain puts the store's name before an error, and the way out behind it where
// one is known. The errors of the contract stay what they are.
func explain(name string, err error) error {
	switch {
	case err == nil:
		return nil
	case isCode(err, codeNoSQLite):
		return fmt.Errorf("store %s: %w, and no SQLite file", name, ErrNoStore)
	case isCode(err, codeBusy):
		return fmt.Errorf("store %s: another process keeps it busy: %w", name, err)
	case isCode(err, codeFull), isCode(err, codeNoSharedMemory):
		return fmt.Errorf("store %s: no space left on device: %w", name, err)
	case isCode(err, codeCantOpen), isCode(err, codeReadOnly):
		return fmt.Errorf("store %s: it and its folder must be writable, as SQLite keeps two more files there: %w", name, err)
	}
	return fmt.Errorf("store %s: %w", name, err)
}
