package orders_test

import (
	"bytes"
	"errors"
	"flag"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/internal/soak"
	"process-orders/orders"
)

// A family is what a fuzz target makes of one input: a text, and others that differ from
// it in a few places. Go's fuzzer takes longer to hand out an input than it takes to read
// one, so a target reads a whole family of each. Each member is one execution. It is read
// by the slow path in one block, and in one more way, cut in one more way. Which these
// are is drawn by the input alone, so that what failed fails again.
//
// The other half of what a target promises, all ways and cuts and the oracle, is for a
// sample while fuzzing, and for every input that is kept: see [family.isWhole].
type family struct {
	random *rand.Rand
	seed   uint64
	member []byte
	out    [2]recorder
	// readers are kept from input to input, for their memory.
	readers map[wayOf]*orders.Rereader
}

// wayOf is a way to read by a mapping; nil is the default one.
type wayOf struct {
	way     string
	mapping *orders.Mapping
}

// members is how many texts a family has. With so many the fuzzer's own time is small
// beside theirs.
const members = 32

// fuzzed is reused by all targets, which run one after the other.
var fuzzed = family{random: rand.New(&fuzzedSource), readers: map[wayOf]*orders.Rereader{}}

var fuzzedSource rand.PCG

// isFuzzing reports whether the fuzzer made the input up, other than one that is kept.
func isFuzzing() bool {
	f := flag.Lookup("test.fuzzworker")
	return f != nil && f.Value.String() == "true"
}

// lessGC makes the collector of a fuzzer's process start less often than for its few MiB.
var lessGC = sync.OnceFunc(func() { debug.SetGCPercent(1000) })

// start starts the family of an input.
func (f *family) start(parts ...string) {
	if isFuzzing() {
		lessGC()
	}
	sum := fnv.New64a()
	for _, part := range parts {
		_, _ = io.WriteString(sum, part)
		_, _ = sum.Write([]byte{0})
	}
	f.seed = sum.Sum64()
	fuzzedSource.Seed(f.seed, 0)
}

// isWhole reports whether the input itself is to be checked in every way: if it is one
// that is kept, and of others one of so many.
func (f *family) isWhole(oneIn int) bool { return !isFuzzing() || f.seed>>32%uint64(oneIn) == 0 }

// reader returns a reader that has forgotten what it read, or nil.
func (f *family) reader(way string, mapping *orders.Mapping) *orders.Rereader {
	key := wayOf{way, mapping}
	r := f.readers[key]
	if r == nil {
		var err error
		if r, err = orders.NewRereader(orders.Ways[way](orders.Options{Mapping: mapping})); err != nil {
			panic(err)
		}
		f.readers[key] = r
	}
	r.Forget()
	return r
}

// otherWays are the ways besides the slow one.
var otherWays = []string{"fast", "portable", "mapped", "mapped slow"}

// check reads the members of a family. Those of text come between what is before and what
// is behind; before that, each reader has read known.
func (f *family) check(t *testing.T, mapping *orders.Mapping, known, before, text, behind string, size int, rejectLines bool) {
	t.Helper()
	ways := otherWays
	if mapping != nil {
		ways = ways[:2] // it is mapped
	}
	way := ways[f.random.IntN(len(ways))]
	slow, other := f.reader("slow", mapping), f.reader(way, mapping)
	// A mapped order whose key appears twice, first with a blank value, is rejected for the
	// key, and a plain one for the blank: the resolver sees the second value only.
	f.out[0].noReasons = strings.HasPrefix(way, "mapped")
	f.out[1].noReasons = f.out[0].noReasons
	if known != "" {
		f.out[1].read(other, known, len(known)/4, 3, rejectLines)
	}
	for i := range members {
		f.member = append(f.member[:0], before...)
		f.member = append(f.member, text...)
		if i > 0 {
			f.change(len(before))
		}
		f.member = append(f.member, behind...)
		member := string(f.member)
		if isCompressed(member) {
			continue // for the tests of input
		}
		// Many small blocks of a long text take long, and show no more.
		blockBytes, ahead := max(1+size, len(member)/64), 1+2*f.random.IntN(2)
		if f.random.IntN(4) == 0 {
			blockBytes = len(member) + 2
		}
		f.out[0].read(slow, member, len(member)+2, 1, rejectLines)
		f.out[1].read(other, member, blockBytes, ahead, rejectLines)
		if got, want := &f.out[1], &f.out[0]; !got.is(want) {
			t.Fatalf("member %d, %s (reject lines: %t), read the %s way in chunks of %d bytes, %d ahead:\n%s\nwant, as read by the slow path from one chunk,\n%s",
				i, abridged(member), rejectLines, way, blockBytes, ahead, got, want)
		}
	}
	soak.Executions(t, members)
}

// tokens are what changes put into a text.
var tokens = []string{
	"{", "}", "[", "]", ",", ":", `"`, `\`, "\n", "\r\n", " ", "\t", "0", "1", "-", ".", "e", "E+", "null", "true", "false",
	`\u0000`, `\ud83e`, `\udd55`, `\"`, "\x00", "\xff", "\xc3", "é", "🥕", "\ufeff", `"phone"`, `"name"`, `"items"`, `"price"`, `"orders"`,
	`"phone":"1"`, `{"name":"a","price":1}`, `{"phone":"1","items":[]}`, `"ph\u006fne"`, "1.50", "1e3", "99999999999999999999", `""`, ";", "\v",
}

// values are what changes put in the place of a value. Most are accepted in some places
// only.
var values = []string{
	`"x"`, `"12.50"`, `"\u0031"`, `""`, `" "`, `"\u0000"`, `"å🥕"`, "\"\xff\"", "\"\x01\"", `"\ud83e"`, "0", "7", "-7", "7.0", "7.", "07", "1e2", "1e40",
	strings.Repeat("1", 41), "0." + strings.Repeat("0", 40), "null", "true", "[]", "{}", "[1,{}]", `{"phone":"1","phone":"2"}`, "", "x",
	`[{"name":"a","price":1},{"price":"2","name":"b"}]`, `[{"name":"a"}]`, `"` + strings.Repeat("long ", 60) + `"`,
}

// valueBehind returns where the next value of an object starts and ends, behind an offset.
// Both are the same if there is none.
func valueBehind(text []byte, at int) (start, end int) {
	colon := bytes.IndexByte(text[at:], ':')
	if colon < 0 {
		return at, at
	}
	start = at + colon + 1
	for start < len(text) && text[start] == ' ' {
		start++
	}
	if start == len(text) {
		return start, start
	}
	ends := ",}] \n"
	if text[start] == '"' {
		ends = `"`
	}
	n := bytes.IndexAny(text[start+1:], ends)
	if n < 0 {
		return start, len(text)
	}
	end = start + 1 + n
	if ends == `"` {
		end++
	}
	return start, end
}

// change changes the member behind an offset in one to four places.
func (f *family) change(from int) {
	r := f.random
	for range 1 + r.IntN(4) {
		text := f.member[from:]
		at := r.IntN(len(text) + 1)
		switch r.IntN(8) {
		case 3, 4: // a value
			if start, end := valueBehind(text, at); start < end {
				f.member = slices.Replace(f.member, from+start, from+end, []byte(values[r.IntN(len(values))])...)
			}
		case 0: // a byte
			if at < len(text) {
				text[at] ^= 1 << r.IntN(8)
			}
		case 1: // what is lost
			end := min(len(text), at+1+r.IntN(1+r.IntN(40)))
			f.member = slices.Delete(f.member, from+at, from+end)
		case 2: // what comes again, elsewhere
			end := min(len(text), at+1+r.IntN(1+r.IntN(100)))
			part := bytes.Clone(text[at:end])
			f.member = slices.Insert(f.member, from+r.IntN(len(text)+1), part...)
		default:
			token := tokens[r.IntN(len(tokens))]
			if r.IntN(2) == 0 {
				end := min(len(text), at+1+r.IntN(8))
				f.member = slices.Replace(f.member, from+at, from+end, []byte(token)...)
			} else {
				f.member = slices.Insert(f.member, from+at, []byte(token)...)
			}
		}
	}
}

// A recorder is all that a reading told. A block's rejects are reported before its orders, so
// they are apart.
type recorder struct {
	orders, rejects, end []byte
	// noReasons leaves out why orders were rejected: see check.
	noReasons bool
}

func (r *recorder) is(other *recorder) bool {
	return bytes.Equal(r.orders, other.orders) && bytes.Equal(r.rejects, other.rejects) && bytes.Equal(r.end, other.end)
}

func (r *recorder) String() string { return string(slices.Concat(r.orders, r.rejects, r.end)) }

func (r *recorder) read(reader *orders.Rereader, text string, blockBytes, ahead int, rejectLines bool) {
	r.orders, r.rejects, r.end = r.orders[:0], r.rejects[:0], r.end[:0]
	source := input.Source{Name: "in", Size: int64(len(text)), Reopens: true, Open: func() (io.ReadCloser, error) {
		return textReader{strings.NewReader(text)}, nil
	}}
	if err := reader.Read(source, blockBytes, ahead, rejectLines, r.settled, r.reject); err != nil {
		r.end = append(append(r.end, "error "...), err.Error()...)
		var apart *orders.ApartError
		if errors.As(err, &apart) { // what came before it counts for nothing
			r.orders, r.rejects = r.orders[:0], r.rejects[:0]
		}
	}
}

type textReader struct{ *strings.Reader }

func (textReader) Close() error { return nil }

func (r *recorder) settled(b *columns.Orders) {
	out := r.orders
	for i := range b.Len() {
		out = strconv.AppendInt(out, b.Number(i), 10)
		out = strconv.AppendInt(append(out, " at "...), b.Position(i), 10)
		out = appendText(appendText(out, b.Phone(i)), b.Name(i))
		out = appendText(appendText(appendText(out, b.ID(i)), b.Time(i)), b.OrderCurrency(i))
		if b.Versioned {
			d := b.Detail(i)
			out = strconv.AppendInt(strconv.AppendInt(append(out, " placed "...), b.Placed(i), 10), d.Updated, 10)
			out = strconv.AppendInt(strconv.AppendUint(append(out, " digest "...), d.Digest, 16), int64(d.Skipped), 10)
		}
		from, to := b.LineRange(i)
		for j := from; j < to; j++ {
			out = appendText(appendText(append(out, " ["...), b.Item(j)), b.Price(j))
			out = appendText(appendText(out, b.Quantity(j)), b.Currency(i, j))
		}
		out = append(out, '\n')
	}
	r.orders = out
}

// appendText appends a text with its length, so that where it ends cannot be mistaken.
func appendText(out, text []byte) []byte {
	out = strconv.AppendInt(append(out, ' '), int64(len(text)), 10)
	return append(append(out, ':'), text...)
}

func (r *recorder) reject(reject *orders.Reject) error {
	if r.noReasons {
		r.rejects = strconv.AppendInt(r.rejects, reject.Order, 10)
	} else {
		r.rejects = append(append(r.rejects, "rejected "...), reject.Error()...)
	}
	r.rejects = append(appendText(r.rejects, reject.Text), '\n')
	return nil
}
