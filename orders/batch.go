package orders

import (
	"slices"
	"sync/atomic"
)

// A Batch is orders that were read from one piece of input. It refers to that
// input's memory and is refilled rather than made anew, so an order costs no
// allocation.
//
// Orders are numbered by i from 0 to Len()-1; lines by j, from 0 to Lines()-1 in
// all or from LineRange(i) for one order. Returned bytes are valid until the
// batch is filled again and must not be changed; nor must anything be appended
// to them, as their capacity reaches over what is behind them.
type Batch struct {
	data   []byte // the input
	arena  []byte // texts that differ from how the input writes them
	orders []order
	lines  []line
	faults []fault
	// orderDetails and lineDetails tell more of orders and lines, where the
	// mapping is not plain.
	orderDetails []orderDetails
	lineDetails  []lineDetails
	ids          bool // see HasIDs
	// phonesKept is how many phones Options.Phone could not read.
	phonesKept int64
	// skipped are the orders that were passed over, by the reason's number.
	skipped []skipped

	// Where the scan ended, and in what state: data[:rest] is done with.
	state state
	rest  int
	count int64 // orders found, also those that are faults
	stop  *stop

	// newlines and lineStart tell of data[:rest]: how many newlines there are
	// and where the last one's line begins (-1: there is none).
	newlines  int64
	lineStart int

	// from is the place of data[0] among all bytes of the run.
	from int64
	// before is how many orders the source held before this batch.
	before int64
	source string

	// idBytes is how much memory the ids of all orders up to here take.
	idBytes int64
	// users is how many still need the batch; unused is called when none does.
	users  atomic.Int32
	unused func()
}

// IDBytes is how much memory the ids of all orders up to the end of this batch take.
// They are kept to the end of the run.
func (b *Batch) IDBytes() int64 { return b.idBytes }

// Retain keeps the batch, and its memory, until as many calls of [Batch.Release].
func (b *Batch) Retain() { b.users.Add(1) }

// Release gives up what Retain kept.
func (b *Batch) Release() {
	if b.users.Add(-1) == 0 {
		b.unused()
	}
}

// retained reports whether the pipeline is not the only user.
func (b *Batch) retained() bool { return b.users.Load() > 1 }

// order is one accepted order.
type order struct {
	start, end  uint32 // in data
	phone, name Span
	lines       uint32 // the end of its lines; they begin where the last order's end
	number      uint32 // in the batch, from 0, counting faults too
}

// line is one entry of an order's lines.
type line struct {
	item, price Span
	at          uint32 // a place in data that is this line's alone
}

// orderDetails is what is known of an order beside who placed it.
type orderDetails struct{ id, time, currency Span }

// lineDetails is what is known of a line beside its item and price. The total is
// there where the source gives that instead of a price.
type lineDetails struct{ quantity, currency, total Span }

// A Span is a text of a batch: where it begins, in data or, with the bit inArena,
// in the arena, and in the upper half its length. It is one word so that it stays
// in a register and is stored and loaded at once.
type Span uint64

const inArena = 1 << 31

func newSpan(start, end int) Span { return Span(uint32(start)) | Span(end-start)<<32 }

// Text is the text of one of the batch's spans.
func (b *Batch) Text(s Span) []byte {
	at, n := uint32(s), s>>32
	if at&inArena != 0 {
		return b.arena[at&^inArena:][:n]
	}
	return b.data[at:][:n]
}

// Len is the number of orders.
func (b *Batch) Len() int { return len(b.orders) }

// Lines is the number of lines of all orders.
func (b *Batch) Lines() int { return len(b.lines) }

// Phone is the i-th order's phone: not blank, without NUL.
func (b *Batch) Phone(i int) []byte { return b.Text(b.orders[i].phone) }

// Name is the i-th order's customer, empty where none was provided.
func (b *Batch) Name(i int) []byte { return b.Text(b.orders[i].name) }

// LineRange returns the first of the i-th order's lines and the one after its
// last.
func (b *Batch) LineRange(i int) (from, to int) {
	if i > 0 {
		from = int(b.orders[i-1].lines)
	}
	return from, int(b.orders[i].lines)
}

// PhoneSpan and NameSpan are the spans of Phone and Name; ItemSpan and PriceSpan
// those of Item and Price.
func (b *Batch) PhoneSpan(i int) Span { return b.orders[i].phone }
func (b *Batch) NameSpan(i int) Span  { return b.orders[i].name }
func (b *Batch) ItemSpan(j int) Span  { return b.lines[j].item }
func (b *Batch) PriceSpan(j int) Span { return b.lines[j].price }

// Item is the name of what the j-th line sells.
func (b *Batch) Item(j int) []byte { return b.Text(b.lines[j].item) }

// Price is the j-th line's price: a decimal without exponent, as written by the
// source.
func (b *Batch) Price(j int) []byte { return b.Text(b.lines[j].price) }

// Detailed says whether the mapping reads more than who bought what at which
// price. Otherwise the methods from ID to Total return nothing.
func (b *Batch) Detailed() bool { return len(b.orderDetails) > 0 }

// HasIDs says whether the mapping reads ids.
func (b *Batch) HasIDs() bool { return b.ids }

// ID is what tells the i-th order apart, empty where it has none.
func (b *Batch) ID(i int) []byte { return b.orderDetail(i, func(d *orderDetails) Span { return d.id }) }

// Time is when the i-th order was placed, as the source writes it.
func (b *Batch) Time(i int) []byte {
	return b.orderDetail(i, func(d *orderDetails) Span { return d.time })
}

// Currency is that of the j-th line, which is of the i-th order, as the source
// writes it.
func (b *Batch) Currency(i, j int) []byte {
	if own := b.lineDetail(j, func(d *lineDetails) Span { return d.currency }); len(own) > 0 {
		return own
	}
	return b.orderCurrency(i)
}

// orderCurrency is that of the i-th order itself.
func (b *Batch) orderCurrency(i int) []byte {
	return b.orderDetail(i, func(d *orderDetails) Span { return d.currency })
}

// Quantity is how many of the item the j-th line is about: a decimal number like
// a price, empty where nothing is said, which means 1.
func (b *Batch) Quantity(j int) []byte {
	return b.lineDetail(j, func(d *lineDetails) Span { return d.quantity })
}

// Total is what the j-th line costs, where the source says that instead of a
// price.
func (b *Batch) Total(j int) []byte {
	return b.lineDetail(j, func(d *lineDetails) Span { return d.total })
}

func (b *Batch) orderDetail(i int, of func(*orderDetails) Span) []byte {
	if len(b.orderDetails) == 0 {
		return nil
	}
	return b.Text(of(&b.orderDetails[i]))
}

func (b *Batch) lineDetail(j int, of func(*lineDetails) Span) []byte {
	if len(b.lineDetails) == 0 {
		return nil
	}
	return b.Text(of(&b.lineDetails[j]))
}

// Position is where the i-th order stands in the run: what is further along in
// the input has a greater one.
func (b *Batch) Position(i int) int64 { return b.from + int64(b.orders[i].start) }

// LinePosition is where the j-th line stands in the run, on the same scale as
// Position.
func (b *Batch) LinePosition(j int) int64 { return b.from + int64(b.lines[j].at) }

// End is a position behind all of the batch.
func (b *Batch) End() int64 {
	if len(b.orders) == 0 {
		return b.from
	}
	return b.from + int64(b.orders[len(b.orders)-1].end)
}

// Number is the i-th order's number in its source, from 1.
func (b *Batch) Number(i int) int64 { return b.before + int64(b.orders[i].number) + 1 }

func (b *Batch) reset(data []byte) {
	b.data = data
	b.arena = b.arena[:0]
	b.orders, b.lines, b.faults = b.orders[:0], b.lines[:0], b.faults[:0]
	b.orderDetails, b.lineDetails = b.orderDetails[:0], b.lineDetails[:0]
	clear(b.skipped)
	b.phonesKept = 0
	b.rest, b.count, b.stop = 0, 0, nil
	b.newlines, b.lineStart = 0, -1
}

// skipped is how many orders were passed over for one reason, and where in data
// the first of them begins and which it is.
type skipped struct {
	orders int64
	at     int
	number int64
}

// newOrder makes room for one more order, to be written field by field. (Appending
// one that was just put together makes the processor wait: it copies in larger
// pieces than those in which it was written a moment ago.)
func (b *Batch) newOrder() *order {
	n := len(b.orders)
	if n == cap(b.orders) {
		b.orders = slices.Grow(b.orders, 1)
	}
	b.orders = b.orders[:n+1]
	return &b.orders[n]
}

// skip counts an order that is passed over.
func (b *Batch) skip(reason, at int) {
	for len(b.skipped) <= reason {
		b.skipped = append(b.skipped, skipped{})
	}
	s := &b.skipped[reason]
	if s.orders == 0 {
		s.at, s.number = at, b.count
	}
	s.orders++
}

// cutLines forgets all lines but the first n.
func (b *Batch) cutLines(n int) {
	b.lines = b.lines[:n]
	b.lineDetails = b.lineDetails[:min(n, len(b.lineDetails))]
}

// normalize puts each phone in the form that the function gives it.
func (b *Batch) normalize(phone func(dst, phone []byte) ([]byte, bool)) {
	for i := range b.orders {
		o := &b.orders[i]
		from := len(b.arena)
		var ok bool
		if b.arena, ok = phone(b.arena, b.Text(o.phone)); ok {
			o.phone = newSpan(from, len(b.arena)) | inArena
		} else {
			b.arena = b.arena[:from]
			b.phonesKept++
		}
	}
}
