package orders_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/orders"
)

const mark = "\ufeff" // a byte order mark

// pretty is an order over several lines.
func pretty(phone string) string {
	return "{\n    \"phone\": \"" + phone + "\",\n    \"name\": \"Ann\",\n    \"items\": [\n        {\"name\": \"Idli\", \"price\": 6.00}\n    ]\n}"
}

// shapes are the same three orders, with the phones 1, 2 and 3, in every way to
// write them. A bar | marks where a document that is cut off there is still one.
var shapes = []struct{ name, text string }{
	{"array", "[" + order("1") + "," + order("2") + "," + order("3") + "]|"},
	{"array, spaced out", " \t\r\n[ \n" + order("1") + " , " + order("2") + "\r\n,\r\n" + order("3") + "\n\n]| |\n|\t|\r|"},
	{"array, an order a line", "[\n" + order("1") + ",\n" + order("2") + ",\n" + order("3") + "\n]|\n|"},
	{"array, commas first", "[\n  " + order("1") + "\n, " + order("2") + "\n, " + order("3") + "\n]|"},
	{"array, pretty", "[\n" + pretty("1") + ",\n" + pretty("2") + ",\n" + pretty("3") + "\n]|"},
	{"array behind a mark", mark + "[" + order("1") + "," + order("2") + "," + order("3") + "]|"},

	{"wrapped", `{"orders":[` + order("1") + "," + order("2") + "," + order("3") + "]}|"},
	{"wrapped, spaced out", "\n{ \"orders\"\t:\r\n[ " + order("1") + " , " + order("2") + " , " + order("3") + " ] }| |\n|"},
	{"wrapped, pretty", "{\n\"orders\": [\n" + pretty("1") + ",\n" + pretty("2") + ",\n" + pretty("3") + "\n]\n}|\n|"},
	{"wrapped behind a mark", mark + `{"orders":[` + order("1") + "," + order("2") + "," + order("3") + "]}|"},
	{"wrapped, keys before and after", `{"a":1,"b":[{"orders":[5]},"]"],"c":{"orders":{"orders":[]}},"orders":[` + order("1") + "," + order("2") + "," + order("3") +
		`],"d":"}","e":[[]],"f":{"orders":[],"phone":null},"phone":1,"items":3}|`},
	{"wrapped, brackets in strings", `{"a":"{\"orders\":[","b]}":"\\\"]}","orders":[` + order("1") + "," + order("2") + "," + order("3") + `],"x":"]}","]":"\"}"}|`},
	{"wrapped, the key escaped", `{"ord\u0065rs":[` + order("1") + "," + order("2") + "," + order("3") + "]}|"},
	{"wrapped, the whole key escaped", `{"\u006f\u0072\u0064\u0065\u0072\u0073":[` + order("1") + "," + order("2") + "," + order("3") + "]}|"},
	{"wrapped, key twice that is not read", `{"a":1,"a":2,"orders":[` + order("1") + "," + order("2") + "," + order("3") + `],"b":1,"b":2}|`},
	{"wrapped, keys like the key", `{"Orders":[],"orders ":[],"order":[],"":[],"orders":[` + order("1") + "," + order("2") + "," + order("3") + `],"ORDERS":[]}|`},

	{"lines", order("1") + "|\n|" + order("2") + "|\n|" + order("3") + "|\n|"},
	{"lines, Windows", order("1") + "|\r|\n|" + order("2") + "|\r|\n|" + order("3") + "|\r|\n|"},
	{"lines, the last not ended", order("1") + "|\n|" + order("2") + "|\n|" + order("3") + "|"},
	{"lines, blank ones between", "\n\n" + order("1") + "|\n|\n| |\n|" + order("2") + "|\r|\n|\t|\r|\n|" + order("3") + "|\n|\n|"},
	{"lines behind a mark", mark + order("1") + "|\n|" + order("2") + "|\n|" + order("3") + "|\n|"},
	{"lines behind a mark and a line", mark + "\n" + order("1") + "|\n|" + order("2") + "|\n|" + order("3") + "|\n|"},
	{"lines with space around", " \t" + order("1") + "| |\t|\n| |" + order("2") + "| |\n|" + order("3") + "| |"},

	{"joined", order("1") + "|" + order("2") + "|" + order("3") + "|"},
	{"joined with blanks", order("1") + "| |" + order("2") + "|\t|\r|" + order("3") + "|"},
	{"pretty, one after the other", pretty("1") + "|\n|" + pretty("2") + "|\n|" + pretty("3") + "|\n|"},
	{"pretty, joined", pretty("1") + "|" + pretty("2") + "|" + pretty("3") + "|"},
	{"mixed", order("1") + "| |" + pretty("2") + "|" + order("3") + "|\n|"},
	{"mixed, pretty first", pretty("1") + "|" + order("2") + "|\n|\n|" + order("3") + "|"},
}

// unmark takes out the bars and says where they were.
func unmark(text string) (string, []int) {
	var ends []int
	parts := strings.Split(text, "|")
	n := 0
	for _, part := range parts[:len(parts)-1] {
		n += len(part)
		ends = append(ends, n)
	}
	return strings.Join(parts, ""), ends
}

func TestShapes(t *testing.T) {
	t.Parallel()
	for _, shape := range shapes {
		text, _ := unmark(shape.text)
		got := setup{}.sameAtAllSizes(t, shape.name, text)
		if got.phones() != "1 2 3" || got.err != nil || len(got.rejects) > 0 {
			t.Errorf("%s: want orders 1 2 3, got\n%s", shape.name, got)
		}
		for i, o := range got.orders {
			if o.Number != int64(i+1) || o.Source != "in" {
				t.Errorf("%s: order %d is number %d of %q", shape.name, i+1, o.Number, o.Source)
			}
		}
	}
}

// A document that is cut off is an error wherever the cut is, unless what is left is a
// document itself. The orders before the cut come out.
func TestCutOff(t *testing.T) {
	t.Parallel()
	for _, shape := range shapes {
		text, ends := unmark(shape.text)
		s := setup{}
		for n := range text {
			cut := text[:n]
			s.BlockBytes, s.ahead = 1+n%37, n%4
			got := s.read(cut)
			if slices.Contains(ends, n) {
				if got.err != nil || len(got.rejects) > 0 {
					t.Errorf("%s, cut off at a good place, as %s: %v", shape.name, abridged(cut), got)
				}
				continue
			}
			if got.err == nil {
				t.Errorf("%s, cut off, as %s: no error, and orders %s", shape.name, abridged(cut), got.phones())
				continue
			}
			got.wantSyntaxError(t, shape.name+", cut off")
			whole := strings.Count(cut, `"items":[]}`) + strings.Count(cut, "    ]\n}")
			if want := strings.Join([]string{"1", "2", "3"}[:whole], " "); got.phones() != want {
				t.Errorf("%s, cut off, as %s: got orders %q, want %q", shape.name, abridged(cut), got.phones(), want)
			}
			if len(got.rejects) > 0 {
				t.Errorf("%s, cut off, as %s: a reject: %v", shape.name, abridged(cut), got.rejects[0])
			}
		}
	}
}

// Whatever follows a document is an error, unless it is white space, another order, or an
// array of orders.
func TestTrailingText(t *testing.T) {
	t.Parallel()
	more := []string{"]", "}", ",", "x", "\x00", "\x0b", mark, `"`, "[]", "\n]", " }", "\n\n,", "\nx", "\n{", "/", "\n#",
		order("4"), "\n" + order("4"), "\n[" + order("4") + "]"}
	for _, shape := range shapes {
		document := strings.HasPrefix(shape.name, "array") || strings.HasPrefix(shape.name, "wrapped")
		for _, behind := range more {
			text, _ := unmark(shape.text)
			text += behind
			got := setup{}.sameAtSomeSizes(t, shape.name+" and more", text)
			if want := verdict(text, false); verdictOf(got) != want {
				t.Errorf("%s with %q behind it: got\n%s\nwant\n%s", shape.name, behind, verdictOf(got), want)
			}
			follows := strings.HasSuffix(behind, order("4")) || strings.HasSuffix(behind, "[]") || strings.HasSuffix(behind, order("4")+"]")
			if document && !follows {
				got.wantSyntaxError(t, fmt.Sprintf("%s with %q behind it", shape.name, behind))
				if got.phones() != "1 2 3" {
					t.Errorf("%s with %q behind it: got orders %s", shape.name, behind, got.phones())
				}
			}
			if (!document && strings.HasSuffix(behind, order("4")) || document && strings.Contains(behind, order("4"))) && (got.phones() != "1 2 3 4" || got.err != nil) {
				t.Errorf("%s with a fourth order behind it: got\n%s", shape.name, got)
			}
		}
	}
}

// Documents without orders, and documents that are none.
func TestEmpty(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "error in:1:1: the input is empty (0 bytes); if there are no orders, write []\n"},
		{"white space", " \r\n\t\n ", "error in:3:2: the input has only white space; if there are no orders, write []\n"},
		{"one newline", "\n", "error in:2:1: the input has only white space; if there are no orders, write []\n"},
		{"a mark", mark, "error in:1:1: the input has only white space; if there are no orders, write []\n"},
		{"a mark and white space", mark + " \n", "error in:2:1: the input has only white space; if there are no orders, write []\n"},
		{"two marks", mark + mark + "[]", "error in:1:1: order 1: want a value, got byte 0xef\n"},
		{"part of a mark", mark[:2] + "[]", "error in:1:1: order 1: want a value, got byte 0xef\n"},
		{"only part of a mark", mark[:1], "error in:1:1: order 1: want a value, got byte 0xef\n"},
		{"a mark behind white space", " " + mark + "[]", "error in:1:2: order 1: want a value, got byte 0xef\n"},
		{"an empty array", "[]", ""},
		{"an empty array, spaced out", mark + "\n[\r\n\t ] \n", ""},
		{"an empty wrapped array", `{"orders":[]}`, ""},
		{"an empty wrapped array, spaced out", " { \"orders\" : [ \n ] } \n", ""},
		{"an empty wrapped array among others", `{"a":[1],"orders":[],"b":{"orders":[1]}}`, ""},
		{"an empty object", `{}`, "error in:1:1: no orders: this is {}; if there are none, write []\n"},
		{"an array of nothing", "[,]", "error in:1:2: order 1: want a value, got ','\n"},
		{"an array that ends in a comma", "[" + order("1") + ",]", "1: \"1\"\nerror in:1:27: order 2: want a value, got ']'\n"},
		{"an array without a comma", "[" + order("1") + " " + order("2") + "]", "1: \"1\"\nerror in:1:27: want ',' or ']' after an order, got '{'\n"},
		{"an array with two commas", "[" + order("1") + ",," + order("2") + "]", "1: \"1\"\nerror in:1:27: order 2: want a value, got ','\n"},
		{"an array closed as an object", "[" + order("1") + "}", "1: \"1\"\nerror in:1:26: want ',' or ']' after an order, got '}'\n"},
		{"two arrays", "[]\n[]", ""},
		{"two wrapped arrays", "{\"orders\":[]}\n{\"orders\":[]}", ""},
		{"commas between orders without brackets", order("1") + "," + order("2"), "error in:1:25: order 1: want the end of the line or another order, got ','\n"},
		{"an array that is not closed", "[" + order("1") + "\n", "1: \"1\"\nerror in:2:1: the array of orders has no end\n"},
		{"an array that ends behind a comma", "[" + order("1") + ",", "1: \"1\"\nerror in:1:27: the array of orders has no end\n"},
		{"an object that is not closed behind its orders", `{"orders":[]` + "\n", "error in:2:1: want ',' or '}' after a value of an object, got the end of the input\n"},
		{"an object that ends in a comma", `{"orders":[],}`, "error in:1:14: want a key in double quotes, got '}'\n"},
		{"no JSON before the orders", `{"a":nul,"orders":[]}`, "error in:1:9: order 1: want the word null, got ','\n"},
		{"no JSON behind the orders", `{"orders":[` + order("1") + `],"a":nul}`, "1: \"1\"\nerror in:1:45: want the word null, got '}'\n"},
		{"the orders twice", `{"orders":[` + order("1") + `], "orders":[` + order("2") + `]}`, "1: \"1\"\nerror in:1:39: the key \"orders\" appears twice\n"},
		{"the orders twice, escaped", `{"orders":[],"order\u0073":1}`, "error in:1:14: the key \"orders\" appears twice\n"},
		// A document that says two things is not read as either of them.
		{"the orders twice, first as null", `{"orders":null,"orders":[` + order("1") + `]}`, "error in:1:16: the key \"orders\" appears twice\n"},
		{"the orders twice, first as an object", `{"orders":{"x":[]}, "ord\u0065rs":[]}`, "error in:1:21: the key \"orders\" appears twice\n"},
	} {
		got := setup{}.sameAtAllSizes(t, c.name, c.text)
		if got.String() != c.want {
			t.Errorf("%s: %q:\ngot  %swant %s", c.name, c.text, got, c.want)
		}
	}
}

// What is one order and what holds orders, if a text could be taken for either.
func TestOrderOrWrapper(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"an order that has orders", `{"phone":"1","items":[],"orders":[{}]}`, "1: \"1\"\n"},
		{"an order that has orders first", `{"phone":"1","orders":[` + order("2") + `],"items":[]}`,
			"1: \"2\"\nerror in:1:50: ambiguous: this object holds orders, and \"items\" would be lines of its own; keep one of them\n"},
		{"an order that starts with another key", `{"x":{"orders":[{}]},"phone":"1","items":[]}`, "1: \"1\"\n"},
		{"orders that are no array", `{"orders":5,"phone":"1","items":[]}`, "1: \"1\"\n"},
		{"orders that are an empty array", `{"orders":[],"phone":"1","items":[]}`, "1: \"1\"\n"},
		{"orders that are an object without lines", `{"orders":{"a":1},"phone":"1","items":[]}`, "1: \"1\"\n"},
		{"a usual key with an array that is not of orders", `{"data":[1,{"items":[]}],"phone":"1","items":[]}`, "1: \"1\"\n"},
		{"orders of arrays", `{"orders":[[]]}`, "error in:1:12: no orders: this is an empty array in an array; if there are none, write []\n"},
		{"a second order that has only orders", order("1") + "\n" + `{"orders":[` + order("2") + "]}", "1: \"1\"\n2: \"2\"\n"},
		{"an array of envelopes", `[{"orders":[` + order("1") + `]}]`, "1: \"1\"\n"},
		{"two arrays of orders", `{"orders":[` + order("1") + `],"data":[` + order("2") + `]}`,
			"1: \"1\"\nerror in:1:38: ambiguous: \"data\" holds orders, and so does a key before it in the same object; keep one of them\n"},
		{"two arrays of orders, one of them empty", `{"data":[],"orders":[` + order("1") + `],"result":[]}`, "1: \"1\"\n"},
	} {
		got := setup{}.sameAtAllSizes(t, c.name, c.text)
		if got.String() != c.want {
			t.Errorf("%s: %q:\ngot  %swant %s", c.name, c.text, got, c.want)
		}
	}
}

// Orders that follow each other are separated by nothing, blanks or line ends. What is no
// object is on a line of its own.
func TestSequence(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"scalars on lines", "1\n\"a\"\nnull\ntrue\nfalse\n-0.5e1\n[1]\n",
			""}, // replaced below
		{"scalars on one line", "1 2", "error in:1:3: order 1: want the end of the line or another order, got '2'\n"},
		{"an object behind a scalar", "1 {}", "error in:1:3: order 1: want the end of the line or another order, got '{'\n"},
		{"a scalar behind an object", order("1") + " 1", "error in:1:26: order 1: want the end of the line or another order, got '1'\n"},
		{"an array behind an object", order("1") + "[]", "error in:1:25: order 1: want the end of the line or another order, got '['\n"},
		{"old Macintosh line ends", order("1") + "\r" + order("2") + "\r", "1: \"1\"\n2: \"2\"\n"},
		{"a comma at a line's end", order("1") + ",\n" + order("2"), "error in:1:25: order 1: want the end of the line or another order, got ','\n"},
		{"a mark before the second line", order("1") + "\n" + mark + order("2"), "1: \"1\"\nerror in:2:1: order 2: want a value, got byte 0xef\n"},
	} {
		if c.name == "scalars on lines" {
			c.want = "8: \"1\"\n"
			c.text += order("1")
			for i, line := range strings.Split(strings.TrimSpace(c.text), "\n")[:7] {
				kind := []string{"a number", "a string", "null", "true", "false", "a number", "a number"}[i]
				column := 1
				if line == "[1]" {
					line, column = "1", 2
				}
				c.want += fmt.Sprintf("rejected in:%d:%d: order %d: want an order (an object), got %s: %q\n", i+1, column, i+1, kind, line)
			}
		}
		got := setup{}.sameAtAllSizes(t, c.name, c.text)
		if got.String() != c.want {
			t.Errorf("%s: %q:\ngot  %swant %s", c.name, c.text, got, c.want)
		}
	}
}

// Each source has its own shape, its own orders from 1 and its own lines from 1,
// and the first error ends them all.
func TestSources(t *testing.T) {
	sources := []input.Source{
		source("a.json", "["+order("1")+",\n"+order("2")+"]"),
		source("b.ndjson", mark+order("3")+"\n{}\n"),
		source("c.json", `{"x":1,"orders":[]}`),
		source("d.json", `{"orders":[`+order("4")+`],"x":[`+"\n"+`1]}`),
		source("e.json", "\n"+order("5")),
		source("f.json", "[\n"+order("6")+"\n,5,x"),
		source("g.json", order("7")),
	}
	want := "1: \"1\"\n2: \"2\"\n1: \"3\"\n1: \"4\"\n1: \"5\"\n1: \"6\"\n" +
		"rejected b.ndjson:2:1: order 2: items: missing, so this is no order: \"{}\"\n" +
		"rejected f.json:3:2: order 2: want an order (an object), got a number: \"5\"\n" +
		"error f.json:3:4: order 3: want a value, got 'x'\n"
	var positions []int64
	for size := 1; size < 90; size++ {
		for ahead := range 5 {
			s := setup{ahead: ahead}
			s.BlockBytes = size
			got := s.readAll(sources...)
			if got.String() != want {
				t.Fatalf("in chunks of %d bytes, %d ahead: got\n%swant\n%s", size, ahead, got, want)
			}
			if ahead == 0 {
				if o := got.orders[3]; o.Source != "d.json" {
					t.Errorf("order 4 is from %s", o.Source)
				}
				continue
			}
			if positions == nil {
				positions = got.at
			}
			if !slices.Equal(positions, got.at) || !increasing(got.at) {
				t.Fatalf("in chunks of %d bytes, %d ahead: the orders are at %d, want %d", size, ahead, got.at, positions)
			}
		}
	}
}

// An empty source among others is an error like an empty source alone.
func TestEmptyAmongSources(t *testing.T) {
	for _, empty := range []int{0, 1, 2} {
		texts := []string{order("1"), order("2"), order("3")}
		texts[empty] = ""
		var sources []input.Source
		for i, text := range texts {
			sources = append(sources, source(fmt.Sprintf("%d.json", i), text))
		}
		for ahead := range 4 {
			got := setup{ahead: ahead}.readAll(sources...)
			syntax := got.wantSyntaxError(t, "an empty source")
			if syntax.Source != fmt.Sprintf("%d.json", empty) || len(got.orders) != empty {
				t.Errorf("source %d empty, %d ahead: got\n%s", empty, ahead, got)
			}
		}
	}
	if got := (setup{}).readAll(); got.err != nil || len(got.orders) > 0 {
		t.Errorf("no sources at all: got\n%s", got)
	}
}

// Places count lines and bytes from 1, behind a byte order mark.
func TestPlaces(t *testing.T) {
	for _, c := range []struct{ name, text, place string }{
		{"first byte", "x", "in:1:1"},
		{"behind a mark", mark + "x", "in:1:1"},
		{"behind a mark, second line", mark + "\nx", "in:2:1"},
		{"behind a mark, in an array", mark + "[x", "in:1:2"},
		{"behind Windows line ends", "[\r\n" + order("1") + ",\r\n x", "in:3:2"},
		{"behind old Macintosh line ends", "[\r" + order("1") + ",\rx", "in:1:29"},
		{"behind characters of several bytes", `["å€🥕",x`, "in:1:14"},
		{"behind newlines in an order", "[{\"phone\":\n\n\"1\",\n\"items\":[]\n},\n\nx", "in:7:1"},
		{"at a newline", "{\"phone\":\"1\n\"", "in:1:12"},
		{"behind a tab", "\t\tx", "in:1:3"},
		{"in a wrapper's head", "{\"a\":\n1,\n x", "in:3:2"},
		{"in a wrapper's tail", "{\"orders\":[\n" + order("1") + "\n],\n \"a\" x", "in:4:6"},
		{"behind a wrapper", "{\"orders\":[\n" + order("1") + "\n]\n}\n x", "in:5:2"},
		{"behind an array", "[\n" + order("1") + "\n]\n  x", "in:4:3"},
		{"in the third line", order("1") + "\n" + order("2") + "\n" + `{"phone":x`, "in:3:10"},
	} {
		got := setup{}.sameAtAllSizes(t, c.name, c.text)
		syntax := got.wantSyntaxError(t, c.name)
		if place, _, _ := strings.Cut(syntax.Error(), ": "); place != c.place {
			t.Errorf("%s: %q: error at %s, want %s", c.name, c.text, place, c.place)
		}
	}
}

// A Reject's own error ends the reading there: the orders before the rejected
// one come out, those behind it do not.
func TestErrorFromReject(t *testing.T) {
	enough := errors.New("enough")
	text := order("1") + "\n" + order("2") + "\n{}\n" + order("4") + "\n{}\n" + order("6") + "\n"
	for size := 1; size < len(text)+2; size++ {
		for ahead := range 4 {
			seen := 0
			s := setup{ahead: ahead, Options: orders.Options{BlockBytes: size, Reject: func(r *orders.Reject) error {
				seen++
				return enough
			}}}
			got := s.read(text)
			if !errors.Is(got.err, enough) || seen != 1 {
				t.Fatalf("in chunks of %d bytes, %d ahead: got error %v and %d rejects, want Reject's error and one", size, ahead, got.err, seen)
			}
			if got.phones() != "1 2" {
				t.Errorf("in chunks of %d bytes, %d ahead: got orders %s, want those before the reject, 1 2", size, ahead, got.phones())
				return
			}
		}
	}
}

// Without Options.Reject the first order that cannot be accepted is the error,
// and the totals count what came before it.
func TestStopAtReject(t *testing.T) {
	text := order("1") + "\n" + order("2") + "\n" + `{"phone":"3"}` + "\n" + order("4") + "\nx"
	for size := 1; size < len(text)+2; size++ {
		for ahead := range 4 {
			s := setup{ahead: ahead, stopAtReject: true, Options: orders.Options{BlockBytes: size}}
			got := s.read(text)
			var reject *orders.Reject
			if !errors.As(got.err, &reject) || got.err.Error() != "in:3:1: order 3: items: missing, so this is no order" || got.phones() != "1 2" {
				t.Fatalf("in chunks of %d bytes, %d ahead: got\n%s", size, ahead, got)
			}
			if ahead > 0 && (got.totals.Orders != 2 || got.totals.Rejected != 1) {
				t.Errorf("in chunks of %d bytes, %d ahead: the totals are %+v, want 2 orders and 1 reject", size, ahead, got.totals)
				return
			}
		}
	}
}
