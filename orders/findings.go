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
	// skipped are the orders that the mapping skips, by the number of the reason.
	skipped []skipped
	// leftOut are lines that were left out of orders, in the order of the input.
	leftOut []leftOut
	// phonesKept is how many phones Options.Phone could not read.
	phonesKept int64
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

func (s *findings) reset(data []byte) {
	s.Orders.Reset(data)
	s.leftOut = s.leftOut[:0]
	s.faults, s.phonesKept, s.count = s.faults[:0], 0, 0
	clear(s.skipped)
	s.remarks = s.remarks[:0]
	s.rowFindings.reset()
	s.rest, s.stop, s.emptyIn = 0, nil, -1
}

// skip counts an order that is skipped.
func (s *findings) skip(reason, at int) {
	for len(s.skipped) <= reason {
		s.skipped = append(s.skipped, skipped{})
	}
	c := &s.skipped[reason]
	if c.orders == 0 {
		c.at, c.number = at, s.count
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
	phoneLost  remarkKind = iota
	timeUnread            // or it could be read in two ways
	timeOpen              // it could be read in two ways
)

func (s *findings) remark(kind remarkKind, ofAccepted bool, number, start uint32) {
	s.remarks = append(s.remarks, remark{kind, ofAccepted, number, start})
}

// has reports whether an order with that number is among those accepted.
func (s *findings) has(number uint32) bool {
	_, found := slices.BinarySearchFunc(s.All, number, func(o columns.Order, n uint32) int { return cmp.Compare(o.Number, n) })
	return found
}

// readTimes reads when the orders were placed.
func (s *findings) readTimes(formats *timestamp.Formats) {
	for i := range s.Details {
		d := &s.Details[i]
		if d.Placed = timestamp.None; d.Time == 0 {
			continue
		}
		var reading timestamp.Reading
		if d.Placed, reading = formats.Parse(s.Text(d.Time)); reading != timestamp.Read {
			o := &s.All[i]
			s.remark(timeUnread, true, o.Number, o.Start)
			if reading == timestamp.Open {
				s.remark(timeOpen, true, o.Number, o.Start)
			}
		}
	}
}

// keepBefore drops the orders from the given number on.
func (s *findings) keepBefore(number int64) {
	for i := range s.All {
		if int64(s.All[i].Number) >= number {
			s.All = s.All[:i]
			return
		}
	}
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
			s.phonesKept++
		}
	}
}
