package mappings

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"process-orders/internal/nearest"
	"process-orders/internal/shown"
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
