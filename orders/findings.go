package orders

import (
	"cmp"
	"slices"

	"process-orders/internal/columns"
	"process-orders/internal/timestamp"
)

// findings are what a scan found in some input: good orders as columns, and everything
// that is not a good order.
type findings struct {
	columns.Orders

	// faults are the orders that cannot be accepted.
	faults []fault
	// skipped are the orders that the mapping skips and that have no id, by the number of the
	// reason. Those that have one are in Orders.
	skipped []skipped
	// leftOut are lines that were left out of orders, in the order of the input.
	leftOut []leftOut
	// unread are orders of whose times of the last change none can be read, by number.
	unread []unreadUpdate
	// remarks are what to say of orders, those of each kind in the order of the input.
	remarks []remark
	count   int64 // of all orders, with the faults and those skipped
	rowFindings

	// emptyIn is the offset of the first empty array that is in an array, or -1: it is no
	// array of orders by itself.
	emptyIn int

	// Data[:rest] is done, and now is what is open there.
	rest int
	now  nesting
	stop *stop // why it cannot go on
}

// skipped counts the orders that are skipped for one reason. The first of them starts at
// the offset at in Data, and has that number.
type skipped struct {
	orders int64
	at     int
	number int64
}

// leftOut is a line that was left out of an order with that number.
type leftOut struct {
	number uint32
	reason uint16
}

// An unreadUpdate is an order with that number, and how the times of its last change were
// read.
type unreadUpdate struct {
	number  uint32
	reading timestamp.Reading
}

func (s *findings) reset(data []byte) {
	s.Orders.Reset(data)
	s.leftOut, s.unread = s.leftOut[:0], s.unread[:0]
	s.faults, s.count = s.faults[:0], 0
	clear(s.skipped)
	s.remarks = s.remarks[:0]
	s.rowFindings.reset()
	s.rest, s.stop, s.emptyIn = 0, nil, -1
}

// skip counts an order that is skipped, starts at an offset and has that number.
func (s *findings) skip(reason, at int, number int64) {
	for len(s.skipped) <= reason {
		s.skipped = append(s.skipped, skipped{})
	}
	c := &s.skipped[reason]
	if c.orders == 0 || number < c.number {
		c.at, c.number = at, number
	}
	c.orders++
}

// A remark is what to say of an order with that number, which starts at an offset in Data.
type remark struct {
	kind          remarkKind
	ofAccepted    bool // it counts only if the order is still among those accepted
	number, start uint32
}

type remarkKind uint8

const (
	phoneLost     remarkKind = iota
	phoneKept                // Options.Phone could not read it
	timeUnread               // or it could be read in two ways
	timeOpen                 // it, or that of the last change, could be read in two ways
	updatedUnread            // as timeUnread, of the last change
	timeFuture               // it, or that of the last change, is after the present
	noItem                   // a row has a price and no item; it starts at the offset
)

func (s *findings) remark(kind remarkKind, ofAccepted bool, number, start uint32) {
	s.remarks = append(s.remarks, remark{kind, ofAccepted, number, start})
}

// find returns the index of the order with that number, if it is among those accepted.
func (s *findings) find(number uint32) (i int, found bool) {
	return slices.BinarySearchFunc(s.All, number, func(o columns.Order, n uint32) int { return cmp.Compare(o.Number, n) })
}

// readTimes reads when the orders were placed. It makes the remarks on that and on the times
// of the last change. What is after the latest time is in the future.
func (s *findings) readTimes(formats *timestamp.Formats, latest int64) {
	unread := s.unread
	for i := range s.All {
		o, placed, updated := &s.All[i], timestamp.Read, timestamp.Read
		if o.Placed = timestamp.None; o.Time != 0 {
			o.Placed, placed = formats.Parse(s.Text(o.Time))
		}
		if len(unread) > 0 && unread[0].number == o.Number {
			updated, unread = unread[0].reading, unread[1:]
		}
		if placed != timestamp.Read || updated != timestamp.Read || o.Placed > latest || s.Detail(i).Updated > latest {
			s.remarkTimes(i, placed, updated, latest)
		}
	}
}

// remarkTimes makes the remarks on the times of the i-th order, and how they were read. The
// time of the last change matters in each state of an order, when it was placed only in one
// that is accepted.
func (s *findings) remarkTimes(i int, placed, updated timestamp.Reading, latest int64) {
	o, changed, isSkipped := &s.All[i], s.Detail(i).Updated, s.IsSkipped(i)
	if isSkipped {
		placed = timestamp.Read
	}
	if placed != timestamp.Read {
		s.remark(timeUnread, true, o.Number, o.Start)
	}
	if updated != timestamp.Read {
		s.remark(updatedUnread, false, o.Number, o.Start)
	}
	if updated == timestamp.Open || placed == timestamp.Open {
		s.remark(timeOpen, updated != timestamp.Open, o.Number, o.Start)
	}
	if changed > latest || o.Placed > latest && !isSkipped {
		s.remark(timeFuture, changed <= latest, o.Number, o.Start)
	}
}

// digest makes the digests of the orders that have ids. Phones must be as they go into the
// records.
func (s *findings) digest(reasons []string) {
	for i := range s.Details {
		if d := &s.Details[i]; d.ID != 0 {
			d.Digest = digestOf(&s.Orders, i, reasons)
		}
	}
}

// keepBefore drops the orders from the given number on, and what is said of those behind.
func (s *findings) keepBefore(number int64) {
	s.remarks = slices.DeleteFunc(s.remarks, func(r remark) bool { return int64(r.number) > number })
	for i := range s.All {
		if int64(s.All[i].Number) >= number {
			s.All = s.All[:i]
			return
		}
	}
}

// keepNone drops all orders, which are read again.
func (s *findings) keepNone() {
	s.All, s.Details = s.All[:0], s.Details[:0]
	s.CutLines(0)
}

// normalize gives each phone the form that the function appends for it.
func (s *findings) normalize(phone func(dst, phone, region []byte) ([]byte, bool)) {
	for i := range s.All {
		o := &s.All[i]
		if o.Phone == 0 {
			continue
		}
		from := len(s.Arena)
		var region []byte
		if len(s.Details) > 0 {
			region = s.Text(s.Details[i].Region)
		}
		var ok bool
		if s.Arena, ok = phone(s.Arena, s.Text(o.Phone), region); ok {
			o.Phone = columns.NewSpan(from, len(s.Arena)) | columns.InArena
		} else {
			s.Arena = s.Arena[:from]
			s.remark(phoneKept, true, o.Number, o.Start)
		}
	}
}
