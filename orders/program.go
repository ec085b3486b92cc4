package orders

// role is what the value at a node is read as.
type role uint8

const (
	roleNone   role = iota // nobody reads it
	roleObject             // read for what is in it
	rolePhone
	roleName
	roleLines // an array whose elements are lines
	roleItem
	rolePrice
	roleRaw   // taken down as it is, to be judged when the line or the order ends
	roleArray // an array whose elements are read for what is in them
	roleQuantity
	roleCount
)

// A node is a place in an order that a mapping reads: the mapping, compiled
// into what the scanner matches keys against.
type node struct {
	role role
	// slot is where what is taken down here is kept.
	slot uint8
	path string // as messages print it, from the order or from the line
	// inLine says that the place is within a line.
	inLine bool
	// children are the keys that are read in the object here, or in each object
	// of the array here. Their place is their bit among the keys seen.
	children []child
}

type child struct {
	key  string
	node *node
}

const (
	// maxKeys is how many keys of one object a mapping can read: one bit each.
	maxKeys = 64
	// maxSlots is how many values of an order and a line a mapping can read.
	maxSlots = 64
)

// program is a compiled mapping.
type program struct {
	wrappers [][]string // Mapping.Orders
	order    *node
	// What messages name where it is missing.
	phone, lines, item, price *node

	// plain says that each field has one place and is read as it is, so that the
	// scanner can judge a value when it meets it. Otherwise all values are taken
	// down in slots, and fields tells what to make of them.
	plain bool
	fields
}

// fields is what to make of the values that were taken down.
type fields struct {
	mapping *Mapping
	slots   int // how many are used, with those below firstSlot
	// lineSlot is the first that is of a line.
	lineSlot int
	leaves   [maxSlots]*node

	id, time, currency, phoneAt, name                field
	itemAt, priceAt, quantity, lineCurrency, groupBy field
	skip, skipLines                                  []condition
	// reasons are those of the conditions, each once, and at the end "no phone".
	reasons []string
}

// field is where a value may be: alternatives of slots whose values are joined.
type field [][]uint8

type condition struct {
	reason int // in fields.reasons
	slot   uint8
	values []string
}

// firstSlot is the first that is not a role's.
const firstSlot = uint8(roleCount)

// NoPhone is the reason for which orders without a phone are passed over, where
// the mapping says so.
const NoPhone = "no phone"

func (n *node) find(key string) *node {
	for _, c := range n.children {
		if c.key == key {
			return c.node
		}
	}
	return nil
}
