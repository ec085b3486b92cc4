package orders

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"process-orders/internal/columns"
	"process-orders/money"
)

// What a field's value may be, for constants.
const (
	anyText = iota
	currencyText
	decimalText
	addedText // a decimal of which all that are there count
)

// field compiles a field that may be in any of the roots.
func (c *compiler) field(roots []*node, f Field, kind int) (compiled field) {
	for i, alternative := range f {
		if constant, ok := strings.CutPrefix(alternative, "="); ok {
			if i < len(f)-1 && kind != addedText {
				c.fail(f[i+1], "never counts, as the constant before it is always there")
			}
			compiled = append(compiled, []uint8{c.constant(constant, kind)})
			continue
		}
		var joined []uint8
		for _, path := range splitJoined(alternative) {
			joined = append(joined, c.slot(roots, path, false))
		}
		compiled = append(compiled, joined)
	}
	return compiled
}

// slot returns the slot of the value at the path. Values of one place share a slot.
func (c *compiler) slot(roots []*node, path string, isCondition bool) uint8 {
	slot := uint8(0)
	var nodes []*node
	for _, root := range roots {
		n := c.leaf(root, path, roleRaw)
		switch {
		case c.err != nil:
			return 0
		case n.role == roleLines && !isCondition:
			c.fail(path, "the array of lines is there: want the path of one value")
			return 0
		}
		nodes = append(nodes, n)
		slot = max(slot, n.slot)
	}
	if slot == 0 {
		if c.p.slots == maxSlots {
			c.fail(path, fmt.Sprintf("more than %d paths", maxSlots-int(firstSlot)))
			return 0
		}
		slot = uint8(c.p.slots)
		c.p.leaves[slot] = nodes[0]
		c.p.slots++
	}
	for _, n := range nodes {
		n.slot = slot
	}
	return slot
}

// constant returns the slot of a value that is the same in all orders. It is behind those
// of the values that are read.
func (c *compiler) constant(text string, kind int) uint8 {
	p, value := c.p, []byte(text)
	bad := ""
	switch {
	case isBlank(value):
		bad = "want a constant that is not blank"
	case bytes.IndexByte(value, 0) >= 0:
		bad = "a constant that holds a NUL character"
	case kind >= decimalText && !isConstantNumber(text):
		bad = "want a decimal number above 0"
	case kind >= decimalText && c.m.PriceUnit == Minor && judgeMinor(value) != reasonNone:
		bad = describe(&fault{reason: reasonMinor}, nil, 0)
	case kind == currencyText && judgeCurrency(value) != reasonNone:
		bad = describe(&fault{reason: reasonCurrency}, nil, 0)
	case len(p.constantAt) == len(p.leaves)-maxSlots:
		bad = fmt.Sprintf("more than %d constants", len(p.constantAt))
	}
	if bad != "" {
		c.fail("="+text, bad)
		return maxSlots
	}
	slot := uint8(maxSlots + len(p.constantAt))
	from := len(p.constants)
	p.constants = append(p.constants, text...)
	p.constantAt = append(p.constantAt, columns.NewSpan(from, len(p.constants))|columns.InArena)
	p.leaves[slot] = &node{role: roleRaw, path: "=" + text}
	return slot
}

// isConstantNumber reports whether a text is a decimal number above 0, as JSON has it and
// without an exponent.
func isConstantNumber(text string) bool {
	if strings.ContainsAny(text, "eE-") || len(text) > maxDigits {
		return false
	}
	a, ok := money.Parse([]byte(text))
	return ok && a.Sign() > 0
}

// slotsOf has a bit for each slot of a field.
func slotsOf(f field) (slots uint64) {
	for _, joined := range f {
		for _, slot := range joined {
			if slot < maxSlots { // else it is a constant
				slots |= 1 << slot
			}
		}
	}
	return slots
}

// orderFields compiles the fields of an order, and who it may be from.
func (c *compiler) orderFields(order []*node) {
	m, p := c.m, c.p
	p.groupBy = c.field(order, m.Group, anyText)
	p.id = c.field(order, m.ID, anyText)
	p.time = c.field(order, m.Time, anyText)
	p.currency = c.field(order, m.Currency, currencyText)
	p.phoneAt = c.field(order, m.Phone, anyText)
	p.name = c.field(order, m.Name, anyText)
	p.region = c.field(order, m.Region, anyText)
	c.updated(order)
	c.people(order)
}

// lineFields compiles the fields of a line.
func (c *compiler) lineFields(lines []*node, set LineFields) lineFields {
	f := lineFields{
		item: c.field(lines, set.Item, anyText), price: c.field(lines, set.Price, decimalText),
		quantity: c.field(lines, set.Quantity, decimalText), currency: c.field(lines, set.LineCurrency, currencyText),
		total: c.field(lines, set.Total, decimalText), paid: c.field(lines, set.Paid, decimalText),
		add: c.field(lines, set.Add, addedText), divisor: c.field(lines, set.Divisor, decimalText),
	}
	if c.m.PriceUnit == Total {
		f.total, f.price = append(f.total, f.price...), nil
	}
	c.p.every |= slotsOf(f.add)
	c.p.computes = c.p.computes || c.m.PriceUnit != Major || len(f.total)+len(f.paid)+len(f.divisor) > 0
	return f
}

// updated compiles where the times of the last change are. All of them count, so none is
// joined with another one or is always there.
func (c *compiler) updated(order []*node) {
	for _, path := range c.m.Updated {
		switch {
		case strings.HasPrefix(path, "="):
			c.fail(path, "says of no order when it changed, as it is the same in all: want the path of a time")
		case len(splitJoined(path)) > 1:
			c.fail(path, "two texts are no time: want a list of paths, of which the latest time counts")
		}
		slot := c.slot(order, path, false)
		if c.err != nil {
			return
		}
		if c.p.updatedSlots>>slot&1 == 0 {
			c.p.updated = append(c.p.updated, slot)
			c.p.updatedSlots |= 1 << slot
		}
	}
}

// conditions compiles conditions whose values may be in any of the roots.
func (c *compiler) conditions(roots []*node, conditions []Condition) (compiled []condition) {
	for _, given := range conditions {
		slot := c.slot(roots, given.Path, true)
		if c.err != nil {
			return nil
		}
		c.p.marked |= 1 << slot
		if given.Presence != AnyPresence {
			c.p.nulls |= 1 << slot
		}
		compiled = append(compiled, condition{c.reason(given.Reason), slot, given.Values, given.Not, given.Presence})
	}
	return compiled
}

// reason returns the number of a reason in fields.reasons.
func (c *compiler) reason(name string) int {
	i := slices.Index(c.p.reasons, name)
	if i < 0 {
		i = len(c.p.reasons)
		c.p.reasons = append(c.p.reasons, name)
	}
	return i
}
