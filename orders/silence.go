package orders

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A silence is what a source says nothing of: fields that the mapping reads and that no
// order of the source has, although they may be missing. If most orders have another key
// that looks like the field, that is a mistake which nobody would see: a note tells it.
//
// It belongs to the cursor, and so it sees the orders in the order of the input. A field
// costs nothing once it was found.
type silence struct {
	program *program
	fields  []silentField
	// sample has the texts of the first orders, as long as a field is missing.
	sample [][]byte
	bytes  int
	full   bool
}

// A silentField is a field that no order of the source had so far.
type silentField struct {
	*optional
	paths Field
	// missing counts the orders, or lines, without the field.
	missing int64
}

// The sample of a source: the first orders, as many as it takes to see what they have.
const (
	sampleOrders = 100
	sampleBytes  = 64 << 10
)

// newSilence starts a source that is read by the program.
func newSilence(p *program) (s silence) {
	s.program = p
	m := p.mapping
	if m.CSV {
		return s // the columns of a table are known from its header
	}
	for i := range optionals {
		f := silentField{optional: &optionals[i]}
		f.paths = f.of(m)
		isConst := slices.ContainsFunc(f.paths, func(path string) bool { return strings.HasPrefix(path, "=") })
		if len(f.paths) > 0 && !isConst {
			s.fields = append(s.fields, f)
		}
	}
	return s
}

// look looks at the orders of a chunk.
func (s *silence) look(b *findings) {
	if len(s.fields) == 0 || len(b.All) == 0 {
		return
	}
	s.fields = slices.DeleteFunc(s.fields, func(f silentField) bool { return f.in(b) })
	for i := range s.fields {
		s.fields[i].missing += s.fields[i].lacking(b)
	}
	for i := 0; i < len(b.All) && len(s.fields) > 0 && !s.full; i++ {
		text := b.Data[b.All[i].Start:b.All[i].End]
		if s.full = s.bytes+len(text) > sampleBytes; !s.full {
			s.sample = append(s.sample, bytes.Clone(text))
			s.bytes += len(text)
			s.full = len(s.sample) == sampleOrders
		}
	}
}

// texts are the notes about a source that was read to its end.
func (s *silence) texts() (texts []string) {
	var orders []map[string]any
	for i := range s.fields {
		f := &s.fields[i]
		if f.missing == 0 || len(s.sample) == 0 {
			continue
		}
		if orders == nil {
			orders = s.objects()
		}
		if text := f.text(s.program, orders); text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}

// objects are the orders of the sample, each without the objects around it. Of an order that
// is rows, it is the first row.
func (s *silence) objects() (all []map[string]any) {
	for _, text := range s.sample {
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		var value any
		if decoder.Decode(&value) != nil {
			continue
		}
		if object, ok := value.(map[string]any); ok {
			all = append(all, s.unwrapped(object))
		}
	}
	return all
}

// unwrapped is the object that an order is in, which may be below one of Mapping.Order.
func (s *silence) unwrapped(object map[string]any) map[string]any {
	for _, path := range s.program.mapping.Order {
		if inner := below([]map[string]any{object}, steps(path)); len(inner) > 0 {
			return inner[0]
		}
	}
	return object
}

// text is the note about a field; "" if no key looks like it.
func (f *silentField) text(p *program, orders []map[string]any) string {
	from, at, thing := orders, p.order, "order"
	if f.inLine {
		thing = "line"
		from, at = nil, p.lines
		for _, path := range p.mapping.Lines {
			from = append(from, below(orders, steps(path))...)
		}
		if len(p.mapping.Group) > 0 {
			from = orders
		}
	}
	found := likely{field: f.optional, n: map[string]int{}, values: map[string]map[string]bool{}}
	for _, parent := range f.parents() {
		node := nodeAt(at, parent)
		for _, object := range below(from, parent) {
			found.add(object, node, parent)
		}
	}
	key := found.best(len(from))
	if key == "" {
		return ""
	}
	others := fmt.Sprintf("%d of the first %d have", found.n[key], len(from))
	switch {
	case len(from) == 1:
		others = "the first has"
	case found.n[key] == 1:
		others = fmt.Sprintf("1 of the first %d has", len(from))
	}
	return fmt.Sprintf("no %s has %s, but %s %q: if that is the %s, a mapping can say so", thing, either(f.paths), others, key, f.what)
}

// parents are the paths of the objects that may have the field: the order, or the line, and
// the objects that the mapping looks in.
func (f *silentField) parents() [][]string {
	all := [][]string{nil}
	for _, alternative := range f.paths {
		path, _, _ := strings.Cut(alternative, " + ")
		keys := steps(path)
		parent := keys[:len(keys)-1]
		if !slices.ContainsFunc(all, func(p []string) bool { return slices.Equal(p, parent) }) {
			all = append(all, parent)
		}
	}
	return all
}

// shownPaths is how many paths of a field a note names.
const shownPaths = 4

// either is the paths of a field as a note names them.
func either(paths Field) string {
	var quoted []string
	for _, path := range paths[:min(len(paths), shownPaths)] {
		quoted = append(quoted, strconv.Quote(path))
	}
	last := len(quoted) - 1
	if last == 0 {
		return quoted[0]
	}
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}

// steps are the keys of a path, without its brackets. A quoted key is one.
func steps(path string) (keys []string) {
	for rest := path; rest != ""; {
		var key string
		if quoted, ok := strings.CutPrefix(rest, `"`); ok {
			key, rest, _ = strings.Cut(quoted, `"`)
			_, rest, _ = strings.Cut(rest, ".")
		} else {
			key, rest, _ = strings.Cut(rest, ".")
			key, _, _ = strings.Cut(key, "[")
			key, _, _ = strings.Cut(key, "{")
		}
		keys = append(keys, key)
	}
	return keys
}

// below are the objects at a path below others; of an array, or of an object whose values
// are objects, each element.
func below(objects []map[string]any, path []string) []map[string]any {
	for _, key := range path {
		var next []map[string]any
		for _, object := range objects {
			switch value := object[key].(type) {
			case map[string]any:
				next = append(next, elementsOf(value)...)
			case []any:
				for _, element := range value {
					if o, ok := element.(map[string]any); ok {
						next = append(next, o)
					}
				}
			}
		}
		objects = next
	}
	return objects
}

// elementsOf are the values of an object if all of them are objects, or else itself.
func elementsOf(object map[string]any) (all []map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(object)) {
		inner, ok := object[key].(map[string]any)
		if !ok {
			return []map[string]any{object}
		}
		all = append(all, inner)
	}
	return all
}

// nodeAt is the node at a path, or nil.
func nodeAt(n *node, path []string) *node {
	for _, key := range path {
		if n == nil {
			return nil
		}
		n = n.find(key)
	}
	return n
}
