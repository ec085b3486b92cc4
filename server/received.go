package server

import (
	"maps"
	"unicode/utf8"

	"process-orders/apply"
	"process-orders/orders"
)

// Received is what became of the orders of a request. Each state of an order that came is counted
// once: among Orders, Skipped, Repeated, Superseded or Rejected.
type Received struct {
	// Orders were brought or changed, and stand. Skipped were brought or changed and do not
	// stand, by their reasons. Changed are those of both that took the place of what the store
	// had.
	Orders  int64            `json:"orders"`
	Changed int64            `json:"changed"`
	Skipped map[string]int64 `json:"skipped,omitempty"`
	// Repeated were known, and Superseded are older than what is known.
	Repeated   int64 `json:"repeated"`
	Superseded int64 `json:"superseded"`
	// Rejected could not be accepted. Rejects are these, if they were set aside: there are 1,000
	// of them at most, and 1 MiB of their texts. RejectsLeftOut counts the others.
	Rejected       int64    `json:"rejected"`
	Rejects        []Reject `json:"rejects,omitempty"`
	RejectsLeftOut int64    `json:"rejects_left_out,omitempty"`
	// Notes are what somebody should know who relies on the result; nil if there is nothing.
	Notes *Notes `json:"notes,omitempty"`
}

// A Reject is an order that was set aside.
type Reject struct {
	// Pointer, Line, Column, Order and Detail say where and why.
	fault
	// Text is the order as the body has it. Bytes is the same, if it is not in UTF-8.
	Text  string `json:"text"`
	Bytes []byte `json:"bytes,omitempty"`
}

// Notes are what the reading left out, could not read or found odd. All are about what the body
// holds, also what the store had.
type Notes struct {
	// LinesSkipped counts the lines that the mapping leaves out, by reason.
	LinesSkipped map[string]int64 `json:"lines_skipped,omitempty"`
	// NoPhone orders have no phone, PhonesKept a phone without an E.164 form, and PhonesLost
	// one that a spreadsheet has spoiled.
	NoPhone    int64 `json:"no_phone,omitempty"`
	PhonesKept int64 `json:"phones_kept,omitempty"`
	PhonesLost int64 `json:"phones_lost,omitempty"`
	// TimesUnread orders have a time that cannot be read, UpdatedUnread a time of their last
	// change that cannot, and Future one of both in the future.
	TimesUnread   int64 `json:"times_unread,omitempty"`
	UpdatedUnread int64 `json:"updated_unread,omitempty"`
	Future        int64 `json:"future,omitempty"`
	// NoItem rows have a price and no item, so that they count nowhere.
	NoItem int64 `json:"no_item,omitempty"`
	// Texts are all else.
	Texts []string `json:"texts,omitempty"`
}

// receivedOf says what became of a group, of which some rejects were kept.
func receivedOf(settled *apply.Settled, kept *keptRejects) *Received {
	t := &settled.Totals
	r := &Received{
		Orders: t.Orders, Changed: settled.Changed, Skipped: maps.Clone(t.Skipped),
		Repeated: t.Repeated, Superseded: t.Superseded, Rejected: t.Rejected,
		RejectsLeftOut: kept.leftOut(), Notes: notesOf(t),
	}
	for _, one := range kept.first {
		reject := Reject{fault: faultOf(one), Text: string(one.Text)}
		if !utf8.Valid(one.Text) {
			reject.Bytes = one.Text
		}
		r.Rejects = append(r.Rejects, reject)
	}
	return r
}

// notesOf are the notes of totals, or nil.
func notesOf(t *orders.Totals) *Notes {
	n := &Notes{
		LinesSkipped: t.LinesSkipped, NoPhone: t.NoPhone, PhonesKept: t.PhonesKept, PhonesLost: t.PhonesLost,
		TimesUnread: t.TimesUnread, UpdatedUnread: t.UpdatedUnread, Future: t.Future, NoItem: t.NoItem,
	}
	for _, note := range t.Notes {
		n.Texts = append(n.Texts, note.Text)
	}
	if len(n.LinesSkipped)+len(n.Texts) == 0 && n.NoPhone+n.PhonesKept+n.PhonesLost+n.TimesUnread+n.UpdatedUnread+n.Future+n.NoItem == 0 {
		return nil
	}
	return n
}
