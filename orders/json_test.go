package orders_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"process-orders/input"
	"process-orders/internal/jsoncases"
	"process-orders/internal/soak"
	"process-orders/orders"
)

// A text that is JSON is never a syntax error, wherever it is.
func TestAcceptedJSON(t *testing.T) {
	t.Parallel()
	for _, c := range jsoncases.Accepted {
		text := strings.TrimLeft(c.Text, " \t\r\n")
		whole := setup{}.sameAtAllSizes(t, c.Name+", alone", c.Text)
		var syntax *orders.SyntaxError
		if isEmpty := strings.Join(strings.Fields(text), "") == "[]"; isEmpty && whole.String() != "" && len(text) < 20 {
			t.Errorf("%s, alone: want nothing, got\n%s", c.Name, whole)
		} else if hasItems := strings.Contains(text, `"items"`); !isEmpty && !hasItems && (!errors.As(whole.err, &syntax) || !syntax.NoOrders || len(whole.orders)+len(whole.rejects) > 0) {
			t.Errorf("%s, alone: want it refused, as it has no orders, got\n%s", c.Name, whole)
		}

		value := setup{}.sameAtAllSizes(t, c.Name+", unread", `{"phone":"1","x":`+c.Text+`,"items":[]}`)
		if got := value.String(); got != "1: \"1\"\n" {
			t.Errorf("%s, as an unread value: want order 1, got\n%s", c.Name, got)
		}
		key := setup{}.sameAtSomeSizes(t, c.Name+", around", `{"a":`+c.Text+`,"orders":[`+order("1")+`],"b":`+c.Text+"}")
		if got := key.String(); got != "1: \"1\"\n" {
			t.Errorf("%s, before and after the orders: want order 1, got\n%s", c.Name, got)
		}
		if strings.Contains(text, "\n") {
			continue
		}
		lines := order("1") + "\n" + `{"phone":"2","items":[],"x":` + c.Text + "}\n" + order("3") + "\n"
		if got := (setup{}).sameAtSomeSizes(t, c.Name+", in NDJSON", lines); got.phones() != "1 2 3" || got.err != nil {
			t.Errorf("%s, in NDJSON: want orders 1 2 3, got\n%s", c.Name, got)
		}
		alone := order("1") + "\n" + c.Text + "\n" + order("3") + "\n"
		got := setup{}.sameAtSomeSizes(t, c.Name+", a line", alone)
		if text[0] == '[' { // of things that are no orders
			continue
		}
		if len(got.rejects) != 1 || got.rejects[0].Order != 2 || got.rejects[0].Line != 2 ||
			string(got.rejects[0].Text) != strings.Trim(c.Text, " \t\r") || got.phones() != "1 3" || got.err != nil {
			t.Errorf("%s, as a line: want orders 1 3 and reject 2, got\n%s", c.Name, got)
		}
	}
}

// A text that is not JSON is a syntax error, wherever it is.
func TestRefusedJSON(t *testing.T) {
	t.Parallel()
	for j, c := range jsoncases.Refused {
		want := verdict(c.Text, false)
		if !c.Sequence && !strings.Contains(want, "not JSON") {
			t.Errorf("%s: the oracle takes it for JSON", c.Name)
		}
		got := setup{}.sameAtAllSizes(t, c.Name+", alone", c.Text)
		if verdictOf(got) != want && !isNamed(c.Text) {
			t.Errorf("%s, alone: got\n%s\nwant\n%s", c.Name, verdictOf(got), want)
		}
		if !c.Sequence && got.err == nil {
			t.Errorf("%s, alone: accepted as\n%s", c.Name, got)
		}

		for i, place := range []string{`{"phone":"1","items":[],"x":TEXT}`, `{"x":TEXT,"phone":"1","items":[]}`, "[TEXT," + order("1") + "]",
			`{"x":TEXT,"orders":[` + order("1") + "]}", `{"orders":[` + order("1") + `],"x":TEXT}`} {
			if testing.Short() && i > 0 && i != 1+j%4 {
				continue
			}
			text := strings.ReplaceAll(place, "TEXT", c.Text)
			sizes := setup.sameAtSomeSizes
			if i == 0 {
				sizes = setup.sameAtAllSizes
			}
			got := sizes(setup{}, t, c.Name+", in "+place, text)
			if want := verdict(text, false); verdictOf(got) != want {
				t.Errorf("%s, in %s: got\n%s\nwant\n%s", c.Name, place, verdictOf(got), want)
			}
			if got.err != nil {
				got.wantSyntaxError(t, c.Name+", in "+place)
			} else if place[0] == '{' && !c.Whole {
				t.Errorf("%s, in %s: accepted as\n%s", c.Name, place, got)
			}
			if i < 2 && !c.Whole && len(got.orders) > 0 {
				t.Errorf("%s, in %s: an order came out:\n%s", c.Name, place, got)
			}
		}
	}
}

// A line that is not JSON is one reject, and what is around it is read.
func TestRefusedJSONLines(t *testing.T) {
	t.Parallel()
	s := setup{Options: orders.Options{RejectLines: true}}
	some := func(i int) bool { return i%3 == 0 || !testing.Short() }
	for i := range soak.Cases(t, "texts", len(jsoncases.Refused), some) {
		c := jsoncases.Refused[i]
		if strings.Contains(c.Text, "\n") {
			continue
		}
		line := `{"phone":"2","items":[],"x":` + c.Text + "}"
		for _, end := range []string{"\n", "\r\n"} {
			text := order("1") + end + line + end + order("3") + end
			sizes := setup.sameAtSomeSizes
			if soak.On() {
				sizes = setup.sameAtAllSizes
			}
			got := sizes(s, t, c.Name+", in a line", text)
			if want := verdict(text, true); verdictOf(got) != want {
				t.Errorf("%s, in a line: got\n%s\nwant\n%s", c.Name, verdictOf(got), want)
			}
			if c.Whole {
				continue // may be two orders, or an order and an error
			}
			if len(got.rejects) != 1 || got.err != nil || got.phones() != "1 3" {
				t.Errorf("%s, in a line: want orders 1 3 and a reject, got\n%s", c.Name, got)
				continue
			}
			reject := got.rejects[0]
			if reject.Order != 2 || reject.Line != 2 || reject.Path != "" || string(reject.Text) != strings.TrimRight(line, "\r") {
				t.Errorf("%s, in a line: want line 2 rejected as order 2, got %v with the text %q", c.Name, reject, reject.Text)
			}
		}
		text := order("1") + "\n" + line + "\n" + order("3") + "\n"
		if c.Whole {
			continue
		}
		strict := setup{}.read(text)
		syntax := strict.wantSyntaxError(t, c.Name+", in a line, not rejected")
		if !syntax.ByLine || syntax.Order != 2 || strict.phones() != "1" {
			t.Errorf("%s, in a line, not rejected: want order 1 and an error by line in order 2, got\n%s", c.Name, strict)
		}
	}
}

// What is compressed is judged like what is not.
func TestJSONInGzip(t *testing.T) {
	for _, table := range [][]jsoncases.Case{jsoncases.Accepted, jsoncases.Refused} {
		for i, c := range table {
			if testing.Short() && i%4 > 0 {
				continue
			}
			text := `{"phone":"1","x":` + c.Text + `,"items":[]}`
			s := setup{Options: orders.Options{BlockBytes: 1 + i%40}, ahead: i % 3}
			plain := s.read(text)
			zipped := s.readAll(input.Reader("in", bytes.NewReader(gzipped(t, text))))
			if plain.String() != zipped.String() {
				t.Errorf("%s: from gzip\n%swant, as from the plain file,\n%s", c.Name, zipped, plain)
			}
		}
	}
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Read is All on one reader, in the default shape.
func TestRead(t *testing.T) {
	var phones []string
	for o, err := range orders.Read(strings.NewReader(order("1") + "\n" + order("2") + "\n5")) {
		if err != nil {
			var reject *orders.Reject
			if !errors.As(err, &reject) || err.Error() != "input:3:1: order 3: want an order (an object), got a number" {
				t.Errorf("got error %v", err)
			}
			continue
		}
		phones = append(phones, string(o.Phone)+" "+o.Source)
	}
	if got := strings.Join(phones, ", "); got != "1 input, 2 input" {
		t.Errorf("got orders %s", got)
	}
}

// A loop that ends early gets nothing more, and the source is closed.
func TestBreak(t *testing.T) {
	closed := 0
	source := input.Source{Name: "in", Size: -1, Open: closing(order("1")+order("2")+"\noops", &closed)}
	for range orders.All(context.Background(), []input.Source{source}, orders.Options{BlockBytes: 5}) {
		break
	}
	if closed != 1 {
		t.Errorf("the source was closed %d times, want once", closed)
	}
}
