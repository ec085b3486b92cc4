package page

import (
	"fmt"
	"time"

	"process-orders/internal/look"
)

// A Health is what is known of how the shop does: what the line at the top is made of.
type Health struct {
	// LastOrder is when the last order was placed, as far as it is known to the minute. It is zero if
	// there was none in the last week.
	LastOrder time.Time
	// IsEmpty reports whether there was never an order.
	IsEmpty bool
	// Missed is how many orders came a week ago in what has passed of the day since then.
	Missed int64
	// CannotSave reports whether the store failed when it was to save something last.
	CannotSave bool
	// CannotRead reports whether the store cannot be read, so that nothing else is known.
	CannotRead bool
	// IsDamaged reports whether something of what follows could not be read, as it is damaged.
	IsDamaged bool
	// Connections is how many there are, and Ailing are the names of those whose last delivery
	// had an error. Quarantined is how many deliveries wait for people.
	Connections int
	Ailing      []string
	Quarantined int64
}

// Status is the view of the part status: concerns in words, and else facts.
type Status struct {
	Concerns []Concern
	Facts    []string
}

// A Concern is what an owner should look at. Part is the part of the page that has more of it; ""
// if none has.
type Concern struct{ Text, Part string }

// manyMissed is how many orders must have come a week ago before it is a concern that none comes.
const manyMissed = 10

// NewStatus makes the line for a reader.
func (r *Reader) NewStatus(h *Health) *Status {
	s, w, count := &Status{}, &r.Words.Status, r.Count
	add := func(part, text string) { s.Concerns = append(s.Concerns, Concern{text, part}) }
	if h.CannotRead {
		add("", w.CannotRead)
		return s
	}
	if h.CannotSave {
		add("", w.CannotSave)
	}
	if h.IsDamaged {
		add("", w.Damaged)
	}
	if h.Missed >= manyMissed {
		add("day", fmt.Sprintf(w.Missed, r.ago(h.LastOrder), count(h.Missed)))
	}
	for _, name := range h.Ailing[:min(len(h.Ailing), 3)] {
		add("connections", fmt.Sprintf(w.Ailing, look.Name(name).Short))
	}
	if more := len(h.Ailing) - 3; more > 0 {
		add("connections", fmt.Sprintf(w.MoreAiling, count(int64(more))))
	}
	if h.Quarantined > 0 {
		add("quarantine", r.Counted(w.Quarantined, h.Quarantined))
	}
	s.Facts = append(s.Facts, r.lastOrder(h))
	if !h.CannotSave {
		s.Facts = append(s.Facts, w.AllSaved)
	}
	if h.Connections > 0 && len(h.Ailing) == 0 && !h.IsDamaged {
		s.Facts = append(s.Facts, r.Counted(w.Connections, int64(h.Connections)))
	}
	return s
}

func (r *Reader) lastOrder(h *Health) string {
	switch {
	case h.IsEmpty:
		return r.Words.Status.NoneYet
	case h.LastOrder.IsZero():
		return r.Words.Status.NoOrder
	}
	return fmt.Sprintf(r.Words.Status.LastOrder, r.ago(h.LastOrder))
}

// ago says when something was, to the minute.
func (r *Reader) ago(t time.Time) string {
	w := &r.Words.Status
	switch minutes := int64(r.Now.Sub(t) / time.Minute); {
	case t.IsZero():
		return w.Never
	case minutes < 1:
		return w.JustNow
	case minutes < 60:
		return fmt.Sprintf(w.MinutesAgo, r.Count(minutes))
	case r.Day(t) == r.Day(r.Now):
		return fmt.Sprintf(w.At, r.Clock(t))
	}
	return fmt.Sprintf(w.On, r.Day(t), r.Clock(t))
}
