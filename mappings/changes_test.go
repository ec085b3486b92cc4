package mappings_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/mappings"
	"process-orders/money"
	"process-orders/orders"
)

// What systems do to their documents from one version to the next, and people to their
// files, must never lead to another answer: a document that was changed is read right, or it
// is refused. A naive second reader of mappings says what is right: it works on documents as
// encoding/json decodes them, and shares no code with package orders.

// A tree is a JSON value that keeps the order of its keys and the text of its numbers.
type tree struct {
	kind     byte   // { [ " and, for numbers and words, their first byte
	text     string // of a string, a number or a word
	keys     []string
	children []*tree
}

func parseTree(d *json.Decoder) (*tree, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Delim:
		t := &tree{kind: byte(token)}
		for d.More() {
			if token == '{' {
				key, err := d.Token()
				if err != nil {
					return nil, err
				}
				t.keys = append(t.keys, key.(string))
			}
			child, err := parseTree(d)
			if err != nil {
				return nil, err
			}
			t.children = append(t.children, child)
		}
		_, err := d.Token()
		return t, err
	case string:
		return &tree{kind: '"', text: token}, nil
	case json.Number:
		return &tree{kind: '0', text: token.String()}, nil
	case bool:
		return &tree{kind: 't', text: strconv.FormatBool(token)}, nil
	}
	return &tree{kind: 'n', text: "null"}, nil
}

// parseTrees parses values that follow each other.
func parseTrees(t *testing.T, text []byte) (all []*tree) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	for {
		one, err := parseTree(d)
		if errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
}

func (t *tree) write(b *strings.Builder, separator string) {
	quote := func(s string) {
		var out bytes.Buffer
		e := json.NewEncoder(&out)
		e.SetEscapeHTML(false)
		if e.Encode(s) == nil {
			b.WriteString(strings.TrimSuffix(out.String(), "\n"))
		}
	}
	switch t.kind {
	case '{', '[':
		b.WriteByte(t.kind)
		for i, child := range t.children {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(separator)
			if t.kind == '{' {
				quote(t.keys[i])
				b.WriteByte(':')
			}
			child.write(b, separator)
		}
		b.WriteString(separator)
		b.WriteByte(t.kind + 2)
	case '"':
		quote(t.text)
	default:
		b.WriteString(t.text)
	}
}

func (t *tree) String() string {
	var b strings.Builder
	t.write(&b, "")
	return b.String()
}

func (t *tree) clone() *tree {
	c := &tree{kind: t.kind, text: t.text, keys: slices.Clone(t.keys)}
	for _, child := range t.children {
		c.children = append(c.children, child.clone())
	}
	return c
}

func object(members ...any) *tree {
	t := &tree{kind: '{'}
	for i := 0; i < len(members); i += 2 {
		t.keys = append(t.keys, members[i].(string))
		t.children = append(t.children, members[i+1].(*tree))
	}
	return t
}

func array(elements ...*tree) *tree { return &tree{kind: '[', children: elements} }

func (t *tree) get(key string) *tree {
	if i := slices.Index(t.keys, key); i >= 0 {
		return t.children[i]
	}
	return nil
}

// at returns the values at a path, in the order of the document. A null is as good as none.
func (t *tree) at(path string) (all []*tree) {
	if t == nil || t.kind == 'n' {
		return nil
	}
	if path == "" {
		return []*tree{t}
	}
	key, rest, _ := strings.Cut(path, ".")
	name, each, _ := strings.Cut(key, "[")
	keyed := strings.HasSuffix(key, "{}")
	name = strings.TrimSuffix(name, "{}")
	next := t.get(name)
	if t.kind != '{' || next == nil || next.kind == 'n' {
		return nil
	}
	switch {
	case each == "]" && next.kind == '[' || keyed && next.kind == '{':
		for _, child := range next.children {
			all = append(all, child.at(rest)...)
		}
		return all
	case each != "" && each != "]":
		n, _ := strconv.Atoi(strings.TrimSuffix(each, "]"))
		if next.kind != '[' || n >= len(next.children) {
			return nil
		}
		return next.children[n].at(rest)
	}
	return next.at(rest)
}

func (t *tree) isBlank() bool {
	return t.kind == '"' && strings.TrimSpace(t.text) == "" || t.text == "false" && t.kind == 't'
}

// first returns the first value at a path that is not blank.
func (t *tree) first(path string) *tree {
	for _, v := range t.at(path) {
		if !v.isBlank() {
			return v
		}
	}
	return nil
}

// pick resolves a field: the first alternative that is there, with its parts joined.
func (t *tree) pick(f orders.Field) (text string, ok bool) {
	for _, alternative := range f {
		if constant, ok := strings.CutPrefix(alternative, "="); ok {
			return constant, true
		}
		var parts []string
		for _, path := range strings.Split(alternative, " + ") {
			if v := t.first(path); v != nil {
				parts = append(parts, v.text)
			}
		}
		if len(parts) > 0 {
			return strings.Join(parts, " "), true
		}
	}
	return "", false
}

// meets returns the reason of the first condition that holds.
func (t *tree) meets(conditions []orders.Condition) (reason string, ok bool) {
	for _, c := range conditions {
		i := strings.LastIndexByte(c.Path, '.')
		var key *tree
		if i < 0 {
			key = t.get(c.Path)
		} else if parents := t.at(c.Path[:i]); len(parents) > 0 {
			key = parents[0].get(c.Path[i+1:])
		}
		switch c.Presence {
		case orders.Present, orders.Absent:
			if (key != nil) == (c.Presence == orders.Present) {
				return c.Reason, true
			}
			continue
		}
		values := t.at(c.Path)
		if len(values) == 0 {
			continue
		}
		v := values[0]
		for _, one := range values {
			if one.kind != '"' || strings.TrimSpace(one.text) != "" {
				v = one
				break
			}
		}
		something := strings.TrimSpace(v.text) != "" && v.text != "false" || (v.kind == '{' || v.kind == '[') && len(v.children) > 0
		holds := slices.Contains(c.Values, v.text) || slices.Contains(c.Values, "*") && something
		if holds != c.Not {
			return c.Reason, true
		}
	}
	return "", false
}

// A naiveResult is what a mapping makes of some orders.
type naiveResult struct {
	orders   []string
	rejected int
	skipped  map[string]int64
	ids      map[string]bool
}

// read reads one object as an order.
func (n *naiveResult) read(o *tree, m *mappings.Mapping) {
	for _, alias := range m.Order {
		if inner := o.at(alias); len(inner) > 0 && inner[0].kind == '{' {
			o = inner[0]
			break
		}
	}
	if reason, ok := o.meets(m.Skip); ok {
		n.skipped[reason]++
		return
	}
	hasLines := false
	for _, path := range m.Lines {
		outer, key := path[:max(strings.LastIndexByte(path, '.'), 0)], path[strings.LastIndexByte(path, '.')+1:]
		for _, at := range o.at(outer) {
			lines := at.get(strings.TrimRight(key, "[]{}"))
			hasLines = hasLines || lines != nil && lines.kind != 'n'
		}
	}
	phone, name := person(o, m)
	name = unescaped(name, m)
	if hasLines && phone == "" && m.NoPhone == orders.NoPhoneSkip {
		n.skipped[orders.ReasonNoPhone]++
		return
	}
	if !hasLines || phone == "" && m.NoPhone == orders.NoPhoneReject {
		n.rejected++
		return
	}
	id, _ := o.pick(m.ID)
	for _, prefix := range m.IDPrefixes {
		if rest, ok := strings.CutPrefix(id, prefix); ok {
			id = rest
			break
		}
	}
	at, _ := o.pick(m.Time)
	currency, _ := o.pick(m.Currency)
	if id == "" && phone == "" && slices.Contains(m.Lines, "items[]") && slices.Contains(m.Orders, "items") && len(o.at("items[]")) == 0 {
		return // a page without orders looks like it
	}
	text := fmt.Sprintf("%s|%s|%s|%s|%s", id, at, currency, phone, name)
	for _, path := range m.Lines {
		outer, key := path[:max(strings.LastIndexByte(path, '.'), 0)], path[strings.LastIndexByte(path, '.')+1:]
		for _, around := range o.at(outer) {
			var conditions []orders.Condition
			for _, c := range m.SkipLines {
				if rest, ok := strings.CutPrefix(c.Path, outer+"."); ok && outer != "" {
					c.Path = rest
					conditions = append(conditions, c)
				}
			}
			_, isOut := around.meets(conditions)
			for _, line := range around.at(key) {
				shown, ok := naiveLine(line, m, currency)
				if !ok {
					n.rejected++
					return
				}
				if !isOut {
					text += shown
				}
			}
		}
	}
	if id != "" && n.ids[id] {
		return
	}
	n.ids[id] = true
	n.orders = append(n.orders, text)
}

// person returns the phone and the name of the first person who has a phone.
func person(o *tree, m *mappings.Mapping) (phone, name string) {
	fallback, _ := o.pick(m.Mapping.Name)
	for _, p := range m.People {
		for _, alternative := range p.Phone {
			base, _, isArray := strings.Cut(alternative, "[].")
			if !isArray {
				if phone, ok := o.pick(orders.Field{alternative}); ok {
					name, _ := o.pick(p.Name)
					return phone, cmpOr(name, fallback)
				}
				continue
			}
			for _, element := range o.at(base + "[]") {
				phone, ok := element.pick(within(orders.Field{alternative}, base))
				if !ok {
					continue
				}
				name, _ := element.pick(within(p.Name, base))
				return phone, cmpOr(name, fallback)
			}
		}
	}
	phone, _ = o.pick(m.Phone)
	return phone, fallback
}

// within makes the paths of a field start at the elements of an array.
func within(f orders.Field, base string) (inner orders.Field) {
	for _, alternative := range f {
		inner = append(inner, strings.ReplaceAll(alternative, base+"[].", ""))
	}
	return inner
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// naiveLine reads one line. A line that is left out is "".
func naiveLine(line *tree, m *mappings.Mapping, currency string) (text string, ok bool) {
	if _, skip := line.meets(m.SkipLines); skip {
		return "", true
	}
	item, hasItem := line.pick(m.Item)
	quantity, hasQuantity := line.pick(m.Quantity)
	price, hasPrice := line.pick(m.Price)
	total, hasTotal := line.pick(m.Total)
	if m.PriceUnit == orders.Total && !hasTotal {
		total, hasTotal = price, hasPrice
	}
	if own, ok := line.pick(m.LineCurrency); ok {
		currency = own
	}
	if !hasQuantity {
		quantity = "1"
	}
	if m.QuantityDivisor > 1 && hasQuantity {
		quantity = divided(quantity, m.QuantityDivisor)
	}
	if strings.HasPrefix(quantity, "-") && !m.KeepRefunds {
		return "", true
	}
	if !hasItem || !hasPrice && !hasTotal {
		return "", false
	}
	code, _ := money.ParseCurrency([]byte(currency))
	major := func(s string) string {
		if m.PriceUnit == orders.Minor {
			out, _ := money.FromMinor(nil, []byte(s), code)
			s = string(out)
		}
		if d, ok := line.pick(m.Divisor); ok {
			n, _ := strconv.Atoi(d)
			s = divided(s, n)
		}
		return s
	}
	if hasTotal {
		total = major(total)
		q, _ := money.Parse([]byte(quantity))
		if sum, _ := money.Parse([]byte(total)); q.Sign() == 0 {
			return "", sum.Sign() == 0
		}
		out, _ := money.Unit(nil, []byte(total), []byte(quantity), code)
		price = string(out)
	} else {
		if q, _ := money.Parse([]byte(quantity)); q.Sign() == 0 && !m.KeepRefunds {
			return "", true
		}
		price = major(price)
		sum, _ := money.Parse([]byte(price))
		for _, path := range m.Add {
			for _, extra := range line.at(path) {
				a, _ := money.Parse([]byte(major(extra.text)))
				sum = sum.Add(a)
			}
		}
		price = sum.String()
	}
	if !hasQuantity {
		quantity = ""
	}
	return fmt.Sprintf("|%s @ %s * %s %s", unescaped(item, m), plain(price), plain(quantity), currency), true
}

func unescaped(s string, m *mappings.Mapping) string {
	if m.HTML {
		return html.UnescapeString(s)
	}
	return s
}

// plain is a number without zeros at its end, as 8.50 and 8.5 are one price.
func plain(number string) string {
	a, ok := money.Parse([]byte(number))
	if !ok {
		return number
	}
	return a.Trim(0).String()
}

var tenth, _ = money.Parse([]byte("0.1"))

// divided moves the point of a number, which is divided by a power of ten.
func divided(s string, by int) string {
	a, _ := money.Parse([]byte(s))
	for ; by > 1; by /= 10 {
		a = a.Mul(tenth)
	}
	return a.String()
}

// actual reads a document as the program does.
func actual(t *testing.T, m *mappings.Mapping, text []byte, block int) (naiveResult, error) {
	t.Helper()
	got := naiveResult{skipped: map[string]int64{}}
	o := orders.Options{Mapping: &m.Mapping, BlockBytes: block, Reject: func(*orders.Reject) error {
		got.rejected++
		return nil
	}}
	source := input.Reader("document", bytes.NewReader(text))
	totals, err := orders.Columns(context.Background(), []input.Source{source}, o, 1, func(c *columns.Orders) (func() error, error) {
		for i := range c.Len() {
			s := fmt.Sprintf("%s|%s|%s|%s|%s", c.ID(i), c.Time(i), c.OrderCurrency(i), c.Phone(i), c.Name(i))
			from, to := c.LineRange(i)
			for j := from; j < to; j++ {
				s += fmt.Sprintf("|%s @ %s * %s %s", c.Item(j), plain(string(c.Price(j))), plain(string(c.Quantity(j))), c.Currency(i, j))
			}
			got.orders = append(got.orders, s)
		}
		return nil, nil
	})
	for reason, n := range totals.Skipped {
		got.skipped[reason] = n
	}
	return got, err
}

// A jsonDocument is a document of a preset, taken apart.
type jsonDocument struct {
	preset string
	orders []*tree
	wrap   string // the path of the array, "" if there is none
}

// takeApart finds the orders in a preset's document.
func takeApart(t *testing.T, c expected, m *mappings.Mapping) (d jsonDocument, ok bool) {
	t.Helper()
	if m.CSV || len(m.Group) > 0 {
		return d, false
	}
	text, err := os.ReadFile(filepath.Join("testdata", c.file))
	if err != nil {
		t.Fatal(err)
	}
	d.preset = c.preset
	for _, root := range parseTrees(t, text) {
		if root.kind == '[' {
			d.orders = append(d.orders, root.children...)
			continue
		}
		found := false
		for _, path := range m.Orders {
			if all := root.at(path); len(all) == 1 && all[0].kind == '[' {
				d.orders, d.wrap, found = append(d.orders, all[0].children...), path, true
			}
		}
		if !found {
			d.orders = append(d.orders, root)
		}
	}
	return d, len(d.orders) > 0
}

// A change is one of the things that happen to documents.
type changer struct {
	*rand.Rand
	log []string
}

func (c *changer) note(format string, args ...any) {
	c.log = append(c.log, fmt.Sprintf(format, args...))
}

// orders changes the orders themselves. What they say afterwards is for the naive reader.
func (c *changer) orders(all []*tree) []*tree {
	out := make([]*tree, len(all))
	for i := range all {
		out[i] = all[i].clone()
	}
	for range c.IntN(3) {
		switch c.IntN(6) {
		case 0, 1: // a key goes, or gets another name, in all orders
			key := c.anyKey(out)
			to := ""
			if c.IntN(2) == 0 {
				to = key + "_v2"
			}
			c.note("%q becomes %q", key, to)
			for _, o := range out {
				o.rename(key, to)
			}
		case 2:
			c.note("keys in another order")
			seed := c.Uint64()
			for _, o := range out {
				o.shuffle(rand.New(rand.NewPCG(seed, 0)))
			}
		case 3:
			c.note("orders in another order")
			c.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
		case 4:
			key := c.anyKey(out)
			c.note("%q is null", key)
			for _, o := range out {
				o.null(key)
			}
		case 5:
			c.note("new keys")
			for _, o := range out {
				o.keys = append([]string{"added"}, o.keys...)
				o.children = append([]*tree{object("x", array(object("y", &tree{kind: '0', text: "1"})))}, o.children...)
			}
		}
	}
	return out
}

// anyKey is a key that is somewhere in the orders.
func (c *changer) anyKey(all []*tree) string {
	var keys []string
	var walk func(*tree)
	walk = func(t *tree) {
		for i, child := range t.children {
			if t.kind == '{' && !slices.Contains(keys, t.keys[i]) {
				keys = append(keys, t.keys[i])
			}
			walk(child)
		}
	}
	for _, o := range all {
		walk(o)
	}
	if len(keys) == 0 {
		return "none"
	}
	return keys[c.IntN(len(keys))]
}

// rename gives a key another name, or removes it if the name is "".
func (t *tree) rename(key, to string) {
	for i := 0; i < len(t.children); i++ {
		switch {
		case t.kind == '{' && t.keys[i] == key && to == "":
			t.keys, t.children = slices.Delete(t.keys, i, i+1), slices.Delete(t.children, i, i+1)
			i--
			continue
		case t.kind == '{' && t.keys[i] == key:
			t.keys[i] = to
		}
		t.children[i].rename(key, to)
	}
}

func (t *tree) null(key string) {
	for i, child := range t.children {
		if t.kind == '{' && t.keys[i] == key {
			t.children[i] = &tree{kind: 'n', text: "null"}
			continue
		}
		child.null(key)
	}
}

func (t *tree) shuffle(r *rand.Rand) {
	if t.kind == '{' {
		r.Shuffle(len(t.keys), func(i, j int) {
			t.keys[i], t.keys[j] = t.keys[j], t.keys[i]
			t.children[i], t.children[j] = t.children[j], t.children[i]
		})
	}
	for _, child := range t.children {
		child.shuffle(r)
	}
}

// document writes orders as a document of some shape. The shape changes nothing of what they
// say.
func (c *changer) document(d jsonDocument, all []*tree) string {
	wrap := func(all []*tree) *tree {
		v := array(all...)
		switch kind := c.IntN(6); {
		case kind == 0 && d.wrap == "":
			return v
		case kind == 1:
			c.note("below data")
			return object("data", v)
		case kind == 2:
			c.note("an envelope with keys of orders")
			return object("id", &tree{kind: '0', text: "7"}, "currency", &tree{kind: '"', text: "USD"}, "orders", v, "count", &tree{kind: '0', text: "1"})
		case kind == 3:
			c.note("below data.orders")
			return object("data", object("orders", v))
		}
		if d.wrap == "" {
			return v
		}
		for path := d.wrap; path != ""; {
			i := strings.LastIndexByte(path, '.')
			v = object(path[i+1:], v)
			path = path[:max(i, 0)]
		}
		return v
	}
	separator := []string{"", " ", "\n  "}[c.IntN(3)]
	between := []string{"\n", "", "\n\n"}[c.IntN(3)]
	var values []*tree
	switch c.IntN(4) {
	case 0:
		c.note("one after the other")
		values = all
	case 1:
		c.note("pages")
		at := c.IntN(len(all) + 1)
		seed := c.Uint64() // both pages are alike
		for _, page := range [][]*tree{all[:at], all[at:]} {
			c.Rand = rand.New(rand.NewPCG(seed, 0))
			values = append(values, wrap(page))
		}
	default:
		values = []*tree{wrap(all)}
	}
	var b strings.Builder
	for _, v := range values {
		v.write(&b, separator)
		b.WriteString(between)
	}
	return b.String()
}

// changed changes a document of a preset at random and compares what is read of it with what
// the naive reader finds.
func changed(t *testing.T, d jsonDocument, m *mappings.Mapping, seed uint64) {
	t.Helper()
	c := &changer{Rand: rand.New(rand.NewPCG(seed, 13))}
	block := []int{0, 1 + c.IntN(300)}[c.IntN(2)]
	all := c.orders(d.orders)
	want := naiveResult{skipped: map[string]int64{}, ids: map[string]bool{}}
	for _, o := range all {
		want.read(o, m)
	}
	text := c.document(d, all)
	got, err := actual(t, m, []byte(text), block)
	nothing := len(want.orders) == 0 && len(want.skipped) == 0
	switch {
	case err != nil: // refused
		return
	case got.rejected > 0 && isPart(got.orders, want.orders):
		return // without a place for rejects, that is refused
	case nothing && want.rejected > 0 && got.rejected > 0:
		return
	case !slices.Equal(got.orders, want.orders) || got.rejected != want.rejected || fmt.Sprint(got.skipped) != fmt.Sprint(want.skipped):
		t.Fatalf("%s, seed %d: %s\n%s\ngot  %q, %d rejected, skipped %v\nwant %q, %d rejected, skipped %v", d.preset, seed,
			strings.Join(c.log, "; "), text, got.orders, got.rejected, got.skipped, want.orders, want.rejected, want.skipped)
	}
}

// isPart reports whether a list has nothing but elements of another, in their order.
func isPart(part, all []string) bool {
	for _, one := range all {
		if len(part) > 0 && part[0] == one {
			part = part[1:]
		}
	}
	return len(part) == 0
}

// Documents of all presets that were changed are read right, or refused.
func TestChanged(t *testing.T) {
	rounds := 300
	if testing.Short() {
		rounds = 30
	}
	for _, c := range documents {
		m, _ := mappings.Preset(c.preset)
		d, ok := takeApart(t, c, m)
		if !ok {
			continue
		}
		t.Run(c.preset, func(t *testing.T) {
			read := 0
			for seed := range uint64(rounds) {
				changed(t, d, m, seed)
				read++
			}
		})
	}
}

func FuzzChanged(f *testing.F) {
	f.Add(uint64(1), uint8(0))
	f.Fuzz(func(t *testing.T, seed uint64, which uint8) {
		c := documents[int(which)%len(documents)]
		m, _ := mappings.Preset(c.preset)
		if d, ok := takeApart(t, c, m); ok {
			changed(t, d, m, seed)
		}
	})
}
