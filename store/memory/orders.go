package memory

import (
	"cmp"

	"process-orders/store"
)

// An orderID is what an order is known by.
type orderID struct{ system, shop, id string }

// An order is one that has an id.
type order struct {
	state  *store.State // the latest; nil if there is none, as only its erasure is known
	at     position     // of the latest state, or of the last that is the same
	first  position     // of the first state of all
	erased bool         // it never makes a customer again
}

// A position is where a state was read.
type position struct{ source, at int64 }

func (p position) compare(q position) int {
	return cmp.Or(cmp.Compare(p.source, q.source), cmp.Compare(p.at, q.at))
}

// order returns the order with an id. It makes one if there is none.
func (m *Store) order(id orderID) *order {
	o := m.orders[id]
	if o == nil {
		o = new(order)
		m.orders[id] = o
	}
	return o
}

// addStates adds states of a source or group to those that the store knows.
func (m *Store) addStates(source int64, system, shop string, states []store.State) (counts store.Counts) {
	before := map[orderID]*store.State{} // the latest state of each order of the batch
	for i := range states {
		s := &states[i]
		id := orderID{system, shop, s.ID}
		o := m.order(id)
		if _, ok := before[id]; !ok {
			before[id] = o.state
		}
		o.add(s, position{source, s.At})
	}
	for i := range states {
		s := &states[i]
		if s.IsSame(m.orders[orderID{system, shop, s.ID}].state) {
			counts.Repeated++
		} else {
			counts.Older++
		}
		if s.Skipped {
			counts.Skipped++
		}
	}
	for id, old := range before {
		latest := m.orders[id].state
		if old != nil && old.IsSame(latest) {
			continue
		}
		counts.Repeated-- // one of the same states is the first that came
		if latest.Skipped {
			counts.Skipped--
		}
		if old != nil {
			counts.Replaced++
		}
	}
	return counts
}

// add adds a state, which is the latest, or the same as it, or older.
func (o *order) add(s *store.State, at position) {
	switch {
	case o.state == nil:
		o.state, o.at, o.first = clone(s), at, at
	case s.IsLater(o.state, at.source, o.at.source):
		o.state, o.at = clone(s), at
	case s.IsSame(o.state) && at.compare(o.at) > 0:
		// What is between the two is older than the second.
		o.at, o.state.At = at, at.at
	}
	if at.compare(o.first) < 0 {
		o.first = at
	}
	if o.erased {
		o.erase()
	}
}

// erase forgets whose order it is.
func (o *order) erase() {
	o.erased = true
	if o.state != nil {
		o.state.Phone, o.state.Name = "", ""
	}
}
