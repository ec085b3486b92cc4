package orders

import (
	"errors"
	"fmt"
	"slices"
	"strings"

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
}

func (c *compiler) fail(path, why string) {
	if c.err == nil {
		c.err = &PathError{Path: path, Reason: why}
	}
}

func (c *compiler) compile() error {
	m, p := c.m, c.p
	if c.checkSize(); c.err != nil {
		return c.err
	}
	for _, path := range m.Orders {
		var wrapper []string
		for _, step := range c.path(path) {
			wrapper = append(wrapper, step.key)
			if step.each {
				c.fail(path, "want the path of one array, without []")
			}
		}
		if len(wrapper) > maxWrapperKeys {
			c.fail(path, fmt.Sprintf("more than %d nested keys", maxWrapperKeys))
		}
		p.wrappers = append(p.wrappers, wrapper)
	}
	switch {
	case c.err != nil:
		return c.err
	case len(m.Phone) == 0:
		return errors.New("mapping: phone: want a path")
	case len(m.Item) == 0:
		return errors.New("mapping: line.item: want a path")
	case len(m.Price) == 0:
		return errors.New("mapping: line.price: want a path")
	case m.PriceUnit > Total:
		return fmt.Errorf("mapping: there is no PriceUnit %d", m.PriceUnit)
	case (len(m.Lines) == 0) != (len(m.Group) > 0):
		return errors.New("mapping: want either lines (each order has an array of them) or group (each line is a row)")
	}
	if p.times, c.err = m.timeFormats(); c.err != nil {
		return c.err
	}
	if p.plain = c.isPlain(); p.plain {
		c.plain()
	} else {
		c.general()
	}
	return c.err
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

// paths yields all paths of a mapping. It yields joined paths as one text.
func (m *Mapping) paths(yield func(string) bool) {
	for _, list := range [][]string{
		m.Orders, m.Order, m.Group, m.ID, m.Time, m.Currency, m.Phone, m.Name, m.Lines,
		m.Item, m.Price, m.Quantity, m.LineCurrency,
	} {
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

// isPlain reports whether each field has one path of its own, and nothing else is read.
func (c *compiler) isPlain() bool {
	m := c.m
	extra := len(m.ID) + len(m.Time) + len(m.Currency) + len(m.Quantity) + len(m.LineCurrency) + len(m.Group) + len(m.Order) + len(m.Skip) + len(m.SkipLines)
	if extra > 0 || !m.hasDefaultShape() || m.CSV || m.HTML || m.NoPhone != NoPhoneReject || m.PriceUnit != Major || len(m.Lines) != 1 || c.p.switches.mapped {
		return false
	}
	for _, f := range []Field{m.Phone, m.Name, m.Item, m.Price} {
		if len(f) > 1 || len(f) == 1 && (strings.Contains(f[0], " + ") || strings.Contains(f[0], "[]")) {
			return false
		}
	}
	name := append(Field{""}, m.Name...)
	return m.Phone[0] != name[len(name)-1] && m.Item[0] != m.Price[0] && strings.Count(m.Lines[0], "[]") == 1
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
	p.groupBy = c.field(order, m.Group)
	p.id, p.time, p.currency = c.field(order, m.ID), c.field(order, m.Time), c.field(order, m.Currency)
	p.phoneAt, p.name = c.field(order, m.Phone), c.field(order, m.Name)
	if !m.hasDefaultShape() {
		p.readsPhone(p.phoneAt)
	}
	p.skip = c.conditions(order, m.Skip)
	p.lineSlot = p.slots
	p.itemAt, p.priceAt = c.field(lines, m.Item), c.field(lines, m.Price)
	p.quantity, p.lineCurrency = c.field(lines, m.Quantity), c.field(lines, m.LineCurrency)
	p.skipLines = c.conditions(lines, m.SkipLines)
	p.reasons = append(p.reasons, ReasonNoPhone)
	if c.err != nil {
		return
	}
	p.phone, p.item, p.price = p.leaves[p.phoneAt[0][0]], p.leaves[p.itemAt[0][0]], p.leaves[p.priceAt[0][0]]
	p.lines = lines[0]
	for _, path := range m.Order {
		c.alias(path)
	}
}

// field compiles a field that may be in any of the roots.
func (c *compiler) field(roots []*node, f Field) (compiled field) {
	for _, alternative := range f {
		var joined []uint8
		for _, path := range c.joined(alternative) {
			joined = append(joined, c.slot(roots, path))
		}
		compiled = append(compiled, joined)
	}
	return compiled
}

// slot returns the slot of the value at the path.
func (c *compiler) slot(roots []*node, path string) uint8 {
	slot := uint8(0)
	for _, root := range roots {
		n := c.leaf(root, path, roleRaw)
		if c.err != nil {
			return 0
		}
		switch {
		case n.slot != 0:
			slot = n.slot
		case slot == 0 && c.p.slots == maxSlots:
			c.fail(path, fmt.Sprintf("more than %d paths", maxSlots-int(firstSlot)))
		case slot == 0:
			slot = uint8(c.p.slots)
			c.p.leaves[slot] = n
			c.p.slots++
		}
		n.slot = slot
	}
	return slot
}

func (c *compiler) conditions(roots []*node, conditions []Condition) (compiled []condition) {
	for _, given := range conditions {
		reason := slices.Index(c.p.reasons, given.Reason)
		if reason < 0 {
			reason = len(c.p.reasons)
			c.p.reasons = append(c.p.reasons, given.Reason)
		}
		compiled = append(compiled, condition{reason, c.slot(roots, given.Path), given.Values})
	}
	return compiled
}

// alias lets an order be at a path of its own, as in {"order": {…}}. The scanner then
// meets the order's object again at that path.
func (c *compiler) alias(path string) {
	at := c.p.order
	steps := c.path(path)
	for i, step := range steps {
		next := at.find(step.key)
		switch {
		case step.each || next != nil && (next.role != roleObject || i == len(steps)-1):
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
		case last && role == roleLines && !step.each:
			c.fail(path, "want an array of lines, with [] at its end")
		case last && role != roleRaw:
			want = role
		case step.each:
			want = roleArray
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
			if n.role == roleArray {
				text = n.path + "[]." + step.key
			}
			next = &node{role: want, slot: plainSlot(want), path: text, inLine: n.inLine || n.role == roleLines}
			n.children = append(n.children, child{step.key, next})
		case next.role != want || last && role != roleRaw || last && want == roleArray, last && len(next.children) > 0:
			c.fail(path, "overlaps the path of another field")
		}
		if c.err != nil {
			return &node{}
		}
		n = next
	}
	return n
}

// pathStep is a key of a path, and whether each element of the array there is meant.
type pathStep struct {
	key  string
	each bool
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
			end := strings.IndexAny(rest, `.["+`)
			if end < 0 {
				end = len(rest)
			}
			step.key, rest = rest[:end], rest[end:]
		}
		rest, step.each = strings.CutPrefix(rest, "[]")
		steps = append(steps, step)
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
	if r == roleRaw || r == roleArray {
		return 0
	}
	return uint8(r)
}
