package mappings

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/pelletier/go-toml/v2/unstable"

	"process-orders/internal/shown"
	"process-orders/orders"
)

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
		err = word(f, to, v, map[string]refunds{"skip": false, "subtract": true}, `"skip" or "subtract"`)
	case *orders.Decimal:
		sign, ok := orders.DecimalOf(v.text)
		if *to = sign; !ok || v.kind != unstable.String {
			err = f.wrong(v.at, `want the decimal sign, "." or ",", got %s`, v)
		}
	case *orders.Later:
		err = word(f, to, v, map[string]orders.Later{"time": orders.LaterTime, "position": orders.LaterPosition}, `"time" or "position"`)
	case *orders.NoPhone:
		err = word(f, to, v, map[string]orders.NoPhone{"items": orders.NoPhoneItems, "skip": orders.NoPhoneSkip, "reject": orders.NoPhoneReject},
			`"items", "skip" or "reject"`)
	case *orders.NoGroup:
		err = word(f, to, v, map[string]orders.NoGroup{"above": orders.NoGroupAbove, "alone": orders.NoGroupAlone}, `"above" or "alone"`)
	case *orders.PriceUnit:
		err = word(f, to, v, map[string]orders.PriceUnit{"major": orders.Major, "minor": orders.Minor, "total": orders.Total},
			`a unit, "major" (12.50), "minor" (1250) or "total" (of the whole line)`)
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

// word sets a field to what one of some words means. If it is none of them, the error says what is wanted.
func word[T any](f *file, to *T, v *value, words map[string]T, wanted string) error {
	meant, ok := words[v.text]
	if *to = meant; !ok || v.kind != unstable.String {
		return f.wrong(v.at, "want %s, got %s", wanted, v)
	}
	return nil
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
