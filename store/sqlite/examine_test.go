package sqlite_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"process-orders/store"
	"process-orders/store/sqlite"
)

func examine(t testing.TB, name string) store.Health {
	t.Helper()
	s, err := sqlite.Open(context.Background(), name, sqlite.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	h, err := s.Examine(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestExamine changes rows of a store by hand, one kind after the other. Examine finds each.
func TestExamine(t *testing.T) {
	t.Parallel()
	name := newName(t)
	s := open(t, name)
	fillAll(t, s, func() {})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	sound := imageOf(t, name)
	h := examine(t, name)
	if len(h.Faults) > 0 || h.Kind != "SQLite" || h.Schema != 4 || h.Erasures != 1 || h.Since.IsZero() || h.Sources != 5 || h.Unfinished != 1 || h.Bytes != int64(len(sound.main)) {
		t.Errorf("a sound store: %+v", h)
	}
	if !slices.Equal(h.Rules, []string{"numbered", "rules of small 0", "rules of small 1", "rules of small 2", "rules of small 3", "rules of small 4", "of the other"}) && len(h.Rules) != 7 {
		t.Errorf("rules %q", h.Rules)
	}
	for _, table := range h.Tables {
		if table.Rows == 0 || table.Bytes == 0 {
			t.Errorf("%+v", table)
		}
	}
	for _, test := range []struct{ change, want string }{
		{`UPDATE customers SET body = CAST(substr(body, 1, 3) || x'62' || substr(body, 5) AS BLOB) WHERE first = x''`, "1 row of the table customers does not fit"},
		{`DELETE FROM customers WHERE first = x''`, "the table customers has other rows than were stored"},
		{`DELETE FROM items WHERE name = (SELECT max(name) FROM items)`, "the table items has other rows"},
		{`DELETE FROM prices WHERE item = (SELECT max(item) FROM prices)`, "the table prices has other rows"},
		{`DELETE FROM hours`, "the table hours has other rows"},
		{`DELETE FROM orders WHERE number = 7`, "the table orders has other rows"},
		{`DELETE FROM totals`, "the table customers has other rows"},
		{`UPDATE totals SET rows = 7`, "the table totals cannot be read"},
		{`DELETE FROM names WHERE first = x''`, "the table names has other rows than were stored"},
		{`DELETE FROM names WHERE first = x''`, "the names by which customers are found"},
		{`UPDATE names SET first = x'ff' WHERE first = x''`, "1 row of the table names does not fit"},
		{`UPDATE names SET body = x'' WHERE first = x''`, "1 row of the table names does not fit"},
		{`DELETE FROM orders_of_customers WHERE number = 10`, "the orders that are found by their customers"},
		{`UPDATE sources SET orders = 7 WHERE number = 2`, "1 row of the table sources"},
		{`DELETE FROM batches WHERE source = 1 AND number < 7`, "source 1 has counted 6 batches, and the store has"},
		{`DELETE FROM sources WHERE number = 1`, "there are batches of sources that are not there"},
		{`UPDATE batches SET source = 2`, "rows of the table batches"},
		{`UPDATE rules SET line = 'x'`, "rows of the table rules"},
		{`UPDATE shops SET name = 'x' WHERE number = 2`, "of the table shops"},
		{`UPDATE feeds SET up_to = 1000`, "of the table feeds"},
		{`UPDATE numbers SET last = 1000`, "of the table numbers"},
		{`DELETE FROM numbers`, "the number that was given last is less"},
		{`UPDATE documents SET value = x'00' WHERE key = 'key 9'`, "1 row of the table documents"},
		{`UPDATE documents SET at = 1000`, "20 rows of the table documents"},
		{`UPDATE erasures SET scrubbed = 1`, "of the table erasures"},
		{`PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX items_by_folded ON items (price, name)' WHERE name = 'items_by_folded'`, "in the structure of the file"},
	} {
		sound.write(t, name)
		other := db(t, name)
		other.SetMaxOpenConns(1)
		do(t, other, test.change)
		other.Close()
		h := examine(t, name)
		if !slices.ContainsFunc(h.Faults, func(f string) bool { return strings.Contains(f, test.want) }) {
			t.Errorf("%s: %q, want %q", test.change, h.Faults, test.want)
		}
	}
}

// TestExamineDamaged damages pages that are in use, and examines what can be opened.
func TestExamineDamaged(t *testing.T) {
	t.Parallel()
	name := newName(t)
	s := open(t, name)
	fillAll(t, s, func() {})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	sound := imageOf(t, name)
	random := rand.New(rand.NewPCG(1, 0))
	for range 30 {
		bad := image{main: slices.Clone(sound.main)}
		page := 1 + random.IntN(len(bad.main)/pageBytes-1)
		bad.main[page*pageBytes+random.IntN(pageBytes)] ^= 1
		bad.write(t, name)
		s, err := sqlite.Open(context.Background(), name, sqlite.Options{ReadOnly: true})
		if errors.Is(err, store.ErrDamaged) {
			continue // the page has a part of the schema
		}
		if err != nil {
			t.Fatal(err)
		}
		h, err := s.Examine(context.Background())
		if err != nil || len(h.Faults) == 0 && h.Free == 0 {
			t.Errorf("page %d is damaged, and no fault is found: %v", page, err)
		}
		s.Close()
	}
	if err := os.Truncate(name, int64(len(sound.main)-pageBytes)); err != nil {
		t.Fatal(err)
	}
	if s, err := sqlite.Open(context.Background(), name, sqlite.Options{ReadOnly: true}); err == nil {
		s.Close()
		t.Error("a store that was cut is opened")
	}
}
