package sqlite

import (
	"strings"

	"process-orders/store/internal/sqlstore"
)

// A server changes the rows of most items with each transaction, and they are those that it has put
// in the one before. So the rows that were put last are kept, as they are in the file, and need no
// query. They count as long as nobody else has written: SQLite has a number for that.

// recent are rows that a connection has put, and that are in the file.
type recent struct {
	version int64 // of the file, as this connection counts what others commit
	items   recentRows[string, sqlstore.Item]
	prices  recentRows[sqlstore.PriceKey, sqlstore.Price]
}

const dataVersion = `PRAGMA data_version`

// A recentRows are rows of one table.
type recentRows[K comparable, R any] map[K]R

const (
	// mostRecent is how many rows of a table are kept. If there are more, nothing is.
	mostRecent = 1024
	// mostRecentBytes is how long a row may be that is kept.
	mostRecentBytes = 4096
)

func (r *recent) clear() {
	clear(r.items)
	clear(r.prices)
}

// startRecent forgets the rows if somebody else has written since they were put. It is called when
// nobody else can write.
func (tx *transaction) startRecent() error {
	version, err := tx.number(dataVersion)
	if r := &tx.c.recent; err != nil || version != r.version {
		r.clear()
		r.version = version
	}
	return err
}

// put keeps a row of so many bytes.
func (r *recentRows[K, R]) put(key K, row R, bytes int) {
	if _, has := (*r)[key]; !has && len(*r) >= mostRecent {
		clear(*r)
	}
	if bytes > mostRecentBytes {
		delete(*r, key)
		return
	}
	if *r == nil {
		*r = recentRows[K, R]{}
	}
	(*r)[key] = row
}

// of returns the rows of some keys that are kept, read by read, and the keys of the others.
func (r recentRows[K, R]) of(keys []K, read func(*R) error) (found []R, others []K, err error) {
	for _, key := range keys {
		row, has := r[key]
		if !has {
			others = append(others, key)
			continue
		}
		if err := read(&row); err != nil {
			return nil, nil, err
		}
		found = append(found, row)
	}
	return found, others, nil
}

// keepItem keeps the columns of an item. A name may share memory with much else.
func (r *recent) keepItem(i *sqlstore.Item) {
	row := sqlstore.Item{Name: i.Name, Price: strings.Clone(i.Price), Orders: i.Orders, Row: sqlstore.Sealed{Body: i.Row.Body}}
	if known, has := r.items[i.Name]; has {
		row.Name = known.Name
	} else {
		row.Name = strings.Clone(i.Name)
	}
	r.items.put(row.Name, row, len(row.Name)+len(row.Row.Body))
}

// keepPrice keeps the columns of a price.
func (r *recent) keepPrice(p *sqlstore.Price) {
	key := p.PriceKey
	if known, has := r.prices[key]; has {
		key = known.PriceKey
	} else {
		key = sqlstore.PriceKey{Item: strings.Clone(key.Item), Price: strings.Clone(key.Price)}
	}
	row := sqlstore.Price{PriceKey: key, Row: sqlstore.Sealed{Body: p.Row.Body}}
	r.prices.put(key, row, len(key.Item)+len(key.Price)+len(row.Row.Body))
}
