// Package columns holds orders as arrays of their fields. That is how orders come out of
// the reader and go into records: an order costs no allocation, and one field of many
// orders is side by side in memory.
package columns

import (
	"slices"
	"sync/atomic"

	"process-orders/internal/timestamp"
	"process-orders/internal/version"
)

// Orders are the orders of one chunk of the input. They refer to that input's memory and
// are filled again and again.
//
// Orders are numbered by i, from 0 to Len()-1. Lines are numbered by j, from 0 to
// Lines()-1 for all orders, or by LineRange(i) for one. Returned bytes are valid until the
// orders are filled again. They must not be changed, and nothing may be appended to them:
// their capacity reaches over the bytes behind them.
//
// The fields are for the reader of orders, which fills them. All others use the methods.
type Orders struct {
	Data  []byte // the input
	Arena []byte // texts that differ from how the input writes them

	All      []Order
	AllLines []Line
	// Details are as long as All, and LineDetails as long as AllLines. Each of them is empty
	// if nothing more is known of any order, or of any line; Details are not if HasIDs is set.
	Details     []Detail
	LineDetails []LineDetail
	// HasIDs reports whether the mapping reads ids, HasTimes whether it reads when orders were
	// placed, HasNoPhone whether orders may have no phone, and HasRefunds whether lines may
	// have a negative quantity.
	HasIDs, HasTimes, HasNoPhone, HasRefunds bool
	// ByTime reports whether the times of orders decide what is later, and Versioned whether
	// positions alone do not: times do, or an order may have the position of another state.
	ByTime, Versioned bool
	// Reasons are those why orders are skipped: see [Detail].Skipped.
	Reasons []string
	// Shop is that of the source.
	Shop string

	// From is the position of Data[0]: its offset in all sources of the run together.
	From int64
	// RejectsEnd is the offset in Data at which the last order ends that was rejected and is
	// whole; 0 if there is none.
	RejectsEnd int
	// Source is the name of the source, Before how many orders it held before these.
	Source string
	Before int64
	// IDBytes is how much memory is taken at present by what is kept of the orders that have
	// an id.
	IDBytes int64
	// KeyBytes is how much memory the keys of rows take at present.
	KeyBytes int64

	// Scratch is memory that whoever uses the orders wants to use again with the next ones.
	// The same worker mostly has the same Orders, so it is in its core's cache.
	Scratch any

	users  atomic.Int32
	unused func()
}

// An Order is one accepted order.
type Order struct {
	Start, End  uint32 // offsets in Data
	Phone, Name Span
	Lines       uint32 // the end of its lines; they start at the end of those before
	Number      uint32 // among all that was found, from 0, with what was not accepted
	// Time says when the order was placed. If times are read, Placed is what it says, in
	// milliseconds since 1970; timestamp.None if it cannot be read.
	Time   Span
	Placed int64
}

// A Line is one entry of an order.
type Line struct {
	Item, Price Span
	At          uint32 // an offset in Data that belongs to this line alone
}

// A Detail is what is known of an order beside who placed it and when.
type Detail struct {
	ID, Currency, Region Span
	// Updated is when the order last changed, as Placed is when it was placed.
	Updated int64
	// Digest is a number made of all that was read of the order, the same in all processes.
	// It is for orders with an ID.
	Digest uint64
	// First is the position of the order's first state, if that is not this one; else -1.
	First int64
	// Skipped is the number of the reason why the state is skipped, from 1; 0 if it is not.
	// A skipped order has no lines.
	Skipped uint16
}

// NoDetail is the detail of an order of which nothing more is known.
var NoDetail = Detail{Updated: timestamp.None, First: -1}

// A LineDetail is what is known of a line beside its item and price. There is a total if
// the source says what the line costs, or what was paid for it.
type LineDetail struct{ Quantity, Currency, Total Span }

// A Span is a text: the offset at which it starts, in Data or, with the bit [InArena], in
// the Arena, and in the upper half its length. It is one word, so that it stays in a
// register and is stored and loaded at once.
type Span uint64

// InArena marks spans of the Arena.
const InArena = 1 << 31

// NewSpan is the span of Data from one offset up to another.
func NewSpan(start, end int) Span { return Span(uint32(start)) | Span(end-start)<<32 }

// From is the span without its first n bytes.
func (s Span) From(n int) Span { return s + Span(n) - Span(n)<<32 }

// Text is the text of a span.
func (o *Orders) Text(s Span) []byte {
	at, n := uint32(s), s>>32
	if at&InArena != 0 {
		return o.Arena[at&^InArena:][:n]
	}
	return o.Data[at:][:n]
}

// Len is the number of orders.
func (o *Orders) Len() int { return len(o.All) }

// Lines is the number of lines of all orders.
func (o *Orders) Lines() int { return len(o.AllLines) }

// LineRange returns the first of the i-th order's lines, and the one after its last.
func (o *Orders) LineRange(i int) (from, to int) {
	if i > 0 {
		from = int(o.All[i-1].Lines)
	}
	return from, int(o.All[i].Lines)
}

// PhoneSpan is the span of the i-th order's phone.
func (o *Orders) PhoneSpan(i int) Span { return o.All[i].Phone }

// NameSpan is the span of the i-th order's name.
func (o *Orders) NameSpan(i int) Span { return o.All[i].Name }

// ItemSpan is the span of the j-th line's item.
func (o *Orders) ItemSpan(j int) Span { return o.AllLines[j].Item }

// PriceSpan is the span of the j-th line's price.
func (o *Orders) PriceSpan(j int) Span { return o.AllLines[j].Price }

// Phone is the i-th order's phone: not blank, without NUL. It is empty if the order has
// none, see HasNoPhone.
func (o *Orders) Phone(i int) []byte { return o.Text(o.All[i].Phone) }

// Name is the name of the i-th order's customer, empty if none was provided.
func (o *Orders) Name(i int) []byte { return o.Text(o.All[i].Name) }

// Item is the name of what the j-th line sells.
func (o *Orders) Item(j int) []byte { return o.Text(o.AllLines[j].Item) }

// Price is the j-th line's price: a decimal without exponent, as the source writes it.
func (o *Orders) Price(j int) []byte { return o.Text(o.AllLines[j].Price) }

// ID is the id of the i-th order, empty if it has none.
func (o *Orders) ID(i int) []byte {
	if len(o.Details) == 0 {
		return nil
	}
	return o.Text(o.Details[i].ID)
}

// Time is when the i-th order was placed, as the source writes it, empty if that is not
// known.
func (o *Orders) Time(i int) []byte { return o.Text(o.All[i].Time) }

// Placed is when the i-th order was placed, in milliseconds since 1970. It is timestamp.None
// if that is not known, or cannot be read.
func (o *Orders) Placed(i int) int64 {
	if !o.HasTimes {
		return timestamp.None
	}
	return o.All[i].Placed
}

// IsSkipped reports whether the i-th order is a state that is skipped.
func (o *Orders) IsSkipped(i int) bool { return len(o.Details) > 0 && o.Details[i].Skipped > 0 }

// OrderCurrency is the i-th order's own currency, as the source writes it, empty if that
// is not known.
func (o *Orders) OrderCurrency(i int) []byte {
	if len(o.Details) == 0 {
		return nil
	}
	return o.Text(o.Details[i].Currency)
}

// Currency is the currency of the j-th line, which belongs to the i-th order: the line's
// own or else the order's.
func (o *Orders) Currency(i, j int) []byte {
	if own := o.OwnCurrency(j); len(own) > 0 {
		return own
	}
	return o.OrderCurrency(i)
}

// OwnCurrency is the j-th line's own currency, empty if it has none.
func (o *Orders) OwnCurrency(j int) []byte {
	if len(o.LineDetails) == 0 {
		return nil
	}
	return o.Text(o.LineDetails[j].Currency)
}

// Quantity is how many of the item the j-th line is about: a decimal number like a price.
// Empty means 1.
func (o *Orders) Quantity(j int) []byte {
	if len(o.LineDetails) == 0 {
		return nil
	}
	return o.Text(o.LineDetails[j].Quantity)
}

// Total is what the j-th line costs, or what was paid for it, if the source says so.
func (o *Orders) Total(j int) []byte {
	if len(o.LineDetails) == 0 {
		return nil
	}
	return o.Text(o.LineDetails[j].Total)
}

// IsPlainLine reports whether nothing is known of the j-th line but its item and price.
func (o *Orders) IsPlainLine(j int) bool {
	return len(o.LineDetails) == 0 || o.LineDetails[j] == LineDetail{}
}

// Position is the position of the i-th order in the run. What is further along in the
// input has a greater one.
func (o *Orders) Position(i int) int64 { return o.From + int64(o.All[i].Start) }

// LinePosition is the position of the j-th line, on the same scale as Position.
func (o *Orders) LinePosition(j int) int64 { return o.From + int64(o.AllLines[j].At) }

// End is a position behind all of the orders.
func (o *Orders) End() int64 {
	if len(o.All) == 0 {
		return o.From
	}
	return o.From + int64(o.All[len(o.All)-1].End)
}

// First is the position of the i-th order's first state.
func (o *Orders) First(i int) int64 {
	if len(o.Details) > 0 && o.Details[i].First >= 0 {
		return o.Details[i].First
	}
	return o.Position(i)
}

// VersionTime is the time of the i-th order's version: see [version.Version].
func (o *Orders) VersionTime(i int) int64 {
	if !o.ByTime {
		return timestamp.None
	}
	return o.Placed(i)
}

// AppendVersionOrder appends what tells the version of the i-th order from those of others
// that have its time: see [version.Version].
func (o *Orders) AppendVersionOrder(dst []byte, i int) []byte {
	if id := o.ID(i); len(id) > 0 && o.VersionTime(i) != timestamp.None {
		var shop []byte
		if o.Shop != "" {
			shop = []byte(o.Shop)
		}
		return version.AppendID(dst, shop, id, nil)
	}
	return version.AppendPosition(dst, 0, o.First(i))
}

// Number is the i-th order's number in its source, from 1.
func (o *Orders) Number(i int) int64 { return o.Before + int64(o.All[i].Number) + 1 }

// Reset makes o the orders of data. None is found yet.
func (o *Orders) Reset(data []byte) {
	o.Data, o.Arena = data, o.Arena[:0]
	o.All, o.AllLines = o.All[:0], o.AllLines[:0]
	o.Details, o.LineDetails = o.Details[:0], o.LineDetails[:0]
	o.HasRefunds = false
}

// NewOrder adds an order, to be written field by field. (Appending one that was just put
// together makes the processor wait: it copies more bytes at once than were written at
// once a moment ago.)
func (o *Orders) NewOrder() *Order {
	n := len(o.All)
	if n == cap(o.All) {
		o.All = slices.Grow(o.All, 1)
	}
	o.All = o.All[:n+1]
	return &o.All[n]
}

// Detail returns the detail of the i-th order, which must not be changed.
func (o *Orders) Detail(i int) *Detail {
	if len(o.Details) == 0 {
		return &NoDetail
	}
	return &o.Details[i]
}

// FillDetails makes the details of so many orders. Those that had none have [NoDetail].
func (o *Orders) FillDetails(orders int) {
	for len(o.Details) < orders {
		o.Details = append(o.Details, NoDetail)
	}
}

// FillLineDetails makes the details of so many lines. Those that had none have nothing in it.
func (o *Orders) FillLineDetails(lines int) {
	o.LineDetails = append(o.LineDetails, make([]LineDetail, max(0, lines-len(o.LineDetails)))...)
}

// AddLine adds a line.
func (o *Orders) AddLine(l Line, d LineDetail) {
	if len(o.LineDetails) > 0 || d != (LineDetail{}) {
		o.FillLineDetails(len(o.AllLines))
		o.LineDetails = append(o.LineDetails, d)
	}
	o.AllLines = append(o.AllLines, l)
}

// CutLines forgets all lines but the first n.
func (o *Orders) CutLines(n int) {
	o.AllLines = o.AllLines[:n]
	o.LineDetails = o.LineDetails[:min(n, len(o.LineDetails))]
}

// Use makes the caller the only user of o. When there is no user any more, unused is
// called.
func (o *Orders) Use(unused func()) {
	o.unused = unused
	o.users.Store(1)
}

// Retain keeps o, and its memory, until as many calls of [Orders.Release].
func (o *Orders) Retain() { o.users.Add(1) }

// Release gives up what Retain kept.
func (o *Orders) Release() {
	if o.users.Add(-1) == 0 {
		o.unused()
	}
}

// Retained reports whether o has more than one user.
func (o *Orders) Retained() bool { return o.users.Load() > 1 }
