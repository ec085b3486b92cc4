package finding

import (
	"encoding/json"
	"testing"

	"process-orders/orders"
)

// What is said of orders that share an id, with the others in the right number.
func TestSharedIDs(t *testing.T) {
	const first = "two orders share the id and differ in time, phone and lines; only the latest counts: a:1:1 and b:2:1"
	for n, want := range map[int64]string{1: first, 2: first + ", and 1 more such order", 3: first + ", and 2 more such orders"} {
		m := NewRemarkable(orders.Totals{SharedIDs: n, SharedAt: [2]orders.Place{{Source: "a", Line: 1, Column: 1}, {Source: "b", Line: 2, Column: 1, Order: 5}}})
		all := m.Remarks(new(Ways), Open{})
		if len(all) != 1 || all[0].Text != want {
			t.Errorf("%d: got %+v, want %s", n, all, want)
		}
	}
}

// What is said of times that cannot be read and of times in the future, each with its place,
// and what decides.
func TestTimesRemarks(t *testing.T) {
	at := orders.Place{Source: "a", Line: 3, Column: 1, Order: 2}
	for n, want := range map[int64][]string{
		1: {
			"1 order says when it last changed, and that cannot be read: what has such a time replaces it (a:3:1: order 2)",
			"1 order has a time in the future (a:3:1: order 2)",
		},
		2000: {
			"2,000 orders say when they last changed, and that cannot be read: what has such a time replaces them; the first is a:3:1: order 2",
			"2,000 orders have a time in the future; the first is a:3:1: order 2",
		},
	} {
		m := NewRemarkable(orders.Totals{UpdatedUnread: n, UpdatedUnreadAt: at, Future: n, FutureAt: at})
		all := m.Remarks(new(Ways), Open{})
		for i, text := range want {
			if len(all) != len(want) || all[i].Text != text || all[i].Needs == "" {
				t.Errorf("got %+v, want %s", all, text)
			}
		}
	}
	m := NewRemarkable(orders.Totals{Future: 1, FutureAt: at})
	got, err := json.Marshal(m)
	if want := `{"future":1,"future_at":{"source":"a","line":3,"column":1,"order":2}}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

// What is said of states that were left out, in the right number.
func TestLeftOut(t *testing.T) {
	for _, c := range []struct {
		repeated, superseded int64
		want                 string
	}{
		{0, 0, ""},
		{1, 0, "; 1 order came again"},
		{0, 1, "; 1 earlier state of an order was superseded"},
		{1200, 3, "; 1,200 orders came again; 3 earlier states of orders were superseded"},
	} {
		if got := LeftOut(nil, nil, c.repeated, c.superseded); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
