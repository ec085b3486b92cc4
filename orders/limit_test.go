package orders_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"process-orders/input"
	"process-orders/internal/soak"
	"process-orders/orders"
)

const mib = 1 << 20

// large skips a test of much data if time is short. Such tests run one after the other, as
// they count what is allocated.
func large(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("hundreds of megabytes")
	}
}

// document is text that is made while it is read: parts are strings, and repeats.
func document(parts ...any) io.Reader {
	var readers []io.Reader
	for _, part := range parts {
		switch part := part.(type) {
		case string:
			readers = append(readers, strings.NewReader(part))
		case repeat:
			readers = append(readers, &part)
		}
	}
	return io.MultiReader(readers...)
}

// repeat is n bytes of a unit again and again.
type repeat struct {
	unit string
	n    int64
	at   int
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.n == 0 {
		return 0, io.EOF
	}
	if len(r.unit) < 4096 && r.at == 0 {
		r.unit = strings.Repeat(r.unit, 1+4096/len(r.unit))
	}
	n := 0
	for n < len(p) && r.n > 0 {
		m := copy(p[n:min(len(p), n+int(min(r.n, 1<<30)))], r.unit[r.at:])
		r.at = (r.at + m) % len(r.unit)
		r.n -= int64(m)
		n += m
	}
	return n, nil
}

// maxAllocated is what a reading may allocate if one order, or what is around the orders,
// fills its 64 MiB: what was read, twice if it grew, once more to be scanned, and what was
// too small before.
const maxAllocated = 1500 * mib

// fill is n bytes of a unit.
func fill(n int64, unit string) repeat { return repeat{unit: unit, n: n} }

// cost is what a reading took.
type cost struct {
	read      int64 // bytes of the source
	allocated int64 // bytes, all in all: no less than the memory in use at any time
}

// readLarge reads a document that is not in memory.
func (s setup) readLarge(r io.Reader) (reading, cost) {
	var before, after runtime.MemStats
	var read atomic.Int64
	s.BytesRead = &read
	runtime.ReadMemStats(&before)
	got := s.readAll(input.Source{Name: "in", Size: 1, Reopens: true, Open: func() (io.ReadCloser, error) { return io.NopCloser(r), nil }})
	var syntax *orders.SyntaxError
	if errors.As(got.err, &syntax) {
		syntax.Excerpt()
	}
	runtime.ReadMemStats(&after)
	return got, cost{read.Load(), int64(after.TotalAlloc - before.TotalAlloc)}
}

// An order of 64 MiB is read, and one byte more is too much, wherever it is.
func TestGreatestOrder(t *testing.T) {
	large(t)
	const start, end = `{"phone":"1","x":"`, `","items":[]}`
	order64 := func(size int) []any { return []any{start, fill(int64(size-len(start)-len(end)), "x"), end} }
	cases := []struct {
		name          string
		before, after string
		want          string // of the error, if it is too large
		long          bool   // only with SOAK
	}{
		{"in an array", "[", "]", "in:1:2: order 1: an order larger than 64 MiB; is a quote or a bracket missing?", true},
		{"second in an array", "[" + order("0") + ", ", "," + order("2") + "]", "in:1:28: order 2: an order larger than 64 MiB; is a quote or a bracket missing?", false},
		{"wrapped", `{"orders":[`, "]}", "in:1:12: order 1: an order larger than 64 MiB; is a quote or a bracket missing?", true},
		{"second line", order("0") + "\n", "\n" + order("2") + "\n", "in:2:1: order 2: an order larger than 64 MiB; is a quote or a bracket missing?", true},
		{"last line", order("0") + "\n", "", "in:2:1: order 2: an order larger than 64 MiB; is a quote or a bracket missing?", true},
		{"first line", "", "\n" + order("2") + "\n", "", false},
		{"alone", "", "", "", true},
	}
	for i := range soak.Cases(t, "orders", len(cases), func(i int) bool { return !cases[i].long }) {
		c := cases[i]
		for _, size := range []int{orders.MaxOrderBytes, orders.MaxOrderBytes + 1} {
			parts := append(append([]any{c.before}, order64(size)...), c.after)
			got, cost := setup{}.readLarge(document(parts...))
			if size <= orders.MaxOrderBytes {
				if got.err != nil || !strings.Contains(got.phones(), "1") {
					t.Errorf("%d bytes %s: want it read, got %v and the orders %s", size, c.name, got.err, got.phones())
				}
			} else if syntax := got.wantSyntaxError(t, c.name); c.want != "" && syntax.Error() != c.want {
				t.Errorf("%d bytes %s: got %v, want %s", size, c.name, got.err, c.want)
			}
			if cost.allocated > maxAllocated {
				t.Errorf("%d bytes %s: %d MiB allocated", size, c.name, cost.allocated/mib)
			}
		}
	}
}

// Texts without end are refused before they fill the memory.
func TestEndless(t *testing.T) {
	large(t)
	const endless = 4 << 30 // of which little is read
	const tooLarge = "an order larger than 64 MiB; is a quote or a bracket missing?"
	cases := []struct {
		name        string
		parts       []any
		rejectLines bool
		want        string // if there is one message for it
		long        bool   // only with SOAK
	}{
		{"a string in an array", []any{`[{"phone":"`, fill(endless, "5")}, false, "in:1:2: order 1: " + tooLarge, false},
		{"a string in a second line", []any{order("1") + "\n" + `{"phone":"`, fill(endless, "5")}, false, "in:2:1: order 2: " + tooLarge, true},
		{"a string in a first line", []any{`{"phone":"`, fill(endless, "5")}, false, "", true},
		{"a string in a line, lines rejected", []any{order("1") + "\n" + `{"phone":"`, fill(endless, "5")}, true, "in:2:1: order 2: " + tooLarge, true},
		{"a number", []any{"[", fill(endless, "5")}, false, "", true},
		{"a price", []any{`[{"items":[{"price":1.`, fill(endless, "5")}, false, "in:1:2: order 1: " + tooLarge, true},
		{"lines of one order", []any{`[{"items":[`, fill(endless, `{"name":"a","price":1},`+"\n")}, false, "in:1:2: order 1: " + tooLarge, true},
		{"keys of one order", []any{`[{`, fill(endless, `"name":"a",`+"\n")}, false, "in:1:2: order 1: " + tooLarge, true},
		{"white space in an order", []any{`[{`, fill(endless, " \n")}, false, "in:1:2: order 1: " + tooLarge, true},
		{"white space before all", []any{fill(endless, " ")}, false, "", true},
		{"lines before all", []any{fill(endless, "\n")}, false, "", true},
		{"blanks behind an order", []any{order("1"), fill(endless, " ")}, false, "", true},
		{"blanks behind a second order", []any{order("1") + "\n" + order("2"), fill(endless, " ")}, false, "", false},
		{"keys before the orders", []any{"{", fill(endless, `"a":[1],`)}, false, "", true},
		{"a string before the orders", []any{`{"a":"`, fill(endless, "x")}, false, "", true},
		{"white space behind the orders", []any{`{"orders":[]`, fill(endless, " ")}, false, "", true},
		{"a line that is not JSON", []any{"oops", fill(endless, "x")}, false, "", true},
		{"a line that is not JSON, rejected", []any{order("1") + "\noops", fill(endless, "x")}, true, "", false},
		{"a first line that is not JSON, rejected", []any{"oops", fill(endless, "x")}, true, "", true},
	}
	for i := range soak.Cases(t, "texts", len(cases), func(i int) bool { return !cases[i].long }) {
		c := cases[i]
		s := setup{ahead: i % 2 * 3, Options: orders.Options{RejectLines: c.rejectLines}}
		got, cost := s.readLarge(document(c.parts...))
		if got.err == nil && len(got.rejects) == 0 {
			t.Errorf("%s: no error", c.name)
		}
		if c.want != "" && (got.err == nil || got.err.Error() != c.want) {
			t.Errorf("%s: got %v, want %s", c.name, got.err, c.want)
		}
		// 64 MiB, a second time if it doubled, and the chunks ahead.
		if cost.read > 140*mib {
			t.Errorf("%s: %d MiB were read", c.name, cost.read/mib)
		}
		if cost.allocated > maxAllocated {
			t.Errorf("%s: %d MiB were allocated", c.name, cost.allocated/mib)
		}
	}
}

// White space and orders stream: memory does not grow with them.
func TestStreaming(t *testing.T) {
	large(t)
	size := int64(70 * mib) // more than may be around orders
	if soak.On() {
		size = 1 << 30
	}
	for _, c := range []struct {
		name   string
		parts  []any
		orders int
	}{
		{"white space between lines", []any{order("1") + "\n", fill(size, " \n"), order("2")}, 2},
		{"white space in an array", []any{"[", fill(size, " "), order("1"), fill(size, "\n"), ",", fill(size, "\t"), order("2"), fill(size, "\r"), "]"}, 2},
		{"white space behind an array", []any{"[" + order("1") + "]", fill(size, " \n")}, 1},
		{"orders in lines", []any{fill(int64(len(order("1")))*100_000+100_000, order("1")+"\n")}, 100_000},
	} {
		s := setup{Options: orders.Options{Reject: func(*orders.Reject) error { return nil }}}
		if c.orders == 100_000 {
			s.ahead = 3
		}
		got, cost := s.readLarge(document(c.parts...))
		if got.err != nil || len(got.orders) != c.orders {
			t.Errorf("%s: got %d orders and %v, want %d", c.name, len(got.orders), got.err, c.orders)
		}
		if cost.allocated > 120*mib { // the orders that the test keeps are most of it
			t.Errorf("%s: %d MiB were allocated", c.name, cost.allocated/mib)
		}
	}
}

// A fault at the end of a long order is reported without taking many times the order's
// memory.
func TestFaultInLongOrder(t *testing.T) {
	large(t)
	const size = 60 * mib
	cases := []struct{ name, start, end, want string }{
		{"syntax", `[{"phone":"1","x":"`, `",}]`, "error in:1:62914582: order 1: want a key in double quotes, got '}'"},
		{"cut off", `[{"phone":"1","x":"`, ``, "error in:1:62914580: order 1: want the end of a string, got the end of the input"}, // only with SOAK
		{"a reject", `[{"phone":"1","x":"`, `","items":5}]`, "rejected in:1:62914590: order 1: items: want an array, got a number"},
	}
	for i := range soak.Cases(t, "orders", len(cases), func(i int) bool { return cases[i].end != "" }) {
		c := cases[i]
		got, cost := setup{}.readLarge(document(c.start, fill(size, "x"), c.end))
		var excerpt orders.Excerpt
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var syntax *orders.SyntaxError
		if errors.As(got.err, &syntax) {
			excerpt = syntax.Excerpt()
			if "error "+syntax.Error() != c.want {
				t.Errorf("%s: got %v, want %s", c.name, got.err, c.want)
			}
		} else if len(got.rejects) == 1 {
			excerpt = got.rejects[0].Excerpt()
			if "rejected "+got.rejects[0].Error() != c.want {
				t.Errorf("%s: got %v, want %s", c.name, got.rejects[0], c.want)
			}
		}
		runtime.ReadMemStats(&after)
		cost.allocated += int64(after.TotalAlloc - before.TotalAlloc)
		if len(excerpt.Text) < 50 || len(excerpt.Text) > 80 {
			t.Errorf("%s: excerpt %q", c.name, excerpt.Text)
		}
		if cost.allocated > maxAllocated {
			t.Errorf("%s: %d MiB were allocated", c.name, cost.allocated/mib)
		}
	}
}

// What is around the orders may take 64 MiB on each side, and no more.
func TestAround(t *testing.T) {
	large(t)
	cases := []struct {
		name  string
		parts []any
		want  string
	}{
		{"63 MiB before", []any{`{"a":"`, fill(63*mib, "x"), `","orders":[` + order("1") + "]}"}, ""},
		{"63 MiB behind", []any{`{"orders":[` + order("1") + `],"a":"`, fill(63*mib, "x"), `"}`}, ""},
		{"63 MiB on each side", []any{`{"a":"`, fill(63*mib, "x"), `","orders":[` + order("1") + `],"a":"`, fill(63*mib, "x"), `"}`}, ""},
		{"64 MiB before", []any{`{"a":"`, fill(64*mib, "x"), `","orders":[` + order("1") + "]}"}, "in:1:1: no order within the first 64 MiB"},
		{"64 MiB behind", []any{`{"orders":[` + order("1") + `],"a":"`, fill(64*mib, "x"), `"}`}, "in:1:38: more than 64 MiB beside the orders; is a quote or a bracket missing?"},
		{"64 MiB of white space before", []any{fill(64*mib, "\n"), order("1")}, ""},
		{"a fault behind 63 MiB", []any{`{"orders":[` + order("1") + "],\n" + `"a":"`, fill(63*mib, "x"), `"]`}, "in:2:66060295: want ',' or '}' after a value of an object, got ']'"},
	}
	for i := range soak.Cases(t, "texts", len(cases), func(i int) bool { return i%3 == 0 }) {
		c := cases[i]
		got, cost := setup{}.readLarge(document(c.parts...))
		if c.want == "" && c.name[:2] == "63" {
			if got.err != nil || got.phones() != "1" {
				t.Errorf("%s: got %v and the orders %s", c.name, got.err, got.phones())
			}
		} else if syntax := got.wantSyntaxError(t, c.name); c.want != "" && syntax.Error() != c.want {
			t.Errorf("%s: got %v, want %s", c.name, got.err, c.want)
		}
		if cost.allocated > maxAllocated {
			t.Errorf("%s: %d MiB were allocated", c.name, cost.allocated/mib)
		}
	}
}

// 1,024 levels are read, one more is not, and 100,000 do no harm.
func TestDepth(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after string
		room          int // levels that are left to the value between
	}{
		{"an order's field", `{"phone":"1","items":[],"x":`, "}", 1023},
		{"in an array", `[{"phone":"1","items":[],"x":`, "}]", 1022},
		{"wrapped", `{"orders":[{"phone":"1","items":[],"x":`, "}]}", 1021},
		{"a line's field", `{"phone":"1","items":[{"name":"a","price":1,"x":`, "}]}", 1021},
		{"before the orders", `{"x":`, `,"orders":[` + order("1") + "]}", 1023},
		{"behind the orders", `{"orders":[` + order("1") + `],"x":`, "}", 1023},
	} {
		for _, levels := range []struct{ open, close string }{{"[", "]"}, {`{"x":`, "}"}, {"[0,", "]"}, {`{"phone":1,"items":`, "}"}} {
			for _, n := range []int{c.room, c.room + 1, 100_000} {
				nested := strings.Repeat(levels.open, n) + "1" + strings.Repeat(levels.close, n)
				s := setup{Options: orders.Options{BlockBytes: 1000 + n/3}}
				got := s.read(c.before + nested + c.after)
				if n == c.room {
					if got.err != nil || got.phones() != "1" {
						t.Errorf("%s, %d levels of %s: got %.200s", c.name, n, levels.open, got)
					}
					continue
				}
				syntax := got.wantSyntaxError(t, c.name)
				if want := int64(len(c.before) + c.room*len(levels.open) + 1); syntax.Reason != "nested more than 1,024 levels deep" || syntax.Column != want {
					t.Errorf("%s, %d levels of %s: got %v, want column %d", c.name, n, levels.open, got.err, want)
				}
			}
		}
	}
	// The levels of one value are gone behind it.
	siblings := strings.Repeat(strings.Repeat("[", 1000)+strings.Repeat("]", 1000)+",", 50) + "1"
	if got := (setup{}).read(`{"phone":"1","items":[],"x":[` + siblings + "]}"); got.err != nil || got.phones() != "1" {
		t.Errorf("deep siblings: got %.200s", got)
	}
}

// The search for a cut is bounded, also in a file that is full of what could start an
// order. It would take hours otherwise.
func TestHostileCuts(t *testing.T) {
	size := int64(8 * mib)
	if testing.Short() {
		size = mib / 2
	}
	for _, c := range []struct {
		name, before, unit, after string
	}{
		{"braces", "[" + order("1") + ",[", "{", ""},
		{"braces behind commas", "[" + order("1") + ",[", ",{", ""},
		{"braces behind braces", "[" + order("1") + ",[", "}{", ""},
		{"braces in a string", `[` + order("1") + `,{"x":"`, ",{", `"}]`},
		{"keys in a string", `[` + order("1") + `,{"x":"`, `,{\"phone\":\"1\",\"items\":[`, `"}]`},
		{"objects without end", `[` + order("1") + `,{"x":[1`, `,{"phone":"1","items":[]`, ""},
		{"long strings", `[` + order("1") + `,{"x":[1`, `,{"` + strings.Repeat("x", 2000), ""},
		{"deep", `[` + order("1") + `,{"x":[1`, `,{"a":[[[[[[[[`, ""},
		{"braces behind white space", `[` + order("1") + `,{"x":[1,`, "{}," + strings.Repeat(" ", 300), "2]}]"},
		{"white space", "[" + order("1") + ",", " ", order("2") + "]"},
		{"orders in an unread array", `[` + order("1") + `,{"x":[`, order("2") + ",", "1]}]"},
		{"lines of braces", order("1") + "\n{\"x\":[", "\n{},", "1]}"},
	} {
		for _, blockBytes := range []int{0, 1000} {
			if blockBytes > 0 && c.name != "braces" && c.name != "braces behind commas" {
				continue
			}
			for ahead := 0; ahead <= 3; ahead += 3 {
				s := setup{ahead: ahead, Options: orders.Options{BlockBytes: blockBytes}}
				got, _ := s.readLarge(document(c.before, fill(size/int64(len(c.unit))*int64(len(c.unit)), c.unit), c.after))
				if !strings.HasPrefix(got.phones()+" ", "1 ") {
					t.Errorf("%s: got the orders %s", c.name, got.phones())
				}
				for _, o := range got.orders[1:] {
					if c.name != "white space" {
						t.Fatalf("%s: order %d came out of the middle of another one", c.name, o.Number)
					}
				}
			}
		}
	}
}

// A small file that becomes a large one is read like the large one.
func TestDecompressionBombs(t *testing.T) {
	large(t)
	bombs := []struct {
		name   string
		parts  []any
		orders string
		want   string
	}{
		{"white space between orders", []any{order("1") + "\n", fill(70*mib, "\n"), order("2")}, "1 2", ""},
		{"a string", []any{`[` + order("1") + `,{"x":"`, fill(70*mib, "x")}, "1", "in:1:27: order 2: an order larger than 64 MiB; is a quote or a bracket missing?"},
		{"white space first", []any{fill(70*mib, " ")}, "", "no order within the first 64 MiB"},
	}
	writers := []struct {
		name string
		new  func(io.Writer) io.WriteCloser
	}{
		{"zstd", func(w io.Writer) io.WriteCloser { return must(zstd.NewWriter(w)) }},
		{"gzip", func(w io.Writer) io.WriteCloser { return must(gzip.NewWriterLevel(w, gzip.BestSpeed)) }},
	}
	usual := func(n int) bool { return n%2 == 0 || n/2 == n%2 }
	for n := range soak.Cases(t, "bombs", len(bombs)*len(writers), usual) {
		bomb, compress := bombs[n/len(writers)], writers[n%len(writers)]
		from, to := io.Pipe()
		go func() {
			w := compress.new(to)
			_, err := io.Copy(w, document(bomb.parts...))
			to.CloseWithError(errors.Join(err, w.Close()))
		}()
		got, cost := setup{}.readLarge(from)
		from.Close()
		if got.phones() != bomb.orders || (got.err == nil) != (bomb.want == "") || !strings.HasSuffix(fmt.Sprint(got.err), bomb.want) {
			t.Errorf("%s in %s: got the orders %s and %v, want %s", bomb.name, compress.name, got.phones(), got.err, bomb.want)
		}
		if cost.allocated > maxAllocated {
			t.Errorf("%s in %s: %d MiB were allocated", bomb.name, compress.name, cost.allocated/mib)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// An order of a known layout has a text that is longer than an order may be.
func TestLongTextBehindLimit(t *testing.T) {
	known := `{"phone":"1","name":"a","items":[{"name":"b","price":1}]}`
	for _, long := range []string{strings.Repeat("n", 6000), strings.Repeat("n", 1000) + `\n` + strings.Repeat("n", 6000)} {
		large := strings.Replace(known, `"a"`, `"`+long+`"`, 1)
		for _, text := range []string{
			strings.Repeat(known+"\n", 50) + large + "\n" + strings.Repeat(known+"\n", 50),
			"[" + strings.Repeat(known+",", 50) + large + "," + strings.Repeat(known+",", 50) + known + "]",
		} {
			ways(t, text, orders.Options{MaxOrderBytes: 2000})
		}
	}
}

// A smaller limit holds in the same places as that of 64 MiB, and is named.
func TestMaxOrderBytes(t *testing.T) {
	t.Parallel()
	const limit = 1 << 10
	const tooLarge = "an order larger than 1 KiB; is a quote or a bracket missing?"
	const begin, end = `{"phone":"1","x":"`, `","items":[]}`
	sized := func(size int) string { return begin + strings.Repeat("x", size-len(begin)-len(end)) + end }
	around := func(n int) string { return `"` + strings.Repeat("x", n) + `"` }
	for _, c := range []struct{ name, text, want string }{
		{"in an array", "[" + sized(limit) + "]", ""},
		{"in an array, larger", "[" + sized(limit+1) + "]", "in:1:2: order 1: " + tooLarge},
		{"second line", order("0") + "\n" + sized(limit) + "\n" + order("2"), ""},
		{"second line, larger", order("0") + "\n" + sized(limit+1) + "\n" + order("2"), "in:2:1: order 2: " + tooLarge},
		{"wrapped", `{"orders":[` + sized(limit+1) + "]}", "in:1:12: order 1: " + tooLarge},
		{"before", `{"a":` + around(limit) + `,"orders":[]}`, "in:1:1: no order within the first 1 KiB"},
		{"behind", `{"orders":[` + order("1") + `],"a":` + around(limit) + `}`, "in:1:38: more than 1 KiB beside the orders; is a quote or a bracket missing?"},
		{"blanks", strings.Repeat(" ", limit+1) + order("1"), "in:1:1026: no order within the first 1 KiB"},
	} {
		for _, block := range []int{64, 1000, 1 << 20} {
			s := setup{Options: orders.Options{MaxOrderBytes: limit, BlockBytes: block}}
			got := s.readAll(input.Source{Name: "in", Size: 1, Reopens: true, Open: func() (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader(c.text)), nil
			}})
			if c.want == "" {
				if got.err != nil {
					t.Errorf("%s, blocks of %d: %v", c.name, block, got.err)
				}
				continue
			}
			if syntax := got.wantSyntaxError(t, c.name); syntax.Error() != c.want || syntax.Limit != limit {
				t.Errorf("%s, blocks of %d: got %v and the limit %d, want %s", c.name, block, syntax, syntax.Limit, c.want)
			}
		}
	}
	for _, wrong := range []int{-1, orders.MaxOrderBytes + 1} {
		got := setup{Options: orders.Options{MaxOrderBytes: wrong}}.readAll(input.Reader("in", strings.NewReader(order("1"))))
		if want := fmt.Sprintf("orders of at most %d bytes: want 1 to 67108864, or 0 for the default", wrong); got.err == nil || got.err.Error() != want {
			t.Errorf("%d: got %v, want %s", wrong, got.err, want)
		}
	}
}
