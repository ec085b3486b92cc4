package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"process-orders/internal/pgtest"
	"process-orders/money"
	"process-orders/store"
)

// What benchDelta returns is that of a file with some 1.2 million orders.
const (
	benchCustomers = 100_000
	benchItems     = 200
	benchMinutes   = 7 * 24 * 60
)

// benchDelta is what a file of orders without an id changes. Half of the customers are in all
// files.
func benchDelta(source int64, customers int) (d store.Delta) {
	random := rand.New(rand.NewPCG(1, uint64(source)))
	usd, _ := money.ParseCurrency([]byte("USD"))
	sum := func(cents int64) money.Sum {
		a, _ := money.Parse([]byte(fmt.Sprintf("%d.%02d", cents/100, cents%100)))
		return money.Sum{Currency: usd, Amount: a}
	}
	version := func(i int) store.Version { return store.PositionVersion(store.NoTime, source, int64(i)*300+1, 0) }
	const start = 1_700_000_040_000
	for i, n := range random.Perm(customers) {
		if n >= customers/2 {
			n += int(source) * customers
		}
		first := start + random.Int64N(benchMinutes*60_000)
		d.Customers = append(d.Customers, store.Customer{
			Phone: fmt.Sprintf("%03d-555-%06d", n%1000, n), Name: fmt.Sprintf("Name%d Family%d", n%977, n%3989), Named: version(i), First: version(i),
			Orders: 12, Spent: []money.Sum{sum(1000 + random.Int64N(100_000))}, FirstPlaced: first, LastPlaced: first + random.Int64N(60_000_000),
		})
	}
	for i := range benchItems {
		item := store.Item{Name: fmt.Sprint("Item ", i), Price: "10.50", Priced: version(i), First: version(i), Orders: 10000, Revenue: []money.Sum{sum(10_000_000)}}
		for p := range 10 {
			item.Prices = append(item.Prices, store.Price{Price: fmt.Sprintf("%d.50", p), First: version(i), Placed: start})
		}
		d.Items = append(d.Items, item)
	}
	var all []store.Minute
	for i := range int64(benchMinutes) {
		all = append(all, store.Minute{Start: start + i*60_000, Orders: 100, Sums: []store.MinuteSum{{Sum: sum(100_000), Lines: 150}}})
	}
	d.Minutes = slices.Values(all)
	return d
}

// applyDelta applies a source of one batch.
func applyDelta(b *testing.B, s store.Store, id string, delta func(source int64) store.Delta) (took time.Duration) {
	b.Helper()
	ctx := context.Background()
	p, err := s.Start(ctx, store.Source{ID: id}, false)
	if err != nil {
		b.Fatal(err)
	}
	d := delta(p.Number)
	start := time.Now()
	if _, err = s.Apply(ctx, store.Batch{ID: id, Source: p.Number, Last: true, Delta: d}); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

// BenchmarkByHand applies a file to an empty store, and another one to that. It compares both
// with what a program needs at least that is alone on the database and knows the rows already:
// COPY of the same rows of customers, names, items, prices and hours into temporary tables, and
// INSERT … ON CONFLICT from them into tables with the same indexes, in the order of these. It reports the medians of all
// rounds: run it with -benchtime=9x.
func BenchmarkByHand(b *testing.B) {
	times := map[string][]time.Duration{}
	for b.Loop() {
		url := newURL(b)
		s := open(b, url)
		hand := newHand(b, url)
		for _, file := range []string{"empty", "second"} {
			took := applyDelta(b, s, file, func(source int64) store.Delta { return benchDelta(source, benchCustomers) })
			times["store-"+file] = append(times["store-"+file], took)
			times["hand-"+file] = append(times["hand-"+file], hand.merge(b))
		}
		hand.close(b)
		s.Close()
		do(b, pgtest.Shared(b).URL("postgres"), `DROP SCHEMA `+pgx.Identifier{schemaOf(b, url)}.Sanitize()+` CASCADE`)
	}
	for _, file := range []string{"empty", "second"} {
		ours, theirs := median(times["store-"+file]), median(times["hand-"+file])
		b.ReportMetric(float64(ours.Milliseconds()), "ms/"+file)
		b.ReportMetric(float64(theirs.Milliseconds()), "ms/"+file+"-by-hand")
		b.ReportMetric(theirs.Seconds()/ours.Seconds(), "x-speed-of-hand/"+file)
	}
}

func median(all []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(all))[len(all)/2]
}

// A byHand is a schema with the tables of a store, and a program that merges rows into it.
type byHand struct {
	conn        *pgx.Conn
	from, to    string            // the schemas of the store, and its own
	tables      map[string]string // what to do with rows that are there
	columnNames map[string][]string
}

func newHand(b *testing.B, url string) *byHand {
	b.Helper()
	conn, err := pgx.Connect(context.Background(), pgtest.Shared(b).URL("postgres"))
	if err != nil {
		b.Fatal(err)
	}
	h := &byHand{conn: conn, from: pgx.Identifier{schemaOf(b, url)}.Sanitize(), to: "hand", tables: map[string]string{
		"customers": `(key) DO UPDATE SET name = excluded.name, body = excluded.body`,
		"names":     `(first) DO UPDATE SET body = excluded.body`,
		"items":     `(key) DO UPDATE SET price = excluded.price, orders = excluded.orders, body = excluded.body`,
		"prices":    `(item, price) DO UPDATE SET body = excluded.body`,
		"hours":     `(start, shop) DO UPDATE SET body = excluded.body`,
	}, columnNames: map[string][]string{}}
	h.exec(b, `CREATE SCHEMA hand`)
	for table := range h.tables {
		h.exec(b, fmt.Sprintf(`CREATE TABLE hand.%s (LIKE %s.%[1]s INCLUDING ALL)`, table, h.from))
	}
	return h
}

func (h *byHand) exec(b *testing.B, statements ...string) {
	b.Helper()
	if _, err := h.conn.Exec(context.Background(), strings.Join(statements, ";")); err != nil {
		b.Fatal(err)
	}
}

func (h *byHand) close(b *testing.B) {
	h.exec(b, `DROP SCHEMA hand CASCADE`)
	h.conn.Close(context.Background())
}

// merge merges those rows of the store that its last transaction has written.
func (h *byHand) merge(b *testing.B) time.Duration {
	b.Helper()
	ctx := context.Background()
	rows := map[string][][]any{}
	for table := range h.tables {
		found, err := h.conn.Query(ctx, fmt.Sprintf(`SELECT * FROM %s.%s AS t WHERE t.xmin = (SELECT xmin FROM %[1]s.totals WHERE name = 'hours') ORDER BY 1`, h.from, table))
		if err != nil {
			b.Fatal(err)
		}
		h.columnNames[table] = nil
		for _, f := range found.FieldDescriptions() {
			h.columnNames[table] = append(h.columnNames[table], f.Name)
		}
		for found.Next() {
			values, err := found.Values()
			if err != nil {
				b.Fatal(err)
			}
			rows[table] = append(rows[table], values)
		}
		if found.Err() != nil || len(rows[table]) == 0 {
			b.Fatal("no rows of ", table, found.Err())
		}
	}
	start := time.Now()
	h.exec(b, `BEGIN`)
	for table, onConflict := range h.tables {
		h.exec(b, fmt.Sprintf(`CREATE TEMP TABLE new_%s (LIKE hand.%[1]s) ON COMMIT DROP`, table))
		if _, err := h.conn.CopyFrom(ctx, pgx.Identifier{"new_" + table}, h.columnNames[table], pgx.CopyFromRows(rows[table])); err != nil {
			b.Fatal(err)
		}
		h.exec(b, fmt.Sprintf(`INSERT INTO hand.%s SELECT * FROM new_%[1]s ON CONFLICT %s`, table, onConflict))
	}
	h.exec(b, `COMMIT`)
	return time.Since(start)
}

// BenchmarkFourAtOnce has four stores apply a file each at the same time, and one store apply the
// four files one after the other, in turn. It reports the medians of all rounds.
func BenchmarkFourAtOnce(b *testing.B) {
	const files, customers = 4, benchCustomers / 4
	var alone, together []time.Duration
	for b.Loop() {
		for _, writers := range []int{1, files} {
			url := newURL(b)
			stores := make([]store.Store, writers)
			for i := range stores {
				stores[i] = open(b, url)
			}
			start := time.Now()
			atOnce(writers, func(me int) {
				for file := me; file < files; file += writers {
					applyDelta(b, stores[me], fmt.Sprint(file), func(source int64) store.Delta { return benchDelta(source, customers) })
				}
			})
			took := time.Since(start)
			if writers == 1 {
				alone = append(alone, took)
			} else {
				together = append(together, took)
			}
			for _, s := range stores {
				s.Close()
			}
			do(b, pgtest.Shared(b).URL("postgres"), `DROP SCHEMA `+pgx.Identifier{schemaOf(b, url)}.Sanitize()+` CASCADE`)
		}
	}
	b.ReportMetric(float64(median(alone).Milliseconds()), "ms/one")
	b.ReportMetric(float64(median(together).Milliseconds()), "ms/four")
	b.ReportMetric(median(alone).Seconds()/median(together).Seconds(), "x-speed-of-one")
}
