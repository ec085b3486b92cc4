package sqlite_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"process-orders/store"
	"process-orders/store/memory"
	"process-orders/store/storetest"
)

// TestFindDamaged changes rows by which customers, items and orders are found: whoever asks for
// them gets an error, and no wrong answer.
func TestFindDamaged(t *testing.T) {
	t.Parallel()
	for _, damage := range []string{
		`UPDATE names SET first = x'62'`,
		`UPDATE names SET body = CAST(substr(body, 1, 2) || x'62' || substr(body, 4) AS BLOB)`,
		`DELETE FROM customers`,
		`UPDATE customers SET body = CAST(substr(body, 1, 3) || x'62' || substr(body, 5) AS BLOB) WHERE first = x''`,
		`UPDATE customers SET first = x'37'`,
		`UPDATE items SET orders = 7 WHERE name = 'Idli'`,
		`UPDATE items SET folded = 'd' WHERE name = 'Idli'`,
		`UPDATE prices SET price = '2' WHERE item = 'Idli'`,
		`UPDATE orders SET at = 7 WHERE at = 2`,
		`UPDATE orders SET shop = 9 WHERE at = 2`,
		`UPDATE shops SET name = 'b'`,
		`UPDATE totals SET rows = rows + 1 WHERE name = 'customers'`,
	} {
		name := newName(t)
		s := open(t, name)
		source, err := s.Start(t.Context(), store.Source{ID: "a"}, false)
		if err != nil {
			t.Fatal(err)
		}
		apply(t, s, store.Batch{ID: "1", Source: source.Number, States: []store.State{
			{ID: "1", Placed: 1, Time: 1, Updated: 1, At: 1, Phone: "1", Name: "Ann", Lines: store.Lines(nil).Append(store.Line{Item: "Dosa", Price: "1"})},
			{ID: "2", Placed: 2, Time: 2, Updated: 2, At: 2, Phone: "2", Name: "Bob",
				Lines: store.Lines(nil).Append(store.Line{Item: "Dosa", Price: "1"}).Append(store.Line{Item: "Idli", Price: "1"})},
		}})
		if err := storetest.AskAll(s, "a", "b"); err != nil {
			t.Fatal(err)
		}
		result, err := db(t, name).Exec(damage)
		if err != nil {
			t.Fatal(err)
		}
		if changed, err := result.RowsAffected(); changed == 0 || err != nil {
			t.Fatalf("%s: %d rows, %v", damage, changed, err)
		}
		if err := storetest.AskAll(s, "a", "b"); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", damage, err)
		} else if text := err.Error(); strings.Contains(text, "Ann") || strings.Contains(text, "Idli") {
			t.Errorf("%s: the error says %s", damage, text)
		}
	}
}

// TestFoldedOtherwise has names of items in other small letters than this program makes, as another Go
// release may have folded them. The records are read and changed all the same.
func TestFoldedOtherwise(t *testing.T) {
	t.Parallel()
	name := newName(t)
	s, want := open(t, name), store.Store(memory.New())
	state := func(id string, updated int64, name, item string) store.State {
		return store.State{ID: id, Updated: updated, Time: 1, At: updated, Phone: id, Name: name, Lines: store.Lines(nil).Append(store.Line{Item: item, Price: "1"})}
	}
	for i, states := range [][]store.State{
		{state("1", 1, "Ann", "Dosa"), state("2", 2, "Bob", "Idli")},
		{state("1", 3, "Eve", "Dosa"), state("2", 4, "Ben", "Dosa")},
	} {
		if i == 1 {
			do(t, db(t, name), `UPDATE items SET folded = 'other ' || folded`)
		}
		for _, to := range []store.Store{s, want} {
			if _, err := to.Start(t.Context(), store.Source{ID: "a"}, false); err != nil {
				t.Fatal(err)
			}
			apply(t, to, store.Batch{ID: fmt.Sprint(i), Source: 1, States: states})
		}
	}
	got, err := recordsOf(t.Context(), s, true)
	if err != nil {
		t.Fatal(err)
	}
	if all, err := recordsOf(t.Context(), want, true); err != nil || got != all {
		t.Errorf("%v: %s", err, firstLine(got, all))
	}
	if items, _, err := s.Items(t.Context(), store.Search{}, "", 10); len(items) != 1 || err != nil {
		t.Errorf("%d items, %v", len(items), err)
	}
}
