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

// compile stops at the first fault. What could take much memory is refused first.
func (c *compiler) compile() error {
	m, p := c.m, c.p
	p.timeSlot = noSlot
	if c.checkSize(); c.err != nil {
		return c.err
	}
	if c.envelopes(); c.err != nil {
		return c.err
	}
	if c.err = m.checkFields(); c.err != nil {
		return c.err
	}
	if c.err = m.checkNumbers(); c.err != nil {
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
	if c.err != nil {
		return c.err
	}
	p.isDirect = p.plain || c.isDirect() && c.judges()
	p.markLines()
	return nil
}

// general compiles a mapping that is not plain: all values have slots, those of the order
// before those of a line.
func (c *compiler) general() {
	m, p := c.m, c.p
	order, lines := []*node{p.order}, c.lineRoots()
	c.orderFields(order)
	p.skip = c.conditions(order, m.Skip)
	own := c.aroundLines()
	p.lineSlot = p.slots
	for _, set := range m.lineSets() {
		p.sets = append(p.sets, c.lineFields(lines, set))
	}
	p.skipLines = c.conditions(lines, own)
	p.noPhone, p.refund, p.zero = c.reason(ReasonNoPhone), c.reason(ReasonRefund), c.reason(ReasonZero)
	if c.err != nil {
		return
	}
	p.quantityFactor, p.quantityPlaces, _ = inTens(m.QuantityDivisor)
	c.markSlots()
	p.lines = lines[0]
	p.findNamed()
	for i := range p.sets {
		p.sets[i].findUsual(p)
	}
	for _, path := range m.Order {
		c.alias(path)
	}
}

// lineRoots are the nodes at which the fields of a line start: arrays of lines, or the order
// itself if each row is a line.
func (c *compiler) lineRoots() (roots []*node) {
	for _, path := range c.m.Lines {
		roots = append(roots, c.leaf(c.p.order, path, roleLines))
	}
	if len(c.m.Group) > 0 {
		return []*node{c.p.order}
	}
	return roots
}

// markSlots notes of which fields a slot is, if that decides how its value is read.
func (c *compiler) markSlots() {
	p := c.p
	p.idSlots = slotsOf(p.id)
	p.ownIDs = p.idSlots &^ slotsOf(p.groupBy)
	phones := slotsOf(p.phoneAt)
	p.textSlots = slotsOf(p.name)
	for i := range p.people {
		phones |= slotsOf(p.people[i].phone)
		p.textSlots |= slotsOf(p.people[i].name)
	}
	p.ownSlots = p.idSlots | slotsOf(p.time) | phones | p.textSlots
	for i := range p.sets {
		p.textSlots |= slotsOf(p.sets[i].item)
	}
	if !c.m.hasDefaultShape() {
		p.phoneSlots = phones
	}
}

// findNamed finds the nodes that messages name if a value is missing.
func (p *program) findNamed() {
	if phone := p.firstPhone(); len(phone) > 0 {
		p.phone = p.leaves[phone[0][0]]
	}
	first := &p.sets[0]
	p.item, p.price = p.leaves[first.item[0][0]], p.leaves[first.priceOrTotal()[0][0]]
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
