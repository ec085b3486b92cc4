package mappings

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"process-orders/internal/lazy"
	"process-orders/internal/nearest"
	"process-orders/internal/shown"
	"process-orders/orders"
)

// Parse reads the text of a mapping file, of which it keeps nothing. The name is that of
// the file: it is for messages, and becomes the mapping's. An error has the line, the
// column and what is wanted there.
func Parse(name string, text []byte) (*Mapping, error) {
	f := file{name: name, text: text}
	m := &Mapping{Name: name, System: systemOf(name)}
	if err := f.read(); err != nil {
		if data := dataIn(text); data != "" {
			return nil, noMapping(name, data)
		}
		return nil, err
	}
	if err := f.fill(m); err != nil {
		return nil, err
	}
	if err := f.checkTables(m); err != nil {
		return nil, err
	}
	if err := m.Check(); err != nil {
		return nil, f.impossible(err)
	}
	return m, nil
}

// systemOf returns the system of a mapping file that names none: the file's name
// without its folder and its ending. So it does not depend on how a path is typed.
func systemOf(name string) string {
	base := filepath.Base(name)
	if system := strings.TrimSuffix(base, filepath.Ext(base)); system != "" {
		base = system
	}
	return strings.ToValidUTF8(base, "\ufffd")
}

// A file is a parsed mapping file. It is made by the parser of the TOML library, not by
// its decoder. The decoder would lose the places of mistakes and the order of the
// conditions. That order matters: the first condition that holds is an order's reason.
type file struct {
	name    string
	text    []byte
	entries []entry
	parser  unstable.Parser
}

// An entry is a key, after those of its tables, and its value.
type entry struct {
	keys  []string
	at    int // the offset in the text
	value value
	// index is the number of the table among those of its name, from 0, if its header is
	// as in [[person]]; else -1.
	index int
}

type value struct {
	kind unstable.Kind
	text string
	at   int
	list []value
	// pairs are the keys and values in braces, if they say how a value is meant: see
	// operators.
	pairs []entry
}

// operators are the keys in braces that say how a value is meant, as in {not = "paid"}.
// All other keys in braces are those of a table.
var operators = []string{"const", "not", "in", "present"}

// table is the kind of an entry that is the header of a table.
const table = unstable.Table

func (f *file) read() error {
	if err := f.checkCount(); err != nil {
		return err
	}
	var tree map[string]any
	if err := toml.Unmarshal(f.text, &tree); err != nil {
		return f.syntax(err)
	}
	f.parser.Reset(f.text)
	var within []string
	index, tables := -1, map[string]int{}
	for f.parser.NextExpression() {
		switch e := f.parser.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			var at int
			if within, at = keysOf(e, nil); len(within) > maxEntryKeys {
				return f.tooManyKeys(at)
			}
			index = -1
			if name := strings.Join(within, "."); e.Kind == unstable.ArrayTable {
				if !slices.Contains(repeatable, name) {
					return f.wrong(at, "want the table once, as in [skip.void]; only [[%s]] can come again", strings.Join(repeatable, "]] and [["))
				}
				index = tables[name]
				tables[name]++
			}
			f.entries = append(f.entries, entry{within, at, value{kind: table, at: at}, index})
		case unstable.KeyValue:
			if err := f.add(e, within, index); err != nil {
				return err
			}
		}
	}
	return f.syntax(f.parser.Error())
}

// repeatable are the tables that a file may have several of.
var repeatable = []string{"person", "line"}

// maxEntries is how many keys and tables a file can have. A mapping can have fewer paths
// than that. For each key, the TOML library looks through all keys of its table.
const maxEntries = 1000

// checkCount refuses a file that has too many entries. Other faults are found later.
func (f *file) checkCount() error {
	f.parser.Reset(f.text)
	n := 0
	for f.parser.NextExpression() {
		if n += countEntries(f.parser.Expression()); n > maxEntries {
			return fmt.Errorf("%s: more than 1,000 keys: this is no mapping", f.name)
		}
	}
	return nil
}

// countEntries counts an expression and the entries in its braces.
func countEntries(e *unstable.Node) int {
	n := 1
	if e.Kind != unstable.KeyValue {
		return n
	}
	for inner := e.Value().Children(); inner.Next(); {
		if inner.Node().Kind == unstable.KeyValue {
			n += countEntries(inner.Node())
		}
	}
	return n
}

// maxEntryKeys is how many keys an entry can have, with those of its tables: skip, a
// reason, and the 32 of a path. Each entry has a copy of them.
const maxEntryKeys = 34

func (f *file) tooManyKeys(at int) error {
	return f.wrong(at, "more than %d keys joined by dots", maxEntryKeys)
}

func (f *file) syntax(err error) error {
	if err == nil {
		return nil
	}
	why := inOurWords(withoutKeys(strings.TrimPrefix(err.Error(), "toml: ")))
	if d := (*toml.DecodeError)(nil); errors.As(err, &d) {
		line, column := d.Position()
		if why == noClosingQuote {
			column = f.openQuote(line, column)
		}
		return fmt.Errorf("%s:%d:%d: %s", shown.Text(f.name), line, column, why)
	}
	return fmt.Errorf("%s: %s", shown.Text(f.name), why)
}

// openQuote returns the column of the quote in a line that has no closing one, or the
// column that it is given.
func (f *file) openQuote(line, column int) int {
	lines := bytes.SplitN(f.text, []byte("\n"), line+1)
	if line > len(lines) {
		return column
	}
	at, text := 0, lines[line-1]
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case at == 0 && (c == '"' || c == '\''):
			at = i + 1
		case at > 0 && c == '\\' && text[at-1] == '"':
			i++
		case at > 0 && c == text[at-1]:
			at = 0
		}
	}
	return cmp.Or(at, column)
}

// withoutKeys is what the TOML library says is wrong, without the key and the text that it
// names: what is no mapping may be a file with anything in it.
func withoutKeys(why string) string {
	if m := aboutKey().FindStringSubmatch(why); m != nil {
		return "the " + m[1] + " " + m[2]
	}
	if before, _, found := strings.Cut(why, "unable to parse float"); found {
		return before + "want a number"
	}
	return why
}

// aboutKey finds what is wrong with a key or a table behind its name.
var aboutKey = lazy.Regexp(`(?s)^(key|table) .* (is already defined|already exists[a-z ]*|already exists as [a-z ]*, but should be an array table|should be a table, not an? [a-z ]*)$`)

const noClosingQuote = "a text has no closing quote"

// words are what the TOML library says, and what we say: the first that is found counts.
var words = []struct{ theirs, ours string }{
	{"multiline basic string not terminated", "a text has no closing \"\"\""},
	{"multiline literal string not terminated", "a text has no closing '''"},
	{"unterminated basic string", noClosingQuote},
	{"unterminated literal string", noClosingQuote},
	{"strings cannot have new lines", noClosingQuote},
	{"invalid escape character", `in double quotes \ starts an escape: put the text in single quotes`},
	{"expected '=' after key", "want = after the key"},
	{"expected value, not", "want a value after ="},
	{"at start of value", "want a value: a text in quotes, a whole number, true, false, a list or a table"},
	{"to close", "want ] or ]] after the name of a table"},
	{"expected newline", "want the end of the line"},
	{"after array value", "want , or ] after a value of a list"},
	{"array is incomplete", "a list has no closing ]"},
	{"inline table is incomplete", "a table has no closing }"},
	{"invalid UTF-8", "not valid UTF-8: save the file as UTF-8"},
	{"control characters", "a control character"},
	{"at start of key", "want a key"},
	{"leading zero", "want a number without zeros before it"},
	{"should be an array table", "want [[…]] for each of them, or one [table]"},
	{"exists as defined by a dotted key", "the table is there already, as keys with dots"},
	{"is already defined", "the key is there already"},
	{"already exists", "the table is there already"},
}

// inOurWords is what is wrong, in the words of this program.
func inOurWords(why string) string {
	for _, w := range words {
		if strings.Contains(why, w.theirs) {
			return w.ours
		}
	}
	return why
}

// dataIn says what a text looks like that is no mapping but something to read orders from,
// or returns "".
func dataIn(text []byte) string {
	text = bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), " \t\r\n")
	line, _, _ := bytes.Cut(text, []byte("\n"))
	switch {
	case bytes.HasPrefix(text, []byte("PK\x03\x04")):
		return "a spreadsheet or a zip archive"
	case bytes.HasPrefix(text, []byte("\x1f\x8b")), bytes.HasPrefix(text, []byte("\x28\xb5\x2f\xfd")):
		return "compressed data"
	case bytes.HasPrefix(text, []byte("{")), bytes.HasPrefix(text, []byte("[")) && bytes.HasPrefix(bytes.TrimLeft(text[1:], " \t\r\n"), []byte("{")):
		return "JSON"
	case !bytes.ContainsAny(line, "=[#") && bytes.ContainsAny(line, ",;\t|"):
		return "a table (CSV)"
	}
	return ""
}

// noMapping says that a file is no mapping.
func noMapping(name, looksLike string) error {
	return fmt.Errorf("%s: this is no mapping: it looks like %s; a mapping is a TOML file or the name of a preset", shown.Text(name), looksLike)
}

// add adds an entry for a key and its value. For a table in braces, it adds the entries in
// it.
func (f *file) add(e *unstable.Node, within []string, index int) error {
	keys, at := keysOf(e, within)
	if len(keys) > maxEntryKeys {
		return f.tooManyKeys(at)
	}
	if v := e.Value(); v.Kind == unstable.InlineTable && !isOperator(v) {
		for inner := v.Children(); inner.Next(); {
			if inner.Node().Kind != unstable.KeyValue {
				continue
			}
			if err := f.add(inner.Node(), keys, index); err != nil {
				return err
			}
		}
	} else {
		f.entries = append(f.entries, entry{keys, at, valueOf(v, at), index})
	}
	return nil
}

// isOperator reports whether a table in braces says how a value is meant.
func isOperator(n *unstable.Node) bool {
	for inner := n.Children(); inner.Next(); {
		if inner.Node().Kind == unstable.KeyValue {
			keys, _ := keysOf(inner.Node(), nil)
			return len(keys) == 1 && (slices.Contains(operators, keys[0]) || isMistyped(keys[0]))
		}
	}
	return false
}

// isMistyped reports whether a key in braces was probably meant as one of the operators.
func isMistyped(key string) bool { return len(key) > 2 && nearest.Name(key, operators) != "" }

// keysOf returns the parts of an expression's key, after those of its table, and the
// offset of the first.
func keysOf(e *unstable.Node, within []string) (keys []string, at int) {
	keys, at = slices.Clone(within), -1
	for key := e.Key(); key.Next(); {
		if at < 0 {
			at = int(key.Node().Raw.Offset)
		}
		keys = append(keys, string(key.Node().Data))
	}
	return keys, at
}

// valueOf copies a value, which the parser will overwrite. A value without an offset of
// its own gets that of its key.
func valueOf(n *unstable.Node, at int) value {
	v := value{kind: n.Kind, text: string(n.Data), at: at}
	if n.Raw.Length > 0 {
		v.at = int(n.Raw.Offset)
	}
	if v.kind == unstable.Integer {
		if i, err := strconv.ParseInt(v.text, 0, 64); err == nil {
			v.text = strconv.FormatInt(i, 10)
		}
	}
	if v.kind == unstable.InlineTable {
		for inner := n.Children(); inner.Next(); {
			if inner.Node().Kind == unstable.KeyValue {
				keys, at := keysOf(inner.Node(), nil)
				v.pairs = append(v.pairs, entry{keys, at, valueOf(inner.Node().Value(), at), -1})
			}
		}
	}
	if v.kind == unstable.Array {
		for inner := n.Children(); inner.Next(); {
			if inner.Node().Kind != unstable.Comment {
				v.list = append(v.list, valueOf(inner.Node(), v.at))
			}
		}
	}
	return v
}

// wrong returns an error about what is at an offset of the text.
func (f *file) wrong(at int, format string, args ...any) error {
	before := f.text[:at]
	line := bytes.Count(before, []byte("\n")) + 1
	column := at - bytes.LastIndexByte(before, '\n')
	return fmt.Errorf("%s:%d:%d: %s", shown.Text(f.name), line, column, fmt.Sprintf(format, args...))
}

// system is the field for the key system.
type system string

// maxSystemBytes is how long the name of a system may be. A store keeps it, and messages
// show it.
const maxSystemBytes = 64

// fields returns the field of a mapping for each key of a file. person and line are those
// that keys of [[person]], and of [line] or [[line]], are about.
func fields(m *Mapping, person *orders.Person, line *orders.LineFields) map[string]any {
	return map[string]any{
		"title": &m.Title, "system": (*system)(&m.System), "experimental": &m.Experimental,
		"orders": &m.Orders, "order": &m.Order, "group": &m.Group,
		"csv": &m.CSV, "header_row": &m.HeaderRow, "quotes": (*noQuotes)(&m.Unquoted), "sheet": &m.Sheet,
		"id": &m.ID, "id_prefix": &m.IDPrefixes, "time": &m.Time, "time_format": &m.TimeFormats,
		"updated": &m.Updated, "later": &m.Later,
		"currency": &m.Currency, "decimal": &m.Decimal,
		"phone": &m.Phone, "name": &m.Mapping.Name, "region": &m.Region, "no_phone": &m.NoPhone,
		"no_group":     &m.NoGroup,
		"person.phone": &person.Phone, "person.name": &person.Name,
		"lines": &m.Lines, "html": &m.HTML, "refunds": (*refunds)(&m.KeepRefunds),
		"line.item": &line.Item, "line.price": &line.Price, "line.total": &line.Total, "line.paid": &line.Paid,
		"line.add": &line.Add, "line.divisor": &line.Divisor, "line.currency": &line.LineCurrency,
		"line.quantity": &line.Quantity, "line.quantity_divisor": &m.QuantityDivisor, "line.unit": &m.PriceUnit,
	}
}

// noQuotes is the field for the key quotes, and refunds that for the key refunds.
type (
	noQuotes bool
	refunds  bool
)

func (f *file) fill(m *Mapping) error {
	for i := range f.entries {
		e := &f.entries[i]
		var err error
		switch first := e.keys[0]; {
		case first == "skip":
			err = f.condition(e, &m.Skip)
		case first == "skip_line":
			err = f.condition(e, &m.SkipLines)
		case first == "person" && e.index < 0:
			return f.wrong(e.at, "want [[person]] in double brackets, one for each person")
		case first == "line" && len(e.keys) == 1 && e.value.kind == unstable.Array:
			return f.wrong(e.at, "want a table [[line]] for each of them")
		default:
			person, line := &orders.Person{}, &m.LineFields
			if first == "person" {
				person = at(&m.People, e.index)
			}
			if first == "line" && e.index > 0 {
				line = at(&m.Wide, e.index-1)
			}
			if e.value.kind == table && len(e.keys) == 1 && slices.Contains(repeatable, first) {
				continue
			}
			known := fields(m, person, line)
			key := strings.Join(e.keys, ".")
			to, ok := known[key]
			switch {
			case !ok:
				return f.unknown(e, known)
			case e.index > 0 && slices.Contains(ofAllLines, key):
				return f.wrong(e.at, "want it in the first [[line]]: it is that of all lines")
			}
			err = f.set(to, &e.value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ofAllLines are the keys of a line that all lines of a mapping have in common.
var ofAllLines = []string{"line.unit", "line.quantity_divisor"}

// checkTables returns which of the tables that can come again lacks what each must have.
func (f *file) checkTables(m *Mapping) error {
	for i := range f.entries {
		e := &f.entries[i]
		if e.value.kind != table || e.index < 0 {
			continue
		}
		if e.keys[0] == "person" && len(m.People[e.index].Phone) == 0 {
			return f.wrong(e.at, "want phone in each [[person]]")
		}
		if e.keys[0] != "line" {
			continue
		}
		line := &m.LineFields
		if e.index > 0 {
			line = &m.Wide[e.index-1]
		}
		if len(line.Item) == 0 || len(line.Price) == 0 && len(line.Total) == 0 {
			return f.wrong(e.at, "want item, and price or total, in each [[line]]")
		}
	}
	return nil
}

// at returns the i-th element of a slice, which it makes longer if need be.
func at[T any](all *[]T, i int) *T {
	for len(*all) <= i {
		*all = append(*all, *new(T))
	}
	return &(*all)[i]
}

// maxKeyBytes is the size of the longest key that a message shows. The keys of a mapping
// file have less than 20 bytes, except those of conditions: these are paths.
const maxKeyBytes = 200

func (f *file) unknown(e *entry, known map[string]any) error {
	key := strings.Join(e.keys, ".")
	if len(key) > maxKeyBytes { // the search for what was meant would take long
		return f.wrong(e.at, "unknown key of %d bytes", len(key))
	}
	names := append(slices.Collect(maps.Keys(known)), "skip.REASON", "skip_line.REASON")
	slices.Sort(names)
	if first := e.keys[0]; len(e.keys) > 1 && slices.Contains(repeatable, first) {
		if inner := strings.Join(e.keys[1:], "."); slices.Contains(names, inner) {
			return f.wrong(e.at, "unknown key; %s is a key of the order: put it above the first [table]", inner)
		}
		names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, first+".") })
	}
	return f.wrong(e.at, "unknown key%s", hint(key, names, "the keys are"))
}

// set sets a field of the mapping to a value.
func (f *file) set(to any, v *value) (err error) {
	switch to := to.(type) {
	case *string:
		*to, err = f.string(v)
	case *bool:
		if *to = v.text == "true"; v.kind != unstable.Bool {
			err = f.wrong(v.at, "want true or false, got %s", v)
		}
	case *[]string:
		*to, err = f.strings(v)
	case *orders.Field:
		*to, err = f.field(v)
	case *int:
		n, failed := strconv.Atoi(v.text)
		if *to = n; v.kind != unstable.Integer || failed != nil || n < 1 || n > maxNumber {
			err = f.wrong(v.at, "want a whole number from 1 to 1,000,000, got %s", v)
		}
	case *noQuotes:
		if *to = v.text == "false"; v.kind != unstable.Bool {
			err = f.wrong(v.at, "want true or false, got %s", v)
		}
	case *refunds:
		if *to = v.text == "subtract"; v.kind != unstable.String || v.text != "subtract" && v.text != "skip" {
			err = f.wrong(v.at, `want "skip" or "subtract", got %s`, v)
		}
	case *orders.Decimal:
		sign, ok := orders.DecimalOf(v.text)
		if *to = sign; !ok || v.kind != unstable.String {
			err = f.wrong(v.at, `want the decimal sign, "." or ",", got %s`, v)
		}
	case *orders.Later:
		words := map[string]orders.Later{"time": orders.LaterTime, "position": orders.LaterPosition}
		word, ok := words[v.text]
		if *to = word; !ok || v.kind != unstable.String {
			err = f.wrong(v.at, `want "time" or "position", got %s`, v)
		}
	case *orders.NoPhone:
		words := map[string]orders.NoPhone{"items": orders.NoPhoneItems, "skip": orders.NoPhoneSkip, "reject": orders.NoPhoneReject}
		word, ok := words[v.text]
		if *to = word; !ok || v.kind != unstable.String {
			err = f.wrong(v.at, `want "items", "skip" or "reject", got %s`, v)
		}
	case *orders.NoGroup:
		words := map[string]orders.NoGroup{"above": orders.NoGroupAbove, "alone": orders.NoGroupAlone}
		word, ok := words[v.text]
		if *to = word; !ok || v.kind != unstable.String {
			err = f.wrong(v.at, `want "above" or "alone", got %s`, v)
		}
	case *orders.PriceUnit:
		units := map[string]orders.PriceUnit{"major": orders.Major, "minor": orders.Minor, "total": orders.Total}
		unit, ok := units[v.text]
		if *to = unit; !ok || v.kind != unstable.String {
			err = f.wrong(v.at, `want a unit, "major" (12.50), "minor" (1250) or "total" (of the whole line), got %s`, v)
		}
	case *system:
		name, err := f.string(v)
		if err == nil && !isSystem(name) {
			err = f.wrong(v.at, "want the name of a system, up to %d bytes of printable text without a slash, got %s", maxSystemBytes, v)
		}
		*to = system(name)
		return err
	}
	return err
}

// isSystem reports whether a text can be the name of a system: it is not blank, and can
// be shown and stored as it is. A slash comes between a system and a shop in a store.
func isSystem(name string) bool {
	return strings.TrimSpace(name) != "" && len(name) <= maxSystemBytes && !strings.Contains(name, "/") &&
		!strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}

func (f *file) string(v *value) (string, error) {
	if v.kind != unstable.String {
		return "", f.wrong(v.at, "want a text in quotes, got %s", v)
	}
	return v.text, nil
}

func (f *file) strings(v *value) (all []string, err error) {
	values := []value{*v}
	if v.kind == unstable.Array {
		values = v.list
	}
	for i := range values {
		if values[i].kind != unstable.String {
			return nil, f.wrong(values[i].at, "want a text in quotes or a list of them, got %s", &values[i])
		}
		all = append(all, values[i].text)
	}
	return all, nil
}

// maxNumber is the greatest number of a mapping file: a row, or a divisor.
const maxNumber = 1_000_000

// field reads paths, among which may be constants, as in {const = "EUR"}.
func (f *file) field(v *value) (all []string, err error) {
	values := []value{*v}
	if v.kind == unstable.Array {
		values = v.list
	}
	for i := range values {
		one := &values[i]
		switch {
		case one.kind == unstable.String:
			all = append(all, one.text)
		case len(one.pairs) == 1 && one.pairs[0].keys[0] == "const":
			constant := &one.pairs[0].value
			if constant.kind != unstable.String && constant.kind != unstable.Integer && constant.kind != unstable.Float {
				return nil, f.wrong(constant.at, "want a text in quotes or a number, got %s", constant)
			}
			all = append(all, "="+constant.text)
		default:
			return nil, f.wrong(one.at, `want a text in quotes, {const = "VALUE"}, or a list of them, got %s`, one)
		}
	}
	return all, nil
}

// String returns the value as messages show it.
func (v *value) String() string {
	switch v.kind {
	case unstable.String:
		return shown.Value(v.text)
	case unstable.Array:
		return "a list"
	case table, unstable.InlineTable:
		return "a table"
	case unstable.Bool:
		return v.text
	case unstable.Integer, unstable.Float:
		if shown.IsAmount(v.text) {
			return v.text
		}
		return "a number"
	}
	return "a date or a time"
}

// reserved are the reasons that mean something else in Include and in totals.
var reserved = []string{everything, orders.ReasonNoPhone, orders.ReasonRefund, orders.ReasonZero}

// condition adds the condition in a line of a table [skip.REASON].
func (f *file) condition(e *entry, to *[]orders.Condition) error {
	kind := e.keys[0]
	switch {
	case e.value.kind == table && len(e.keys) <= 2:
		return nil
	case e.value.kind == table: // [skip.REASON.a.b]: its keys follow
	case len(e.keys) < 3:
		return f.wrong(e.at, "want [%s.REASON] and below it PATH = VALUE", kind)
	}
	if slices.Contains(reserved, e.keys[1]) {
		return f.wrong(e.at, "want another reason: %q has a meaning of its own", e.keys[1])
	}
	if e.value.kind == table {
		return nil
	}
	c := orders.Condition{Reason: e.keys[1], Path: strings.Join(e.keys[2:], ".")}
	given := e.value
	if given.kind == unstable.InlineTable {
		if len(given.pairs) != 1 {
			return f.wrong(e.at, `want one of {not = …}, {in = […]} and {present = …}`)
		}
		pair := given.pairs[0]
		given = pair.value
		switch pair.keys[0] {
		case "not":
			c.Not = true
		case "in":
		case "present":
			if given.kind != unstable.Bool {
				return f.wrong(given.at, "want true or false, got %s", &given)
			}
			c.Presence = orders.Absent
			if given.text == "true" {
				c.Presence = orders.Present
			}
			*to = append(*to, c)
			return nil
		default:
			return f.wrong(pair.at, `want one of {not = …}, {in = […]} and {present = …}`)
		}
	}
	values := []value{given}
	if given.kind == unstable.Array {
		values = given.list
	}
	for _, v := range values {
		if v.kind != unstable.String && v.kind != unstable.Bool && v.kind != unstable.Integer {
			return f.wrong(v.at, "want a text in quotes, a whole number, true, false or a list of these, got %s", &v)
		}
		c.Values = append(c.Values, v.text)
	}
	if len(values) == 0 {
		return f.wrong(e.at, `want at least one value; "*" is any`)
	}
	*to = append(*to, c)
	return nil
}

// impossible returns an error about a mapping that cannot read any orders, although the
// file is well written. It has the place of the path that the error is about.
func (f *file) impossible(err error) error {
	if p := (*orders.PathError)(nil); errors.As(err, &p) {
		for i := len(f.entries) - 1; i >= 0; i-- {
			if at, ok := f.entries[i].mentions(p.Path); ok {
				return f.wrong(at, "%s", p.Reason)
			}
		}
		return fmt.Errorf("%s: %s", shown.Text(f.name), p.Reason)
	}
	return fmt.Errorf("%s: %s", shown.Text(f.name), strings.TrimPrefix(err.Error(), "mapping: "))
}

// mentions reports whether the entry has a path, and returns the path's offset.
func (e *entry) mentions(path string) (at int, ok bool) {
	if strings.HasPrefix(e.keys[0], "skip") {
		return e.at, len(e.keys) > 2 && strings.Join(e.keys[2:], ".") == path
	}
	for _, v := range append([]value{e.value}, e.value.list...) {
		if v.kind == unstable.String && (v.text == path || slices.Contains(strings.Split(v.text, " + "), path)) {
			return v.at, true
		}
		if len(v.pairs) == 1 && "="+v.pairs[0].value.text == path {
			return v.pairs[0].value.at, true
		}
	}
	return 0, false
}
