package orders_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"process-orders/orders"
)

// In a source with one order a line, a line that is not JSON is rejected alone.
// In want, each line of the text is one of: an order's phone, - for a reject that
// is not JSON, ~ for a reject that is JSON, nothing for part of another line.
func TestRejectLines(t *testing.T) {
	t.Parallel()
	torn := `{"phone":"5","name":"An`
	for _, c := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"nothing wrong", []string{order("1"), order("2")}, "1 2"},
		{"torn in the middle", []string{order("1"), torn, order("3")}, "1 - 3"},
		{"torn at the start", []string{torn, order("2"), order("3")}, "- 2 3"},
		{"torn at the end", []string{order("1"), order("2"), torn}, "1 2 -"},
		{"the second part of a torn line", []string{order("1"), `n","items":[]}`, order("3")}, "1 - 3"},
		{"torn in two", []string{order("1"), torn, `n","items":[]}`, order("4")}, "1 - - 4"},
		{"a torn number", []string{order("1"), `{"phone":73`, order("3")}, "1 - 3"},
		{"a torn word", []string{order("1"), `{"phone":"1","x":tru`, order("3")}, "1 - 3"},
		{"a torn escape", []string{order("1"), `{"phone":"1\u00`, order("3")}, "1 - 3"},
		{"a torn pair", []string{order("1"), `{"phone":"1\ud83e`, order("3")}, "1 - 3"},
		{"a torn character", []string{order("1"), "{\"phone\":\"\xf0\x9f", order("3")}, "1 - 3"},
		{"torn behind a key", []string{order("1"), `{"phone":`, order("3")}, "1 - 3"},
		{"torn behind a key, at the end", []string{order("1"), order("2"), `{"phone":`}, "1 2 -"},
		{"torn behind a bracket", []string{order("1"), `{"phone":"1","items":[`, order("3"), order("4")}, "1 - 3 4"},
		{"torn behind a brace", []string{order("1"), `{`, order("3"), order("4")}, "1 - 3 4"},
		{"torn behind a comma", []string{order("1"), `{"phone":"1",`, order("3"), order("4")}, "1 - 3 4"},
		{"torn before the last brace", []string{order("1"), `{"phone":"1","items":[]`, order("3"), order("4")}, "1 - 3 4"},
		{"torn before the last brace, at the end", []string{order("1"), `{"phone":"1","items":[]`}, "1 -"},
		{"garbage", []string{order("1"), "oops", order("3")}, "1 - 3"},
		{"garbage first", []string{"oops", order("2"), order("3")}, "- 2 3"},
		{"garbage last", []string{order("1"), order("2"), "oops"}, "1 2 -"},
		{"garbage only", []string{"oops"}, "-"},
		{"garbage of one byte", []string{order("1"), "}", "]", ",", "\x00", `"`, order("7")}, "1 - - - - - 7"},
		{"many in a row", []string{"a", order("2"), "b", "c", order("5"), order("6"), "d"}, "- 2 - - 5 6 -"},
		{"bad UTF-8", []string{order("1"), order("\xff"), order("3")}, "1 - 3"},
		{"bad UTF-8 outside of texts", []string{order("1"), "\xff\xfe", order("3")}, "1 - 3"},
		{"a mark", []string{order("1"), mark + order("2"), order("3")}, "1 - 3"},
		{"a log line", []string{order("1"), "2026/11/22 12:00:00 starting", order("3")}, "1 - 3"},
		{"a comma too many", []string{order("1"), order("2") + ",", order("3")}, "1 - 3"},
		{"a text behind an order", []string{order("1"), order("2") + " x", order("3")}, "1 - 3"},
		{"a number behind an order", []string{order("1"), order("2") + " 1", order("3")}, "1 - 3"},
		{"a value that is no order", []string{order("1"), "{}", "5", `"x"`, order("5")}, "1 ~ ~ ~ 5"},
		{"two values that are no orders", []string{order("1"), "5 6", order("3")}, "1 - 3"},
		{"two orders on a line", []string{order("1"), order("2") + " " + order("3"), order("4")}, "1 2+3 4"},
		{"an order and a torn one on a line", []string{order("1"), order("2") + torn, order("3")}, "1 2+- 3"},
		{"an order over several lines", []string{order("1"), "{", ` "phone":"2",`, ` "items":[]`, "}", order("3")}, "1 2    3"},
		{"an order over several lines after a torn one", []string{order("1"), torn, "{", ` "phone":"2",`, ` "items":[]}`, order("3")}, "1 - 2   3"},
		{"blank lines", []string{"", order("1"), "", " ", "\t", "oops", "", order("3"), ""}, " 1    -  3 "},
		{"a line that is only a quote, then good ones", []string{order("1"), `"`, order("3"), `"`, order("5")}, "1 - 3 - 5"},
		{"too deep", []string{order("1"), `{"x":` + strings.Repeat("[", 1100), order("3")}, "1 - 3"},
		{"an envelope", []string{order("1"), `{"orders":[` + order("9") + "]}", order("3")}, "1 9 3"},
		{"an array", []string{order("1"), "[" + order("9") + ",", order("3"), "]"}, "1 9 3 "},
		{"a torn envelope", []string{order("1"), `{"orders":[` + order("9") + ",", order("3")}, "1 - 3"},
		{"a torn array", []string{order("1"), "[" + order("9") + "," + torn + "]", order("3")}, "1 - 3"},
		{"envelopes", []string{`{"orders":[` + order("1") + "]}", `{"orders":[` + order("2") + "," + order("3") + "]}", order("4")}, "1 2+3 4"},
		{"envelopes, torn and garbage", []string{`{"orders":[` + order("1") + "]}", `{"orders":[` + order("9") + "]", "oops", "5", "[" + order("2") + "]"}, "1 - - ~ 2"},
	} {
		wants := strings.Split(c.want, " ")
		if len(wants) != len(c.lines) {
			t.Fatalf("%s: %d lines, and %d in want", c.name, len(c.lines), len(wants))
		}
		for _, end := range []string{"\n", "\r\n"} {
			for _, last := range []string{"", end} {
				text := strings.Join(c.lines, end) + last
				name := fmt.Sprintf("%s, lines ending in %q", c.name, end)
				s := setup{Options: orders.Options{RejectLines: true}}
				got := s.sameAtAllSizes(t, name, text)
				if v := verdict(text, true); verdictOf(got) != v {
					t.Errorf("%s: got\n%s\nwant, as the oracle has it,\n%s", name, verdictOf(got), v)
				}
				checkLines(t, name, c.lines, wants, got)
			}
		}
	}
}

// checkLines compares what was read with what each line must give.
func checkLines(t *testing.T, name string, lines, wants []string, got reading) {
	t.Helper()
	if got.err != nil {
		t.Errorf("%s: %v", name, got.err)
	}
	number := int64(0)
	for i, want := range wants {
		for _, want := range strings.FieldsFunc(want, func(r rune) bool { return r == '+' }) {
			number++
			if want == "-" || want == "~" {
				if len(got.rejects) == 0 {
					t.Errorf("%s: line %d is not rejected", name, i+1)
					return
				}
				reject := got.rejects[0]
				got.rejects = got.rejects[1:]
				notJSON := reject.Path == "" && !strings.Contains(reject.Reason, "want an order")
				if reject.Line != int64(i+1) || reject.Order != number || notJSON != (want == "-") ||
					!strings.HasSuffix(lines[i], string(reject.Text)) && !strings.HasPrefix(string(reject.Text), lines[i]) {
					t.Errorf("%s: want line %d rejected as order %d, got %v, text %q", name, i+1, number, reject, reject.Text)
				}
				continue
			}
			if len(got.orders) == 0 || string(got.orders[0].Phone) != want || got.orders[0].Number != number {
				t.Errorf("%s: want order %d with the phone %s next, got\n%s", name, number, want, got)
				return
			}
			got.orders = got.orders[1:]
		}
	}
	if len(got.orders)+len(got.rejects) > 0 {
		t.Errorf("%s: more than there is:\n%s", name, got)
	}
}

// The messages of lines that are not JSON.
func TestRejectLinesMessages(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"oops", "in:2:1: order 2: want a value, got 'o'"},
		{`{"phone":"1","items":[5x]}`, "in:2:24: order 2: want ',' or ']' after a value of an array, got 'x'"},
		{`{"phone":"1","items":[`, "in:2:23: order 2: the line ends within its order"},
		{`{"phone":"1`, "in:2:12: order 2: the line ends within its order"},
		{`{"phone":"1",`, "in:2:14: order 2: the line ends within its order"},
		{`{"phone":"1","items":[]},`, "in:2:25: order 2: want the end of the line or another order, got ','"},
		{`{"phone":"1","items":[]} x`, "in:2:26: order 2: want the end of the line or another order, got 'x'"},
		{order("\xff"), "in:2:11: order 2: not valid UTF-8; the text may be in windows-1252: read it as that, or convert it to UTF-8"},
		{`{"phone":"\udd55"}`, "in:2:11: order 2: the second half of a surrogate pair without the first"},
		{`{"phone":"\ud83e"}`, "in:2:11: order 2: the first half of a surrogate pair without the second"},
		{`{"phone":"\x"}`, "in:2:12: order 2: want one of \"\\/bfnrtu after a backslash, got 'x'"},
		{`{"phone":"\u12g4"}`, "in:2:15: order 2: want four hexadecimal digits after \\u, got 'g'"},
		{"{\"phone\":\"\t\"}", "in:2:11: order 2: a string holds a raw control character; it must be escaped"},
		{`{"phone":01}`, "in:2:11: order 2: a number must not start with 0 and another digit"},
		{`{"phone":1.}`, "in:2:12: order 2: want a digit, got '}'"},
		{`{"phone":nil}`, "in:2:11: order 2: want the word null, got 'i'"},
		{`{"phone" "1"}`, "in:2:10: order 2: want ':' after a key, got '\"'"},
		{`{phone:1}`, "in:2:2: order 2: want a key in double quotes, got 'p'"},
		{`{"phone":"1","items":[],}`, "in:2:25: order 2: want a key in double quotes, got '}'"},
		{`{"phone":"1" "items":[]}`, "in:2:14: order 2: want ',' or '}' after a value of an object, got '\"'"},
		{`{"x":` + strings.Repeat("[", 1024), "in:2:1029: order 2: nested more than 1,024 levels deep"},
	} {
		for _, end := range []string{"\n", "\r\n"} {
			text := order("1") + end + c.line + end + order("3") + end
			s := setup{Options: orders.Options{RejectLines: true}}
			got := s.sameAtSomeSizes(t, c.line, text)
			if len(got.rejects) != 1 || got.rejects[0].Error() != c.want || string(got.rejects[0].Text) != c.line {
				t.Errorf("%.60q:\nwant %s, got\n%.500s", c.line, c.want, got)
			}
		}
	}
}

// A source that is no lines stops at what is not JSON, whatever is asked for; and
// a source of lines does, if nothing is.
func TestNoRejectLines(t *testing.T) {
	for _, c := range []struct {
		name, text  string
		rejectLines bool
		byLine      bool
		phones      string
	}{
		{"lines, not asked for", order("1") + "\noops\n" + order("3"), false, true, "1"},
		{"an array", "[\n" + order("1") + ",\noops,\n" + order("3") + "]", true, false, "1"},
		{"a wrapped array", "{\"orders\":[\n" + order("1") + ",\noops,\n" + order("3") + "]}", true, false, "1"},
		{"behind an array", "[\n" + order("1") + "]\noops\n" + order("3"), true, false, "1"},
		{"pretty", pretty("1") + "\noops\n" + pretty("3"), true, false, "1"},
		{"pretty, first broken", "{\n  \"phone\": oops\n}\n" + pretty("2"), true, false, ""},
		{"joined", order("1") + order("2") + "\noops\n" + order("3"), true, false, "1 2"},
		{"empty", "", true, false, ""},
		{"white space", " \n", true, false, ""},
	} {
		s := setup{Options: orders.Options{RejectLines: c.rejectLines}}
		got := s.sameAtAllSizes(t, c.name, c.text)
		syntax := got.wantSyntaxError(t, c.name)
		if syntax.ByLine != c.byLine || got.phones() != c.phones || len(got.rejects) > 0 {
			t.Errorf("%s: want orders %q and an error, by line: %t, got by line: %t\n%s", c.name, c.phones, c.byLine, syntax.ByLine, got)
		}
	}
}

// Without Options.Reject a rejected line is the error, as a Reject.
func TestRejectLinesStops(t *testing.T) {
	s := setup{stopAtReject: true, Options: orders.Options{RejectLines: true}}
	got := s.sameAtAllSizes(t, "a bad line", order("1")+"\noops\n"+order("3")+"\n")
	var reject *orders.Reject
	if !errors.As(got.err, &reject) || reject.Line != 2 || got.phones() != "1" {
		t.Errorf("want order 1 and a reject, got\n%s", got)
	}
}

// One bad line in each place among many, in chunks that fall on every side of it.
func TestOneBadLineAmongMany(t *testing.T) {
	const n = 40
	for bad := range n {
		var text strings.Builder
		var want []string
		for i := range n {
			if i == bad {
				text.WriteString(`{"phone":"x","name":"},{\"phone\":\"1\",\"items\":[]}` + "\n")
				continue
			}
			text.WriteString(order(fmt.Sprint(i)) + "\n")
			want = append(want, fmt.Sprint(i))
		}
		for _, size := range []int{10, 24, 25, 26, 99, 100, 300} {
			s := setup{ahead: size % 4, Options: orders.Options{RejectLines: true, BlockBytes: size}}
			got := s.read(text.String())
			if got.err != nil || len(got.rejects) != 1 || got.rejects[0].Line != int64(bad+1) || got.phones() != strings.Join(want, " ") {
				t.Fatalf("line %d bad, in chunks of %d bytes: got\n%s", bad+1, size, got)
			}
		}
	}
}
