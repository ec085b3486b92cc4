package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// Start takes note of a source or finds it.
func (s *Store) Start(ctx context.Context, source store.Source, again bool) (p store.Progress, err error) {
	err = s.write(ctx, func(tx *transaction) error {
		if err := tx.keepRules(source.System, source.Rules, source.SystemRules); err != nil {
			return err
		}
		key := keyOf(source.ID)
		find := func() (found bool, err error) {
			p, err = scanProgress(tx.query(selectSources+` WHERE s.key = $1 ORDER BY s.number DESC LIMIT 1`, key))
			if errors.Is(err, pgx.ErrNoRows) {
				return false, nil
			}
			return err == nil && !(p.Done && again), err
		}
		if found, err := find(); found || err != nil {
			return err
		}
		shop, err := tx.shop(source.System, source.Shop)
		if err != nil {
			return err
		}
		last, err := tx.lockNumbers()
		if err != nil {
			return err
		}
		// Another process may have started it before the lock.
		if found, err := find(); found || err != nil {
			return err
		}
		_, err = tx.exec(`INSERT INTO process_orders.sources
			(number, key, round, shop, id, name, bytes, from_offset, head, head_hash, batch_bytes)
			SELECT $1::bigint, $2::bytea, 1 + count(*), $3::bigint, $4::text, $5::text, $6::bigint, $7::bigint, $8::bigint, $9::text, $10::bigint FROM process_orders.sources WHERE key = $2`,
			last+1, key, shop, source.ID, source.Name, source.Bytes, source.From, source.Head, source.HeadHash, source.BatchBytes)
		if err != nil {
			return err
		}
		if err := tx.takeNumber(last + 1); err != nil {
			return err
		}
		_, err = find()
		return err
	})
	if err != nil {
		return store.Progress{}, s.explain(err)
	}
	return p, nil
}

// lockNumbers returns the last number of sources and groups, and keeps others from taking
// the next one until the transaction ends.
func (tx *transaction) lockNumbers() (last int64, err error) {
	err = tx.query(`SELECT last FROM process_orders.numbers FOR UPDATE`).Scan(&last)
	return last, err
}

// takeNumber makes a number the last one.
func (tx *transaction) takeNumber(number int64) error {
	_, err := tx.exec(`UPDATE process_orders.numbers SET last = $1`, number)
	return err
}

// keepRules keeps the first rules that are given, and refuses others. If another process
// gives the first ones at this moment, the INSERT waits for it.
func (tx *transaction) keepRules(system, all, ofSystem string) error {
	for _, r := range []struct {
		key  []byte
		line string
	}{{rulesKey, all}, {systemKey(system), ofSystem}} {
		if r.line == "" {
			continue
		}
		var have string
		find := func() error {
			return tx.query(`SELECT line FROM process_orders.rules WHERE key = $1`, r.key).Scan(&have)
		}
		err := find()
		if errors.Is(err, pgx.ErrNoRows) {
			_, err = tx.exec(`INSERT INTO process_orders.rules (key, line) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`, r.key, r.line)
			if err == nil {
				err = find()
			}
		}
		if err != nil {
			return err
		}
		if err := sqlstore.CheckRules(have, r.line); err != nil {
			return permanentError{err}
		}
	}
	return nil
}

// The keys of the rules of the store and of a system.
var rulesKey = []byte{}

func systemKey(system string) []byte { return append([]byte{'s'}, keyOf(system)...) }

// shop returns the number of a shop, and takes note of it if it is new.
func (tx *transaction) shop(system, shop string) (number int64, err error) {
	key := keyOf(system + "\x00" + shop) // neither has a NUL
	find := func() error {
		return tx.query(`SELECT number FROM process_orders.shops WHERE key = $1`, key).Scan(&number)
	}
	if err = find(); !errors.Is(err, pgx.ErrNoRows) {
		return number, err
	}
	// If another process takes the same number meanwhile, for another shop, one of the two is
	// refused and tries again.
	_, err = tx.exec(`INSERT INTO process_orders.shops (number, key, rules, system, shop)
		SELECT 1 + coalesce(max(number), 0), $1::bytea, $2::bytea, $3::text, $4::text FROM process_orders.shops ON CONFLICT (key) DO NOTHING`,
		key, systemKey(system), system, shop)
	if err != nil {
		return 0, err
	}
	return number, find()
}
