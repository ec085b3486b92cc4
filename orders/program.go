package orders

import (
	"fmt"

	"process-orders/internal/timestamp"
)

// program is a compiled mapping: a tree of keys, which the scanner walks, and what to
// make of the values that it finds.
type program struct {
	switches switches
	limit    int        // Options.MaxOrderBytes
	wrappers [][]string // Mapping.Orders
	order    *node
	// phone, lines, item and price are what messages name if they are missing.
	phone, lines, item, price *node

	// plain reports whether each field has one path and is read as it is, so that a value
	// can be judged when the scanner meets it. Otherwise all values are taken into
	// slots, and the resolver judges them when a line or the order ends.
	plain bool
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

// node is a point in an order that a mapping reads.
type node struct {
	role role
	// slot is where the resolver finds what is taken here.
	slot uint8
	path string // as messages print it, from the order or from the line
	// inLine reports whether the node is within a line.
	inLine bool
	// children are the keys that are read in the object here, or in each object of the
	// array here. The index of a child is its bit among the keys seen.
	children []child
}

type child struct {
	key  string
	node *node
}

// find returns the child with that key, or nil.
func (n *node) find(key string) *node {
	for _, c := range n.children {
		if c.key == key {
			return c.node
		}
	}
	return nil
}

// role is what the value at a node is read as.
type role uint8

const (
	roleNone   role = iota // the mapping does not read it
	roleObject             // read for what is in it
	rolePhone
	roleName
	roleLines // an array whose elements are lines
	roleItem
	rolePrice
	roleRaw   // taken as it is, to be judged when the line or the order ends
	roleArray // an array whose elements are read for what is in them
	roleQuantity
	roleCount
)

const (
	// maxKeys is how many keys of one object a mapping can read: one bit each.
	maxKeys = 64
	// maxPathBytes is how long a path can be, with all that it joins. Each node has its
	// path as text, for messages, and real keys have some twenty bytes.
	maxPathBytes = 1024
	// maxPathKeys is how many keys a path can have. Each of them is a node with the path
	// up to it, so memory would grow with the square of them. Real exports nest up to ten
	// levels.
	maxPathKeys = 32
	// maxPaths is how many paths a mapping can list, also those that come again, as in
	// conditions. Every order that is read is held against each of them.
	maxPaths = 256
	// maxSlots is how many values of an order and a line a mapping can read.
	maxSlots = 64
	// firstSlot is the first slot that is not a role's.
	firstSlot = uint8(roleCount)
)

// fields are what to make of the values that were taken, if the mapping is not plain.
type fields struct {
	mapping *Mapping
	slots   int // how many are used, with those below firstSlot
	// lineSlot is the first slot of a line's values.
	lineSlot int
	leaves   [maxSlots]*node // by slot

	id, time, currency, phoneAt, name                field
	itemAt, priceAt, quantity, lineCurrency, groupBy field
	skip, skipLines                                  []condition
	// phoneSlots has a bit for each slot of a phone that a spreadsheet may have changed.
	phoneSlots uint64
	// times are how times are written.
	times *timestamp.Formats
	// reasons are those of the conditions, each once, and at the end ReasonNoPhone.
	reasons []string
}

// field is where a value may be: alternatives of slots whose values are joined.
type field [][]uint8

type condition struct {
	reason int // in fields.reasons
	slot   uint8
	values []string
}

// Reasons for which orders and lines are skipped that no condition names.
const (
	// ReasonNoPhone is that of orders without a phone, if the mapping has [NoPhoneSkip].
	ReasonNoPhone = "no phone"
	// ReasonRefund is that of lines with a negative quantity, unless the mapping has
	// [Mapping.KeepRefunds].
	ReasonRefund = "refund"
)
