package sqlstore

import "process-orders/store"

// A delivery is what a batch brings of one order.
type delivery struct {
	latest  arrival
	first   int64 // the offset of the earliest state
	earlier []arrival
	// owned is the last state before the latest, or the latest, that says whose order it is. It
	// is nil if none does.
	owned *store.State
}

// An arrival is a state of a batch, with where it is in the batch.
type arrival struct {
	*store.State
	index int
}

// isUnowned reports whether a state does not say whose order it is: it may be an id alone.
func isUnowned(s *store.State) bool { return s.Skipped && s.Phone == "" }

// deliveries finds the latest state of each order in a batch. They are sorted by their ids.
func deliveries(states []store.State) []delivery {
	all := make([]delivery, 0, len(states))
	indexes := make(map[string]int, len(states))
	for i := range states {
		s := arrival{&states[i], i}
		index, found := indexes[s.ID]
		if !found {
			indexes[s.ID] = len(all)
			d := delivery{latest: s, first: s.At}
			if !isUnowned(s.State) {
				d.owned = s.State
			}
			all = append(all, d)
			continue
		}
		d := &all[index]
		d.first = min(d.first, s.At)
		// The same state again, without a time, is later than all that come in between, also
		// in another batch.
		again := s.Updated == store.NoTime && s.IsSame(d.latest.State) && s.At > d.latest.At
		if again || s.IsLater(d.latest.State, 0, 0) {
			if !again && !isUnowned(s.State) {
				d.owned = s.State
			}
			s, d.latest = d.latest, s
		}
		d.earlier = append(d.earlier, s)
	}
	sorted := make([]delivery, len(all))
	for i, index := range Sorted(len(all), func(i int) string { return all[i].latest.ID }) {
		sorted[i] = all[index]
	}
	return sorted
}

// row is the row of an order that the store does not know.
func (d *delivery) row(shop, source int64) Order {
	s := d.latest.State
	o := Order{
		Shop: shop, ID: s.ID, Updated: s.Updated, Placed: s.Placed, Time: s.Time, Digest: s.Digest,
		Source: source, At: d.first, LastSource: source, LastAt: s.At, Bringer: source, Phone: s.Phone,
	}
	if isUnowned(s) && d.owned != nil {
		o.Phone = d.owned.Phone
	}
	if s.Skipped {
		o.Flags = Skipped
		o.Body = appendBody(nil, s.Reason, nil)
	} else {
		o.Body = appendBody(make([]byte, 0, 2+len(s.Name)+len(s.Lines)), s.Name, s.Lines)
	}
	return o
}
