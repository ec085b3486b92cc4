package sqlite_test

import (
	"errors"
	"strings"
	"testing"

	"process-orders/store"
	"process-orders/store/storetest"
)

// TestFindDamaged changes rows by which customers, items and orders are found: whoever asks for
// them gets an error, and no wrong answer.
func TestFindDamaged(t *testing.T) {
	t.Parallel()
	for _, damage := range []string{
		`UPDATE names SET name = 'bnn' WHERE name = 'ann'`,
		`UPDATE names SET (ending, phone) = (SELECT max(ending), max(phone) FROM customers) WHERE name = 'ann'`,
		`DELETE FROM customers WHERE name = 'Ann'`,
		`UPDATE customers SET name = 'Anna' WHERE name = 'Ann'`,
		`UPDATE customers SET ending = '7' WHERE name = 'Ann'`,
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
