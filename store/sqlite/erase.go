package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// Erase removes a customer in one transaction. SQLite writes zeros over what is deleted, but
// copies may stay in the free space of the file and in its log until Scrub. The same is true of
// documents.
func (s *Store) Erase(ctx context.Context, e store.Erasure) (found bool, err error) {
	err = s.write(ctx, func(tx *transaction) (err error) {
		found, _, err = sqlstore.Erase(tx, e)
		return err
	})
	return found && err == nil, err
}

// Scrub rewrites the file and empties its log. It takes as long as writing the file twice, and
// space on the disk for a second one. It waits for those who read, for a minute at most.
func (s *Store) Scrub(ctx context.Context) (erasures int64, err error) {
	err = s.writer.do(ctx, func(c *connection) (err error) {
		erasures, err = c.scrub(ctx)
		return err
	})
	return erasures, explain(s.name, err)
}

// errBusyReaders says that the log cannot be emptied yet.
var errBusyReaders = errors.New("another program is reading the store")

// scrub finishes erasures, also those of processes that died over it. SQLite writes zeros
// over what is deleted. But when it moves rows to another page, it leaves copies behind in
// the free space of the old one. So the file is rewritten, and what is in the log is moved
// to the file.
func (c *connection) scrub(ctx context.Context) (erasures int64, err error) {
	var due, last int64
	err = c.conn.QueryRowContext(ctx, `SELECT count(*), coalesce(max(number), 0) FROM erasures WHERE scrubbed IS NULL`).Scan(&due, &last)
	if err != nil || due == 0 {
		return 0, err
	}
	err = c.retry(ctx, func() error {
		return c.withTempInFiles(ctx, func() error {
			_, err := c.exec(ctx, `VACUUM`)
			return err
		})
	})
	if err != nil {
		return 0, err
	}
	if err := c.emptyLog(ctx); err != nil {
		return 0, err
	}
	return due, c.transact(ctx, func(tx *transaction) error { return tx.scrubbed(last) })
}

// scrubbed notes that the bytes of erasures are gone.
func (tx *transaction) scrubbed(last int64) error {
	var all []erasure
	for e, err := range selected(tx, lastErasures, scanErasure) {
		if err != nil {
			return err
		}
		if e.scrubbed != 0 {
			break
		}
		if e.number <= last {
			all = append(all, e)
		}
	}
	now := time.Now().UnixMicro()
	for _, e := range all {
		_, err := tx.exec(`UPDATE erasures SET scrubbed = ?, checksum = ? WHERE number = ?`, now, sqlstore.ErasureSum(e.at, now), e.number)
		if err != nil {
			return err
		}
	}
	return nil
}

// An erasure is a line of the log. Scrubbed is 0 if it is due.
type erasure struct{ number, at, scrubbed int64 }

// lastErasures finds erasures, the last one first. Those that are due come before all that are
// not, as one scrubbing is for all before it.
const lastErasures = `SELECT number, at, coalesce(scrubbed, 0), checksum FROM erasures ORDER BY number DESC`

func scanErasure(r sqlstore.Row) (e erasure, err error) {
	var checksum int64
	if err := r.Scan(&e.number, &e.at, &e.scrubbed, &checksum); err != nil {
		return e, err
	}
	return e, sqlstore.CheckSum(checksum, sqlstore.ErasureSum(e.at, e.scrubbed))
}

// dueOf returns how many erasures wait for [Store.Scrub], and when the first of them was made;
// zero if there are none.
func dueOf(ctx context.Context, tx *sql.Tx) (n int64, since time.Time, err error) {
	for e, err := range rows(ctx, tx, lastErasures, scanErasure, asItIs) {
		if err != nil || e.scrubbed != 0 {
			return n, since, err
		}
		if at := time.UnixMicro(e.at).UTC(); n == 0 || at.Before(since) {
			since = at
		}
		n++
	}
	return n, since, nil
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
