package sqlite

import (
	"database/sql"
	"errors"
	"time"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

const (
	selectSources = `SELECT sources.number, sources.id, sources.name, shops.system, shops.name, bytes, from_byte, head, head_hash, batch,
	coalesce((SELECT line FROM rules WHERE scope = '` + sqlstore.StoreScope + `'), ''),
	coalesce((SELECT line FROM rules WHERE scope = '` + sqlstore.SystemScope + `' || shops.system), ''),
	batches, done, orders, rejected, skipped, repeated, older, replaced, started, changed
	FROM sources JOIN shops ON shops.number = sources.shop`
	newestSource = ` WHERE sources.id = ? ORDER BY sources.number DESC LIMIT 1`
)

func scanProgress(r sqlstore.Row) (p store.Progress, err error) {
	var started, changed int64 // microseconds since 1970
	err = r.Scan(&p.Number, &p.ID, &p.Name, &p.System, &p.Shop, &p.Bytes, &p.From, &p.Head, &p.HeadHash, &p.BatchBytes,
		&p.Rules, &p.SystemRules,
		&p.Batches, &p.Done, &p.Orders, &p.Rejected, &p.Skipped, &p.Repeated, &p.Older, &p.Replaced, &started, &changed)
	p.Started, p.Changed = time.UnixMicro(started).UTC(), time.UnixMicro(changed).UTC()
	return p, err
}

// The methods of a [sqlstore.Transaction]. A transaction has the write lock of the file from
// its start, so nothing else is locked.

func (tx *transaction) KeepRules(scope, line string) (kept string, err error) {
	_, err = tx.exec(`INSERT INTO rules (scope, line) VALUES (?, ?) ON CONFLICT DO NOTHING`, scope, line)
	if err != nil {
		return "", err
	}
	err = tx.query(`SELECT line FROM rules WHERE scope = ?`, scope).Scan(&kept)
	return kept, err
}

func (tx *transaction) Shop(system, shop string) (number int64, err error) {
	_, err = tx.exec(`INSERT INTO shops (system, name) VALUES (?, ?) ON CONFLICT DO NOTHING`, system, shop)
	if err != nil {
		return 0, err
	}
	return tx.number(`SELECT number FROM shops WHERE system = ? AND name = ?`, system, shop)
}

func (tx *transaction) Shops() (map[int64]sqlstore.Shop, error) {
	scan := func(r sqlstore.Row) (s sqlstore.Shop, err error) {
		err = r.Scan(&s.Number, &s.System, &s.Name)
		return s, err
	}
	all := map[int64]sqlstore.Shop{}
	for s, err := range selected(tx, `SELECT number, system, name FROM shops`, scan) {
		if err != nil {
			return nil, err
		}
		all[s.Number] = s
	}
	return all, nil
}

func (tx *transaction) TakeNumber() (number int64, err error) {
	return tx.number(`UPDATE numbers SET last = last + 1 WHERE kind = 'source' RETURNING last`)
}

func (tx *transaction) NewestSource(id string) (p store.Progress, found bool, err error) {
	p, err = scanProgress(tx.query(selectSources+newestSource, id))
	if errors.Is(err, sql.ErrNoRows) {
		return store.Progress{}, false, nil
	}
	return p, err == nil, err
}

func (tx *transaction) InsertSource(number, shop int64, s store.Source) error {
	now := time.Now().UnixMicro()
	_, err := tx.exec(`INSERT INTO sources (number, id, name, shop, bytes, from_byte, head, head_hash, batch, started, changed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		number, s.ID, s.Name, shop, s.Bytes, s.From, s.Head, s.HeadHash, s.BatchBytes, now, now)
	return err
}

func (tx *transaction) FindSource(number int64) (shop sqlstore.Shop, done bool, err error) {
	err = tx.query(`SELECT shop, shops.system, shops.name, done FROM sources JOIN shops ON shops.number = shop
		WHERE sources.number = ?`, number).Scan(&shop.Number, &shop.System, &shop.Name, &done)
	if errors.Is(err, sql.ErrNoRows) {
		err = store.ErrUnknownSource
	}
	return shop, done, err
}

func (tx *transaction) InsertBatch(b *store.Batch) (isNew bool, err error) {
	inserted, err := tx.exec(`INSERT INTO batches (id, source) VALUES (?, ?) ON CONFLICT (id) DO NOTHING`, b.ID, b.Source)
	return inserted > 0, err
}

func (tx *transaction) CountBatch(b *store.Batch, c store.Counts) (counted bool, err error) {
	changed, err := tx.exec(`UPDATE sources SET batches = batches + 1, done = ?, orders = orders + ?, rejected = rejected + ?,
		skipped = skipped + ?, repeated = repeated + ?, older = older + ?, replaced = replaced + ?, changed = ?
		WHERE number = ? AND NOT done AND (? = 0 OR batches + 1 = ?)`,
		b.Last, b.Orders, b.Rejected, c.Skipped, c.Repeated, c.Older, c.Replaced, time.Now().UnixMicro(), b.Source, b.Batches, b.Batches)
	return changed > 0, err
}

func (tx *transaction) Feed(f *store.Feed, shop int64) (offset int64, err error) {
	now := time.Now().UnixMicro()
	_, err = tx.exec(`INSERT INTO feeds (name, shop, started, changed) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, f.Name, shop, now, now)
	if err != nil {
		return 0, err
	}
	return tx.number(`SELECT up_to FROM feeds WHERE name = ?`, f.Name)
}

func (tx *transaction) CountGroup(b *store.Batch, c store.Counts) error {
	_, err := tx.exec(`UPDATE feeds SET up_to = max(up_to, ?), groups = groups + 1, orders = orders + ?, rejected = rejected + ?,
		skipped = skipped + ?, repeated = repeated + ?, older = older + ?, replaced = replaced + ?, received = max(received, ?), changed = ?
		WHERE name = ?`,
		b.Feed.Offset, b.Orders, b.Rejected, c.Skipped, c.Repeated, c.Older, c.Replaced, b.Feed.Received, time.Now().UnixMicro(), b.Feed.Name)
	return err
}

func (tx *transaction) LogErasure() error {
	_, err := tx.exec(`INSERT INTO erasures (at) VALUES (?)`, time.Now().UnixMicro())
	return err
}
