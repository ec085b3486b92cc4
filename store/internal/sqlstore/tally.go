package sqlstore

import "process-orders/store"

// A tally is what became of the states of a batch.
type tally struct {
	source int64
	store.Counts
	dropped map[store.Dropped]int64
	taken   bool         // all records were
	fates   []store.Fate // of all states, in their order
}

// latest counts the states of a delivery that has the order's latest one. The first copy of that
// has a fate, and the others repeat it.
func (t *tally) latest(d *delivery, fate store.Fate) {
	first := d.latest.index
	for _, s := range d.earlier {
		if s.IsSame(d.latest.State) {
			first = min(first, s.index)
		}
	}
	t.earlier(d, d.latest.State)
	t.fates[d.latest.index] = store.Repeated
	t.fates[first] = fate
	if d.latest.Skipped {
		t.Skipped++
	}
}

// earlier counts all states of a delivery but the latest. The order's latest is given.
func (t *tally) earlier(d *delivery, latest *store.State) {
	for _, s := range d.earlier {
		t.state(s, latest)
	}
}

// state counts a state of the batch that is not the latest of its order.
func (t *tally) state(s arrival, latest *store.State) {
	if s.IsSame(latest) {
		t.Repeated++
		t.fates[s.index] = store.Repeated
	} else {
		t.Older++
		t.fates[s.index] = store.Older
	}
	t.drop(store.Dropped{Source: t.source, Reason: s.Reason, NoPhone: !s.Skipped && s.Phone == ""})
}

// replaced counts the state of a row, skipped for a reason or for none, for which a later one came.
func (t *tally) replaced(old *Order, reason string) {
	switch {
	case old.Bringer == t.source:
		t.Older++
		if !old.stands() {
			t.Skipped--
		}
	case old.LastSource == t.source: // the source had it too
		t.Repeated--
		t.Older++
		t.Replaced++
	default:
		t.Replaced++
	}
	t.drop(store.Dropped{Source: old.Bringer, Reason: reason, NoPhone: old.stands() && old.Phone == "" && old.Flags&Erased == 0})
}

func (t *tally) drop(d store.Dropped) {
	if t.dropped == nil {
		t.dropped = map[store.Dropped]int64{}
	}
	t.dropped[d]++
}
