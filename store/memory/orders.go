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
	drop := func(s *store.State, bringer int64, erased bool) {
		if dropped == nil {
			dropped = map[store.Dropped]int64{}
		}
		dropped[store.Dropped{Source: bringer, Reason: s.Reason, NoPhone: !s.Skipped && s.Phone == "" && !erased}]++
	}
	before := map[orderID]order{} // each order of the batch
	var ids []orderID
	for i := range states {
		s := &states[i]
		id := orderID{system, shop, s.ID}
		if _, ok := before[id]; !ok {
			before[id] = m.orders[id]
			ids = append(ids, id)
		}
		set(m, m.orders, id, m.orders[id].add(s, position{source, s.At}))
	}
	isNew := map[orderID]bool{} // the latest state came with the batch
	for _, id := range ids {
		old, now := before[id], m.orders[id].state
		if old.state != nil && old.state.IsSame(now) {
			o := m.orders[id]
			o.bringer = old.bringer // also if there were others in between
			set(m, m.orders, id, o)
			continue
		}
		if isNew[id] = true; now.Skipped {
			counts.Skipped++
		}
		if old.state == nil {
			continue
		}
		drop(old.state, old.bringer, old.erased)
		switch {
		case old.bringer == source:
			counts.Older++
			if old.state.Skipped {
				counts.Skipped--
			}
		case old.at.source == source && old.state.Updated == store.NoTime: // the source had it too
			counts.Repeated--
			counts.Older++
			counts.Replaced++
		default:
			counts.Replaced++
		}
	}
	fates = make([]store.Fate, len(states))
	for i := range states {
		s := &states[i]
		id := orderID{system, shop, s.ID}
		switch isSame := s.IsSame(m.orders[id].state); {
		case isSame && isNew[id]:
			delete(isNew, id) // it is the first of those that are the same
			if fates[i] = store.Brought; before[id].state != nil {
				fates[i] = store.Changed
			}
			continue
		case isSame:
			counts.Repeated++
			fates[i] = store.Repeated
		default:
			counts.Older++
			fates[i] = store.Older
		}
		drop(s, source, false)
	}
	return counts, dropped, fates
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
