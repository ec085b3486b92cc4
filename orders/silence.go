package orders

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"process-orders/internal/columns"
	"process-orders/internal/lazy"
	"process-orders/internal/timestamp"
	"process-orders/money"
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

// likely are keys that may be the field.
type likely struct {
	field  *optional
	n      map[string]int             // in how many objects, by path
	values map[string]map[string]bool // the values, by path
}

// add counts the keys of an object that look like the field and that nobody reads. Node is
// what the mapping reads there, or nil.
func (l *likely) add(object map[string]any, n *node, parent []string) {
	path := strings.Join(parent, ".")
	if path != "" {
		path += "."
	}
	for key, value := range object {
		var read *node
		if n != nil {
			read = n.find(key)
		}
		switch inner := value.(type) {
		case map[string]any:
			if read != nil || l.field.rank(key) < 0 {
				continue
			}
			for innerKey, value := range inner {
				if l.field.rank(innerKey) >= 0 {
					l.count(path+key+"."+innerKey, innerKey, value)
				}
			}
		default:
			if read == nil || read.role == roleObject || read.role == roleArray {
				l.count(path+key, key, value)
			}
		}
	}
}

// count counts a key whose value looks like the field.
func (l *likely) count(path, key string, value any) {
	text, isText := value.(string)
	if number, ok := value.(json.Number); ok {
		text = number.String()
	} else if !isText {
		return
	}
	text = strings.TrimSpace(text)
	if !isKey().MatchString(path) || text == "" || len(text) > maxSampleText || !l.field.fits(text, isText) {
		return
	}
	if l.field.rank(key) < 0 && (!l.field.anyKey || otherKeys().MatchString(key)) {
		return
	}
	l.n[path]++
	if l.values[path] == nil {
		l.values[path] = map[string]bool{}
	}
	l.values[path][text] = true
}

// maxSampleText is how long a value can be that looks like one of the fields.
const maxSampleText = 100

// isKey finds what is a key and no personal data, as far as one can tell.
var isKey = lazy.Regexp(`^[A-Za-z_][A-Za-z_.-]*[0-9]{0,2}$`)

// otherKeys are usually something else than the field, whatever their values look like.
var otherKeys = lazy.Regexp(`(?i)status|state|type|kind|source|channel|method|note|comment|remark|city|town|country|region|street|address|mail|url|tag|title|currency|code|sku|price|cost|total|tax|vat|discount|size|weight|version|locale|language|vendor|brand|store|shop|(^|_)ids?$|Id$|^id`)

// best is the path that is most likely the field, if at least half of the objects have it;
// else "".
func (l *likely) best(objects int) (best string) {
	for _, path := range slices.Sorted(maps.Keys(l.n)) {
		rank := l.rank(path)
		switch {
		case 2*l.n[path] < objects:
		case rank == unranked && objects > 2 && len(l.values[path]) == 1:
			// what is always the same is no name and no time
		case best == "", rank < l.rank(best), rank == l.rank(best) && l.n[path] > l.n[best]:
			best = path
		}
	}
	return best
}

// unranked is the rank of a key that is no usual name of the field.
const unranked = 1000

func (l *likely) rank(path string) int {
	if rank := l.field.rank(path[strings.LastIndexByte(path, '.')+1:]); rank >= 0 {
		return rank
	}
	return unranked
}

// An optional is a field that an order may lack.
type optional struct {
	what   string // as a note calls it
	inLine bool
	// of is where a mapping has the field.
	of func(*Mapping) Field
	// in reports whether any of the orders has the field; lacking is how many could have
	// it if none has.
	in      func(*findings) bool
	lacking func(*findings) int64
	// fits reports whether a value may be one of the field.
	fits func(text string, isText bool) bool
	// usual are what systems call the field, in small letters and without separators.
	// anyKey reports whether a key with another name may be it too.
	usual  []string
	anyKey bool
}

// rank is how usual a key is for the field, from 0; -1 if it is not.
func (o *optional) rank(key string) int {
	key = strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(key))
	return slices.Index(o.usual, key)
}

var optionals = []optional{{
	what: "name", anyKey: true, fits: isName,
	of: func(m *Mapping) Field {
		all := slices.Clone(m.Name)
		for _, person := range m.People {
			all = append(all, person.Name...)
		}
		return all
	},
	in: func(b *findings) bool {
		return slices.ContainsFunc(b.All, func(o columns.Order) bool { return o.Name != 0 })
	},
	lacking: func(b *findings) (n int64) { // without a phone there is nobody to name
		for i := range b.All {
			if b.All[i].Phone != 0 {
				n++
			}
		}
		return n
	},
	usual: []string{"name", "customername", "customer", "fullname", "client", "clientname", "buyer", "buyername", "guest", "guestname", "contact", "contactname", "recipient", "recipientname", "user", "person", "displayname", "firstname", "lastname", "who", "kunde", "kundenname", "klant", "nom", "nombre", "cliente"},
}, {
	what: "time", anyKey: true, fits: isTime,
	of: func(m *Mapping) Field { return m.Time },
	in: func(b *findings) bool {
		return slices.ContainsFunc(b.All, func(o columns.Order) bool { return o.Time != 0 })
	},
	lacking: allOrders,
	usual:   []string{"time", "timestamp", "datetime", "date", "createdat", "created", "orderedat", "ordertime", "orderdate", "ordered", "orderedon", "placedat", "placed", "placedon", "purchasedat", "purchasedate", "paidat", "when", "ts", "datum", "fecha"},
}, {
	what: "time of the last change", fits: isTime,
	of: func(m *Mapping) Field { return m.Updated },
	in: func(b *findings) bool {
		return len(b.unread) > 0 || slices.ContainsFunc(b.Details, func(d columns.Detail) bool { return d.Updated != timestamp.None })
	},
	lacking: allOrders,
	usual:   []string{"updatedat", "updated", "updatedon", "updatedate", "dateupdated", "updatetime", "lastupdated", "lastupdate", "lastupdatedat", "modifiedat", "modified", "modifiedon", "modifieddate", "datemodified", "datemodifiedgmt", "lastmodified", "lastmodifiedat", "lastmodifieddate", "changedat", "changed", "lastchanged", "lastchangedat", "writedate", "mtime", "geaendert"},
}, {
	what: "currency", fits: isCurrencyCode,
	of: func(m *Mapping) Field { return m.Currency },
	in: func(b *findings) bool {
		return slices.ContainsFunc(b.Details, func(d columns.Detail) bool { return d.Currency != 0 }) ||
			slices.ContainsFunc(b.LineDetails, func(d columns.LineDetail) bool { return d.Currency != 0 })
	},
	lacking: allOrders,
	usual:   []string{"currency", "currencycode", "currencyiso", "isocurrency", "curr", "ccy", "waehrung", "moneda", "valuta", "devise"},
}, {
	what: "id", fits: func(string, bool) bool { return true },
	of: func(m *Mapping) Field { return m.ID },
	in: func(b *findings) bool {
		return slices.ContainsFunc(b.Details, func(d columns.Detail) bool { return d.ID != 0 })
	},
	lacking: allOrders,
	usual:   []string{"id", "orderid", "ordernumber", "orderno", "ordernr", "uuid", "guid", "number", "no", "reference", "ref", "orderref"},
}, {
	what: "quantity", inLine: true, anyKey: true, fits: isQuantity,
	of: func(m *Mapping) Field { return m.Quantity },
	in: func(b *findings) bool {
		return slices.ContainsFunc(b.LineDetails, func(d columns.LineDetail) bool { return d.Quantity != 0 })
	},
	lacking: func(b *findings) int64 { return int64(len(b.AllLines)) },
	usual:   []string{"quantity", "qty", "count", "pcs", "pieces", "units", "amount", "number", "num", "menge", "anzahl", "stk", "aantal", "cantidad", "quantite", "quantita", "qnt", "portions"},
}}

func allOrders(b *findings) int64 { return int64(len(b.All)) }

// isName reports whether a value may be the name of a person: mostly letters, and no word
// that a program made.
func isName(text string, isText bool) bool {
	letters := 0
	for _, r := range text {
		switch {
		case unicode.IsLetter(r), unicode.IsMark(r):
			letters++
		case r == '_', r == '@', r == '/', unicode.IsDigit(r):
			return false
		}
	}
	first, _ := utf8.DecodeRuneInString(text)
	return isText && letters >= 2 && 3*letters >= 2*utf8.RuneCountInString(text) && !unicode.IsLower(first)
}

// isTime reports whether a value may be a time.
func isTime(text string, _ bool) bool {
	_, reading := new(timestamp.Formats).Parse([]byte(text))
	return reading != timestamp.Unread
}

func isCurrencyCode(text string, isText bool) bool {
	_, ok := money.ParseCurrency([]byte(text))
	return isText && ok
}

// isQuantity reports whether a value may be how many of an item were ordered.
func isQuantity(text string, _ bool) bool {
	n, err := strconv.ParseFloat(text, 64)
	return err == nil && n > 0 && n < 1000 && len(text) <= 6
}
