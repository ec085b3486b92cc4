package orders

import (
	"fmt"
	"strings"
)

// A Mapping says where a source keeps the fields of an order. Each is a path:
// keys joined by dots, from the order's own object (or, for a line's fields,
// from the line's).
type Mapping struct {
	// Orders is the key under which a document that is one object keeps its
	// array of orders. It is a key, not a path.
	Orders string
	// Phone, Name and Lines are the customer's phone and name and the array of
	// lines.
	Phone, Name, Lines string
	// Item and Price are the name and the price of what a line sells.
	Item, Price string
}

// Default is the shape {"phone": …, "name": …, "items": [{"name": …, "price":
// …}, …]}.
var Default = Mapping{
	Orders: "orders",
	Phone:  "phone", Name: "name", Lines: "items",
	Item: "name", Price: "price",
}

// role is what the value at a node is read as.
type role uint8

const (
	roleNone   role = iota // nobody reads it
	roleObject             // read for what is in it
	rolePhone
	roleName
	roleLines
	roleItem
	rolePrice
	roleCount
)

// A node is a place in an order that a mapping reads: the mapping, compiled
// into what the scanner matches keys against.
type node struct {
	role role
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

// maxKeys is how many keys of one object a mapping can read: one bit each.
const maxKeys = 64

// program is a compiled mapping.
type program struct {
	wrapper string // Mapping.Orders
	order   *node
	phone   *node
	lines   *node
	item    *node
	price   *node
}

func compile(m Mapping) (*program, error) {
	p := &program{wrapper: m.Orders, order: &node{role: roleObject}}
	var err error
	add := func(root *node, path string, role role) *node {
		n, e := root.add(path, role)
		if e != nil && err == nil {
			err = e
		}
		return n
	}
	p.phone = add(p.order, m.Phone, rolePhone)
	add(p.order, m.Name, roleName)
	p.lines = add(p.order, m.Lines, roleLines)
	p.item = add(p.lines, m.Item, roleItem)
	p.price = add(p.lines, m.Price, rolePrice)
	return p, err
}

// add makes the nodes of a path below n and returns the last.
func (n *node) add(path string, role role) (*node, error) {
	keys := strings.Split(path, ".")
	at := n
	for i, key := range keys {
		if key == "" {
			return &node{}, fmt.Errorf("mapping: %q: want keys joined by dots", path)
		}
		next := at.find(key)
		last := i == len(keys)-1
		if next != nil && (last || next.role != roleObject) {
			return &node{}, fmt.Errorf("mapping: %q: two fields are read from one place", path)
		}
		if next == nil {
			if len(at.children) == maxKeys {
				return &node{}, fmt.Errorf("mapping: %q: more than %d keys in one object", path, maxKeys)
			}
			next = &node{role: roleObject, path: strings.Join(keys[:i+1], "."), inLine: at.inLine || at.role == roleLines}
			at.children = append(at.children, child{key, next})
		}
		at = next
	}
	at.role = role
	return at, nil
}

func (n *node) find(key string) *node {
	for _, c := range n.children {
		if c.key == key {
			return c.node
		}
	}
	return nil
}
