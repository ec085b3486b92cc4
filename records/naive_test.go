package records_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A naive second implementation of everything between the bytes of the sources
// and those of the outputs: encoding/json, maps and slices, math/big. It shares
// no code with the one under test, holds all of the input in memory, and says
// of an input that is not JSON only that it is not.

// A purchase is an order that can be accepted. An empty name is none.
type purchase struct {
	phone, name string
	lines       []purchaseLine
}

type purchaseLine struct{ item, price string }

// naive is the records of some purchases.
type naive struct {
	phones []string // in order of first appearance
	names  map[string]string
	items  []string // in order of first appearance
	prices map[string]string
	orders map[string]int64
}

func newNaive(purchases ...purchase) *naive {
	n := &naive{names: map[string]string{}, prices: map[string]string{}, orders: map[string]int64{}}
	for _, p := range purchases {
		n.add(p)
	}
	return n
}

// add folds in a purchase. One without a phone makes no customer.
func (n *naive) add(p purchase) {
	if _, known := n.names[p.phone]; !known && p.phone != "" {
		n.phones = append(n.phones, p.phone)
		n.names[p.phone] = "Unknown"
	}
	if p.phone != "" && p.name != "" {
		n.names[p.phone] = p.name
	}
	for _, l := range p.lines {
		if _, known := n.prices[l.item]; !known {
			n.items = append(n.items, l.item)
		}
		n.prices[l.item] = l.price
		n.orders[l.item]++
	}
}

func (n *naive) customersJSON() string { return indented(n.compactCustomers()) }
func (n *naive) itemsJSON() string     { return indented(n.compactItems()) }

func (n *naive) recordsJSON() string {
	return indented(`{"customers":` + n.compactCustomers() + `,"items":` + n.compactItems() + `}`)
}

func (n *naive) compactCustomers() string {
	var members []string
	for _, phone := range n.phones {
		members = append(members, quoted(phone)+":"+quoted(n.names[phone]))
	}
	return "{" + strings.Join(members, ",") + "}"
}

func (n *naive) compactItems() string {
	var members []string
	for _, item := range n.items {
		orders := strconv.FormatInt(n.orders[item], 10)
		members = append(members, quoted(item)+`:{"price":`+n.prices[item]+`,"orders":`+orders+`}`)
	}
	return "{" + strings.Join(members, ",") + "}"
}

func indented(compact string) string {
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(compact), "", "    "); err != nil {
		panic(err)
	}
	return out.String() + "\n"
}

// quoted is the text as encoding/json writes it, but for the line separators,
// which it escapes and JSON need not.
func quoted(text string) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		panic(err)
	}
	text = strings.TrimSuffix(out.String(), "\n")
	if !strings.Contains(text, `\u202`) {
		return text
	}
	return anEscape.ReplaceAllStringFunc(text, func(escape string) string {
		switch escape {
		case `\u2028`:
			return "\u2028"
		case `\u2029`:
			return "\u2029"
		}
		return escape
	})
}

var anEscape = regexp.MustCompile(`\\(u[0-9a-f]{4}|.)`)

// A reading is what the naive reader finds in a source.
type reading struct {
	purchases []purchase
	rejected  []int64 // the numbers of the orders that cannot be accepted
	ok        bool    // whether the source is what it must be; if not, the rest means nothing
}

func readNaively(document string) (r reading) {
	values, ok := naiveValues(document)
	if !ok {
		return r
	}
	r.ok = true
	for i, value := range values {
		if p, ok := naivePurchase(value); ok {
			r.purchases = append(r.purchases, p)
		} else {
			r.rejected = append(r.rejected, int64(i)+1)
		}
	}
	return r
}

// naiveValues cuts a document into its orders.
func naiveValues(document string) (values []json.RawMessage, ok bool) {
	text := strings.TrimPrefix(document, "\ufeff")
	if !utf8.ValidString(text) || naiveDepth(text) > 1024 || hasLoneSurrogate(text) {
		return nil, false
	}
	return naiveSequence(text)
}

// naiveSequence cuts a document in which values follow each other: orders, or what holds
// them. An order must be alone in its lines, unless it and the next one are objects. If the
// first value holds orders, only objects and arrays may follow.
func naiveSequence(text string) (values []json.RawMessage, ok bool) {
	if text = strings.TrimLeft(text, " \t\r\n"); text == "" {
		return nil, false
	}
	isHeld := false
	for isFirst := true; text != ""; isFirst = false {
		value, rest, ok := cutValue(text)
		if !ok || isHeld && value[0] != '{' && value[0] != '[' {
			return nil, false
		}
		isOrder := value[0] != '[' && (value[0] != '{' || naiveSight(value, "root", naiveLevels) != "envelope")
		isHeld = isHeld || isFirst && !isOrder
		rest = strings.TrimLeft(rest, " \t\r")
		if isOrder && !naiveEmpty(value) && rest != "" && rest[0] != '\n' && (rest[0] != '{' || value[0] != '{') {
			return nil, false
		}
		var below []json.RawMessage
		if below, ok = naivePlace(value, "sequence", 0); !ok {
			return nil, false
		}
		values, text = append(values, below...), strings.TrimLeft(rest, " \t\r\n")
	}
	all := len(values)
	values = slices.DeleteFunc(values, func(v json.RawMessage) bool { return string(v) == naiveEmptyIn })
	return values, slices.ContainsFunc(values, naiveHasLines) || all == 0
}

// naiveEmptyIn stands for an empty array that is in an array: by itself it is no array of
// orders.
const naiveEmptyIn = "an empty array"

// naiveHasLines reports whether a value is an order, right or not: it has lines.
func naiveHasLines(value json.RawMessage) bool {
	return value[0] == '{' && slices.ContainsFunc(members(value), func(m jsonMember) bool { return m.key == "items" && m.value[0] != 'n' })
}

// naivePlace returns what is at an order's place: one order, or those that it holds.
func naivePlace(value json.RawMessage, in string, depth int) (values []json.RawMessage, ok bool) {
	hasRoom := depth <= 14
	switch {
	case value[0] == '[' && (in == "sequence" || in == "array" && hasRoom && strings.IndexByte("{[]", strings.TrimLeft(string(value[1:]), " \t\r\n")[0]) >= 0):
		if in == "array" && len(elements(value)) == 0 {
			return []json.RawMessage{json.RawMessage(naiveEmptyIn)}, true
		}
		return naiveArray(value, depth)
	case value[0] == '{' && hasRoom && naiveSight(value, "root", naiveLevels+1) == "envelope":
		return naiveEnvelope(value, "root", depth+1)
	case value[0] == '{' && hasRoom && naiveEmpty(value):
		return nil, count(members(value), "orders") < 2
	}
	return []json.RawMessage{value}, true
}

func naiveArray(value json.RawMessage, depth int) (values []json.RawMessage, ok bool) {
	for _, element := range elements(value) {
		below, ok := naivePlace(element, "array", depth+1)
		if !ok {
			return nil, false
		}
		values = append(values, below...)
	}
	return values, true
}

// naiveEnvelope returns the orders of an object that holds some. It is not ok if it holds
// them at two keys, has lines too, or has the key twice.
func naiveEnvelope(value json.RawMessage, path string, depth int) (values []json.RawMessage, ok bool) {
	holder := ""
	seen := map[string]bool{}
	for _, m := range members(value) {
		to := naivePath(path, m.key)
		what := naiveSight(m.value, to, naiveLevels)
		holds := what != "" && what != "empty" && to != ""
		if seen[m.key] && (to == "named" || holds || holder == m.key) || holds && holder != "" {
			return nil, false
		}
		if m.key == "items" && !holds && holder != "" && (m.value[0] == '[' || m.value[0] == '{') {
			return nil, false
		}
		if seen[m.key] = to != ""; !holds {
			continue
		}
		holder = m.key
		below := []json.RawMessage(nil)
		switch what {
		case "order":
			below, ok = naivePlace(m.value, "envelope", depth)
		case "array":
			below, ok = naiveArray(m.value, depth)
		case "keyed":
			for _, order := range members(m.value) {
				orders, good := naivePlace(order.value, "keyed", depth+1)
				if below = append(below, orders...); !good {
					return nil, false
				}
			}
			ok = true
		default:
			below, ok = naiveEnvelope(m.value, to, depth+1)
		}
		if !ok {
			return nil, false
		}
		values = append(values, below...)
	}
	return values, true
}

// naiveEmpty reports whether an object has an empty array of orders, and no lines.
func naiveEmpty(value json.RawMessage) bool {
	return value[0] == '{' && naiveSight(value, "root", naiveLevels+1) == "empty" && !saysMore.Match(value)
}

var saysMore = regexp.MustCompile(`"(error|errors)"|"items"\s*:\s*[^n\s]`)

// naiveLevels is how many levels of envelopes one object can have.
const naiveLevels = 8

// naivePath is what a key of an object at a path leads to.
func naivePath(path, key string) string {
	switch {
	case path == "root" && key == "orders":
		return "named"
	case slices.Contains(strings.Fields("orders data result results payload elements records response content value objects entries list rows docs documents nodes edges hits"), key):
		return "orders"
	case slices.Contains(strings.Fields("order body values node items collection _embedded message event detail object"), key):
		return "other"
	}
	return ""
}

// naiveSight is what a value at a path is: an order, an envelope, an object of orders, an
// array of orders, an empty one, or nothing of these.
func naiveSight(value json.RawMessage, path string, levels int) string {
	switch {
	case levels == 0 || path == "":
	case value[0] == '[':
		return naiveSightOfArray(elements(value), path, levels-1)
	case value[0] == '{':
		return naiveSightOfObject(members(value), path, levels-1)
	}
	return ""
}

func naiveSightOfArray(values []json.RawMessage, path string, levels int) string {
	switch {
	case len(values) == 0 && (path == "named" || path == "orders"):
		return "empty"
	case len(values) == 0:
		return ""
	case path == "named":
		return "array"
	}
	all := "empty"
	for _, value := range values {
		switch what := naiveSight(value, "root", max(1, levels)); {
		case what != "" && what != "empty":
			return "array"
		case strings.IndexByte("{[n", value[0]) < 0:
			return ""
		case what == "":
			all = ""
		}
	}
	return all
}

func naiveSightOfObject(ms []jsonMember, path string, levels int) string {
	if len(ms) == 0 && path == "named" {
		return "empty"
	}
	isEmpty := ""
	for i, m := range ms {
		to := naivePath(path, m.key)
		switch {
		case m.key == "items" && m.value[0] != 'n':
			return "order"
		case m.key != "items" && to != "":
			what := naiveSight(m.value, to, levels)
			if what == "empty" {
				isEmpty = what
			} else if what != "" {
				return "envelope"
			}
		case i == 0 && path != "root" && m.value[0] == '{':
			if naiveSight(m.value, "root", max(1, levels)) == "order" {
				return "keyed"
			}
		}
	}
	return isEmpty
}

func cutValue(text string) (value json.RawMessage, rest string, ok bool) {
	d := json.NewDecoder(strings.NewReader(text))
	if d.Decode(&value) != nil {
		return nil, "", false
	}
	return value, text[d.InputOffset():], true
}

func elements(array json.RawMessage) (values []json.RawMessage) {
	_ = json.Unmarshal(array, &values)
	return values
}

type jsonMember struct {
	key   string
	value json.RawMessage
}

// members are those of a valid object, in order and with duplicates.
func members(object json.RawMessage) (ms []jsonMember) {
	d := json.NewDecoder(bytes.NewReader(object))
	must(d.Token())
	for d.More() {
		key := must(d.Token()).(string)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			panic(err)
		}
		ms = append(ms, jsonMember{key, value})
	}
	return ms
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func count(ms []jsonMember, key string) (n int) {
	for _, m := range ms {
		if m.key == key {
			n++
		}
	}
	return n
}

// fields are the values of an object's members with those keys, null if there is
// none. ok is false if it is no object or has one of the keys twice.
func fields(value json.RawMessage, keys ...string) (found []json.RawMessage, ok bool) {
	if value[0] != '{' {
		return nil, false
	}
	ms := members(value)
	for _, key := range keys {
		if count(ms, key) > 1 {
			return nil, false
		}
		field := json.RawMessage("null")
		if i := slices.IndexFunc(ms, func(m jsonMember) bool { return m.key == key }); i >= 0 {
			field = ms[i].value
		}
		found = append(found, field)
	}
	return found, true
}

func naivePurchase(value json.RawMessage) (p purchase, ok bool) {
	f, ok := fields(value, "phone", "name", "items")
	if !ok {
		return p, false
	}
	phone, name, items := f[0], f[1], f[2]
	if p.phone, ok = naivePhone(phone); !ok {
		return p, false
	}
	if p.name, ok = naiveName(name); !ok {
		return p, false
	}
	lines := []json.RawMessage{items} // one stands for an array of one
	if items[0] == '[' {
		lines = elements(items)
	} else if items[0] != '{' {
		return p, false
	}
	for _, line := range lines {
		l, ok := naiveLine(line)
		if !ok {
			return p, false
		}
		p.lines = append(p.lines, l)
	}
	return p, true
}

func naivePhone(value json.RawMessage) (phone string, ok bool) {
	if m := digits.FindSubmatch(value); m != nil {
		return string(m[1]), true
	}
	return naiveText(value)
}

var digits = regexp.MustCompile(`^([0-9]+)(?:\.0+)?$`)

// naiveName is empty if the name is not provided.
func naiveName(value json.RawMessage) (name string, ok bool) {
	if value[0] == 'n' || value[0] == 'f' {
		return "", true
	}
	if value[0] != '"' {
		return "", false
	}
	if isBlank(unquoted(value)) {
		return "", true
	}
	return naiveText(value)
}

func naiveLine(value json.RawMessage) (l purchaseLine, ok bool) {
	f, ok := fields(value, "name", "price")
	if !ok {
		return l, false
	}
	if l.item, ok = naiveText(f[0]); !ok {
		return l, false
	}
	price := string(f[1])
	if price[0] == '"' {
		price = naiveWritten(unquoted(f[1]))
	}
	l.price, ok = naivePrice(price)
	return l, ok
}

// naiveWritten makes a number of what people write, as far as the tests have it.
func naiveWritten(text string) string {
	if decimals.MatchString(text) {
		return text
	}
	m := writtenNumber.FindStringSubmatch(text)
	switch {
	case m == nil:
		return text
	case m[2] == "" && m[3] != "":
		return m[1] + "0." + m[3]
	case m[3] == "":
		return m[1] + m[2]
	}
	return m[1] + m[2] + "." + m[3]
}

// writtenNumber has a sign, digits, and digits behind the point. Any of them may be missing.
var writtenNumber = regexp.MustCompile(`^\s*(?:\+|(-)|)(0|[1-9][0-9]*|)(?:\.([0-9]*))?\s*$`)

// naiveText is a text that must be there.
func naiveText(value json.RawMessage) (text string, ok bool) {
	if value[0] != '"' {
		return "", false
	}
	text = unquoted(value)
	return text, !isBlank(text) && !strings.Contains(text, "\x00")
}

func unquoted(value json.RawMessage) (text string) {
	if err := json.Unmarshal(value, &text); err != nil {
		panic(err)
	}
	return text
}

func isBlank(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsSpace(r) })
}

var decimals = regexp.MustCompile(`^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$`)

// naivePrice writes a number without its exponent, with as many digits behind
// the point as the source gives it.
func naivePrice(text string) (price string, ok bool) {
	m := decimals.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	minus, whole, fraction, exponent := m[1], m[2], m[3], m[4]
	if exponent == "" {
		return text, len(whole)+len(fraction) <= 40
	}
	e, ok := new(big.Int).SetString(exponent, 10)
	if !ok {
		panic(exponent)
	}
	mantissa, _ := new(big.Int).SetString(whole+fraction, 10)
	behind := new(big.Int).Sub(big.NewInt(int64(len(fraction))), e)
	if behind.Sign() < 0 && mantissa.Sign() == 0 {
		behind.SetInt64(0)
	}
	if behind.CmpAbs(big.NewInt(100)) > 0 { // far too many digits behind the point or before it
		return "", false
	}
	places := int(behind.Int64())
	value := new(big.Rat).SetInt(mantissa)
	if places < 0 {
		value.Mul(value, new(big.Rat).SetInt(powerOfTen(-places)))
		places = 0
	} else {
		value.Quo(value, new(big.Rat).SetInt(powerOfTen(places)))
	}
	price = value.FloatString(places)
	return minus + price, len(strings.Replace(price, ".", "", 1)) <= 40
}

func powerOfTen(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// naiveDepth is how many containers are within each other.
func naiveDepth(text string) (deepest int) {
	depth, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '[', c == '{':
			depth++
			deepest = max(deepest, depth)
		case c == ']', c == '}':
			depth--
		}
	}
	return deepest
}

// hasLoneSurrogate reports whether an escape is half a pair, which encoding/json
// lets pass.
func hasLoneSurrogate(text string) bool {
	expectLow := false
	for i := 0; i < len(text); i++ {
		isLow := false
		width := 1
		isHigh := false
		if text[i] == '\\' && i+1 < len(text) {
			width = 2
			if text[i+1] == 'u' && i+6 <= len(text) {
				if r, err := strconv.ParseUint(text[i+2:i+6], 16, 16); err == nil {
					width = 6
					isHigh = r >= 0xd800 && r < 0xdc00
					isLow = r >= 0xdc00 && r < 0xe000
				}
			}
		}
		if isLow != expectLow {
			return true
		}
		expectLow = isHigh
		i += width - 1
	}
	return expectLow
}
