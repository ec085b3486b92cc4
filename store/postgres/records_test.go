package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"process-orders/store"
)

// TestDenseCustomers applies batches for all customers, for many of them and for a few. Keys of long
// phones have another order than the phones, as they end in a hash.
func TestDenseCustomers(t *testing.T) {
	t.Parallel()
	s := open(t, newURL(t))
	source := started(t, s, "a")
	long := strings.Repeat("1", 300)
	want := map[string]int64{}
	for round, step := range []int{2, 1, 1, 3, 50, 1} {
		var states []store.State
		for i := 0; i < 200; i += step {
			phone := fmt.Sprint(i, []string{"", long}[i/2%2])
			states = append(states, state(fmt.Sprint("order ", i, " of ", round), int64(round), 1, phone, "item"))
			want[phone]++
		}
		mustApply(t, s, fmt.Sprint(round), source, states...)
	}
	customers, _ := detailsOf(t, s)
	if len(customers) != len(want) {
		t.Errorf("%d customers, want %d", len(customers), len(want))
	}
	for phone, orders := range want {
		if got := customers[phone].Orders; got != orders {
			t.Errorf("%.5s…: %d orders, want %d", phone, got, orders)
		}
	}
}
