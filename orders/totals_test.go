package orders_test

import (
	"reflect"
	"testing"

	"process-orders/orders"
)

// Nothing was accepted if there are rejects, and no other order counts or would.
func TestAllRejected(t *testing.T) {
	skipped := map[string]int64{"void": 1}
	for _, c := range []struct {
		totals orders.Totals
		want   bool
	}{
		{orders.Totals{}, false},
		{orders.Totals{Rejected: 1}, true},
		{orders.Totals{Rejected: 1, Skipped: skipped}, true},
		{orders.Totals{Rejected: 1, Orders: 1}, false},
		{orders.Totals{Rejected: 1, Repeated: 1}, false},
		{orders.Totals{Rejected: 1, Superseded: 1}, false},
		{orders.Totals{Skipped: skipped}, false},
	} {
		if got := c.totals.AllRejected(); got != c.want {
			t.Errorf("%+v: %v, want %v", c.totals, got, c.want)
		}
	}
}

// Every field is added; the first place of a reason stays.
func TestTotalsAdd(t *testing.T) {
	first, second := orders.Place{Source: "a", Line: 3}, orders.Place{Source: "b", Line: 1}
	a := orders.Totals{
		Orders: 1, Rejected: 2, Repeated: 3, PhonesKept: 4, Bytes: 5,
		Skipped: map[string]int64{"test": 1}, SkippedAt: map[string]orders.Place{"test": first},
		NoPhone: 6, NoItem: 1, NoItemAt: first, PhonesLost: 1, PhonesLostAt: first, UpdatedUnread: 1, UpdatedUnreadAt: first,
		Notes: []orders.Note{{Source: "a", Text: "one"}},
	}
	b := orders.Totals{
		Orders: 10, Rejected: 20, Repeated: 30, PhonesKept: 40, Bytes: 50,
		Skipped: map[string]int64{"test": 5, "void": 6}, SkippedAt: map[string]orders.Place{"test": second, "void": second},
		LinesSkipped: map[string]int64{"tip": 7}, LinesSkippedAt: map[string]orders.Place{"tip": second},
		SharedIDs: 2, SharedAt: [2]orders.Place{first, second}, Superseded: 3,
		UpdatedUnread: 4, UpdatedUnreadAt: second, Future: 5, FutureAt: second, NoItem: 2, NoItemAt: second,
		NoPhone: 60, PhonesLost: 10, PhonesLostAt: second, TimesUnread: 8, TimesUnreadAt: second,
		Notes: []orders.Note{{Source: "b", Text: "two"}},
	}
	var sum orders.Totals
	sum.Add(orders.Totals{})
	sum.Add(a)
	sum.Add(b)
	sum.Add(orders.Totals{})
	want := orders.Totals{
		Orders: 11, Rejected: 22, Repeated: 33, PhonesKept: 44, Bytes: 55,
		Skipped: map[string]int64{"test": 6, "void": 6}, SkippedAt: map[string]orders.Place{"test": first, "void": second},
		LinesSkipped: map[string]int64{"tip": 7}, LinesSkippedAt: map[string]orders.Place{"tip": second},
		SharedIDs: 2, SharedAt: [2]orders.Place{first, second}, Superseded: 3,
		UpdatedUnread: 5, UpdatedUnreadAt: first, Future: 5, FutureAt: second, NoItem: 3, NoItemAt: first,
		NoPhone: 66, PhonesLost: 11, PhonesLostAt: first, TimesUnread: 8, TimesUnreadAt: second,
		Notes: []orders.Note{{Source: "a", Text: "one"}, {Source: "b", Text: "two"}},
	}
	if !reflect.DeepEqual(sum, want) {
		t.Errorf("got %+v, want %+v", sum, want)
	}
	if a.Skipped["test"] != 1 || len(b.SkippedAt) != 2 || len(a.SkippedAt) != 1 {
		t.Error("what was added was changed")
	}
	if fields := reflect.TypeFor[orders.Totals]().NumField(); fields != 24 {
		t.Errorf("Totals has %d fields: does Add add them all?", fields)
	}
}
