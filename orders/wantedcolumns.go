package orders

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"process-orders/internal/shown"
)

// whenUpdated is what messages call the times of the last change.
const whenUpdated = "the time of the last change"

// wantedColumn is a field that a mapping reads from a table.
type wantedColumn struct {
	what     string   // as messages name it
	keys     []string // of the columns that may have it
	required bool
	// unless are the columns of which one must be there for the field to be required: a
	// set of columns for more lines of the same row may be missing as a whole.
	unless []string
}

// isAbsentSet reports whether the field is of a set of columns that is not there.
func (w *wantedColumn) isAbsentSet(t *tableShape) bool {
	return w.unless != nil && len(t.columnsOf(w.unless)) == 0
}

// columns are the fields that a mapping reads from a table.
func (m *Mapping) columns() (all []wantedColumn) {
	c := compiler{m: m}
	add := func(required bool, what string, fields ...Field) {
		if keys, constant := c.keysOf(slices.Concat(fields...)); len(keys) > 0 && !constant {
			all = append(all, wantedColumn{what: what, keys: keys, required: required})
		}
	}
	phones, names := m.Phone, m.Name
	for _, person := range m.People {
		phones, names = slices.Concat(person.Phone, phones), slices.Concat(person.Name, names)
	}
	add(true, "what the rows of one order have in common", m.Group)
	add(true, "the item", m.Item)
	add(true, "the price", m.Price, m.Total)
	add(m.NoPhone == NoPhoneReject, "the phone", phones)
	add(false, "the name", names)
	add(false, "the id", m.ID)
	add(false, "the time", m.Time)
	add(false, whenUpdated, m.Updated)
	add(false, "the quantity", m.Quantity)
	add(false, "the currency", m.LineCurrency, m.Currency)
	add(false, "what was paid", m.Paid)
	add(false, "what is added to the price", m.Add)
	add(false, "the divisor of prices", m.Divisor)
	for _, line := range m.Wide {
		item, _ := c.keysOf(line.Item)
		price, constant := c.keysOf(slices.Concat(line.Price, line.Total))
		if !constant {
			all = append(all, wantedColumn{what: "the price of another line", keys: price, required: true, unless: item})
		}
	}
	for _, conditions := range [][]Condition{m.Skip, m.SkipLines} {
		byReason := map[string]Field{}
		var reasons []string
		for _, condition := range conditions {
			if condition.Presence != AnyPresence {
				continue
			}
			if byReason[condition.Reason] == nil {
				reasons = append(reasons, condition.Reason)
			}
			byReason[condition.Reason] = append(byReason[condition.Reason], condition.Path)
		}
		for _, reason := range reasons {
			add(false, fmt.Sprintf("what is skipped as %s", shown.Text(reason)), byReason[reason])
		}
	}
	return all
}

// keysOf are the columns that a field is read from, and whether one of its alternatives is
// a constant, which is always there.
func (c *compiler) keysOf(f Field) (keys []string, constant bool) {
	for _, alternative := range f {
		if strings.HasPrefix(alternative, "=") {
			constant = true
			continue
		}
		for _, path := range splitJoined(alternative) {
			if steps := c.path(path); len(steps) == 1 && !slices.Contains(keys, steps[0].key) {
				keys = append(keys, steps[0].key)
			}
		}
	}
	return keys, constant
}

// columnsOf are the columns that have one of the keys.
func (t *tableShape) columnsOf(keys []string) (all []int) {
	for _, key := range keys {
		all = append(all, t.byKey[key]...)
	}
	return all
}

// ambiguous says which columns have the same name, of those that the field is read from.
func (t *tableShape) ambiguous(w wantedColumn) string {
	for _, key := range w.keys {
		if at := t.byKey[key]; len(at) > 1 {
			return fmt.Sprintf("columns %d and %d are both named %s, which the mapping reads as %s", at[0]+1, at[1]+1, quotedName(key), w.what)
		}
	}
	return ""
}

// absentText says which fields the table does not have.
func (t *tableShape) absentText(absent []wantedColumn) string {
	var all []string
	for _, w := range absent {
		var names []string
		for _, key := range w.keys {
			names = append(names, quotedName(key))
		}
		if len(absent) == 1 {
			return "the table has no column " + enumerated(names, "or") + ", which the mapping reads as " + w.what
		}
		all = append(all, enumerated(names, "or")+" ("+w.what+")")
	}
	return "the table lacks columns that the mapping reads: " + enumerated(all, "and")
}

// enumerated is a list in words: a, b and c.
func enumerated(all []string, word string) string {
	last := len(all) - 1
	if last < 1 {
		return strings.Join(all, "")
	}
	return strings.Join(all[:last], ", ") + " " + word + " " + all[last]
}

// maxShownColumns is how many columns a message lists.
const maxShownColumns = 40

// columnsText says which columns the table has, or only how many, if the row may be
// something else than a header: what it holds may be personal then.
func (t *tableShape) columnsText() string {
	if !t.mayBeHeader() {
		if len(t.names) == 1 {
			return "; its row has 1 value, which does not look like the name of a column and may be personal"
		}
		return fmt.Sprintf("; its row has %d values, which do not look like names of columns and may be personal", len(t.names))
	}
	var names []string
	for _, name := range t.names {
		if name = cleanName(name); name != "" {
			names = append(names, quotedName(name))
		}
	}
	if more := len(names) - maxShownColumns; more > 0 {
		names = append(names[:maxShownColumns], fmt.Sprintf("%d more", more))
	}
	if len(names) == 1 {
		return "; its only column is " + names[0]
	}
	return "; its columns are " + enumerated(names, "and")
}

// maxNameBytes is the size of the longest text that can be the name of a column.
const maxNameBytes = 60

// mayBeHeader reports whether no cell of the row is a number, a date, a phone or an
// address.
func (t *tableShape) mayBeHeader() bool {
	named := false
	for _, name := range t.names {
		name = cleanName(name)
		if name == "" {
			continue
		}
		named = true
		if len(name) > maxNameBytes || isDigit(name[0]) || strings.ContainsAny(name, "@$€£") {
			return false
		}
		letters := strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf || r|0x20 >= 'a' && r|0x20 <= 'z' })
		for i := 1; i < len(name); i++ {
			if isDigit(name[i]) && (!letters || isDigit(name[i-1])) {
				return false
			}
		}
	}
	return named
}

func quotedName(name string) string {
	if len(name) > shownPathBytes {
		name = strings.ToValidUTF8(name[:shownPathBytes], "") + "…"
	}
	return `"` + shown.Text(name) + `"`
}

// cleanName is the name of a column without what cannot be seen: blanks around it, repeated
// ones in it, byte order marks.
func cleanName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == '\ufeff' || r == '\u200b' {
			return -1
		}
		return r
	}, name)
	return strings.Join(strings.Fields(name), " ")
}

// foldName is what two names of columns share that differ in nothing that people see, but
// for upper and lower case.
func foldName(name string) string { return strings.ToLower(cleanName(name)) }
