package orders

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"process-orders/internal/columns"
	"process-orders/internal/timestamp"
	"process-orders/money"
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

// checkFields returns which of the required fields a mapping lacks.
func (m *Mapping) checkFields() error {
	if len(m.Phone) == 0 && len(m.People) == 0 && m.NoPhone != NoPhoneItems { // some exports have none
		return errors.New("mapping: phone: want a path, or a person with one")
	}
	for i := range m.People {
		if len(m.People[i].Phone) == 0 {
			return fmt.Errorf("mapping: person %d: phone: want a path", i+1)
		}
	}
	for i, set := range m.lineSets() {
		which := "line"
		if len(m.Wide) > 0 {
			which = fmt.Sprintf("line %d", i+1)
		}
		switch {
		case len(set.Item) == 0:
			return errors.New("mapping: " + which + ".item: want a path")
		case len(set.Price) == 0 && len(set.Total) == 0:
			return errors.New("mapping: " + which + ".price: want a path, or one at " + which + ".total")
		}
	}
	switch {
	case m.Later == LaterTime && len(m.Time) == 0:
		return errors.New("mapping: later: \"time\" needs to know when an order was placed: want a path at time, or later = \"position\"")
	case len(m.Updated) > 0 && len(m.ID) == 0:
		return errors.New("mapping: updated: want a path at id too, as states of one order are known by it")
	case (len(m.Lines) == 0) != (len(m.Group) > 0):
		return errors.New("mapping: want either lines (each order has an array of them) or group (each line is a row)")
	case m.NoGroup != NoGroupUnclear && (!m.CSV || len(m.Group) != 1):
		return errors.New("mapping: no_group: only the rows of a table with one path at group can lack it")
	case len(m.Wide) > 0 && len(m.Group) == 0:
		return errors.New("mapping: several lines in one row: want group, as only rows have them")
	}
	return nil
}

// lineSets are the fields of all lines that one row can have.
func (m *Mapping) lineSets() []LineFields { return append([]LineFields{m.LineFields}, m.Wide...) }

// checkNumbers returns which number of a mapping is out of its range.
func (m *Mapping) checkNumbers() error {
	switch {
	case m.PriceUnit > Total:
		return fmt.Errorf("mapping: there is no PriceUnit %d", m.PriceUnit)
	case m.NoPhone > NoPhoneItems:
		return fmt.Errorf("mapping: there is no NoPhone %d", m.NoPhone)
	case m.NoGroup > NoGroupAlone:
		return fmt.Errorf("mapping: there is no NoGroup %d", m.NoGroup)
	case m.Decimal > DecimalComma:
		return fmt.Errorf("mapping: there is no Decimal %d", m.Decimal)
	case m.Later > LaterPosition:
		return fmt.Errorf("mapping: there is no Later %d", m.Later)
	case m.HeaderRow < 0:
		return fmt.Errorf("mapping: header_row: a row %d: want 1 or more, or 0", m.HeaderRow)
	}
	if _, _, ok := inTens(m.QuantityDivisor); !ok {
		return fmt.Errorf("mapping: quantity_divisor: want a product of 2s and 5s, as 1000, up to 1,000,000, got %d", m.QuantityDivisor)
	}
	for _, set := range m.lineSets() {
		if m.PriceUnit == Minor && len(set.Divisor) > 0 {
			return errors.New("mapping: line.divisor: want none, as unit = \"minor\" divides prices already")
		}
	}
	for _, conditions := range [][]Condition{m.Skip, m.SkipLines} {
		for i := range conditions {
			if err := conditions[i].check(); err != nil {
				return err
			}
		}
	}
	return nil
}

// check returns what is wrong with a condition, other than its path.
func (c *Condition) check() error {
	switch {
	case c.Presence > Absent:
		return fmt.Errorf("mapping: there is no Presence %d", c.Presence)
	case c.Presence != AnyPresence && (c.Not || len(c.Values) > 0):
		return &PathError{Path: c.Path, Reason: "want either values or presence"}
	case c.Presence == AnyPresence && len(c.Values) == 0:
		return &PathError{Path: c.Path, Reason: "want at least one value"}
	}
	return nil
}

// maxQuantityDivisor is the greatest [Mapping].QuantityDivisor.
const maxQuantityDivisor = 1_000_000

// maxQuantityPlaces is more than by how many places a divisor moves the point: 2 to the
// 19th power is below the greatest divisor, and 10 to the 19th beyond 64 bits.
const maxQuantityPlaces = 18

// inTens returns how a number is divided by a divisor without a rest: times a factor, and
// the point moved by so many places. That is possible for products of 2s and 5s.
func inTens(divisor int) (factor int64, places int, ok bool) {
	if divisor == 0 {
		divisor = 1
	}
	if divisor < 0 || divisor > maxQuantityDivisor {
		return 0, 0, false
	}
	ten := int64(1)
	for ten%int64(divisor) != 0 {
		if places == maxQuantityPlaces {
			return 0, 0, false
		}
		ten *= 10
		places++
	}
	return ten / int64(divisor), places, true
}

// checkSize refuses a mapping that would take much memory to compile. It copies nothing.
func (c *compiler) checkSize() {
	paths := 0
	for path := range c.m.paths {
		paths += 1 + strings.Count(path, " + ")
		switch {
		case len(path) > maxPathBytes:
			c.fail(path, "longer than 1,024 bytes")
		case paths > maxPaths:
			c.fail(path, fmt.Sprintf("more than %d paths in one mapping", maxPaths))
		}
		if c.err != nil {
			return
		}
	}
}

// paths yields all paths of a mapping, and its constants. It yields joined paths as one
// text.
func (m *Mapping) paths(yield func(string) bool) {
	lists := [][]string{m.Orders, m.Order, m.Group, m.ID, m.Updated, m.Time, m.Currency, m.Phone, m.Name, m.Region}
	for i := range m.People {
		lists = append(lists, m.People[i].Phone, m.People[i].Name)
	}
	lists = append(lists, m.Lines)
	for _, set := range m.lineSets() {
		lists = append(lists, set.Item, set.Price, set.Quantity, set.LineCurrency, set.Total, set.Paid, set.Add, set.Divisor)
	}
	for _, list := range lists {
		for _, path := range list {
			if !yield(path) {
				return
			}
		}
	}
	for _, conditions := range [][]Condition{m.Skip, m.SkipLines} {
		for _, condition := range conditions {
			if !yield(condition.Path) {
				return
			}
		}
	}
}

// hasDefaultShape reports whether the mapping reads orders in the default shape, and not those
// of another system.
func (m *Mapping) hasDefaultShape() bool {
	d := Default()
	return !m.CSV && len(m.Group)+len(m.People) == 0 && slices.Equal(m.Phone, d.Phone) && slices.Equal(m.Name, d.Name) &&
		slices.Equal(m.Lines, d.Lines) && slices.Equal(m.Item, d.Item) && slices.Equal(m.Price, d.Price)
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
	p.ownSlots = p.idSlots | slotsOf(p.time) | slotsOf(p.phoneAt) | slotsOf(p.name)
	for i := range p.people {
		p.ownSlots |= slotsOf(p.people[i].phone) | slotsOf(p.people[i].name)
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

// updated compiles where the times of the last change are. All of them count, so none is
// joined with another one or is always there.
func (c *compiler) updated(order []*node) {
	for _, path := range c.m.Updated {
		switch {
		case strings.HasPrefix(path, "="):
			c.fail(path, "says of no order when it changed, as it is the same in all: want the path of a time")
		case len(c.joined(path)) > 1:
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
		for _, path := range c.joined(alternative) {
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
		for _, path := range c.joined(alternative) {
			joined = append(joined, c.slot(roots, path, false))
		}
		compiled = append(compiled, joined)
	}
	return compiled
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

// leaf makes those nodes of a path below n that do not exist yet, and returns the last
// node of the path.
func (c *compiler) leaf(n *node, path string, role role) *node {
	steps := c.path(path)
	for i, step := range steps {
		want := roleObject
		last := i == len(steps)-1
		switch {
		case last && role == roleLines && !step.each && !step.keyed:
			c.fail(path, "want an array of lines, with [] at its end")
		case last && role != roleRaw:
			want = role
		case step.each || step.keyed:
			want = roleArray
		case step.isTuple:
			want = roleTuple
		case last:
			want = role
		}
		next := n.find(step.key)
		switch {
		case next == nil && len(n.children) == maxKeys:
			c.fail(path, fmt.Sprintf("more than %d keys in one object", maxKeys))
		case next == nil:
			text := step.key
			if n.path != "" && n.role != roleLines {
				text = n.path + "." + step.key
			}
			switch n.role {
			case roleArray:
				text = n.path + "[]." + step.key
			case roleTuple:
				text = n.path + step.key
			}
			next = &node{role: want, slot: plainSlot(want), path: text, isKeyed: step.keyed, inLine: n.inLine || n.role == roleLines}
			n.children = append(n.children, child{step.key, next})
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

// pathStep is a key of a path. Each element of the array there may be meant, or each value
// of the object, or one element of a tuple, which is the next step.
type pathStep struct {
	key                  string
	each, keyed, isTuple bool
}

// tupleStep cuts the number of an element off the start of a path: [1]. The number is 0 to
// 99, written without zeros before it.
func tupleStep(path string) (step, rest string, ok bool) {
	end := strings.IndexByte(path, ']')
	if end < 2 || end > 3 || path[0] != '[' || end == 3 && path[1] == '0' {
		return "", path, false
	}
	for _, c := range []byte(path[1:end]) {
		if !isDigit(c) {
			return "", path, false
		}
	}
	return path[:end+1], path[end+1:], true
}

// path splits a path into its steps.
func (c *compiler) path(path string) (steps []pathStep) {
	if c.m.CSV && !strings.Contains(path, `"`) {
		if path == "" {
			c.fail(path, "want a column's name")
		}
		return []pathStep{{key: path}}
	}
	for rest := path; ; {
		if len(steps) == maxPathKeys {
			c.fail(path, fmt.Sprintf("more than %d keys in one path", maxPathKeys))
			return nil
		}
		var step pathStep
		if quoted, ok := strings.CutPrefix(rest, `"`); ok {
			step.key, rest, ok = strings.Cut(quoted, `"`)
			if !ok {
				c.fail(path, "a quote has no end")
				return nil
			}
		} else {
			end := strings.IndexAny(rest, `.[{"+`)
			if end < 0 {
				end = len(rest)
			}
			step.key, rest = rest[:end], rest[end:]
		}
		rest, step.each = strings.CutPrefix(rest, "[]")
		if !step.each {
			rest, step.keyed = strings.CutPrefix(rest, "{}")
		}
		var element string
		if !step.each && !step.keyed {
			element, rest, step.isTuple = tupleStep(rest)
		}
		steps = append(steps, step)
		if step.isTuple {
			steps = append(steps, pathStep{key: element})
		}
		if rest == "" && step.key != "" {
			return steps
		}
		var dot bool
		if rest, dot = strings.CutPrefix(rest, "."); !dot || step.key == "" {
			c.fail(path, "want keys joined by dots")
			return nil
		}
	}
}

// joined splits an alternative into the paths whose values are joined by spaces.
func (c *compiler) joined(path string) (paths []string) {
	quoted, from := false, 0
	for i := range path {
		switch {
		case path[i] == '"':
			quoted = !quoted
		case !quoted && i >= from && strings.HasPrefix(path[i:], " + "):
			paths = append(paths, path[from:i])
			from = i + len(" + ")
		}
	}
	return append(paths, path[from:])
}

// plainSlot is the slot of a value that is judged on the way.
func plainSlot(r role) uint8 {
	switch r {
	case rolePhone, roleName, roleItem, rolePrice:
		return uint8(r)
	}
	return 0
}
