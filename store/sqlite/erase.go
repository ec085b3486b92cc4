package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Erase removes a customer and scrubs the file. That takes as long as writing the
// file anew, twice, and room for a second one. It waits for those who read, and after
// a minute returns an error that says so: the customer is gone from the records then,
// but not from the bytes.
func (s *Store) Erase(ctx context.Context, phone string) (found bool, err error) {
	err = s.writer.do(ctx, func(c *connection) error {
		err := c.transact(ctx, func(tx *transaction) error {
			deleted, err := tx.exec(`DELETE FROM customers WHERE phone = ?`, phone)
			if found = deleted > 0; err != nil || !found {
				return err
			}
			_, err = tx.exec(`INSERT INTO erasures (at) VALUES (?)`, time.Now().UnixMicro())
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

// errRead says that somebody reads what is to be scrubbed.
var errRead = errors.New("somebody reads the store")

// scrub finishes erasures, also those of processes that died over it. SQLite writes
// zeros over what is deleted, but where it moves rows to another page it leaves copies
// behind in the space between the pages' rows, so the file is written anew; and what is
// in the log is moved to the file.
func (c *connection) scrub(ctx context.Context) error {
	last, err := c.number(ctx, `SELECT coalesce(max(number), 0) FROM erasures WHERE scrubbed IS NULL`)
	if err != nil || last == 0 {
		return err
	}
	err = c.patiently(ctx, func() error {
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

// emptyLog moves the whole log to the file. While somebody reads an older state that
// cannot be done.
func (c *connection) emptyLog(ctx context.Context) error {
	return c.patiently(ctx, func() error {
		var busy, logged, moved int
		err := c.conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &logged, &moved)
		if err == nil && busy != 0 {
			err = errRead
		}
		if err == nil {
			reached(`wal_checkpoint`)
		}
		return err
	})
}
