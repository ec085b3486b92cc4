package orders

import (
	"slices"
	"strings"
)

// isPlain reports whether each field has one path, and nothing else is read.
func (c *compiler) isPlain() bool {
	m := c.m
	details := len(m.ID) + len(m.Updated) + len(m.Time) + len(m.Currency) + len(m.Region) + len(m.Quantity) + len(m.LineCurrency)
	return details == 0 && c.isDirect()
}

// isDirect reports whether each field of the default shape has one path, and so has each
// other one that a line has. The order may have any others that only say more of it.
func (c *compiler) isDirect() bool {
	m := c.m
	extra := len(m.People) + len(m.Group) + len(m.Order) + len(m.Total) + len(m.Paid) + len(m.Add) + len(m.Divisor) + len(m.Wide) +
		len(m.Skip) + len(m.SkipLines)
	if extra > 0 || !m.hasDefaultShape() || m.CSV || m.HTML || m.NoPhone != NoPhoneReject || m.PriceUnit != Major || m.Decimal != DecimalUnknown ||
		len(m.Lines) != 1 || m.QuantityDivisor > 1 || c.p.switches.mapped {
		return false
	}
	for _, f := range []Field{m.Phone, m.Name, m.Item, m.Price, m.Quantity, m.LineCurrency} {
		if len(f) > 1 || len(f) == 1 && (strings.HasPrefix(f[0], "=") || strings.Contains(f[0], " + ") || strings.ContainsAny(f[0], "[{")) {
			return false
		}
	}
	return strings.Count(m.Lines[0], "[") == 1 && strings.HasSuffix(m.Lines[0], "[]") && !strings.Contains(m.Lines[0], "{")
}

// hasDefaultShape reports whether the mapping reads orders in the default shape, and not those
// of another system.
func (m *Mapping) hasDefaultShape() bool {
	d := Default()
	return !m.CSV && len(m.Group)+len(m.People) == 0 && slices.Equal(m.Phone, d.Phone) && slices.Equal(m.Name, d.Name) &&
		slices.Equal(m.Lines, d.Lines) && slices.Equal(m.Item, d.Item) && slices.Equal(m.Price, d.Price)
}

// plain compiles a plain mapping: its values have the slots of their roles.
func (c *compiler) plain() {
	m, p := c.m, c.p
	p.phone = c.leaf(p.order, m.Phone[0], rolePhone)
	if len(m.Name) > 0 {
		c.leaf(p.order, m.Name[0], roleName)
	}
	p.lines = c.leaf(p.order, m.Lines[0], roleLines)
	p.item = c.leaf(p.lines, m.Item[0], roleItem)
	p.price = c.leaf(p.lines, m.Price[0], rolePrice)
}

// plainSlot is the slot of a value that is judged on the way.
func plainSlot(r role) uint8 {
	switch r {
	case rolePhone, roleName, roleItem, rolePrice:
		return uint8(r)
	}
	return 0
}

// judges makes the fields of the default shape, of a mapping that reads more, values that
// the fast path judges when it comes to them. It returns false if one of them is also
// another field.
func (c *compiler) judges() bool {
	p, line := c.p, &c.p.sets[0]
	taken := slotsOf(p.id) | p.updatedSlots | slotsOf(p.time) | slotsOf(p.currency) | slotsOf(p.region) |
		slotsOf(line.quantity) | slotsOf(line.currency)
	fields := []struct {
		field
		role
	}{{p.phoneAt, rolePhone}, {p.name, roleName}, {line.item, roleItem}, {line.price, rolePrice}}
	for _, f := range fields {
		slots := slotsOf(f.field)
		if taken&slots != 0 {
			return false
		}
		taken |= slots
	}
	if p.slots > noSlot {
		return false
	}
	for _, f := range fields {
		if len(f.field) > 0 {
			n := p.leaves[f.field[0][0]]
			n.judged = f.role
			p.judged = append(p.judged, n)
		}
	}
	if len(p.time) > 0 && len(p.time[0]) == 1 && len(p.constantAt) == 0 {
		others := slotsOf(p.id) | p.updatedSlots | slotsOf(p.time[1:]) | slotsOf(p.currency) | slotsOf(p.region)
		if slot := p.time[0][0]; others>>slot&1 == 0 {
			p.timeSlot = slot
		}
	}
	return true
}
