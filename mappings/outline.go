package mappings

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
)

const (
	// maxOutlineBytes is how much of a document is looked at to know its kind: some orders,
	// which takes a millisecond.
	maxOutlineBytes = 64 << 10
	// maxNesting is how deep the keys are looked at. Orders nest up to ten levels.
	maxNesting = 20
	// maxEnvelopes is how many envelopes an order can be in.
	maxEnvelopes = 6
	// maxTitleRows is how many rows of a table can stand above the names of its columns.
	maxTitleRows = 50
)

// An outline is the keys of an object of JSON, or of a table's row.
type outline struct {
	// below are the objects below each key: the value, or the elements of an array. A key
	// whose value is something else has none.
	below map[string][]*outline
	table bool
}

// has reports whether the object has a path of keys, with any value.
func (o *outline) has(path []string) bool {
	below, ok := o.below[path[0]]
	if !ok || len(path) == 1 {
		return ok
	}
	return slices.ContainsFunc(below, func(o *outline) bool { return o.has(path[1:]) })
}

// walk visits the object. If visit does not know it, and it is an envelope, walk visits what
// is in it. The objects in an order are none of a document's kind: the customer of a Shopify
// order is like one of the list of customers.
func (o *outline) walk(depth int, visit func(*outline) (known bool)) {
	if visit(o) || depth == 0 {
		return
	}
	keyed := o.isKeyed()
	for key, below := range o.below {
		if keyed || slices.Contains(envelopes, key) {
			for _, inner := range below {
				inner.walk(depth-1, visit)
			}
		}
	}
}

// isKeyed reports whether all values of the object are objects, as in {"id1": {…}}.
func (o *outline) isKeyed() bool {
	for _, below := range o.below {
		if len(below) == 0 {
			return false
		}
	}
	return true
}

// envelopes are keys under which documents hold orders.
var envelopes = []string{
	"orders", "order", "Orders", "Order", "data", "result", "results", "payload", "elements", "items", "node", "nodes", "edges",
	"body", "object", "record", "records", "rows", "list", "content", "response", "value", "values",
	"products", "product", "customers", "checkouts", "payments", "sessions", "refunds", "invoices", "receipts", "carts",
}

// outlines returns the objects that a document starts with: those that follow each other,
// or the elements of an array. Of a table it returns the first rows, of which one has the
// names of the columns.
func outlines(head []byte) []*outline {
	head = bytes.TrimPrefix(head[:min(len(head), maxOutlineBytes)], []byte("\xef\xbb\xbf"))
	if !looksLikeJSON(head) {
		return rowOutlines(head)
	}
	o := outliner{tokens: json.NewDecoder(bytes.NewReader(head))}
	var all []*outline
	for !o.ended {
		all = append(all, o.value(maxNesting)...)
	}
	return all
}

// An outliner reads JSON that may end anywhere.
type outliner struct {
	tokens *json.Decoder
	ended  bool
}

func (o *outliner) next() json.Token {
	token, err := o.tokens.Token()
	if err != nil {
		o.ended = true
		return nil
	}
	return token
}

// value reads a value and returns the objects that it is, or holds as an array.
func (o *outliner) value(depth int) []*outline {
	switch o.next() {
	case json.Delim('{'):
		return o.object(depth)
	case json.Delim('['):
		return o.array(depth)
	}
	return nil
}

func (o *outliner) object(depth int) []*outline {
	object := &outline{below: map[string][]*outline{}}
	for !o.ended && o.tokens.More() {
		key, isText := o.next().(string)
		if !isText {
			break
		}
		below := object.below[key]
		if depth > 0 {
			object.below[key] = append(below, o.value(depth-1)...)
		} else {
			o.skip()
		}
	}
	o.next() // the brace
	return []*outline{object}
}

func (o *outliner) array(depth int) (all []*outline) {
	for !o.ended && o.tokens.More() {
		if depth > 0 {
			all = append(all, o.value(depth-1)...)
		} else {
			o.skip()
		}
	}
	o.next() // the bracket
	return all
}

// skip passes over a value.
func (o *outliner) skip() {
	for depth := 0; !o.ended; {
		switch o.next() {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return
		}
	}
}

// rowOutlines returns the first rows of a table, once for each character that may separate
// its columns.
func rowOutlines(head []byte) (all []*outline) {
	for _, comma := range ",;\t|" {
		rows := csv.NewReader(bytes.NewReader(head))
		rows.Comma, rows.LazyQuotes, rows.FieldsPerRecord = comma, true, -1
		for range maxTitleRows {
			row, err := rows.Read()
			if err != nil {
				break
			}
			if len(row) < 2 {
				continue
			}
			o := &outline{below: map[string][]*outline{}, table: true}
			for _, name := range row {
				o.below[columnKey(name)] = nil
			}
			all = append(all, o)
		}
	}
	return all
}

// columnKey is a column's name as it is compared.
func columnKey(name string) string {
	return strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
}
