package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// Erase removes a customer and scrubs the file. It takes as long as writing the file
// twice, and space on the disk for a second one. It waits for those who read, for a
// minute at most; then it returns true with an error, as the customer is gone from the
// records, and not yet from the bytes of the file.
func (s *Store) Erase(ctx context.Context, e store.Erasure) (found bool, err error) {
	err = s.writer.do(ctx, func(c *connection) error {
		err := c.transact(ctx, func(tx *transaction) (err error) {
			found, _, err = sqlstore.Erase(tx, e)
			return err
		})
		if err != nil {
			found = false
			return err
		}
		if err := c.scrub(ctx); err != nil {
			return fmt.Errorf("the customer is erased, but bytes of it stay until another erasure: %w", err)
		}
		return nil
	})
	return found, explain(s.name, err)
}

// errBusyReaders says that the log cannot be emptied yet.
var errBusyReaders = errors.New("another program is reading the store")

// scrub finishes erasures, also those of processes that died over it. SQLite writes zeros
// over what is deleted. But when it moves rows to another page, it leaves copies behind in
// the free space of the old one. So the file is rewritten, and what is in the log is moved
// to the file.
func (c *connection) scrub(ctx context.Context) error {
	last, err := c.number(ctx, `SELECT coalesce(max(number), 0) FROM erasures WHERE scrubbed IS NULL`)
	if err != nil || last == 0 {
		return err
	}
	err = c.retry(ctx, func() error {
		_, err := c.exec(ctx, `VACUUM`)
		return err
	})
	if err != nil {
		return err
	}
	if err := c.emptyLog(ctx); err != nil {
		return err
	}
	return c.transact(ctx, func(tx *transaction) error {
		_, err := tx.exec(`UPDATE erasures SET scrubbed = ? WHERE number <= ? AND scrubbed IS NULL`, time.Now().UnixMicro(), last)
		return err
	})
}

// emptyLog moves the whole log to the file. That cannot be done while somebody reads an
// older snapshot.
func (c *connection) emptyLog(ctx context.Context) error {
	return c.retry(ctx, func() error {
		var busy, logged, moved int
		err := c.conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &logged, &moved)
		if err == nil && busy != 0 {
			err = errBusyReaders
		}
		if err == nil {
			c.watch(`wal_checkpoint`)
		}
		return err
	})
}
