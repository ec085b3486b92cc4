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
		p, err = sqlstore.Start(tx, source, again)
		return permanentRules(err)
	})
	if err != nil {
		return store.Progress{}, s.explain(err)
	}
	return p, nil
}

// permanentRules marks an error about rules, which stays the same at another attempt.
func permanentRules(err error) error {
	if other := (*store.RulesError)(nil); errors.As(err, &other) {
		return permanentError{err}
	}
	return err
}

// KeepRules waits for another process that gives the first rules at this moment.
func (tx *transaction) KeepRules(scope, line string) (kept string, err error) {
	find := func() error {
		return tx.query(`SELECT line FROM process_orders.rules WHERE key = $1`, keyOf(scope)).Scan(&kept)
	}
	if err = find(); !errors.Is(err, pgx.ErrNoRows) {
		return kept, err
	}
	_, err = tx.exec(`INSERT INTO process_orders.rules (key, line) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`, keyOf(scope), line)
	if err != nil {
		return "", err
	}
	err = find()
	return kept, err
}

// Shop takes the next number for a new shop. If another process takes the same one
// meanwhile, one of the two is refused and tries again.
func (tx *transaction) Shop(system, shop string) (number int64, err error) {
	key := keyOf(system + "\x00" + shop) // neither has a NUL
	find := func() error {
		return tx.query(`SELECT number FROM process_orders.shops WHERE key = $1`, key).Scan(&number)
	}
	if err = find(); !errors.Is(err, pgx.ErrNoRows) {
		return number, err
	}
	_, err = tx.exec(`INSERT INTO process_orders.shops (number, key, rules, system, shop)
		SELECT 1 + coalesce(max(number), 0), $1::bytea, $2::bytea, $3::text, $4::text FROM process_orders.shops ON CONFLICT (key) DO NOTHING`,
		key, keyOf(sqlstore.SystemScope+system), system, shop)
	if err != nil {
		return 0, err
	}
	err = find()
	return number, err
}

func (tx *transaction) Shops() (map[int64]sqlstore.Shop, error) {
	all := map[int64]sqlstore.Shop{}
	for shop, err := range rows(tx, `SELECT number, system, shop FROM process_orders.shops`, scanShop) {
		if err != nil {
			return nil, err
		}
		all[shop.Number] = shop
	}
	return all, nil
}

func scanShop(r sqlstore.Row) (shop sqlstore.Shop, err error) {
	err = r.Scan(&shop.Number, &shop.System, &shop.Name)
	return shop, err
}

// TakeNumber keeps others from taking a number until the transaction ends. So numbers have no
// gaps, and rise in the order in which transactions are committed.
func (tx *transaction) TakeNumber() (number int64, err error) {
	err = tx.query(`UPDATE process_orders.numbers SET last = last + 1 WHERE one RETURNING last`).Scan(&number)
	return number, err
}

func (tx *transaction) NewestSource(id string) (p store.Progress, found bool, err error) {
	p, err = scanProgress(tx.query(selectSources+` WHERE s.key = $1 ORDER BY s.round DESC LIMIT 1`, keyOf(id)))
	if errors.Is(err, pgx.ErrNoRows) {
		return p, false, nil
	}
	if err == nil {
		err = tx.query(`SELECT round FROM process_orders.sources WHERE number = $1`, p.Number).Scan(&tx.round)
	}
	return p, err == nil, err
}

// InsertSource starts a source once more than NewestSource found it. It is refused if another
// process has done so meanwhile, and the next attempt finds that.
func (tx *transaction) InsertSource(number, shop int64, s store.Source) error {
	_, err := tx.exec(`INSERT INTO process_orders.sources
		(number, key, round, shop, id, name, bytes, from_offset, head, head_hash, batch_bytes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		number, keyOf(s.ID), tx.round+1, shop, s.ID, s.Name, s.Bytes, s.From, s.Head, s.HeadHash, s.BatchBytes)
	return err
}

func (tx *transaction) FindSource(number int64) (shop sqlstore.Shop, done bool, err error) {
	err = tx.query(`SELECT shops.number, shops.system, shops.shop, s.done
		FROM process_orders.sources s JOIN process_orders.shops ON shops.number = s.shop WHERE s.number = $1`, number).
		Scan(&shop.Number, &shop.System, &shop.Name, &done)
	if errors.Is(err, pgx.ErrNoRows) {
		err = store.ErrUnknownSource
	}
	return shop, done, err
}

func (tx *transaction) InsertBatch(b *store.Batch) (isNew bool, err error) {
	inserted, err := tx.exec(`INSERT INTO process_orders.batches (key, source) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`, keyOf(b.ID), b.Source)
	return inserted > 0, err
}

func (tx *transaction) CountBatch(b *store.Batch, c store.Counts) (counted bool, err error) {
	changed, err := tx.exec(`UPDATE process_orders.sources SET batches = batches + 1, done = $2, orders = orders + $3,
		rejected = rejected + $4, repeated = repeated + $5, older = older + $6, replaced = replaced + $7, skipped = skipped + $9,
		changed = greatest(now(), started) WHERE number = $1 AND NOT done AND ($8 = 0 OR batches + 1 = $8)`,
		b.Source, b.Last, b.Orders, b.Rejected, c.Repeated, c.Older, c.Replaced, b.Batches, c.Skipped)
	return changed > 0, err
}

func (tx *transaction) Feed(f *store.Feed, shop int64) (offset int64, err error) {
	err = tx.query(`INSERT INTO process_orders.feeds (key, name, shop) VALUES ($1, $2, $3)
		ON CONFLICT (key) DO UPDATE SET shop = excluded.shop RETURNING feeds.at`, keyOf(f.Name), f.Name, shop).Scan(&offset)
	return offset, err
}

func (tx *transaction) CountGroup(b *store.Batch, c store.Counts) error {
	return tx.query(`UPDATE process_orders.feeds SET at = greatest(at, $2), orders = orders + $3, rejected = rejected + $4,
		repeated = repeated + $5, older = older + $6, replaced = replaced + $7, skipped = skipped + $8,
		changed = greatest(now(), started) WHERE key = $1 RETURNING txid_current()`,
		keyOf(b.Feed.Name), b.Feed.Offset, b.Orders, b.Rejected, c.Repeated, c.Older, c.Replaced, c.Skipped).Scan(&tx.id)
}
