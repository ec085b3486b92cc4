package postgres_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"process-orders/internal/pgtest"
	"process-orders/store"
)

// TestNoScans counts what the server reads while a store with many orders applies a batch
// with new ones, edits, retractions of the best, and repeats. It reads no table as a whole,
// and of the indexes not many more entries than there are states. Transactions of a store
// plan without sequential scans (enable_seqscan=off), so a statement that has no fitting
// index would read the whole of another one, which is seen here too.
func TestNoScans(t *testing.T) {
	t.Parallel()
	const orders, edits = 20_000, 40
	server := pgtest.Start(t)
	url := server.URL("postgres")
	first := open(t, url)
	source := started(t, first, "a")
	one := func(i int, updated int64) store.State {
		return state(fmt.Sprint("order ", i), int64(i), updated, fmt.Sprint("phone ", i/10), fmt.Sprint("item ", i%2), fmt.Sprint("rare ", i/10))
	}
	var all []store.State
	for i := range orders {
		all = append(all, one(i, 1))
	}
	mustApply(t, first, "all", source, all...)
	first.Close() // so that its connections report their counts

	before := readCounts(t, url)
	s := open(t, url)
	var some []store.State
	for i := range edits {
		some = append(some,
			state(fmt.Sprint("order ", orders+i), int64(orders+i), 1, fmt.Sprint("phone ", i), "new"), // new
			one(100*i, 1),                 // repeated
			cancelled(one(100*i+10, 1)),   // the first of a customer
			cancelled(one(100*i+29, 1)),   // the latest
			cancelled(one(orders-1-i, 1)), // the latest of an item, more than its row has candidates
			state(fmt.Sprint("order ", 100*i+35), 5, 2, fmt.Sprint("phone ", i), "item 1")) // moved
	}
	o := mustApply(t, s, "some", source, some...)
	if o.Older != 4*edits || o.Repeated != edits {
		t.Fatalf("counts %+v", o.Counts)
	}
	b := store.Batch{Feed: &store.Feed{Name: "feed", Offset: 1}, States: []store.State{one(1, 5)}}
	if applied, err := try(s, b); !applied || err != nil {
		t.Fatalf("applied %v, %v", applied, err)
	}
	s.Close()
	after := readCounts(t, url)
	for name, n := range after {
		n.scans -= before[name].scans
		n.entries -= before[name].entries
		t.Logf("%-10s %d scans, %d entries of indexes", name, n.scans, n.entries)
		if n.scans != 0 && n.rows > 100 {
			t.Errorf("%s, of %d rows, was read as a whole %d times", name, n.rows, n.scans)
		}
		if most := int64(len(some)) * 20; n.entries > most {
			t.Errorf("%d entries of the indexes of %s were read, want %d at most", n.entries, name, most)
		}
	}
	if after["orders"].entries == before["orders"].entries {
		t.Error("the server does not count")
	}
}

// A readCount is how often a table was read as a whole, how many entries of its indexes were
// read, and how many rows it has.
type readCount struct{ scans, entries, rows int64 }

// readCounts returns the counts of all tables, after connections that have closed reported
// theirs.
func readCounts(t *testing.T, url string) map[string]readCount {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	waitAlone(t, conn)
	all := map[string]readCount{}
	for _, table := range []string{"orders", "customers", "items", "batches"} {
		var n readCount
		err := conn.QueryRow(ctx, `SELECT seq_scan, (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes i WHERE i.relid = t.relid)::bigint, n_live_tup
			FROM pg_stat_user_tables t WHERE schemaname = 'process_orders' AND relname = $1`, table).Scan(&n.scans, &n.entries, &n.rows)
		if err != nil {
			t.Fatal(err)
		}
		all[table] = n
	}
	return all
}
