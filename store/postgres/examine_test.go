package postgres_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"process-orders/internal/pgtest"
	"process-orders/store"
	"process-orders/store/storetest"
)

// TestExamine changes rows of a store by hand, one kind after the other. Examine finds each.
func TestExamine(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, test := range []struct{ change, want string }{
		{``, ``},
		{`UPDATE customers SET name = 'x' WHERE phone = 'in all 3'`, "1 row of the table customers does not fit"},
		{`DELETE FROM customers WHERE phone = 'in all 3'`, "the table customers has other rows than were stored"},
		{`UPDATE items SET key = 'zzz' WHERE name = 'item 3'`, "1 row of the table items does not fit"},
		{`UPDATE items SET folded = 'zzz' WHERE name = 'item 3'`, "1 row of the table items does not fit"},
		{`UPDATE sources SET key = 'zzz'`, "1 row of the table sources does not fit"},
		{`UPDATE shops SET key = 'zzz' WHERE system = 'system'`, "of the table shops does not fit"},
		{`UPDATE shops SET rules = 'zzz' WHERE system = 'system'`, "of the table shops does not fit"},
		{`UPDATE feeds SET key = 'zzz'`, "1 row of the table feeds does not fit"},
		{`UPDATE orders SET key = 'zzz' WHERE id IS NOT NULL`, "1 row of the table orders does not fit"},
		{`UPDATE orders SET customer = 'zzz' WHERE phone IS NOT NULL`, "1 row of the table orders does not fit"},
		{`DELETE FROM items WHERE name = 'item 3'`, "the table items has other rows"},
		{`DELETE FROM prices WHERE item = 'item 3'`, "the table prices has other rows"},
		{`DELETE FROM hours`, "the table hours has other rows"},
		{`DELETE FROM orders WHERE key = 'order 1 0 3'`, "the table orders has other rows"},
		{`DELETE FROM names`, "the table names has other rows than were stored"},
		{`DELETE FROM names`, "the names by which customers are found"},
		{`UPDATE names SET first = 'x' WHERE first = ''`, "1 row of the table names does not fit"},
		{`UPDATE sources SET orders = 7`, "1 row of the table sources"},
		{`DELETE FROM batches`, "source 1 has counted 2 batches, and the store has 0"},
		{`UPDATE documents SET value = 'x'`, "1 row of the table documents does not fit"},
		{`UPDATE documents SET key = 'x'`, "1 row of the table documents does not fit"},
		{`DROP TABLE documents`, "the table documents cannot be read"},
		{`UPDATE rules SET line = 'x'`, "of the table rules"},
		{`UPDATE shops SET shop = 'x'`, "of the table shops"},
		{`UPDATE numbers SET last = 1000`, "of the table numbers"},
		{`UPDATE commits SET last = last + 1`, "of the table commits"},
		{`UPDATE totals SET rows = 7`, "of the table totals"},
		{`ALTER TABLE items ALTER COLUMN body TYPE text USING 'x'`, "of the table items"},
		{`DROP TABLE names`, "the table names cannot be read to its end"},
	} {
		name := newURL(t)
		s := open(t, name)
		if _, err := storetest.Start(s); err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			if _, err := s.Apply(ctx, storetest.Numbered(1, i)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Apply(ctx, longFeed(0)); err != nil {
			t.Fatal(err)
		}
		err := s.Commit(ctx, func(tx store.Transaction) error {
			_, err := tx.Erase(store.Erasure{Phone: storetest.Own(0)})
			return errors.Join(err, tx.Put(store.Document{Kind: "note", Key: "a", Value: []byte("b")}))
		})
		if err != nil {
			t.Fatal(err)
		}
		if test.change != "" {
			do(t, pgtest.Shared(t).URL("postgres"), "SET search_path TO "+pgx.Identifier{schemaOf(t, name)}.Sanitize()+"; "+test.change)
		}
		h, err := s.Examine(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if test.change == "" && (len(h.Faults) > 0 || h.Kind != "PostgreSQL" || h.Schema != 5 || h.Erasures != 1 || h.Since.IsZero() || h.Unfinished != 1 || h.Bytes == 0) {
			t.Errorf("a sound store: %+v", h)
		}
		if test.change != "" && !slices.ContainsFunc(h.Faults, func(f string) bool { return strings.Contains(f, test.want) }) {
			t.Errorf("%s: %q, want %q", test.change, h.Faults, test.want)
		}
	}
}

// longFeed is a group of a feed, with an order whose id and phone are longer than a key.
func longFeed(i int64) store.Batch {
	long := strings.Repeat("x", 300)
	return store.Batch{
		Feed:   &store.Feed{Name: "feed", System: "system", Shop: "shop", Offset: i + 1},
		States: []store.State{state(long, i, 1+i, long, "item 3")},
	}
}

// TestChangedKeys changes keys by hand, which no checksum covers. What a row with such a key would
// make wrong is refused.
func TestChangedKeys(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	start := func(s store.Store) error { _, err := storetest.Start(s); return err }
	apply := func(s store.Store) error { _, err := s.Apply(ctx, storetest.Numbered(1, 1)); return err }
	feed := func(s store.Store) error { _, err := s.Apply(ctx, longFeed(1)); return err }
	records := func(details bool) func(store.Store) error {
		return func(s store.Store) error {
			return s.Records(ctx, store.Reading{Details: details}, func(iter.Seq2[store.Customer, error], iter.Seq2[store.Item, error]) error { return nil })
		}
	}
	for _, test := range []struct {
		change string
		do     func(store.Store) error
	}{
		{`UPDATE items SET key = 'zzz' WHERE name = 'item 3'`, records(false)},
		{`UPDATE items SET key = 'zzz' WHERE name = 'item 3'`, func(s store.Store) error { return errors.Join(apply(s), records(false)(s)) }},
		{`UPDATE items SET folded = 'zzz' WHERE name = 'item 3'`, records(true)},
		{`UPDATE items SET folded = 'zzz' WHERE name = 'item 3'`, apply},
		{`UPDATE sources SET key = 'zzz'`, start},
		{`UPDATE sources SET key = 'zzz'`, apply},
		{`UPDATE shops SET key = 'zzz' WHERE system = 'system'`, feed},
		{`UPDATE shops SET rules = 'zzz' WHERE system = 'system'`, feed},
		{`UPDATE feeds SET key = 'zzz'`, feed},
		{`UPDATE shops SET number = number + 100`, func(s store.Store) error { _, err := s.Sources(ctx); return err }},
		{`UPDATE orders SET customer = 'zzz' WHERE phone IS NOT NULL`, feed},
	} {
		name := newURL(t)
		s := open(t, name)
		if err := start(s); err != nil {
			t.Fatal(err)
		}
		for _, b := range []store.Batch{storetest.Numbered(1, 0), longFeed(0)} {
			if _, err := s.Apply(ctx, b); err != nil {
				t.Fatal(err)
			}
		}
		do(t, pgtest.Shared(t).URL("postgres"), "SET search_path TO "+pgx.Identifier{schemaOf(t, name)}.Sanitize()+"; "+test.change)
		if err := test.do(s); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "restore a backup of it; process-orders doctor says more") {
			t.Errorf("%s: error %v, want one about damage with the way out", test.change, err)
		}
	}
}

// TestDamagedDocument changes a document by hand.
func TestDamagedDocument(t *testing.T) {
	t.Parallel()
	name := newURL(t)
	storetest.DamagedDocument(t, open(t, name), func() {
		do(t, pgtest.Shared(t).URL("postgres"), "SET search_path TO "+pgx.Identifier{schemaOf(t, name)}.Sanitize()+`; UPDATE documents SET value = 'x' WHERE key = 'b'`)
	})
}
