package postgres

import (
	"context"
	"fmt"
)

// Erase removes a customer and scrubs the table, by writing it anew. That takes as
// long as it takes to read it, and until it is done all others wait. What the
// server's log for recovery, its replicas and its backups hold stays there until they
// are done with it.
func (s *Store) Erase(ctx context.Context, phone string) (found bool, err error) {
	err = s.write(ctx, func(tx *transaction) error {
		deleted, err := tx.exec(`DELETE FROM process_orders.customers WHERE key = $1`, keyOf(phone))
		if err != nil || deleted == 0 {
			return err
		}
		found = true // also if nobody can tell whether this attempt was committed
		_, err = tx.exec(`INSERT INTO process_orders.erasures DEFAULT VALUES`)
		return err
	})
	if err != nil {
		return false, err
	}
	if err := s.scrub(ctx); err != nil {
		return found, s.explain(fmt.Errorf("the customer is erased, but bytes of it stay until another erasure: %w", err))
	}
	return found, nil
}

// scrub finishes erasures, also those of processes that died over it. What is deleted
// stays in the pages of a table until it is written anew.
func (s *Store) scrub(ctx context.Context) error {
	return patiently(ctx, func() error {
		var all [][16]byte
		err := s.pool.QueryRow(ctx, s.in.Replace(`SELECT coalesce(array_agg(id), '{}') FROM process_orders.erasures WHERE scrubbed IS NULL`)).Scan(&all)
		if err != nil || len(all) == 0 {
			return err
		}
		_, err = s.pool.Exec(ctx, s.in.Replace(`VACUUM (FULL) process_orders.customers`))
		if err != nil && !isCode(err, "42601", "0A000") { // a server that has no VACUUM
			return err
		}
		_, err = s.pool.Exec(ctx, s.in.Replace(`UPDATE process_orders.erasures SET scrubbed = now() WHERE id = ANY($1)`), all)
		return err
	})
}
