package records_test

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/internal/histories"
	"process-orders/orders"
	"process-orders/records"
)

// The law of orders that change: the records are the fold of the orders that stand, each in
// its latest state, in the order of their versions. Here it is written a second time, as
// plainly as it can be: find the latest states, sort them, fold them.

// lawful is what the law says of a history.
type lawful struct {
	*naive
	orders, rejected, repeated, superseded int64
	skipped                                map[string]int64
}

// rank is the greater, the more final a state is: of two states of one time.
func rank(h *histories.History, s *histories.State) int {
	switch h.Skipped(s) {
	case orders.ReasonHold:
		return 1
	case "":
		return 2
	}
	return 3
}

// naively applies the law.
func naively(t rapid.TB, h *histories.History) lawful {
	const none = histories.None
	all := lawful{naive: newNaive(), skipped: map[string]int64{}}
	type order struct {
		latest *histories.State
		first  [2]int // the position of its first state
		states []*histories.State
	}
	var list []*order
	known := map[[2]string]*order{}
	updated := func(s *histories.State) int64 {
		if len(h.Mapping.Updated) == 0 {
			return none
		}
		return s.Updated
	}
	digests := map[*histories.State]uint64{}
	digest := func(s *histories.State) uint64 {
		if _, ok := digests[s]; !ok {
			digests[s] = digestOf(t, &h.Mapping, s)
		}
		return digests[s]
	}
	same := func(a, b *histories.State) bool {
		return updated(a) == updated(b) && rank(h, a) == rank(h, b) && digest(a) == digest(b)
	}
	for i := range h.States {
		s := &h.States[i]
		if s.Wrong && h.Skipped(s) == "" { // what is wrong with an order that is skipped does not matter
			all.rejected++
			continue
		}
		position := [2]int{s.Source, s.At}
		o, ok := known[[2]string{s.Shop, s.ID}]
		if !ok || s.ID == "" {
			o = &order{latest: s, first: position}
			list = append(list, o)
			if s.ID != "" {
				known[[2]string{s.Shop, s.ID}] = o
			}
		}
		o.states = append(o.states, s)
		if o.latest == s || same(s, o.latest) {
			continue
		}
		later := updated(s) > updated(o.latest)
		if updated(s) == updated(o.latest) {
			a, b := rank(h, s), rank(h, o.latest)
			switch {
			case updated(s) == none:
				later = true // it comes later in the input
			case a != b:
				later = a > b
			default:
				later = digest(s) > digest(o.latest)
			}
		}
		if later {
			o.latest = s
		}
	}
	for _, o := range list {
		for _, s := range o.states {
			switch {
			case s == o.latest:
			case same(s, o.latest):
				all.repeated++
			default:
				all.superseded++
			}
		}
		if why := h.Skipped(o.latest); why != "" {
			all.skipped[why]++
		} else {
			all.orders++
		}
	}
	list = slices.DeleteFunc(list, func(o *order) bool { return h.Skipped(o.latest) != "" })
	placed := func(o *order) int64 {
		if !h.Mapping.ByTime() {
			return none
		}
		return o.latest.Placed
	}
	slices.SortStableFunc(list, func(a, b *order) int {
		if c := cmp.Compare(placed(a), placed(b)); c != 0 {
			return c
		}
		aHas, bHas := placed(a) != none && a.latest.ID != "", placed(b) != none && b.latest.ID != ""
		switch {
		case aHas != bHas && aHas:
			return 1
		case aHas != bHas:
			return -1
		case aHas:
			x, y := a.latest, b.latest
			return cmp.Or(cmp.Compare(x.Shop, y.Shop), cmp.Compare(len(x.ID), len(y.ID)), cmp.Compare(x.ID, y.ID))
		}
		return cmp.Or(cmp.Compare(a.first[0], b.first[0]), cmp.Compare(a.first[1], b.first[1]))
	})
	for _, o := range list {
		p := purchase{phone: o.latest.Phone, name: o.latest.Name}
		for _, l := range o.latest.Lines {
			p.lines = append(p.lines, purchaseLine{l.Item, l.Price})
		}
		all.add(p)
	}
	return all
}

// digestOf asks the reader for the number that decides between states of one time.
func digestOf(t rapid.TB, m *orders.Mapping, s *histories.State) (digest uint64) {
	one := []input.Source{histories.Source("one", s.Shop, s.Text(m), false)}
	_, err := orders.States(context.Background(), one, orders.Options{Mapping: m}, 1, func(c *columns.Orders) (func() error, error) {
		for i := range c.Len() {
			digest = c.Details[i].Digest
		}
		return nil, nil
	})
	if err != nil {
		t.Fatalf("%s: %v", s.Text(m), err)
	}
	return digest
}

// anyway draws how a history is processed. Rejects are set aside.
func anyway(t *rapid.T, m *orders.Mapping) (o records.Options) {
	o.Mapping = m
	o.Workers, o.BlockBytes = rapid.IntRange(1, 4).Draw(t, "workers"), rapid.IntRange(1, 300).Draw(t, "block bytes")
	o.MemoryBytes = max(0, rapid.Int64Range(-8192, 4096).Draw(t, "memory"))
	o.Reject = func(*orders.Reject) error { return nil }
	return o
}

// hasOrders reports whether each source has an order that is accepted or skipped, and so is
// not refused.
func hasOrders(h *histories.History) bool {
	good := map[int]bool{}
	for i := range h.States {
		s := &h.States[i]
		good[s.Source] = good[s.Source] || !s.Wrong || h.Skipped(s) != ""
	}
	for _, ok := range good {
		if !ok {
			return false
		}
	}
	return true
}

// TestLaw processes histories and compares all that comes out with what the law says.
func TestLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := histories.Draw(t, rapid.Bool().Draw(t, "complete"), true)
		if !hasOrders(&h) {
			t.Skip("a source of rejects")
		}
		o, sources := anyway(t, &h.Mapping), h.Sources(t)
		all, totals, err := records.Process(context.Background(), sources, o)
		want := naively(t, &h)
		if err != nil {
			t.Fatalf("%v\n%v", &h, err)
		}
		defer all.Close()
		if got := written(all); got != want.recordsJSON() {
			t.Fatalf("%v\n%d workers, blocks of %d, memory %d: got\n%s\nwant\n%s", &h, o.Workers, o.BlockBytes, o.MemoryBytes, got, want.recordsJSON())
		}
		got := lawful{nil, totals.Orders, totals.Rejected, totals.Repeated, totals.Superseded, totals.Skipped}
		if got.skipped == nil {
			got.skipped = map[string]int64{}
		}
		want.naive = nil
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%v\ntotals %+v, want %+v", &h, got, want)
		}
	})
}

// TestLawOfSets processes the same states in another order, repeated and split into other
// sources. If all of id, time and time of change are there, the records are the same bytes,
// with details too.
func TestLawOfSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := histories.Draw(t, true, false)
		other := h.Shuffled(t)
		var texts [2]string
		for i, h := range []*histories.History{&h, &other} {
			o, sources := anyway(t, &h.Mapping), h.Sources(t)
			o.Detail = records.DetailWritten
			all, _, err := records.Process(context.Background(), sources, o)
			if err != nil {
				t.Fatalf("%v\n%v", h, err)
			}
			defer all.Close()
			texts[i] = written(all)
		}
		if texts[0] != texts[1] {
			t.Fatalf("%v\n%s\nin another order\n%v\n%s", &h, texts[0], &other, texts[1])
		}
	})
}
