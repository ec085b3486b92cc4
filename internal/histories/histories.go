// Package histories draws orders that change, for tests of the law: documents of states in
// which orders are edited, cancelled, held back, moved to another phone and repeated.
//
// It decides nothing: what the law says of a [History] is up to its users.
package histories

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"process-orders/input"
	"process-orders/orders"
)

// None is the time of what has none.
const None = math.MinInt64

// A State is what one document says of an order.
type State struct {
	Source, At      int // which source it is in, and the how manieth state of the source it is
	Shop, ID        string
	Placed, Updated int64  // in seconds
	Status          string // "" or the reason why the mapping skips it
	Wrong           bool   // it cannot be accepted
	Phone, Name     string
	Lines           []Line
}

// A Line is one entry of an order.
type Line struct{ Item, Price string }

// A History is a mapping and the states of orders, in the order of the input.
type History struct {
	Mapping orders.Mapping
	States  []State
}

// roll is 0 to n-1; a lower number gives something simpler.
func roll(t *rapid.T, n int) int { return rapid.IntRange(0, n-1).Draw(t, "roll") }

func oneIn(t *rapid.T, n int) bool { return roll(t, n) == n-1 }

func pick(t *rapid.T, from ...string) string { return from[roll(t, len(from))] }

// Draw draws a history. If complete is true, each order has an id and a time, and each state
// a time of its change. Otherwise any of them may be missing, in the mapping or in a state.
// If faulty is true, some states cannot be accepted.
func Draw(t *rapid.T, complete, faulty bool) History {
	h := History{Mapping: mapping(t, complete)}
	shops := []string{"", "a", "b"}[:1+roll(t, 3)]
	for source := range 1 + roll(t, 3) {
		shop := shops[roll(t, len(shops))]
		for range 1 + roll(t, 16) {
			s := state(t, complete)
			s.Source, s.Shop, s.Wrong = source, shop, faulty && oneIn(t, 12)
			h.States = append(h.States, s)
			for oneIn(t, 5) { // once more
				h.States = append(h.States, s)
			}
			for s.ID != "" && oneIn(t, 4) { // made, paid and taken back, all in one second
				next := state(t, complete)
				next.Source, next.Shop, next.ID, next.Updated = s.Source, s.Shop, s.ID, s.Updated
				next.Status = pick(t, "", orders.ReasonHold, "cancelled")
				h.States = append(h.States, next)
			}
		}
	}
	return h.numbered()
}

// mapping draws a mapping of orders that change.
func mapping(t *rapid.T, complete bool) orders.Mapping {
	m := orders.Mapping{
		ID: orders.Field{"id"}, Phone: orders.Field{"phone"}, Name: orders.Field{"name"}, Lines: []string{"items[]"},
		LineFields: orders.LineFields{Item: orders.Field{"name"}, Price: orders.Field{"price"}},
		Time:       orders.Field{"time"}, Updated: []string{"updated", "changed"}, NoPhone: orders.NoPhoneItems,
	}
	for _, reason := range []string{"cancelled", orders.ReasonHold} {
		m.Skip = append(m.Skip, orders.Condition{Reason: reason, Path: "status", Values: []string{reason}})
	}
	if oneIn(t, 3) {
		m.NoPhone = orders.NoPhoneSkip
	}
	if complete {
		return m
	}
	if oneIn(t, 3) {
		m.Time = nil
	} else if oneIn(t, 3) {
		m.Later = orders.LaterPosition
	}
	if oneIn(t, 3) {
		m.Updated = nil
	}
	return m
}

// state draws a state of one of a few orders, so that orders, customers and items meet.
func state(t *rapid.T, complete bool) State {
	s := State{Placed: None, Updated: None}
	s.ID = pick(t, "1", "2", "10", "9", "b", "a-rather-long-id-of-an-order-1", "a-rather-long-id-of-an-order-2")
	if !complete && oneIn(t, 4) {
		s.ID = ""
	}
	if complete || !oneIn(t, 4) {
		s.Placed = int64(1e9 + roll(t, 4))
	}
	if complete || !oneIn(t, 4) {
		s.Updated = int64(1e9 + roll(t, 4))
	}
	if oneIn(t, 4) {
		s.Status = pick(t, "cancelled", orders.ReasonHold)
	}
	if s.ID == "" || !oneIn(t, 6) { // what has no id, no time and no phone is no order
		s.Phone = pick(t, "1", "2", "3")
	}
	if oneIn(t, 2) {
		s.Name = pick(t, "Ann", "Bo", "Cy", "a name that is longer than what records hold")
	}
	for range roll(t, 4) {
		s.Lines = append(s.Lines, Line{pick(t, "Idli", "Dosa", "Vada"), pick(t, "1", "2", "3.50", "4")})
	}
	return s
}

// numbered gives the states the numbers of their places.
func (h History) numbered() History {
	slices.SortStableFunc(h.States, func(a, b State) int { return cmp.Compare(a.Source, b.Source) })
	at := map[int]int{}
	for i := range h.States {
		s := &h.States[i]
		s.At = at[s.Source]
		at[s.Source]++
	}
	return h
}

// Shuffled draws the same states in another order, some of them repeated, split into other
// sources.
func (h *History) Shuffled(t *rapid.T) History {
	o := History{Mapping: h.Mapping, States: slices.Clone(h.States)}
	for i := len(o.States) - 1; i > 0; i-- {
		j := roll(t, i+1)
		o.States[i], o.States[j] = o.States[j], o.States[i]
	}
	for _, s := range o.States {
		if oneIn(t, 3) {
			o.States = append(o.States, s)
		}
	}
	shops := map[string]int{"": 0, "a": 3, "b": 6} // a source is of one shop
	for i := range o.States {
		o.States[i].Source = shops[o.States[i].Shop] + roll(t, 3)
	}
	return o.numbered()
}

// Text is the document of a state, with the fields that a mapping reads.
func (s *State) Text(m *orders.Mapping) string {
	var parts []string
	add := func(key, value string) { parts = append(parts, fmt.Sprintf("%q:%s", key, value)) }
	if s.ID != "" {
		add("id", quoted(s.ID))
	}
	if s.Placed != None && len(m.Time) > 0 {
		add("time", timeText(s.Placed))
	}
	if s.Updated != None && len(m.Updated) > 0 {
		if s.Updated%2 == 0 { // two paths, of which the later time counts
			add("updated", timeText(s.Updated))
			add("changed", timeText(s.Updated-5))
		} else {
			add("changed", timeText(s.Updated))
		}
	}
	if s.Status != "" {
		add("status", quoted(s.Status))
	}
	if s.Phone != "" {
		add("phone", quoted(s.Phone))
	}
	if s.Name != "" {
		add("name", quoted(s.Name))
	}
	var lines []string
	for _, l := range s.Lines {
		lines = append(lines, fmt.Sprintf(`{"name":%s,"price":%s}`, quoted(l.Item), l.Price))
	}
	if s.Wrong {
		lines = append(lines, `{"name":"Idli","price":"wrong"}`)
	}
	add("items", "["+strings.Join(lines, ",")+"]")
	return "{" + strings.Join(parts, ",") + "}"
}

func timeText(seconds int64) string {
	return quoted(time.Unix(seconds, 0).UTC().Format(time.RFC3339))
}

func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// Skipped is the reason why the mapping skips a state; "" if it does not.
func (h *History) Skipped(s *State) string {
	switch {
	case s.Status != "":
		return s.Status
	case s.Phone == "" && h.Mapping.NoPhone == orders.NoPhoneSkip:
		return orders.ReasonNoPhone
	}
	return ""
}

// Documents returns the text of each source and its shop, in the order of the sources.
func (h *History) Documents(t *rapid.T) (texts, shops []string) {
	states, shop := map[int][]string{}, map[int]string{}
	for i := range h.States {
		s := &h.States[i]
		states[s.Source] = append(states[s.Source], s.Text(&h.Mapping))
		shop[s.Source] = s.Shop
	}
	for _, n := range slices.Sorted(maps.Keys(states)) {
		text := "[" + strings.Join(states[n], ",") + "]"
		if oneIn(t, 2) {
			text = strings.Join(states[n], "\n") + "\n"
		}
		texts, shops = append(texts, text), append(shops, shop[n])
	}
	return texts, shops
}

// Source is a text as a source of a shop. It is a pipe, or can be opened again.
func Source(name, shop, text string, pipe bool) input.Source {
	return input.Source{Name: name, Shop: shop, Size: int64(len(text)), Reopens: !pipe, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}}
}

// Sources are the documents of a history; some of them are pipes.
func (h *History) Sources(t *rapid.T) (sources []input.Source) {
	texts, shops := h.Documents(t)
	for i, text := range texts {
		sources = append(sources, Source(fmt.Sprint("source ", i), shops[i], text, oneIn(t, 4)))
	}
	return sources
}

func (h History) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "time %v, updated %v, later %v, no phone %v", h.Mapping.Time, h.Mapping.Updated, h.Mapping.Later, h.Mapping.NoPhone)
	for i := range h.States {
		fmt.Fprintf(&out, "\n%d %q %s", h.States[i].Source, h.States[i].Shop, h.States[i].Text(&h.Mapping))
	}
	return out.String()
}
