package orders

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"iter"

	"process-orders/internal/extsort"
)

// decisions say what becomes of states of orders: of all that are left out, and of those
// whose order has the position of another one. They are for a second reading, which goes along them
// and needs no ids.
type decisions struct {
	sorter  *extsort.Sorter // by position
	memory  int64           // of the sorter
	sources []sourceSum     // of the reading before, as far as it came
	failed  error           // how that reading ended

	next   func() ([]decision, error, bool)
	stop   func()
	coming []decision
	ended  bool
}

// A decision is about the state at a position.
type decision struct {
	position int64
	fate     fate
	// first is the position of the order's first state, or onlyState if it does not matter.
	first int64
	// shared reports whether the state may be of another order that has the same id. source
	// and at say where the first state is, as in known.
	shared bool
	source uint16
	at     uint64
}

// decide decides about a state of an order, and keeps that if it is more than that the state
// counts as it is.
func (d *decisions) decide(order, state *known) error {
	p := decision{position: state.position, fate: order.of(state.content, state.position), first: onlyState}
	if state.position != order.first {
		if p.shared = state.traits.areOthers(order.traits); p.shared {
			p.source, p.at = order.source, order.at
		}
		if p.fate == stands && state.at&byPosition != 0 {
			p.first = order.first
		}
	}
	if p.fate == stands && p.first < 0 && !p.shared {
		return nil
	}
	b := [11]byte{byte(p.fate)}
	n := 1
	if p.shared {
		binary.LittleEndian.PutUint16(b[1:], p.source)
		binary.LittleEndian.PutUint64(b[3:], p.at)
		n = len(b)
	}
	return d.sorter.Add(uint64(p.position), uint64(p.first), b[:n])
}

func decodeDecision(r extsort.Record) decision {
	p := decision{position: int64(r.A), fate: fate(r.Data[0]), first: int64(r.B)}
	if p.shared = len(r.Data) > 1; p.shared {
		p.source, p.at = binary.LittleEndian.Uint16(r.Data[1:]), binary.LittleEndian.Uint64(r.Data[3:])
	}
	return p
}

// decisionsAtOnce are read together: to go from one reading to the other takes longer than to
// read a decision.
const decisionsAtOnce = 512

// all yields the decisions in the order of their positions, many at a time.
func (d *decisions) all() iter.Seq2[[]decision, error] {
	return func(yield func([]decision, error) bool) {
		some := make([]decision, 0, decisionsAtOnce)
		for r, err := range d.sorter.Sorted() {
			if err != nil {
				yield(nil, err)
				return
			}
			if some = append(some, decodeDecision(r)); len(some) == cap(some) {
				if !yield(some, nil) {
					return
				}
				some = some[:0]
			}
		}
		yield(some, nil)
	}
}

// about returns the decision about the state at a position, nil if it counts as it is. The
// positions must grow from call to call.
func (d *decisions) about(position int64) (*decision, error) {
	if d.next == nil {
		d.next, d.stop = iter.Pull2(d.all())
	}
	for {
		for len(d.coming) > 0 && d.coming[0].position < position {
			d.coming = d.coming[1:]
		}
		switch {
		case len(d.coming) > 0 && d.coming[0].position == position:
			return &d.coming[0], nil
		case len(d.coming) > 0 || d.ended:
			return nil, nil
		}
		some, err, ok := d.next()
		if err != nil {
			return nil, idsError(err)
		}
		d.coming, d.ended = some, !ok
	}
}

// check returns an error if a source that was read to its end is not what it was in the
// reading before.
func (d *decisions) check(number int, name string, sum sourceSum) error {
	if number < len(d.sources) && d.sources[number] == sum {
		return nil
	}
	return cmp.Or(d.failed, fmt.Errorf("%s: changed while it was read", name))
}

// bytes is about how much memory the decisions take.
func (d *decisions) bytes() int64 {
	if d == nil {
		return 0
	}
	return d.memory
}

// Close frees what the decisions hold.
func (d *decisions) Close() error {
	if d == nil {
		return nil
	}
	if d.stop != nil {
		d.stop()
	}
	return d.sorter.Close()
}
