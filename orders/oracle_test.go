package orders_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"process-orders/money"
	"process-orders/orders"
)

// oracle is a second reader of orders in the default shape: slow, without
// chunks, and built on encoding/json, which it asks for one value at a time.
// What encoding/json lets pass and we do not, unstrict finds.
type oracle struct {
	text        string
	rejectLines bool
	count       int64
	lines       []string // of the verdict
	// hasOrders reports whether there was an order, right or not. noOrder is the place of the
	// first value that is no order. failed reports that the text is not JSON.
	hasOrders, failed bool
	noOrder           string
	emptyIn           string // the place of the first empty array in an array
}

// verdict is what a reading of text must come to, as verdictOf has it.
func verdict(text string, rejectLines bool) string {
	o := &oracle{text: text, rejectLines: rejectLines}
	o.run()
	return strings.Join(o.lines, "\n")
}

// verdictOf is a reading in the oracle's terms. For what is not JSON it has only the place,
// as two parsers seldom agree on the words.
func verdictOf(r reading) string {
	var lines []string
	next := 0
	for _, o := range r.orders {
		for next < len(r.rejects) && r.rejects[next].Order < o.Number {
			lines = append(lines, rejectLine(r.rejects[next]))
			next++
		}
		lines = append(lines, strings.TrimSpace(string(appendOrder(nil, o))))
	}
	for _, reject := range r.rejects[next:] {
		lines = append(lines, rejectLine(reject))
	}
	var syntax *orders.SyntaxError
	if errors.As(r.err, &syntax) {
		lines = append(lines, fmt.Sprintf("not JSON at %d:%d, order %d", syntax.Line, syntax.Column, syntax.Order))
	} else if r.err != nil {
		lines = append(lines, fmt.Sprintf("error %v", r.err))
	}
	return strings.Join(lines, "\n")
}

func rejectLine(r *orders.Reject) string {
	reason := r.Reason
	if r.Path == "" && !strings.HasPrefix(reason, "want an order (an object), got ") {
		reason = "not JSON"
	}
	if before, what, found := strings.Cut(reason, "decimal number, got "); found && (what[0] == '"' || strings.HasPrefix(what, "a text of ")) {
		reason = before + "decimal number, got a text"
	}
	return fmt.Sprintf("%d: rejected at %d:%d, %q: %s: %q", r.Order, r.Line, r.Column, r.Path, reason, r.Text)
}

// lineAndColumn is the line and the column of text[at].
func (o *oracle) lineAndColumn(at int) string {
	before := strings.TrimPrefix(o.text, "\ufeff")
	before = before[:max(0, at-(len(o.text)-len(before)))]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return fmt.Sprintf("%d:%d", 1+strings.Count(before, "\n"), 1+len(line))
}

func (o *oracle) fail(at int, order int64) {
	o.failed = true
	o.lines = append(o.lines, fmt.Sprintf("not JSON at %s, order %d", o.lineAndColumn(at), order))
}

// space is the place of the first byte from at on that is no white space.
func (o *oracle) space(at int) int {
	return len(o.text) - len(strings.TrimLeft(o.text[at:], " \t\r\n"))
}

func (o *oracle) at(i int) byte {
	if i < len(o.text) {
		return o.text[i]
	}
	return 0
}

// value reads the value at text[at], around which there are so many containers.
// It returns its end, or false and where it is wrong.
func (o *oracle) value(at, depth int) (int, bool) {
	if at == len(o.text) {
		return at, false
	}
	var raw json.RawMessage
	decoder := json.NewDecoder(strings.NewReader(o.text[at:]))
	err := decoder.Decode(&raw)
	end, ok := at+int(decoder.InputOffset()), err == nil
	if ok && strings.Trim(string(raw), "-0") == "" && isDigit(o.at(end)) {
		ok = false // 01, of which encoding/json reads the 0
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		end = at + int(syntax.Offset) - 1
	} else if err != nil {
		end = len(o.text)
	}
	if wrong := unstrict(o.text[:end], o.text, at, depth); wrong < end {
		return wrong, false
	}
	return end, ok
}

// unstrict finds the first fault in text that encoding/json does not mind: a
// byte that is no UTF-8, half of a surrogate pair, one container too many. What
// follows text is in all.
func unstrict(text, all string, at, depth int) int {
	inString := false
	for i := at; i < len(text); {
		c := text[i]
		switch {
		case !inString:
			if c == '[' || c == '{' {
				depth++
			} else if c == ']' || c == '}' {
				depth--
			}
			if depth > 1024 {
				return i
			}
			inString = c == '"'
			i++
		case c == '"':
			inString = false
			i++
		case c == '\\' && i+1 < len(text) && text[i+1] == 'u':
			n, ok := surrogates(all[i:])
			if !ok {
				return i
			}
			i += n
		case c == '\\':
			i += 2
		default:
			r, n := utf8.DecodeRuneInString(all[i:])
			if r == utf8.RuneError && n == 1 {
				if !utf8.FullRuneInString(all[i:]) {
					return len(all)
				}
				return i
			}
			i += n
		}
	}
	return len(all) + 1
}

var (
	highEscape = regexp.MustCompile(`^\\u[dD][89abAB][0-9a-fA-F]{2}`)
	lowEscape  = regexp.MustCompile(`^\\u[dD][c-fC-F][0-9a-fA-F]{2}`)
	fourDigits = regexp.MustCompile(`^[0-9a-fA-F]{4}`)
)

// surrogates looks at the escape \u that text starts with, and returns how long it is. The
// escape may be cut off or have other faults. It must be no half of a pair.
func surrogates(text string) (int, bool) {
	switch {
	case lowEscape.MatchString(text):
		return 0, false
	case !highEscape.MatchString(text):
		return min(6, len(text)), true
	}
	after := text[6:]
	switch {
	case after == "" || after == `\`:
		return len(text), true // cut off
	case !strings.HasPrefix(after, `\u`):
		return 0, false
	case fourDigits.MatchString(after[2:]):
		return 12, lowEscape.MatchString(after)
	}
	return 8, true // its digits are wrong
}

func (o *oracle) run() {
	start := len(o.text) - len(strings.TrimPrefix(o.text, "\ufeff"))
	first := o.space(start)
	if first == len(o.text) {
		o.fail(first, 0)
		return
	}
	if o.sequence(first); !o.hasOrders && !o.failed && o.noOrder+o.emptyIn != "" {
		o.lines = []string{"not JSON at " + cmp.Or(o.noOrder, o.emptyIn) + ", order 0"}
	}
}

// key reads a key and what follows it up to its value.
func (o *oracle) key(at int) (key string, value int, ok bool) {
	if o.at(at) != '"' {
		return "", at, false
	}
	end, ok := o.value(at, 0)
	if !ok {
		return "", end, false
	}
	if err := json.Unmarshal([]byte(o.text[at:end]), &key); err != nil {
		panic(err)
	}
	colon := o.space(end)
	if o.at(colon) != ':' {
		return key, colon, false
	}
	return key, o.space(colon + 1), true
}

// What the default mapping says of keys: orders are at "orders", and may be at the others.
// An empty array at those of the first list says that there are none.
var (
	keysOfOrders = strings.Fields("orders data result results payload elements records response content value objects entries list rows docs documents nodes edges hits")
	otherKeys    = strings.Fields("order body values node items collection _embedded message event detail object")
)

// pathOf is what a key of an object at a path leads to.
func pathOf(path, key string) string {
	switch {
	case path == "root" && key == "orders":
		return "named"
	case slices.Contains(keysOfOrders, key):
		return "orders"
	case slices.Contains(otherKeys, key):
		return "other"
	}
	return ""
}

// sees says what is at text[at], which is at a path: an order, an envelope, keyed orders, an
// array of them, an empty array, or nothing. Of the last two it returns the end. It is not
// ok if the text is no JSON up to where that is known.
func (o *oracle) sees(at int, path string, levels int) (what string, end int, ok bool) {
	c := o.at(at)
	if levels == 0 || c != '[' && c != '{' {
		end, ok = o.value(at, 0)
		return "", end, ok
	}
	at = o.space(at + 1)
	if c == '[' {
		return o.seesInArray(at, path, levels-1)
	}
	return o.seesInObject(at, path, levels-1)
}

func (o *oracle) seesInArray(at int, path string, levels int) (what string, end int, ok bool) {
	switch {
	case at == len(o.text):
		return "", at, false
	case o.at(at) == ']' && (path == "named" || path == "orders"):
		return "empty", at + 1, true
	case o.at(at) == ']':
		return "", at + 1, true
	case path == "named":
		return "array", 0, true
	}
	for what = "empty"; ; {
		var one string
		if path == "nothing" {
			end, ok = o.value(at, 0)
		} else {
			one, end, ok = o.sees(at, "root", max(1, levels))
		}
		if !ok {
			return "", end, false
		}
		if one != "" && one != "empty" {
			return "array", 0, true
		}
		if one == "" {
			what = ""
		}
		if isOther := strings.IndexByte("{[n", o.at(at)) < 0; isOther {
			path = "nothing"
		}
		switch at = o.space(end); o.at(at) {
		case ',':
			at = o.space(at + 1)
		case ']':
			return what, at + 1, true
		default:
			return "", at, false
		}
	}
}

func (o *oracle) seesInObject(at int, path string, levels int) (what string, end int, ok bool) {
	switch {
	case o.at(at) == '}' && path == "named":
		return "empty", at + 1, true
	case o.at(at) == '}':
		return "", at + 1, true
	}
	isEmpty := ""
	for first := true; ; first = false {
		key, value, ok := o.key(at)
		if !ok {
			return "", value, false
		}
		to := pathOf(path, key)
		what := ""
		switch {
		case key == "items" && value == len(o.text):
			return "", value, false
		case key == "items" && o.at(value) != 'n':
			return "order", 0, true
		case key != "items" && to != "":
			if what, end, ok = o.sees(value, to, levels); what != "" && what != "empty" {
				return "envelope", 0, true
			}
		case first && path != "root" && o.at(value) == '{':
			if what, end, ok = o.sees(value, "root", max(1, levels)); what == "order" {
				return "keyed", 0, true
			}
			if ok && what != "" && what != "empty" {
				end, ok = o.value(value, 0)
			}
			what = ""
		default:
			end, ok = o.value(value, 0)
		}
		if !ok {
			return "", end, false
		}
		if what == "empty" {
			isEmpty = what
		}
		switch at = o.space(end); o.at(at) {
		case ',':
			at = o.space(at + 1)
		case '}':
			return isEmpty, at + 1, true
		default:
			return "", at, false
		}
	}
}

// holds reports whether the object at text[at], which is where an order may stand, holds
// orders. If not, it may be an envelope with an empty array, unless it has lines, and has a
// key of the mapping twice.
func (o *oracle) holds(at int) (isEnvelope, isEmpty bool, twice int) {
	seen := false
	for at = o.space(at + 1); ; at = o.space(at + 1) {
		key, value, ok := o.key(at)
		if !ok || value == len(o.text) {
			return false, isEmpty, twice
		}
		if key == "items" && o.at(value) != 'n' {
			return false, false, 0
		}
		to := pathOf("root", key)
		if to == "named" && seen && twice == 0 {
			twice = at
		}
		seen = seen || to == "named"
		end := 0
		if c := o.at(value); to != "" && key != "items" && (c == '[' || c == '{') {
			var what string
			if what, end, ok = o.sees(value, to, 8); what != "" && what != "empty" {
				return true, false, 0
			}
			isEmpty = isEmpty || what == "empty"
		} else {
			end, ok = o.value(value, 0)
		}
		if !ok {
			return false, isEmpty, twice
		}
		if at = o.space(end); o.at(at) != ',' {
			return false, isEmpty, twice
		}
	}
}

// place reads what is at text[at], where an order may stand, and returns its end.
func (o *oracle) place(at, depth int, in string) (int, bool) {
	after := o.space(min(at+1, len(o.text)))
	hasRoom := depth <= 14
	switch {
	case o.at(at) == '[' && (in == "sequence" || in == "array" && hasRoom && strings.IndexByte("{[]", o.at(after)) >= 0):
		if in == "array" && o.at(after) == ']' {
			o.emptyIn = cmp.Or(o.emptyIn, o.lineAndColumn(at))
		}
		return o.array(at+1, depth+1)
	case o.at(at) == '{' && hasRoom:
		isEnvelope, isEmpty, twice := o.holds(at)
		if isEnvelope {
			return o.envelope(at+1, "root", depth+1)
		}
		end, ok := o.value(at, depth)
		switch {
		case !ok && isEmpty:
			o.fail(end, 0)
			return 0, false
		case ok && isEmpty && !o.saysMore(at, end):
			if twice > 0 {
				o.fail(twice, 0)
			}
			return end, twice == 0
		}
	}
	end, ok := o.value(at, depth)
	if !ok {
		o.fail(end, o.count+1)
		return 0, false
	}
	if in == "sequence" {
		if behind, ok := o.alone(at, end); !ok {
			o.fail(behind, o.count+1)
			return 0, false
		}
	}
	o.order(at, end)
	return end, true
}

var saysMore = regexp.MustCompile(`"(error|errors)"|"items"\s*:\s*[^n\s]`)

// saysMore reports whether an object with an empty array of orders may have more in it. It
// asks for less than it should: what the texts of the tests have.
func (o *oracle) saysMore(at, end int) bool { return saysMore.MatchString(o.text[at:end]) }

// envelope reads the members of an object that holds orders, from at on.
func (o *oracle) envelope(at int, path string, depth int) (int, bool) {
	seen, holder := map[string]bool{}, ""
	for at = o.space(at); ; at = o.space(at + 1) {
		start := at
		key, value, ok := o.key(at)
		if !ok || value == len(o.text) {
			o.fail(value, 0)
			return 0, false
		}
		to, what, end := pathOf(path, key), "", 0
		if to != "" {
			if what, end, ok = o.sees(value, to, 8); !ok {
				o.fail(end, 0)
				return 0, false
			}
		}
		isOrders := what != "" && what != "empty"
		c := o.at(value)
		switch {
		case seen[key] && (to == "named" || isOrders || holder == key),
			!isOrders && holder != "" && key == "items" && (c == '[' || c == '{'),
			isOrders && holder != "":
			o.fail(start, 0)
			return 0, false
		}
		if seen[key] = to != ""; isOrders {
			holder = key
		}
		switch what {
		case "order":
			end, ok = o.place(value, depth, "envelope")
		case "array":
			end, ok = o.array(value+1, depth+1)
		case "keyed":
			end, ok = o.keyed(value+1, depth+1)
		case "envelope":
			end, ok = o.envelope(value+1, to, depth+1)
		default:
			if end, ok = o.value(value, depth); !ok {
				o.fail(end, 0)
			}
		}
		if !ok {
			return 0, false
		}
		if at = o.space(end); o.at(at) == '}' {
			return at + 1, true
		} else if o.at(at) != ',' {
			o.fail(at, 0)
			return 0, false
		}
	}
}

// keyed reads an object whose values are orders.
func (o *oracle) keyed(at, depth int) (int, bool) {
	for at = o.space(at); ; at = o.space(at + 1) {
		_, value, ok := o.key(at)
		if !ok || value == len(o.text) {
			o.fail(value, 0)
			return 0, false
		}
		end, ok := o.place(value, depth, "keyed")
		if !ok {
			return 0, false
		}
		if at = o.space(end); o.at(at) == '}' {
			return at + 1, true
		} else if o.at(at) != ',' {
			o.fail(at, 0)
			return 0, false
		}
	}
}

// array reads orders up to the end of their array and returns what is behind it.
func (o *oracle) array(at, depth int) (int, bool) {
	if at = o.space(at); o.at(at) == ']' {
		return at + 1, true
	}
	for {
		if at = o.space(at); at == len(o.text) {
			o.fail(at, 0)
			return 0, false
		}
		end, ok := o.place(at, depth, "array")
		if !ok {
			return 0, false
		}
		switch at = o.space(end); o.at(at) {
		case ',':
			at++
		case ']':
			return at + 1, true
		default:
			o.fail(at, 0)
			return 0, false
		}
	}
}

// alone reports whether the value at text[at:end] ends its line, or another follows like
// it, and where the value ends with the blanks behind it.
func (o *oracle) alone(at, end int) (behind int, ok bool) {
	behind = len(o.text) - len(strings.TrimLeft(o.text[end:], " \t\r"))
	c := o.at(behind)
	return behind, behind == len(o.text) || c == '\n' || c == o.at(at) && (c == '{' || c == '[')
}

// isContainer reports whether the value at text[at] is no order but what holds some.
func (o *oracle) isContainer(at int) bool {
	if o.at(at) != '{' {
		return o.at(at) == '['
	}
	isEnvelope, _, _ := o.holds(at)
	return isEnvelope
}

// sequence reads values one after the other.
func (o *oracle) sequence(at int) {
	isHeld := o.isContainer(at)
	byLine := o.byLine(at)
	if isHeld {
		byLine = o.pagewise(at)
	}
	for at = o.space(at); at < len(o.text); at = o.space(at) {
		if isHeld && !(byLine && o.rejectLines) && o.at(at) != '{' && o.at(at) != '[' {
			o.fail(at, 0)
			return
		}
		if byLine && o.rejectLines {
			end, ok := o.value(at, 0)
			if ok {
				end, ok = o.alone(at, end)
			}
			if !ok {
				line, _, _ := strings.Cut(o.text[at:], "\n")
				text := strings.TrimRight(line, "\r")
				o.hasOrders = true // or it is not JSON: no reason to refuse the source
				o.reject(min(end, at+len(text)), "", "not JSON", text)
				at = min(at+len(line)+1, len(o.text))
				continue
			}
		}
		end, ok := o.place(at, 0, "sequence")
		if !ok {
			return
		}
		at = end
	}
}

// pagewise reports whether each line is an array of orders or an object that holds some.
func (o *oracle) pagewise(at int) bool {
	line, rest, found := strings.Cut(o.text[at:], "\n")
	end, ok := o.value(at, 0)
	return ok && found && end <= at+len(line) && strings.TrimSpace(o.text[end:at+len(line)]) == "" && strings.Trim(rest, " \t\r\n") != ""
}

// byLine reports whether the first value ends on its own line, or the first line
// looks as if it should.
func (o *oracle) byLine(at int) bool {
	line, rest, _ := strings.Cut(o.text[at:], "\n")
	end, ok := o.value(at, 0)
	if !ok {
		rest = strings.TrimLeft(rest, " \t\r\n")
		return strings.HasSuffix(strings.TrimRight(line, " \t\r"), "}") || rest == "" || rest[0] == '{'
	}
	gap := o.text[end:o.space(end)]
	return end <= at+len(line) && (strings.Contains(gap, "\n") || end+len(gap) == len(o.text))
}

func (o *oracle) reject(at int, path, reason, text string) {
	o.count++
	o.lines = append(o.lines, fmt.Sprintf("%d: rejected at %s, %q: %s: %q", o.count, o.lineAndColumn(at), path, reason, text))
}

// fault is an order's first.
type fault struct {
	at           int
	path, reason string
}

func (f *fault) add(at int, path, reason string) {
	if f.reason == "" {
		*f = fault{at, path, reason}
	}
}

// order judges the order at text[at:end], which is JSON.
func (o *oracle) order(at, end int) {
	var f fault
	var result orders.Order
	if o.text[at] != '{' {
		f.add(at, "", "want an order (an object), got "+kindOf(o.text[at]))
	} else {
		var hasPhone, hasItems bool
		o.object(&f, at, "", []string{"phone", "name", "items"}, func(key string, at int) {
			c := o.text[at]
			switch {
			case c == 'n':
			case key == "phone" && isDigit(c):
				number := o.raw(at)
				hasPhone = true
				if before, zeros, _ := strings.Cut(number, "."); strings.Trim(zeros, "0") == "" {
					number = before
				}
				if strings.ContainsAny(number, ".eE") {
					f.add(at, key, "want a string or a whole number, got a number")
				}
				result.Phone = []byte(number)
			case c == 'f' && key == "phone":
				hasPhone = true
				f.add(at, key, "blank")
			case c == 'f' && key == "name":
			case key == "phone" && c != '"':
				f.add(at, key, "want a string or a whole number, got "+kindOf(c))
			case key == "phone":
				hasPhone = true
				result.Phone = []byte(o.string(&f, at, key, "blank"))
			case key == "name" && c != '"':
				f.add(at, key, "want a string, got "+kindOf(c))
			case key == "name":
				result.Name = []byte(o.string(&f, at, key, ""))
			case c != '[' && c != '{':
				hasItems = true
				f.add(at, key, "want an array, got "+kindOf(c))
			default:
				hasItems = true
				result.Lines = o.items(&f, at)
			}
		})
		if !hasPhone {
			f.add(at, "phone", "missing")
		}
		if !hasItems {
			f = fault{at, "items", "missing, so this is no order"}
		}
	}
	if f.reason == "missing, so this is no order" || o.text[at] != '{' {
		o.noOrder = cmp.Or(o.noOrder, o.lineAndColumn(at))
	} else {
		o.hasOrders = true
	}
	if f.reason != "" {
		o.reject(f.at, f.path, f.reason, o.text[at:end])
		return
	}
	o.count++
	result.Number = o.count
	o.lines = append(o.lines, strings.TrimSpace(string(appendOrder(nil, result))))
}

func (o *oracle) items(f *fault, at int) []orders.Line {
	if o.text[at] == '{' {
		return []orders.Line{o.line(f, at, "items[0]")}
	}
	var lines []orders.Line
	at = o.space(at + 1)
	for i := 0; o.text[at] != ']'; i++ {
		path := fmt.Sprintf("items[%d]", i)
		if o.text[at] == '{' {
			lines = append(lines, o.line(f, at, path))
		} else {
			f.add(at, path, "want an object, got "+kindOf(o.text[at]))
		}
		end, _ := o.value(at, 0)
		if at = o.space(end); o.text[at] == ',' {
			at = o.space(at + 1)
		}
	}
	return lines
}

func (o *oracle) line(f *fault, at int, path string) orders.Line {
	var line orders.Line
	o.object(f, at, path+".", []string{"name", "price"}, func(key string, at int) {
		path := path + "." + key
		c := o.text[at]
		switch {
		case c == 'n':
		case key == "name" && c == '"':
			line.Item = []byte(o.string(f, at, path, "blank"))
		case key == "name" && c == 'f':
			line.Item = []byte{}
			f.add(at, path, "blank")
		case key == "name":
			f.add(at, path, "want a string, got "+kindOf(c))
		case c == '"':
			text := o.string(f, at, path, "blank")
			if number, reading := money.AppendWritten(nil, []byte(text), money.UnknownSign); reading == money.OneNumber {
				text = string(number) // package money has its own tests
			}
			line.Price = []byte(o.price(f, at, path, text))
		case c == '-' || isDigit(c):
			line.Price = []byte(o.price(f, at, path, o.raw(at)))
		default:
			f.add(at, path, "want a decimal number, got "+kindOf(c))
		}
	})
	if line.Item == nil {
		f.add(at, path+".name", "missing")
	}
	if line.Price == nil {
		f.add(at, path+".price", "missing")
	}
	return line
}

// object calls read for each of the keys in the object at text[at], which is
// JSON.
func (o *oracle) object(f *fault, at int, prefix string, keys []string, read func(key string, at int)) {
	seen := map[string]bool{}
	for at = o.space(at + 1); o.text[at] != '}'; {
		key, value, _ := o.key(at)
		for _, k := range keys {
			if k != key {
				continue
			}
			if seen[key] {
				f.add(at, prefix+key, "the key appears twice in one object")
			}
			seen[key] = true
			read(key, value)
		}
		end, _ := o.value(value, 0)
		if at = o.space(end); o.text[at] == ',' {
			at = o.space(at + 1)
		}
	}
}

// raw is the value at text[at], which is JSON.
func (o *oracle) raw(at int) string {
	end, _ := o.value(at, 0)
	return o.text[at:end]
}

// string is the text of a string. A blank one is "" and, if it must not be, a
// fault.
func (o *oracle) string(f *fault, at int, path, blank string) string {
	var s string
	if err := json.Unmarshal([]byte(o.raw(at)), &s); err != nil {
		panic(err)
	}
	if strings.TrimSpace(s) == "" {
		if blank != "" {
			f.add(at, path, blank)
		}
		return ""
	}
	if strings.Contains(s, "\x00") && !strings.HasSuffix(path, ".price") {
		f.add(at, path, "holds a NUL character")
	}
	return s
}

var decimalNumber = regexp.MustCompile(`^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$`)

// price writes a decimal number out.
func (o *oracle) price(f *fault, at int, path, number string) string {
	parts := decimalNumber.FindStringSubmatch(number)
	if parts == nil {
		f.add(at, path, "want a decimal number, got a text")
		return number
	}
	written := number
	if parts[4] != "" {
		written = writtenOut(parts[1], parts[2]+parts[3], len(parts[3]), parts[4])
	}
	if digits := strings.Map(digitsOnly, written); len(digits) > 40 {
		f.add(at, path, "more than 40 digits when written out")
	}
	return written
}

// writtenOut moves the point of a number with so many places, all in digits, by
// an exponent.
func writtenOut(sign, digits string, places int, exponent string) string {
	e, _ := new(big.Int).SetString(strings.TrimPrefix(exponent, "+"), 10)
	right := new(big.Int).Sub(big.NewInt(int64(places)), e) // digits behind the point
	const far = 100                                         // more than 40 digits on either side
	switch zero := strings.Trim(digits, "0") == ""; {
	case zero && right.Sign() <= 0:
		return sign + "0"
	case !right.IsInt64() || right.Int64() > far || right.Int64() < -far:
		return strings.Repeat("9", 41) // too many, whichever they are
	}
	n := int(right.Int64())
	if n <= 0 {
		return sign + trimZeros(digits+strings.Repeat("0", -n))
	}
	if len(digits) <= n {
		digits = strings.Repeat("0", n+1-len(digits)) + digits
	}
	return sign + trimZeros(digits[:len(digits)-n]) + "." + digits[len(digits)-n:]
}

func trimZeros(digits string) string {
	if trimmed := strings.TrimLeft(digits, "0"); trimmed != "" {
		return trimmed
	}
	return "0"
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func digitsOnly(r rune) rune {
	if r < '0' || r > '9' {
		return -1
	}
	return r
}

func kindOf(c byte) string {
	switch c {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "an array"
	case 't':
		return "true"
	case 'f':
		return "false"
	case 'n':
		return "null"
	}
	return "a number"
}
