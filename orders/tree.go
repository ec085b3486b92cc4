package orders

import "fmt"

// maxKeys is how many keys of one object a mapping can read: one bit each.
const maxKeys = 64

// node is a point in an order that a mapping reads.
type node struct {
	role role
	// slot is where the resolver finds what is taken here. An object or an array that has
	// one is a value too, if it is no object or array.
	slot uint8
	// judged is what the fast path judges the value as, if the mapping is not plain; or
	// roleNone.
	judged role
	// each reports whether the slot is that of each element of the array here.
	each bool
	// ends are the events that the end of each element of the array here is.
	ends uint8
	path string // as messages print it, from the order or from the line
	// inLine reports whether the node is within a line, leadsToLines whether lines are here
	// or below.
	inLine, leadsToLines bool
	// isKeyed reports whether the elements are the values of an object.
	isKeyed bool
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

// isValueToo reports whether an object or an array is read for what is in it, and also as
// a value, if it is none.
func (n *node) isValueToo() bool {
	return n.slot != 0 && !n.each && (n.role == roleObject || n.role == roleArray)
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
	roleTuple // an array of which some elements are read; they are its children
	roleQuantity
	roleEnvelope // not read; at a key where an array would be one of orders
	roleCount
)

// leaf makes those nodes of a path below n that do not exist yet, and returns the last
// node of the path. That one has the role.
func (c *compiler) leaf(n *node, path string, role role) *node {
	steps := c.path(path)
	for i, step := range steps {
		last := i == len(steps)-1
		if last && role == roleLines && !step.each && !step.keyed {
			c.fail(path, "want an array of lines, with [] at its end")
		}
		want := step.role(role, last)
		next := n.find(step.key)
		switch {
		case next == nil && len(n.children) == maxKeys:
			c.fail(path, fmt.Sprintf("more than %d keys in one object", maxKeys))
		case next == nil:
			next = n.grow(step, want)
		case next.isKeyed != step.keyed:
			c.fail(path, "overlaps the path of another field")
		case !next.share(want, last):
			c.overlap = c.err == nil
			c.fail(path, "overlaps the path of another field")
		}
		if c.err != nil {
			return &node{}
		}
		next.each = next.each || last && want == roleArray
		n = next
	}
	return n
}

// role is what the value at a step of a path is read as, whose last value has a role.
func (s pathStep) role(end role, last bool) role {
	switch {
	case last && end != roleRaw:
		return end
	case s.each || s.keyed:
		return roleArray
	case s.isTuple:
		return roleTuple
	case last:
		return end
	}
	return roleObject
}

// grow adds a child to the node.
func (n *node) grow(step pathStep, r role) *node {
	path := step.key
	switch {
	case n.role == roleArray:
		path = n.path + "[]." + step.key
	case n.role == roleTuple:
		path = n.path + step.key
	case n.path != "" && n.role != roleLines:
		path = n.path + "." + step.key
	}
	next := &node{role: r, slot: plainSlot(r), path: path, isKeyed: step.keyed, inLine: n.inLine || n.role == roleLines}
	n.children = append(n.children, child{step.key, next})
	return next
}

// share makes the node also what another path wants of it, and reports whether it can be
// both: a value and an object or an array with more values, but not the elements of an
// array and the array.
func (n *node) share(want role, last bool) bool {
	switch {
	case want == roleRaw:
		return n.role == roleRaw || n.role == roleObject || n.role == roleLines || n.role == roleArray && !n.each
	case want == roleObject && n.role == roleRaw, want == roleArray && n.role == roleRaw && !last:
		n.role = want
		return true
	case want == roleArray && last:
		return n.role == roleArray && (n.each || n.slot == 0)
	case want == roleObject, want == roleArray, want == roleTuple:
		return n.role == want
	}
	return false
}

// alias lets an order be at a path of its own, as in {"order": {…}}. The scanner then
// meets the order's object again at that path.
func (c *compiler) alias(path string) {
	at := c.p.order
	steps := c.path(path)
	for i, step := range steps {
		next := at.find(step.key)
		switch {
		case step.each || step.keyed || step.isTuple || next != nil && (next.role != roleObject || i == len(steps)-1):
			c.fail(path, "want keys joined by dots that lead to no field")
			return
		case next == nil && len(at.children) == maxKeys:
			c.fail(path, fmt.Sprintf("more than %d keys in one object", maxKeys))
			return
		case i == len(steps)-1:
			at.children = append(at.children, child{step.key, c.p.order})
		case next == nil:
			next = &node{role: roleObject, path: step.key}
			at.children = append(at.children, child{step.key, next})
		}
		at = next
	}
}
