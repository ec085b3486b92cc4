package orders

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/internal/columns"
)

// Values behind a literal, up to the byte that ends them.
var edgeTexts = []string{
	`"`, `a"`, `Ann"`, `#"`, `!"`, ` "`, ` a"`, "\x7f\"", "é\"", "\u00a0\"", "\u1680a\"", "\u2003\"", "\u3000\"", "あ\"", "美\"", "🌶\"", "ப\"",
	`\"`, `\u0041"`, `a\n"`, "\x00\"", "\x1f", "a\x01\"", "a\tb\"", "a",
}

var edgeNumbers = []string{
	"0", "1", "00", "01", "0.5", "00.5", ".5", ".", "1.", "0.", "1.2.3", "1..2", "..", "1.5", "10.95", "-1", "1e5", "1E5", "1.5e-3", "+1", "",
	"1234567890.12345", "123456789012345678", "1234567890123456789", "x", `"1"`,
	strings.Repeat("9", 39), strings.Repeat("9", 40), strings.Repeat("9", 41), strings.Repeat("1", 37) + ".1", strings.Repeat("1", 38) + ".1", strings.Repeat("1", 39) + ".1",
	strings.Repeat("1", 56), strings.Repeat("1", 57), strings.Repeat("1", 63), strings.Repeat("1", 64), strings.Repeat("1", 130), "0" + strings.Repeat("1", 60), "1" + strings.Repeat(".", 70),
}

var edgeWords = []string{"true", "false", "null", "tru", "fals", "falsy", "alse", "nul", "rue", "True", "-1", "1", `"a"`, "[1,[2]]", "{}", ""}

// goings is what goAlong answers, and what it leaves in the run.
func goings(f run, portably bool, pos int, at *vertex) string {
	found := *f.found
	f.found = &found
	f.lines, f.orders = slices.Clip(slices.Clone(f.lines)), slices.Clone(f.orders)
	f.lines, f.orders = slices.Grow(f.lines, 3)[:len(f.lines):len(f.lines)+3], slices.Grow(f.orders, 2)[:len(f.orders):len(f.orders)+2]
	goAlong := f.goAlong
	if portably {
		goAlong = f.goAlongPortably
	}
	why, end, to, last := goAlong(pos, at)
	if why == leaveRoom {
		f.from = 0 // nobody asks then
	}
	return fmt.Sprint(why, end, fmt.Sprintf("%p %p", to, last), found, f.lines, f.orders, f.number, f.start, f.from, f.last)
}

// A runner goes along edges in both ways and compares.
type runner struct {
	t   *testing.T
	run run
	// left counts what it left the loop for.
	left [leaveRoom + 1]int
}

// along goes along data from the offset start, with what is known at the vertex.
func (r *runner) along(data []byte, start int, at *vertex, what string) {
	r.t.Helper()
	m := bitmapsOf(data, hasWide)
	if m.valid == 0 {
		r.t.Fatal("nothing to read")
	}
	var found [maxSlots]columns.Span
	for i := range found[:maxSlots/2] { // the other half has no value yet
		found[i] = columns.Span(1000 + i)
	}
	f := &r.run
	f.data, f.bitmaps, f.first, f.found, f.number, f.from = data, m, at, &found, 7, 0
	for i := range f.bits {
		f.bits[i] = &m.bits[i][0]
	}
	f.final = min(m.valid, len(data)) - aheadBytes
	f.startAt(start)
	want, got := goings(*f, true, start, at), goings(*f, false, start, at)
	if got != want {
		r.t.Fatalf("%s, from %d of %d bytes:\n%s\nwant, as portably,\n%s", what, start, len(data), got, want)
	}
	r.left[want[0]-'0']++
}

// loop is a vertex from which each value leads back to itself: any order of edges fits.
func loop(edges ...*edge) *vertex {
	at := &vertex{}
	to := &at.first
	for _, e := range edges {
		if e.to == nil {
			e.to = at
		}
		*to = e
		to = &e.other
	}
	return at
}

// Every value, where each kind is wanted and in each role, at every bit of the bitmaps,
// behind literals of many lengths.
func TestGoAlong(t *testing.T) {
	r := &runner{t: t}
	r.run.limit = MaxOrderBytes
	sizes := []int{1, 2, 7, 8, 31, 32, 33, 63, 64, 65, 96, 97, 128, 200, 511, 512}
	n := 0
	for _, c := range []struct {
		kind   kind
		values []string
	}{{kindText, edgeTexts}, {kindNumber, edgeNumbers}, {kindOther, edgeWords}, {kindMark, edgeWords}, {kindEnd, edgeWords}} {
		for _, value := range c.values {
			for _, role := range []role{roleNone, rolePhone, roleName, roleItem, rolePrice, roleRaw} {
				for shift := range 64 {
					n++
					literal := strings.Repeat("abcdefg{", 64)[:sizes[n%len(sizes)]]
					p, v := &program{plain: true}, valueOf(c.kind, role)
					if role == roleRaw { // of which there are none in plain mappings
						p = &program{fields: fields{phoneSlots: 1 << (maxSlots - 1)}}
						v.slot = []uint8{firstSlot, maxSlots - 2, maxSlots - 1}[n%4%3]
					}
					if n%3 == 0 {
						v.ends = endsLine
					}
					at := loop(newEdge(p, []byte("z"), valueOf(kindEnd, roleNone), nil), newEdge(p, []byte(literal), v, nil), newEdge(p, []byte(`",`), valueOf(kindEnd, roleNone), nil))
					data := []byte(strings.Repeat("9", shift) + literal + value + `",` + literal + value + "," + strings.Repeat(" ", 700))
					r.along(data, shift, at, fmt.Sprintf("%q of kind %d and role %d behind %q", value, c.kind, role, literal))
				}
			}
		}
	}
	for why, n := range r.left {
		if n == 0 && leave(why) != leaveRoom {
			t.Errorf("it never left for reason %d", why)
		}
	}
}

func valueOf(k kind, r role) value { return value{kind: k, role: r, slot: plainSlot(r)} }

// Texts of every length, at the borders of lanes and up to the end of what is valid.
func TestGoAlongTexts(t *testing.T) {
	p, r := &program{plain: true}, &runner{t: t}
	r.run.limit = MaxOrderBytes
	at := loop(newEdge(p, []byte(`"a":"`), valueOf(kindText, roleName), nil), newEdge(p, []byte(`",`), valueOf(kindEnd, roleNone), nil))
	for size := range 200 {
		for shift := range 64 {
			data := []byte(strings.Repeat("9", shift) + `"a":"` + strings.Repeat("n", size) + `",` + strings.Repeat(" ", 600+size%64))
			r.along(data, shift, at, fmt.Sprintf("a text of %d bytes", size))
		}
	}
	for size := 400; size < 1400; size += 3 { // its end is behind what is valid, or its last literal
		data := []byte(`"a":"` + strings.Repeat("n", size) + `",` + strings.Repeat(" ", 80))
		r.along(data, 0, at, fmt.Sprintf("a text of %d bytes near the end", size))
	}
}

// Many orders in one call, of all values, with gaps that fit and that do not, changed bytes,
// limits that they reach, and columns without room.
func TestGoAlongOrders(t *testing.T) {
	const seed = 11
	random := rand.New(rand.NewPCG(seed, 0))
	pick := func(list []string) string {
		if random.IntN(20) > 0 {
			return list[1]
		}
		return list[random.IntN(len(list))]
	}
	p, behindItems := &program{plain: true}, &vertex{}
	last := newEdge(p, []byte(`}],"paid":`), value{kind: kindOther, ends: endsLine}, loop(newEdge(p, []byte("}"), valueOf(kindEnd, roleNone), nil)))
	more := newEdge(p, []byte(`},{"name":"`), value{kind: kindText, role: roleItem, slot: uint8(roleItem), ends: endsLine}, nil)
	price := loop(newEdge(p, []byte(`","price":`), valueOf(kindNumber, rolePrice), behindItems))
	more.to, last.other = price, more
	behindItems.first = last
	name := loop(newEdge(p, []byte(`","items":[{"a key that nobody reads, longer than a register is":0,"name":"`), valueOf(kindText, roleItem), price))
	phone := loop(newEdge(p, []byte(`","name":"`), valueOf(kindText, roleName), name), newEdge(p, []byte(`","items":[{"name":"`), valueOf(kindText, roleItem), price))
	first := loop(newEdge(p, []byte(`{"phone":"`), valueOf(kindText, rolePhone), phone))
	r := &runner{t: t}
	for range 4000 {
		var b bytes.Buffer
		gap := []string{"\n", ",\n", " ,  ", "", strings.Repeat(" ", 32)}[random.IntN(5)]
		for range random.IntN(8) {
			fmt.Fprintf(&b, `{"phone":"%s`, pick(edgeTexts))
			if random.IntN(3) > 0 {
				fmt.Fprintf(&b, `,"name":"%s,"items":[{"a key that nobody reads, longer than a register is":0,"name":"%s,"price":%s`, pick(edgeTexts), pick(edgeTexts), pick(edgeNumbers))
			} else {
				fmt.Fprintf(&b, `,"items":[{"name":"%s,"price":%s`, pick(edgeTexts), pick(edgeNumbers))
			}
			for range random.IntN(3) {
				fmt.Fprintf(&b, `},{"name":"%s,"price":%s`, pick(edgeTexts), pick(edgeNumbers))
			}
			fmt.Fprintf(&b, `}],"paid":%s}`, []string{"true", "false", "null", "1"}[random.IntN(4)%(1+random.IntN(4))])
			b.WriteString(gap)
		}
		data := append(b.Bytes(), strings.Repeat(" ", 520+random.IntN(200))...)
		if random.IntN(3) == 0 {
			data[random.IntN(len(data)-500)] = byte(random.IntN(128))
		}
		r.run.limit = aheadBytes + random.IntN(300)
		if random.IntN(2) == 0 {
			r.run.limit = MaxOrderBytes
		}
		r.run.gap.setHead([]byte(gap))
		r.run.orders = make([]columns.Order, random.IntN(3))
		r.run.lines = make([]columns.Line, random.IntN(3))
		r.along(data, 0, first, fmt.Sprintf("seed %d: %q", seed, data))
	}
	for why, n := range r.left {
		if n < 50 {
			t.Errorf("it left for reason %d only %d times", why, n)
		}
	}
}

func TestIsGap(t *testing.T) {
	for _, c := range []struct {
		between           string
		inArray, sequence bool
	}{
		{"", false, false}, {" ", false, false}, {"\n", false, true}, {" \r\n\t\n", false, true}, {",", true, false},
		{" ,\n", true, false}, {",,", false, false}, {"\n,null,", false, false}, {"\n\x00", false, false}, {"],[", false, false},
	} {
		if isGap(kindArray, []byte(c.between)) != c.inArray || isGap(kindSequence, []byte(c.between)) != c.sequence || isGap(kindKeyed, []byte(c.between)) {
			t.Errorf("%q is taken for what it is not", c.between)
		}
	}
}

// A reader learns what is between orders.
func TestLearnsGap(t *testing.T) {
	order := `{"phone":"1","items":[]}`
	for _, c := range []struct{ start, gap string }{{"", "\n"}, {"[", ",\n"}, {`{"orders":[`, ", "}} {
		text := c.start + strings.Repeat(order+c.gap, 100)
		reader, err := newChunkReader(t.Context(), []input.Source{input.Reader("in", strings.NewReader(text))}, Options{BlockBytes: len(text)})
		if err != nil {
			t.Fatal(err)
		}
		var chunk chunk
		if err := reader.Next(&chunk); err != nil {
			t.Fatal(err)
		}
		chunk.Scan()
		if gap := &chunk.read.fast.gap; string(gap.head[:gap.size]) != c.gap {
			t.Errorf("it learned %q, want %q", gap.head[:gap.size], c.gap)
		}
	}
}
