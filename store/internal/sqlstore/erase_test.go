package sqlstore_test

import (
	"fmt"
	"testing"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// bounded notes how many orders are updated at once, at most.
type bounded struct {
	*tables
	most int
}

func (b *bounded) UpdateOrders(rows []sqlstore.Order) error {
	b.most = max(b.most, len(rows))
	return b.tables.UpdateOrders(rows)
}

// TestEraseManyOrders erases a phone that very many orders have, a part of them after the other.
func TestEraseManyOrders(t *testing.T) {
	for _, n := range []int{999, 1000, 2500} {
		d := &bounded{tables: newTables(t)}
		p, err := sqlstore.Start(d, store.Source{ID: "a"}, false)
		if err != nil {
			t.Fatal(err)
		}
		b := store.Batch{ID: "batch", Source: p.Number}
		for i := range n + 1 {
			s := store.State{ID: fmt.Sprint(i), Updated: store.NoTime, Placed: store.NoTime, Time: store.NoTime, At: int64(i), Phone: "0000000000", Name: "Walk-in", Skipped: i%7 == 3}
			if i == n {
				s.Phone = "555-0101"
			}
			b.States = append(b.States, s)
		}
		if _, err := sqlstore.Apply(d, b); err != nil {
			t.Fatal(err)
		}
		d.most = 0
		if found, changed, err := sqlstore.Erase(d, store.Erasure{Phone: "0000000000"}); !found || !changed || err != nil {
			t.Fatal(found, changed, err)
		}
		erased := 0
		for _, o := range d.orders {
			if o.Flags&sqlstore.Erased != 0 && o.Phone == "" {
				erased++
			}
		}
		if erased != n || d.most > 1000 || len(d.customers) != 1 {
			t.Errorf("%d of %d orders are erased, %d at once; %d customers stay", erased, n, d.most, len(d.customers))
		}
	}
}
