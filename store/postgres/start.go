package postgres

import (
	"cmp"
	"context"
	"errors"
	"time"

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

func (tx *transaction) Rules(scopes []string) (map[string]string, error) {
	lines := map[string]string{}
	byKey := map[string]string{}
	for _, scope := range scopes {
		byKey[string(keyOf(scope))] = scope
	}
	scan := func(r sqlstore.Row) (line string, err error) {
		var key []byte
		var checksum int64
		if err := r.Scan(&key, &line, &checksum); err != nil {
			return "", err
		}
		scope := byKey[string(key)]
		lines[scope] = line
		return line, sqlstore.CheckSum(checksum, sqlstore.RulesSum(scope, line))
	}
	_, err := collect(tx, collected(scan), `SELECT key, line, checksum FROM process_orders.rules WHERE key = ANY($1::bytea[])`, keysOf(scopes))
	return lines, err
}

func (tx *transaction) InsertRules(scope, line string) error {
	tx.later(`INSERT INTO process_orders.rules (key, line, checksum) VALUES ($1, $2, $3)`,
		keyOf(scope), line, int64(sqlstore.RulesSum(scope, line)))
	return nil
}

const selectShops = `SELECT number, key, rules, system, shop, checksum FROM process_orders.shops`

// shopKey is the key of a shop. Neither text has a NUL.
func shopKey(system, shop string) []byte { return keyOf(shopText(system, shop)) }

func shopText(system, shop string) string { return system + "\x00" + shop }

// notKeyed returns an error if there is a row that was not found by its key: the key was changed.
// It is asked before one more is made.
func notKeyed(row sqlstore.Row) error {
	var one int
	err := row.Scan(&one)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return cmp.Or(err, sqlstore.ErrRow)
}

// Shop takes the next number for a new shop.
func (tx *transaction) Shop(system, shop string) (number int64, err error) {
	key := shopKey(system, shop)
	found, err := scanShop(tx.query(selectShops+` WHERE key = $1`, key))
	if !errors.Is(err, pgx.ErrNoRows) {
		return found.Number, err
	}
	if err := notKeyed(tx.query(`SELECT 1 FROM process_orders.shops WHERE system = $1 AND shop = $2 LIMIT 1`, system, shop)); err != nil {
		return 0, err
	}
	if err = tx.query(`SELECT 1 + coalesce(max(number), 0) FROM process_orders.shops`).Scan(&number); err != nil {
		return 0, err
	}
	made := sqlstore.Shop{Number: number, System: system, Name: shop}
	tx.later(`INSERT INTO process_orders.shops (number, key, rules, system, shop, checksum) VALUES ($1, $2, $3, $4, $5, $6)`,
		number, key, keyOf(sqlstore.SystemScope+system), system, shop, int64(made.Sum()))
	return number, nil
}

func (tx *transaction) Shops() (map[int64]sqlstore.Shop, error) {
	all := map[int64]sqlstore.Shop{}
	for shop, err := range rows(tx, selectShops, scanShop) {
		if err != nil {
			return nil, err
		}
		all[shop.Number] = shop
	}
	return all, nil
}

// scanShop reads a shop, and checks the row.
func scanShop(r sqlstore.Row) (shop sqlstore.Shop, err error) {
	var key, rules []byte
	var checksum int64
	if err := r.Scan(&shop.Number, &key, &rules, &shop.System, &shop.Name, &checksum); err != nil {
		return shop, err
	}
	return shop, checkShop(shop, key, rules, checksum)
}

// checkShop returns an error if the keys or the checksum of a shop are not those of its row.
func checkShop(shop sqlstore.Shop, key, rules []byte, checksum int64) error {
	if !isKey(key, shopText(shop.System, shop.Name)) || !isKey(rules, sqlstore.SystemScope+shop.System) {
		return sqlstore.ErrRow
	}
	return sqlstore.CheckSum(checksum, shop.Sum())
}

func (tx *transaction) LastNumber() (last int64, err error) {
	var checksum int64
	err = tx.query(`SELECT last, checksum FROM process_orders.numbers`).Scan(&last, &checksum)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return last, cmp.Or(err, sqlstore.CheckSum(checksum, sqlstore.NumberSum(last)))
}

func (tx *transaction) PutNumber(last int64) error {
	tx.later(`INSERT INTO process_orders.numbers (one, last, checksum) VALUES (true, $1, $2)
		ON CONFLICT (one) DO UPDATE SET last = excluded.last, checksum = excluded.checksum`, last, int64(sqlstore.NumberSum(last)))
	return nil
}

func (tx *transaction) NewestSource(id string) (p store.Progress, found bool, err error) {
	row, err := scanSource(tx.query(selectSources+` WHERE s.key = $1 ORDER BY s.round DESC LIMIT 1`, keyOf(id)))
	if errors.Is(err, pgx.ErrNoRows) {
		return p, false, notKeyed(tx.query(`SELECT 1 FROM process_orders.sources WHERE id = $1 LIMIT 1`, id))
	}
	tx.source = &row
	return row.Progress, err == nil, err
}

// InsertSource starts a source once more than NewestSource found it.
func (tx *transaction) InsertSource(number, shop int64, s store.Source) error {
	round := int64(1)
	if tx.source != nil {
		round = tx.source.round + 1
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	p := store.Progress{Source: s, Number: number, Started: now, Changed: now}
	tx.later(`INSERT INTO process_orders.sources
		(number, key, round, shop, id, name, bytes, from_offset, head, head_hash, batch_bytes, started, changed, checksum)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13)`,
		number, keyOf(s.ID), round, shop, s.ID, s.Name, s.Bytes, s.From, s.Head, s.HeadHash, s.BatchBytes,
		now, int64(sqlstore.SourceSum(&p, shop, round)))
	return nil
}

// FindSource reads a source once.
func (tx *transaction) FindSource(number int64) (shop sqlstore.Shop, done bool, err error) {
	if tx.source == nil || tx.source.Number != number {
		row, err := scanSource(tx.query(selectSources+` WHERE s.number = $1`, number))
		if errors.Is(err, pgx.ErrNoRows) {
			err = store.ErrUnknownSource
		}
		if err != nil {
			return shop, false, err
		}
		tx.source = &row
	}
	return tx.source.shop, tx.source.Done, nil
}

func (tx *transaction) InsertBatch(id string, source int64) (isNew bool, err error) {
	inserted, err := tx.exec(`INSERT INTO process_orders.batches (key, source, checksum) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING`,
		keyOf(id), source, int64(sqlstore.BatchSum(id, source)))
	return inserted > 0, err
}

// CountBatch follows FindSource.
func (tx *transaction) CountBatch(b *store.Batch, c store.Counts) (counted bool, err error) {
	row := tx.source
	p := &row.Progress
	if !sqlstore.CountProgress(p, b, c) {
		return false, nil
	}
	tx.later(`UPDATE process_orders.sources SET batches = $2, done = $3, orders = $4, rejected = $5,
		skipped = $6, repeated = $7, older = $8, replaced = $9, changed = $10, checksum = $11 WHERE number = $1`,
		p.Number, p.Batches, p.Done, p.Orders, p.Rejected, p.Skipped, p.Repeated, p.Older, p.Replaced, p.Changed,
		int64(sqlstore.SourceSum(p, row.shop.Number, row.round)))
	return true, nil
}

const selectFeeds = `SELECT key, name, shop, at, groups, orders, rejected, skipped, repeated, older, replaced, received, started, changed, checksum
	FROM process_orders.feeds`

// scanFeed reads a feed, and checks the row.
func scanFeed(r sqlstore.Row) (f sqlstore.FeedRow, err error) {
	var key []byte
	var checksum int64
	err = r.Scan(&key, &f.Name, &f.Shop, &f.UpTo, &f.Groups, &f.Orders, &f.Rejected,
		&f.Skipped, &f.Repeated, &f.Older, &f.Replaced, &f.Received, &f.Started, &f.Changed, &checksum)
	if err != nil {
		return f, err
	}
	if !isKey(key, f.Name) {
		return f, sqlstore.ErrRow
	}
	return f, sqlstore.CheckSum(checksum, f.Sum())
}

func (tx *transaction) Feed(name string) (sqlstore.FeedRow, bool, error) {
	f, err := scanFeed(tx.query(selectFeeds+` WHERE key = $1`, keyOf(name)))
	if errors.Is(err, pgx.ErrNoRows) {
		return f, false, notKeyed(tx.query(`SELECT 1 FROM process_orders.feeds WHERE name = $1 LIMIT 1`, name))
	}
	return f, err == nil, err
}

func (tx *transaction) PutFeed(f *sqlstore.FeedRow) error {
	tx.later(`INSERT INTO process_orders.feeds
		(key, name, shop, at, groups, orders, rejected, skipped, repeated, older, replaced, received, started, changed, checksum)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (key) DO UPDATE SET shop = excluded.shop, at = excluded.at, groups = excluded.groups, orders = excluded.orders,
			rejected = excluded.rejected, skipped = excluded.skipped, repeated = excluded.repeated, older = excluded.older,
			replaced = excluded.replaced, received = excluded.received, changed = excluded.changed, checksum = excluded.checksum`,
		keyOf(f.Name), f.Name, f.Shop, f.UpTo, f.Groups, f.Orders, f.Rejected, f.Skipped, f.Repeated, f.Older, f.Replaced,
		f.Received, f.Started, f.Changed, int64(f.Sum()))
	return nil
}
