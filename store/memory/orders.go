package memory

import (
	"cmp"

	"process-orders/store"
)

// An orderID is what an order is known by.
type orderID struct{ system, shop, id string }

// An order is one that has an id. It is replaced by another one, and so is its state.
type order struct {
	state   *store.State // the latest; nil if there is none, as only its erasure is known
	at      position     // of the latest state, or of the last that is the same
	first   position     // of the first state of all
	bringer int64        // the source of the latest state
	erased  bool         // it never makes a customer again
}

// A position is where a state was read.
type position struct{ source, at int64 }

func (p position) compare(q position) int {
	return cmp.Or(cmp.Compare(p.source, q.source), cmp.Compare(p.at, q.at))
}

// addStates adds states of a source or group to those that the store knows.
func (m *Store) addStates(source int64, system, shop string, states []store.State) (counts store.Counts, dropped map[store.Dropped]int64, fates []store.Fate) {
	t := tally{before: map[orderID]order{}, isNew: map[orderID]bool{}}
	for i := range states {
		s := &states[i]
		id := orderID{system, shop, s.ID}
		if _, ok := t.before[id]; !ok {
			t.before[id] = m.orders[id]
		}
		set(m, m.orders, id, m.orders[id].add(s, position{source, s.At}))
	}
	for id, old := range t.before {
		o := m.orders[id]
		if old.state != nil && old.state.IsSame(o.state) {
			o.bringer = old.bringer // also if there were others in between
			set(m, m.orders, id, o)
			continue
		}
		t.replaced(source, id, old, o.state)
	}
	fates = make([]store.Fate, len(states))
	for i := range states {
		id := orderID{system, shop, states[i].ID}
		fates[i] = t.fate(source, id, &states[i], m.orders[id].state)
	}
	return t.counts, t.dropped, fates
}

// A tally says what became of the states of a batch, and of those that they replaced.
type tally struct {
	before  map[orderID]order // each order of the batch
	isNew   map[orderID]bool  // the latest state came with the batch
	counts  store.Counts
	dropped map[store.Dropped]int64
}

// replaced counts the state of an order that came, and the one that it took the place of.
func (t *tally) replaced(source int64, id orderID, old order, now *store.State) {
	if t.isNew[id] = true; now.Skipped {
		t.counts.Skipped++
	}
	if old.state == nil {
		return
	}
	t.drop(old.state, old.bringer, old.erased)
	switch {
	case old.bringer == source:
		t.counts.Older++
		if old.state.Skipped {
			t.counts.Skipped--
		}
	case old.at.source == source && old.state.Updated == store.NoTime: // the source had it too
		t.counts.Repeated--
		t.counts.Older++
		t.counts.Replaced++
	default:
		t.counts.Replaced++
	}
}

// fate counts a state, and returns what became of it. Of those that are the same as the latest
// one of the order the first brought it.
func (t *tally) fate(source int64, id orderID, s, latest *store.State) store.Fate {
	isSame := s.IsSame(latest)
	if isSame && t.isNew[id] {
		delete(t.isNew, id)
		if t.before[id].state != nil {
			return store.Changed
		}
		return store.Brought
	}
	t.drop(s, source, false)
	if isSame {
		t.counts.Repeated++
		return store.Repeated
	}
	t.counts.Older++
	return store.Older
}

// drop counts a state that is not the latest one of its order.
func (t *tally) drop(s *store.State, bringer int64, erased bool) {
	if t.dropped == nil {
		t.dropped = map[store.Dropped]int64{}
	}
	t.dropped[store.Dropped{Source: bringer, Reason: s.Reason, NoPhone: !s.Skipped && s.Phone == "" && !erased}]++
}

// add adds a state, which is the latest, or the same as it, or older.
func (o order) add(s *store.State, at position) order {
	switch {
	case o.state == nil:
		o.state, o.at, o.bringer, o.first = clone(s), at, at.source, at
	case s.IsLater(o.state, at.source, o.at.source):
		before := o.state
		o.state, o.at, o.bringer = clone(s), at, at.source
		if s.Skipped && s.Phone == "" {
			o.state.Phone = before.Phone // an erasure of its customer still finds the order
		}
	case s.IsSame(o.state) && at.compare(o.at) > 0:
		// What is between the two is older than the second.
		o.at, o.state = at, clone(o.state)
		o.state.At = at.at
	}
	if at.compare(o.first) < 0 {
		o.first = at
	}
	if o.erased {
		return o.erase()
	}
	return o
}

// erase forgets whose order it is.
func (o order) erase() order {
	o.erased = true
	if o.state != nil {
		o.state = clone(o.state)
		o.state.Phone, o.state.Name = "", ""
	}
	return o
}
