package sqlite

import (
	"database/sql"
	"errors"
	"iter"
	"time"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

const (
	selectSources = `SELECT sources.number, sources.id, sources.name, shops.system, shops.name, bytes, from_byte, head, head_hash, batch,
	coalesce((SELECT line FROM rules WHERE scope = '` + sqlstore.StoreScope + `'), ''),
	coalesce((SELECT line FROM rules WHERE scope = '` + sqlstore.SystemScope + `' || shops.system), ''),
	batches, done, orders, rejected, skipped, repeated, older, replaced, started, changed, sources.checksum, shops.number, shops.checksum
	FROM sources LEFT JOIN shops ON shops.number = sources.shop`
	newestSource = ` WHERE sources.id = ? ORDER BY sources.number DESC LIMIT 1`
	oneSource    = ` WHERE sources.number = ?`

	selectRules = `SELECT scope, line, checksum FROM rules WHERE scope IN `
	selectShops = `SELECT number, system, name, checksum FROM shops`
	oneShop     = selectShops + ` WHERE system = ? AND name = ?`
	lastShop    = `SELECT coalesce(max(number), 0) + 1 FROM shops`
	lastNumber  = `SELECT last, checksum FROM numbers WHERE kind = 'source'`

	updateSource = `UPDATE sources SET batches = ?, done = ?, orders = ?, rejected = ?,
		skipped = ?, repeated = ?, older = ?, replaced = ?, changed = ?, checksum = ? WHERE number = ?`

	selectFeeds = `SELECT name, shop, up_to, groups, orders, rejected, skipped, repeated, older, replaced, received, started, changed, checksum
		FROM feeds`
	selectFeed = selectFeeds + ` WHERE name = ?`

	putNumber = `REPLACE INTO numbers (kind, last, checksum) VALUES ('source', ?, ?)`
	putFeed   = `REPLACE INTO feeds (name, shop, up_to, groups, orders, rejected, skipped, repeated, older, replaced, received, started, changed, checksum)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

// scanProgress reads a source, and checks its row and that of its shop.
func scanProgress(r sqlstore.Row) (p store.Progress, err error) {
	var started, changed int64 // microseconds since 1970
	var checksum, ofShop int64
	var shop sqlstore.Shop
	err = r.Scan(&p.Number, &p.ID, &p.Name, &p.System, &p.Shop, &p.Bytes, &p.From, &p.Head, &p.HeadHash, &p.BatchBytes,
		&p.Rules, &p.SystemRules,
		&p.Batches, &p.Done, &p.Orders, &p.Rejected, &p.Skipped, &p.Repeated, &p.Older, &p.Replaced, &started, &changed,
		&checksum, &shop.Number, &ofShop)
	if err != nil {
		return p, err
	}
	p.Started, p.Changed = time.UnixMicro(started).UTC(), time.UnixMicro(changed).UTC()
	shop.System, shop.Name = p.System, p.Shop
	if err := sqlstore.CheckSum(ofShop, shop.Sum()); err != nil {
		return p, err
	}
	return p, sqlstore.CheckSum(checksum, sqlstore.SourceSum(&p, shop.Number, 0))
}

// The methods of a [sqlstore.Transaction]. A transaction has the write lock of the file from
// its start, so nothing else is locked.

// scanRules reads a line of rules with its scope, and checks its row.
func scanRules(r sqlstore.Row) (scopeAndLine [2]string, err error) {
	var checksum int64
	all := &scopeAndLine
	if err := r.Scan(&all[0], &all[1], &checksum); err != nil {
		return scopeAndLine, err
	}
	return scopeAndLine, sqlstore.CheckSum(checksum, sqlstore.RulesSum(all[0], all[1]))
}

func (tx *transaction) Rules(scopes []string) (map[string]string, error) {
	found, err := find(tx, selectRules, nil, scopes, scanRules)
	lines := map[string]string{}
	for _, r := range found {
		lines[r[0]] = r[1]
	}
	return lines, err
}

func (tx *transaction) InsertRules(scope, line string) error {
	_, err := tx.exec(`INSERT INTO rules (scope, line, checksum) VALUES (?, ?, ?)`, scope, line, sqlstore.RulesSum(scope, line))
	return err
}

func scanShop(r sqlstore.Row) (s sqlstore.Shop, err error) {
	var checksum int64
	if err := r.Scan(&s.Number, &s.System, &s.Name, &checksum); err != nil {
		return s, err
	}
	return s, sqlstore.CheckSum(checksum, s.Sum())
}

func (tx *transaction) Shop(system, shop string) (number int64, err error) {
	found, isFound, err := one(tx, oneShop, scanShop, system, shop)
	if isFound || err != nil {
		return found.Number, err
	}
	if number, err = tx.number(lastShop); err != nil {
		return 0, err
	}
	made := sqlstore.Shop{Number: number, System: system, Name: shop}
	_, err = tx.exec(`INSERT INTO shops (number, system, name, checksum) VALUES (?, ?, ?, ?)`, number, system, shop, made.Sum())
	return number, err
}

func (tx *transaction) Shops() (map[int64]sqlstore.Shop, error) {
	return shopsOf(selected(tx, selectShops, scanShop))
}

// shopsOf returns shops by their numbers.
func shopsOf(found iter.Seq2[sqlstore.Shop, error]) (map[int64]sqlstore.Shop, error) {
	all := map[int64]sqlstore.Shop{}
	for s, err := range found {
		if err != nil {
			return nil, err
		}
		all[s.Number] = s
	}
	return all, nil
}

// scanNumber reads the number that was taken last, and checks its row.
func scanNumber(r sqlstore.Row) (last int64, err error) {
	var checksum int64
	if err := r.Scan(&last, &checksum); err != nil {
		return 0, err
	}
	return last, sqlstore.CheckSum(checksum, sqlstore.NumberSum(last))
}

func (tx *transaction) LastNumber() (int64, error) {
	last, _, err := one(tx, lastNumber, scanNumber)
	return last, err
}

func (tx *transaction) PutNumber(last int64) error {
	_, err := tx.update(putNumber, last, int64(sqlstore.NumberSum(last)))
	return err
}

func (tx *transaction) NewestSource(id string) (p store.Progress, found bool, err error) {
	p, err = scanProgress(tx.query(selectSources+newestSource, id))
	if errors.Is(err, sql.ErrNoRows) {
		return store.Progress{}, false, nil
	}
	return p, err == nil, err
}

func (tx *transaction) InsertSource(number, shop int64, s store.Source) error {
	now := time.Now().UTC().Truncate(time.Microsecond)
	p := store.Progress{Source: s, Number: number, Started: now, Changed: now}
	_, err := tx.exec(`INSERT INTO sources (number, id, name, shop, bytes, from_byte, head, head_hash, batch, started, changed, checksum)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		number, s.ID, s.Name, shop, s.Bytes, s.From, s.Head, s.HeadHash, s.BatchBytes, now.UnixMicro(), now.UnixMicro(), sqlstore.SourceSum(&p, shop, 0))
	return err
}

func (tx *transaction) source(number int64) (p store.Progress, shop sqlstore.Shop, err error) {
	p, err = scanProgress(tx.query(selectSources+oneSource, number))
	if errors.Is(err, sql.ErrNoRows) {
		err = store.ErrUnknownSource
	}
	if err == nil {
		shop, err = scanShop(tx.query(oneShop, p.System, p.Shop))
	}
	return p, shop, err
}

func (tx *transaction) FindSource(number int64) (shop sqlstore.Shop, done bool, err error) {
	p, shop, err := tx.source(number)
	return shop, p.Done, err
}

func (tx *transaction) InsertBatch(id string, source int64) (isNew bool, err error) {
	inserted, err := tx.exec(`INSERT INTO batches (id, source, checksum) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		id, source, sqlstore.BatchSum(id, source))
	return inserted > 0, err
}

func (tx *transaction) CountBatch(b *store.Batch, c store.Counts) (counted bool, err error) {
	p, shop, err := tx.source(b.Source)
	if err != nil || !sqlstore.CountProgress(&p, b, c) {
		return false, err
	}
	_, err = tx.exec(updateSource,
		p.Batches, p.Done, p.Orders, p.Rejected, p.Skipped, p.Repeated, p.Older, p.Replaced, p.Changed.UnixMicro(),
		sqlstore.SourceSum(&p, shop.Number, 0), p.Number)
	return err == nil, err
}

// scanFeed reads a feed, and checks its row.
func scanFeed(r sqlstore.Row) (f sqlstore.FeedRow, err error) {
	var checksum int64
	err = r.Scan(&f.Name, &f.Shop, &f.UpTo, &f.Groups, &f.Orders, &f.Rejected,
		&f.Skipped, &f.Repeated, &f.Older, &f.Replaced, &f.Received, &f.Started, &f.Changed, &checksum)
	if err != nil {
		return f, err
	}
	return f, sqlstore.CheckSum(checksum, f.Sum())
}

func (tx *transaction) Feed(name string) (sqlstore.FeedRow, bool, error) {
	return one(tx, selectFeed, scanFeed, name)
}

func (tx *transaction) PutFeed(f *sqlstore.FeedRow) error {
	_, err := tx.update(putFeed, f.Name, f.Shop, f.UpTo, f.Groups, f.Orders, f.Rejected,
		f.Skipped, f.Repeated, f.Older, f.Replaced, f.Received, f.Started, f.Changed, int64(f.Sum()))
	return err
}

func (tx *transaction) LogErasure() error {
	now := time.Now().UnixMicro()
	_, err := tx.exec(`INSERT INTO erasures (at, checksum) VALUES (?, ?)`, now, sqlstore.ErasureSum(now, 0))
	return err
}
