package orders

import (
	"errors"
	"fmt"

	"process-orders/internal/timestamp"
)

// compile makes a program of a mapping. The error may be a *PathError.
func compile(m Mapping, s switches) (*program, error) {
	c := compiler{m: &m, p: &program{
		switches: s, order: &node{role: roleObject},
		fields: fields{mapping: &m, slots: int(firstSlot)},
	}}
	err := c.compile()
	return c.p, err
}

// compiler makes a program of a mapping. After an error it does nothing more.
type compiler struct {
	m   *Mapping
	p   *program
	err error
	// overlap reports whether err is that two paths lead to one place, or through it.
	overlap bool
}

func (c *compiler) fail(path, why string) {
	if c.err == nil {
		c.err = &PathError{Path: path, Reason: why}
	}
}

func (c *compiler) compile() error {
	m, p := c.m, c.p
	p.timeSlot = noSlot
	if c.checkSize(); c.err != nil {
		return c.err
	}
	if c.envelopes(); c.err == nil {
		c.err = m.checkFields()
	}
	if c.err == nil {
		c.err = m.checkNumbers()
	}
	if c.err != nil {
		return c.err
	}
	if p.times, c.err = m.timeFormats(); c.err != nil {
		return c.err
	}
	if p.plain = c.isPlain(); p.plain {
		c.plain()
	}
	if p.plain && c.overlap { // one value is more than one field
		p.plain, c.err = false, nil
		*p.order = node{role: roleObject}
	}
	if !p.plain {
		c.general()
	}
	p.isDirect = c.err == nil && (p.plain || c.isDirect() && c.judges())
	if c.err == nil {
		p.markLines()
	}
	return c.err
}

func (c *compiler) general() {
	m, p := c.m, c.p
	var lines []*node
	for _, path := range m.Lines {
		lines = append(lines, c.leaf(p.order, path, roleLines))
	}
	if len(m.Group) > 0 {
		lines = []*node{p.order}
	}
	order := []*node{p.order}
	p.groupBy = c.field(order, m.Group, anyText)
	p.id, p.time, p.currency = c.field(order, m.ID, anyText), c.field(order, m.Time, anyText), c.field(order, m.Currency, currencyText)
	p.phoneAt, p.name = c.field(order, m.Phone, anyText), c.field(order, m.Name, anyText)
	p.region = c.field(order, m.Region, anyText)
	c.updated(order)
	p.idSlots = slotsOf(p.id)
	p.ownIDs = p.idSlots &^ slotsOf(p.groupBy)
	c.people(order)
	p.textSlots |= slotsOf(p.name)
	for i := range p.people {
		p.textSlots |= slotsOf(p.people[i].name)
	}
	if !m.hasDefaultShape() {
		p.readsPhone(p.phoneAt)
		for i := range p.people {
			p.readsPhone(p.people[i].phone)
		}
	}
	p.skip = c.conditions(order, m.Skip)
	others := c.aroundLines()
	p.lineSlot = p.slots
	for _, set := range m.lineSets() {
		p.sets = append(p.sets, c.lineFields(lines, set))
		p.textSlots |= slotsOf(p.sets[len(p.sets)-1].item)
	}
	p.skipLines = c.conditions(lines, others)
	p.noPhone, p.refund, p.zero = c.reason(ReasonNoPhone), c.reason(ReasonRefund), c.reason(ReasonZero)
	if c.err != nil {
		return
	}
	if phone := p.firstPhone(); len(phone) > 0 {
		p.phone = p.leaves[phone[0][0]]
	}
	first := &p.sets[0]
	p.item, p.price = p.leaves[first.item[0][0]], p.leaves[first.priceOrTotal()[0][0]]
	p.lines = lines[0]
	p.quantityFactor, p.quantityPlaces, _ = inTens(m.QuantityDivisor)
	for i := range p.sets {
		p.sets[i].findUsual(p)
	}
	for _, path := range m.Order {
		c.alias(path)
	}
}

// timeFormats compiles how times are written. The error is a *PathError.
func (m *Mapping) timeFormats() (*timestamp.Formats, error) {
	order := timestamp.UnknownOrder
	var patterns []string
	for _, format := range m.TimeFormats {
		which := timestamp.UnknownOrder
		switch format {
		case DayFirst:
			which = timestamp.DayFirst
		case MonthFirst:
			which = timestamp.MonthFirst
		default:
			patterns = append(patterns, format)
			continue
		}
		if order != timestamp.UnknownOrder && order != which {
			return nil, &PathError{Path: format, Reason: fmt.Sprintf("want either %q or %q", DayFirst, MonthFirst)}
		}
		order = which
	}
	formats, err := timestamp.New(order, patterns)
	if wrong := (*timestamp.PatternError)(nil); errors.As(err, &wrong) {
		return nil, &PathError{Path: wrong.Pattern, Reason: wrong.Reason}
	}
	return formats, err
}
