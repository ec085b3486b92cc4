package sqlite

import (
	"context"
	"os"
)

// LogBytes returns how large the file name-wal is: what was committed and may not be in the file
// yet. It is 0 if there is no such file.
func (s *Store) LogBytes() int64 {
	info, err := os.Stat(s.path + "-wal")
	if err != nil {
		return 0
	}
	return info.Size()
}

// TendLog moves what is in the file name-wal to the file, as far as nobody reads what was before.
// SQLite does so by itself every 16 MiB, and writes the log from its front again when nobody reads
// at that moment. If empty is true, TendLog waits for those who read for a second, in which nobody
// can write, and the log is empty then. It returns an error if somebody reads on, as a backup
// does: then all is as it was, and the log grows until the next call.
func (s *Store) TendLog(ctx context.Context, empty bool) error {
	statement := `PRAGMA wal_checkpoint(PASSIVE)`
	if empty {
		statement = `PRAGMA wal_checkpoint(TRUNCATE)`
	}
	err := s.writer.do(ctx, func(c *connection) error {
		var busy, logged, moved int
		err := c.conn.QueryRowContext(ctx, statement).Scan(&busy, &logged, &moved)
		if err == nil && busy != 0 {
			err = errBusyReaders
		}
		return err
	})
	return explain(s.name, err)
}

// tendLater leaves it to another goroutine to move what a large transaction writes from the log to the
// file, when that is committed. SQLite would do so within the commit, which takes as long as the
// commit once more.
func (c *connection) tendLater(ctx context.Context) error {
	_, err := c.conn.ExecContext(ctx, `PRAGMA wal_autocheckpoint = 0`)
	if err == nil {
		ctx = context.WithoutCancel(ctx)
		c.later = func() { // if it fails, as of a full disk, the log stays as it is, and is moved later
			_, _ = c.conn.ExecContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`)
			_, _ = c.conn.ExecContext(ctx, `PRAGMA wal_autocheckpoint = `+movedPages)
		}
	}
	return err
}
