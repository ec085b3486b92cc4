package postgres_test

import (
	"context"
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
		{`DELETE FROM items WHERE name = 'item 3'`, "the table items has other rows"},
		{`DELETE FROM prices WHERE item = 'item 3'`, "the table prices has other rows"},
		{`DELETE FROM hours`, "the table hours has other rows"},
		{`DELETE FROM orders WHERE key = 'order 1 0 3'`, "the table orders has other rows"},
		{`DELETE FROM names WHERE name = (SELECT name FROM names LIMIT 1)`, "the names by which customers are found"},
		{`UPDATE sources SET orders = 7`, "1 row of the table sources"},
		{`DELETE FROM batches`, "source 1 has counted 2 batches, and the store has 0"},
		{`UPDATE rules SET line = 'x'`, "of the table rules"},
		{`UPDATE shops SET shop = 'x'`, "of the table shops"},
		{`UPDATE numbers SET last = 1000`, "of the table numbers"},
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
		if _, err := s.Erase(ctx, store.Erasure{Phone: storetest.Own(0)}); err != nil {
			t.Fatal(err)
		}
		if test.change != "" {
			do(t, pgtest.Shared(t).URL("postgres"), "SET search_path TO "+pgx.Identifier{schemaOf(t, name)}.Sanitize()+"; "+test.change)
		}
		h, err := s.Examine(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if test.change == "" && (len(h.Faults) > 0 || h.Kind != "PostgreSQL" || h.Schema != 4 || h.Erasures != 1 || h.Since.IsZero() || h.Unfinished != 1 || h.Bytes == 0) {
			t.Errorf("a sound store: %+v", h)
		}
		if test.change != "" && !slices.ContainsFunc(h.Faults, func(f string) bool { return strings.Contains(f, test.want) }) {
			t.Errorf("%s: %q, want %q", test.change, h.Faults, test.want)
		}
	}
}
