package records_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/orders"
	"process-orders/records"
)

// The law of orders that change: the records are the fold of the orders that stand, each in
// its latest state, in the order of their versions. Here it is written a second time, as
// plainly as it can be: find the latest states, sort them, fold them.

// none is the time of what has none.
const none = math.MinInt64

// A state is what one document says of an order.
type state struct {
	source, at      int // which source it is in, and the how manieth state of the source it is
	shop, id        string
	placed, updated int64 // in seconds
	why             string
	purchase
}

// A history is a mapping and the states of orders, in the order of the input.
type history struct {
	mapping orders.Mapping
	states  []state
}

// position is where a state is in the input.
func (s *state) position() [2]int { return [2]int{s.source, s.at} }

// text is the document of a state, with the fields that the mapping reads.
func (s *state) text(m *orders.Mapping) string {
	var parts []string
	add := func(key string, value string) { parts = append(parts, fmt.Sprintf("%q:%s", key, value)) }
	if s.id != "" {
		add("id", quoted(s.id))
	}
	if s.placed != none && len(m.Time) > 0 {
		add("time", quoted(time.Unix(s.placed, 0).UTC().Format(time.RFC3339)))
	}
	if s.updated != none && len(m.Updated) > 0 {
		changed := []string{"updated", "changed"}[s.updated%2] // two paths, of which the later time counts
		add(changed, quoted(time.Unix(s.updated, 0).UTC().Format(time.RFC3339)))
		if changed == "updated" {
			add("changed", quoted(time.Unix(s.updated-5, 0).UTC().Format(time.RFC3339)))
		}
	}
	if s.why != "" {
		add("status", quoted(s.why))
	}
	if s.phone != "" {
		add("phone", quoted(s.phone))
	}
	if s.name != "" {
		add("name", quoted(s.name))
	}
	var lines []string
	for _, l := range s.lines {
		lines = append(lines, fmt.Sprintf(`{"name":%s,"price":%s}`, quoted(l.item), l.price))
	}
	add("items", "["+strings.Join(lines, ",")+"]")
	return "{" + strings.Join(parts, ",") + "}"
}

// skipped is why the mapping skips a state; "" if it does not.
func (h *history) skipped(s *state) string {
	switch {
	case s.why != "":
		return s.why
	case s.phone == "" && h.mapping.NoPhone == orders.NoPhoneSkip:
		return orders.ReasonNoPhone
	}
	return ""
}

// A fold is what the law says of a history.
type lawful struct {
	*naive
	orders, repeated, superseded int64
	skipped                      map[string]int64
}

// naively applies the law.
func (h *history) naively(t rapid.TB) lawful {
	all := lawful{naive: newNaive(), skipped: map[string]int64{}}
	type order struct {
		latest *state
		first  [2]int // the position of its first state
		states []*state
	}
	var list []*order
	known := map[[2]string]*order{}
	hasUpdated := len(h.mapping.Updated) > 0
	updated := func(s *state) int64 {
		if !hasUpdated {
			return none
		}
		return s.updated
	}
	digests := map[*state]uint64{}
	digest := func(s *state) uint64 {
		if _, ok := digests[s]; !ok {
			digests[s] = digestOf(t, &h.mapping, s)
		}
		return digests[s]
	}
	same := func(a, b *state) bool {
		return updated(a) == updated(b) && (h.skipped(a) != "") == (h.skipped(b) != "") && digest(a) == digest(b)
	}
	for i := range h.states {
		s := &h.states[i]
		o, ok := known[[2]string{s.shop, s.id}]
		if !ok || s.id == "" {
			o = &order{latest: s, first: s.position()}
			list = append(list, o)
			if s.id != "" {
				known[[2]string{s.shop, s.id}] = o
			}
		}
		o.states = append(o.states, s)
		if o.latest == s || same(s, o.latest) {
			continue
		}
		later := updated(s) > updated(o.latest)
		if updated(s) == updated(o.latest) {
			a, b := h.skipped(s) != "", h.skipped(o.latest) != ""
			switch {
			case updated(s) == none:
				later = true // it comes later in the input
			case a != b:
				later = a
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
		if why := h.skipped(o.latest); why != "" {
			all.skipped[why]++
		} else {
			all.orders++
		}
	}
	list = slices.DeleteFunc(list, func(o *order) bool { return h.skipped(o.latest) != "" })
	placed := func(o *order) int64 {
		if !h.mapping.ByTime() {
			return none
		}
		return o.latest.placed
	}
	slices.SortStableFunc(list, func(a, b *order) int {
		if c := cmp.Compare(placed(a), placed(b)); c != 0 {
			return c
		}
		aHas, bHas := placed(a) != none && a.latest.id != "", placed(b) != none && b.latest.id != ""
		switch {
		case aHas != bHas && aHas:
			return 1
		case aHas != bHas:
			return -1
		case aHas:
			x, y := a.latest, b.latest
			return cmp.Or(cmp.Compare(x.shop, y.shop), cmp.Compare(len(x.id), len(y.id)), cmp.Compare(x.id, y.id))
		}
		return cmp.Or(cmp.Compare(a.first[0], b.first[0]), cmp.Compare(a.first[1], b.first[1]))
	})
	for _, o := range list {
		all.add(o.latest.purchase)
	}
	return all
}

// digestOf asks the reader for the number that decides between states of one time.
func digestOf(t rapid.TB, m *orders.Mapping, s *state) (digest uint64) {
	_, err := orders.States(context.Background(), []input.Source{textSource("one", s.shop, s.text(m))}, orders.Options{Mapping: m}, 1, func(c *columns.Orders) (func() error, error) {
		for i := range c.Len() {
			digest = c.Details[i].Digest
		}
		return nil, nil
	})
	if err != nil {
		t.Fatalf("%s: %v", s.text(m), err)
	}
	return digest
}

func textSource(name, shop, text string) input.Source {
	return input.Source{Name: name, Shop: shop, Size: int64(len(text)), Reopens: true, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}}
}

// mapping draws a mapping of orders that change.
func (a author) mapping(all bool) orders.Mapping {
	m := orders.Mapping{
		ID: orders.Field{"id"}, Phone: orders.Field{"phone"}, Name: orders.Field{"name"}, Lines: []string{"items[]"},
		LineFields: orders.LineFields{Item: orders.Field{"name"}, Price: orders.Field{"price"}},
		Time:       orders.Field{"time"}, Updated: []string{"updated", "changed"}, NoPhone: orders.NoPhoneItems,
	}
	for _, reason := range []string{"cancelled", orders.ReasonHold} {
		m.Skip = append(m.Skip, orders.Condition{Reason: reason, Path: "status", Values: []string{reason}})
	}
	if a.oneIn(3) {
		m.NoPhone = orders.NoPhoneSkip
	}
	if all {
		return m
	}
	if a.oneIn(3) {
		m.Time = nil
	} else if a.oneIn(3) {
		m.Later = orders.LaterPosition
	}
	if a.oneIn(3) {
		m.Updated = nil
	}
	return m
}

// history draws one. If all is true, each order has an id and a time, and each state a time
// of its own change or the same content as others of that time have.
func (a author) history(all bool) history {
	h := history{mapping: a.mapping(all)}
	shops := []string{"", "a", "b"}[:1+a.roll(3)]
	for source := range 1 + a.roll(3) {
		shop := shops[a.roll(len(shops))]
		for at := range 1 + a.roll(16) {
			s := state{source: source, at: at, shop: shop, placed: none, updated: none}
			s.id = a.pick("1", "2", "10", "9", "b", "a-rather-long-id-of-an-order-1", "a-rather-long-id-of-an-order-2")
			switch {
			case all:
				s.placed = int64(1e9 + a.roll(4))
				s.updated = int64(2000000000 - 1e8 + a.roll(4))
			default:
				if a.oneIn(4) {
					s.id = ""
				}
				if !a.oneIn(4) {
					s.placed = int64(1e9 + a.roll(4))
				}
				if !a.oneIn(4) {
					s.updated = int64(1e9 + a.roll(4))
				}
			}
			if a.oneIn(4) {
				s.why = a.pick("cancelled", orders.ReasonHold)
			}
			if s.id == "" || !a.oneIn(6) { // what has no id, no time and no phone is no order
				s.phone = a.pick("1", "2", "3")
			}
			if a.oneIn(2) {
				s.name = a.pick("Ann", "Bo", "Cy", "a name that is longer than what records hold")
			}
			for range a.roll(4) {
				s.lines = append(s.lines, purchaseLine{a.pick("Idli", "Dosa", "Vada"), a.pick("1", "2", "3.50", "4")})
			}
			h.states = append(h.states, s)
			for a.oneIn(5) { // once more
				s.at++
				h.states = append(h.states, s)
			}
		}
	}
	return h.numbered()
}

// numbered gives the states the numbers of their places.
func (h history) numbered() history {
	slices.SortStableFunc(h.states, func(a, b state) int { return cmp.Compare(a.source, b.source) })
	at := map[int]int{}
	for i := range h.states {
		s := &h.states[i]
		s.at = at[s.source]
		at[s.source]++
	}
	return h
}

// sources are the documents of a history.
func (h *history) sources(a author) (sources []input.Source) {
	texts, shops := map[int][]string{}, map[int]string{}
	for i := range h.states {
		s := &h.states[i]
		texts[s.source] = append(texts[s.source], s.text(&h.mapping))
		shops[s.source] = s.shop
	}
	for _, n := range slices.Sorted(maps.Keys(texts)) {
		text := "[" + strings.Join(texts[n], ",") + "]"
		if a.oneIn(2) {
			text = strings.Join(texts[n], "\n") + "\n"
		}
		source := textSource(fmt.Sprint("source ", n), shops[n], text)
		if a.oneIn(4) { // a pipe
			source.Reopens = false
		}
		sources = append(sources, source)
	}
	return sources
}

func (h *history) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "time %v, updated %v, later %v, no phone %v", h.mapping.Time, h.mapping.Updated, h.mapping.Later, h.mapping.NoPhone)
	for i := range h.states {
		fmt.Fprintf(&out, "\n%d %q %s", h.states[i].source, h.states[i].shop, h.states[i].text(&h.mapping))
	}
	return out.String()
}

// anyway draws how a history is processed.
func (a author) anyway(h *history) (o records.Options) {
	o.Mapping, o.Workers, o.BlockBytes = &h.mapping, 1+a.roll(4), 1+a.roll(300)
	if a.oneIn(3) {
		o.MemoryBytes = 1 + int64(a.roll(4096))
	}
	return o
}

// TestLaw processes histories and compares all that comes out with what the law says.
func TestLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawn(t, "history", func(a author) history { return a.history(a.oneIn(3)) })
		var o records.Options
		var sources []input.Source
		drawn(t, "way", func(a author) int { o, sources = a.anyway(&h), h.sources(a); return 0 })
		all, totals, err := records.Process(context.Background(), sources, o)
		want := h.naively(t)
		if err != nil {
			t.Fatalf("%v\n%v", &h, err)
		}
		defer all.Close()
		if got := written(all); got != want.recordsJSON() {
			t.Fatalf("%v\n%d workers, blocks of %d, memory %d: got\n%s\nwant\n%s", &h, o.Workers, o.BlockBytes, o.MemoryBytes, got, want.recordsJSON())
		}
		got := lawful{nil, totals.Orders, totals.Repeated, totals.Superseded, totals.Skipped}
		if len(got.skipped) == 0 {
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
		h := drawn(t, "history", func(a author) history { return a.history(true) })
		other := drawn(t, "other order", func(a author) history {
			o := history{mapping: h.mapping, states: slices.Clone(h.states)}
			for i := len(o.states) - 1; i > 0; i-- {
				j := a.roll(i + 1)
				o.states[i], o.states[j] = o.states[j], o.states[i]
			}
			for _, s := range o.states {
				if a.oneIn(3) {
					o.states = append(o.states, s)
				}
			}
			// A source is of one shop.
			shops := map[string]int{"": 0, "a": 3, "b": 6}
			for i := range o.states {
				o.states[i].source = shops[o.states[i].shop] + a.roll(3)
			}
			return o.numbered()
		})
		var texts [2]string
		for i, h := range []*history{&h, &other} {
			drawn(t, "way", func(a author) int {
				o := a.anyway(h)
				o.Detail = records.DetailWritten
				all, _, err := records.Process(context.Background(), h.sources(a), o)
				if err != nil {
					t.Fatalf("%v\n%v", h, err)
				}
				defer all.Close()
				texts[i] = written(all)
				return 0
			})
		}
		if texts[0] != texts[1] {
			t.Fatalf("%v\n%s\nin another order\n%v\n%s", &h, texts[0], &other, texts[1])
		}
	})
}
