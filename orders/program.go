package orders

import (
	"fmt"

	"process-orders/internal/columns"
	"process-orders/internal/timestamp"
)

// program is a compiled mapping: a tree of keys, which the scanner walks, and what to
// make of the values that it finds.
type program struct {
	switches switches
	limit    int          // Options.MaxOrderBytes
	spare    *spareMemory // nil if the program is for one reading
	order    *node
	// envelopes are the paths at which objects hold orders; isKeyed reports whether the
	// whole source is an object whose values are orders.
	envelopes []envelope
	isKeyed   bool
	// linesMayHold reports whether orders may be at the key of an order's lines.
	linesMayHold bool
	// itemKeys are keys of a line, orderKeys keys of an order that a line does not have.
	itemKeys, orderKeys map[string]bool
	// phone, lines, item and price are what messages name if they are missing.
	phone, lines, item, price *node

	// plain reports whether each field has one path and is read as it is, so that a value
	// can be judged when the scanner meets it. Otherwise all values are taken into
	// slots, and the resolver judges them when a line or the order ends.
	plain bool
	// isDirect reports whether the fast path judges phones, names, items and prices when it
	// comes to them, as of plain mappings. All other mappings that can be read so only say
	// more of an order or a line. judged are the nodes of these fields then.
	isDirect bool
	judged   []*node
	// timeSlot is the slot of the first path of an order's time. It is noSlot if there is no
	// such time, if something else is there too, or if all orders have something in common.
	timeSlot uint8
	fields
}

// limitText is the limit of an order as messages name it.
func (p *program) limitText() string {
	switch {
	case p.limit%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", p.limit>>20)
	case p.limit%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", p.limit>>10)
	}
	return fmt.Sprintf("%d bytes", p.limit)
}

const (
	// maxSlots is how many values of an order and a line a mapping can read.
	maxSlots = 64
	// firstSlot is the first slot that is not a role's.
	firstSlot = uint8(roleRaw + 3)
	// noSlot is a slot that no value is in.
	noSlot = maxSlots - 1
)

// fields are what to make of the values that were taken, if the mapping is not plain.
type fields struct {
	mapping *Mapping
	slots   int // how many are used, with those below firstSlot
	// lineSlot is the first slot of a line's values.
	lineSlot int
	// leaves are the nodes by slot, and those of constants, whose slots come behind.
	leaves [256]*node
	// constants are the texts of all constants, which each arena starts with. constantAt
	// is where each is, by its slot.
	constants  []byte
	constantAt []columns.Span
	// every has the slots of which all values count, and not only the first; marked those
	// that conditions look at, nulls those of which also null counts.
	every, marked, nulls uint64

	id, time, currency, phoneAt, name, region, groupBy field
	// updated are the slots of times of the last change. updatedSlots has a bit for each.
	updated      []uint8
	updatedSlots uint64
	people       []person
	arrays       []elementArray
	// sets are the fields of the lines that one object or row can have: one, if there are
	// no wide rows.
	sets            []lineFields
	skip, skipLines []condition
	// computes reports whether prices are computed when the currency of the order is known.
	computes bool
	// A quantity is multiplied by a factor, and its point moved to the left.
	quantityFactor int64
	quantityPlaces int
	// phoneSlots has a bit for each slot of a phone that a spreadsheet may have changed.
	phoneSlots uint64
	// idSlots has a bit for each slot of an id, ownIDs for those that are not the key of rows.
	idSlots, ownIDs uint64
	// ownSlots has a bit for each slot that says who ordered, when, or by which id.
	ownSlots uint64
	// textSlots has a bit for each slot of a name or an item. Of several values in an array,
	// a text counts before what is none.
	textSlots uint64
	// times are how times are written.
	times *timestamp.Formats
	// reasons are those of the conditions and those that no condition names, each once.
	// The others are numbers of reasons.
	reasons               []string
	noPhone, refund, zero int
}

// field is where a value may be: alternatives of slots whose values are joined.
type field [][]uint8

// person is where the phone and the name of one person are.
type person struct {
	phone, name field
	array       int // in fields.arrays: both are of one of its elements; or -1
}

// elementArray is an array of whose elements the ends matter: they have the phone and the
// name of a person, or conditions for the lines in them. It has the slots of these.
type elementArray struct {
	node  *node
	slots []uint8
	// skip are conditions for the lines in an element.
	skip []condition
}

// firstPhone is the field of the phone that messages name. It is empty if no order has one.
func (f *fields) firstPhone() field {
	if len(f.phoneAt) > 0 || len(f.people) == 0 {
		return f.phoneAt
	}
	return f.people[0].phone
}

// lineFields are where the fields of a line are.
type lineFields struct {
	item, price, quantity, currency, total, paid, add, divisor field
	usual                                                      usualFields
}

// priceOrTotal is the field that a line cannot do without.
func (f *lineFields) priceOrTotal() field {
	if len(f.price) > 0 {
		return f.price
	}
	return f.total
}

type condition struct {
	reason   int // in fields.reasons
	slot     uint8
	values   []string
	not      bool
	presence Presence
}
