package orders

import (
	"fmt"
	"slices"
	"strings"
)

// maxElementArrays is how many arrays can have the phone and the name of a person in each
// element, or a condition for the lines in it: there is a bit for the end of each.
const maxElementArrays = 7

// people compiles who an order may be from.
func (c *compiler) people(roots []*node) {
	for i := range c.m.People {
		given := &c.m.People[i]
		one := person{c.field(roots, given.Phone, anyText), c.field(roots, given.Name, anyText), -1}
		if c.err != nil {
			return
		}
		if array := c.sharedArray(given); array != nil {
			one.array = c.elements(array, given)
		}
		c.p.people = append(c.p.people, one)
	}
}

// sharedArray returns the innermost array of which each element has a phone and a name of
// the person, or nil.
func (c *compiler) sharedArray(given *Person) *node {
	var shared []*node
	phones := c.arraysOf(given.Phone)
	for _, name := range c.arraysOf(given.Name) {
		for _, phone := range phones {
			if name[0] != phone[0] {
				continue
			}
			if shared == nil {
				shared = phone
			}
			shared = common(shared, common(phone, name))
		}
	}
	if shared == nil {
		return nil
	}
	for _, phone := range phones {
		if len(shared) == 0 || phone[0] != shared[0] {
			c.fail(given.Phone[0], "the phones of one person are in several arrays: list a person for each")
			return nil
		}
	}
	return shared[len(shared)-1]
}

// arraysOf returns the arrays around the values of a field, from the outside, for each of
// its paths that leads through one.
func (c *compiler) arraysOf(f Field) (all [][]*node) {
	for _, alternative := range f {
		if strings.HasPrefix(alternative, "=") {
			continue
		}
		for _, path := range splitJoined(alternative) {
			var arrays []*node
			n := c.p.order
			for _, step := range c.path(path) {
				if n = n.find(step.key); n.role == roleArray && len(n.children) > 0 {
					arrays = append(arrays, n)
				}
			}
			if len(arrays) > 0 {
				all = append(all, arrays)
			}
		}
	}
	return all
}

// common returns what two lists have in common at their starts.
func common(a, b []*node) []*node {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

// elements makes the end of each of the array's elements decide whether the person was in
// it. It returns the array's number.
func (c *compiler) elements(array *node, given *Person) int {
	p := c.p
	i := c.elementsOf(array, given.Phone[0])
	if i < 0 {
		return -1
	}
	below := map[uint8]bool{}
	array.slotsBelow(below)
	for _, f := range []Field{given.Phone, given.Name} {
		for _, joined := range c.field([]*node{p.order}, f, anyText) {
			for _, slot := range joined {
				if below[slot] && !slices.Contains(p.arrays[i].slots, slot) {
					p.arrays[i].slots = append(p.arrays[i].slots, slot)
				}
			}
		}
	}
	for j, other := range p.arrays {
		for _, slot := range other.slots {
			if j != i && slices.Contains(p.arrays[i].slots, slot) {
				c.fail(p.leaves[slot].path, "is of two people in different arrays")
			}
		}
	}
	return i
}

// slotsBelow adds the slots of all values below the node.
func (n *node) slotsBelow(all map[uint8]bool) {
	for _, child := range n.children {
		if child.node.slot != 0 {
			all[child.node.slot] = true
		}
		child.node.slotsBelow(all)
	}
}

// aroundLines compiles those conditions for lines that are about what the lines are in: with
// the lines checks[].selections[], checks[].voided is the check's. It returns the others.
func (c *compiler) aroundLines() (others []Condition) {
	p := c.p
	for _, given := range c.m.SkipLines {
		end := 0
		for i := range given.Path {
			if before := given.Path[:i]; (strings.HasSuffix(before, "[]") || strings.HasSuffix(before, "{}")) &&
				slices.ContainsFunc(c.m.Lines, func(lines string) bool { return strings.HasPrefix(lines, before+".") }) {
				end = i
			}
		}
		if end == 0 || given.Presence != AnyPresence {
			others = append(others, given)
			continue
		}
		compiled := c.conditions([]*node{p.order}, []Condition{given})
		if c.err != nil {
			return nil
		}
		arrays := c.arraysOf(Field{given.Path})
		i := c.elementsOf(arrays[0][strings.Count(given.Path[:end], "[]")+strings.Count(given.Path[:end], "{}")-1], given.Path)
		if c.err != nil {
			return nil
		}
		a := &p.arrays[i]
		a.skip = append(a.skip, compiled...)
		if slot := compiled[0].slot; !slices.Contains(a.slots, slot) {
			a.slots = append(a.slots, slot)
		}
	}
	return others
}

// elementsOf makes the ends of the array's elements known. It returns the array's number, -1
// after an error, which is about the path.
func (c *compiler) elementsOf(array *node, path string) int {
	p := c.p
	i := slices.IndexFunc(p.arrays, func(a elementArray) bool { return a.node == array })
	switch {
	case i >= 0:
		return i
	case len(c.m.Group) > 0:
		c.fail(path, "with group, this cannot be in an array")
		return -1
	case len(p.arrays) == maxElementArrays:
		c.fail(path, fmt.Sprintf("people and conditions in more than %d arrays", maxElementArrays))
		return -1
	}
	p.arrays = append(p.arrays, elementArray{node: array})
	array.ends = endsElement << (len(p.arrays) - 1)
	return len(p.arrays) - 1
}
