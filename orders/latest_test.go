package orders_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/internal/soak"
	"process-orders/internal/timestamp"
	"process-orders/orders"
)

// latestMapping reads orders that change.
var latestMapping = orders.Mapping{
	ID: orders.Field{"id"}, Updated: []string{"u"}, Time: orders.Field{"t"}, Phone: orders.Field{"tel"},
	NoPhone: orders.NoPhoneItems, Lines: []string{"l[]"},
	LineFields: orders.LineFields{Item: orders.Field{"n"}, Price: orders.Field{"p"}, Quantity: orders.Field{"q"}},
	Skip: []orders.Condition{
		{Reason: "cancelled", Path: "s", Values: []string{"cancelled"}},
		{Reason: orders.ReasonHold, Path: "s", Values: []string{orders.ReasonHold}},
		{Reason: orders.ReasonDraft, Path: "s", Values: []string{orders.ReasonDraft}},
	},
}

// A stateDoc is what one document says of an order, as a test made it.
type stateDoc struct {
	text             string
	source, number   int
	shop, id, status string
	phone, time      string
	lines            string // without those that are left out
	leftOut          int64
	isReject         bool
	// What the reader makes of it, by the way that stores read:
	position, updated, placed int64
	digest                    uint64
}

func (d *stateDoc) place() orders.Place {
	return orders.Place{Source: fmt.Sprint("in", d.source), Line: int64(d.number), Column: 1, Order: int64(d.number)}
}

func (d *stateDoc) isSame(e *stateDoc) bool {
	return d.updated == e.updated && d.digest == e.digest && d.rank() == e.rank()
}

// rank says by hand which of two states of one time comes after the other.
func (d *stateDoc) rank() int {
	return map[string]int{orders.ReasonHold: 1, orders.ReasonDraft: 1, "": 2, "cancelled": 3}[d.status]
}

// replaces says by hand whether d, which comes later in the input, is the latest state of its
// order, and not e.
func (d *stateDoc) replaces(e *stateDoc) bool {
	switch {
	case d.updated != e.updated:
		return d.updated > e.updated
	case d.updated == timestamp.None:
		return !d.isSame(e)
	case d.rank() != e.rank():
		return d.rank() > e.rank()
	}
	return d.digest>>2 > e.digest>>2
}

// isShared says by hand whether d may be another order than e, which has its id.
func (d *stateDoc) isShared(e *stateDoc) bool {
	differ := 0
	traits := func(d *stateDoc) [3]string {
		if d.status != "" {
			return [3]string{d.time, d.phone, ""}
		}
		lines := strings.SplitAfter(d.lines, "}")
		slices.Sort(lines) // in any order they are the same
		return [3]string{d.time, d.phone, strings.Join(lines, "")}
	}
	a, b := traits(d), traits(e)
	for i := range a {
		switch {
		case a[i] == "" || b[i] == "":
		case a[i] == b[i]:
			return false
		default:
			differ++
		}
	}
	return differ >= 2
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

// randomDocuments are some sources, and what is in them.
func randomDocuments(r *rand.Rand) (sources []input.Source, all []*stateDoc) {
	ids, updates := 1+r.IntN(12), 1+r.IntN(4)
	statuses := []string{"", "", "", "cancelled", orders.ReasonHold, orders.ReasonDraft}[:2+r.IntN(5)]
	for s := range 1 + r.IntN(4) {
		var text strings.Builder
		shop := pick(r, "", "", "a")
		for n := range 1 + r.IntN(30) {
			d := &stateDoc{source: s, number: n + 1, shop: shop}
			if r.IntN(6) > 0 {
				d.id = fmt.Sprint(r.IntN(ids))
				if r.IntN(3) == 0 {
					d.id = "a longer id, which is hashed, of " + d.id
				}
			}
			updated := pick(r, "", "soon", "2026-01-01", "2026-01-02")
			if updates == 1 {
				updated = ""
			} else if r.IntN(3) > 0 {
				updated = fmt.Sprintf("2026-01-%02d", 1+r.IntN(updates))
			}
			d.status, d.phone, d.time = pick(r, statuses...), pick(r, "", "555-0001", "555-0002"), pick(r, "", "2026-03-01", "2026-03-02", "noon")
			if n == 0 && d.id == "" && d.phone == "" {
				d.phone = "555-0001" // a source of which nothing has an id, a time or a phone is refused
			}
			var lines []string
			for range r.IntN(3) {
				line := fmt.Sprintf(`{"n":%q,"p":%d}`, pick(r, "Tea", "Mug"), 1+r.IntN(2))
				lines = append(lines, line)
				d.lines += line
			}
			if r.IntN(5) == 0 {
				lines = append(lines, `{"n":"Tea","p":1,"q":-1}`)
				d.leftOut = 1
			}
			if r.IntN(12) == 0 {
				lines = append(lines, `{"n":"Tea","p":"x"}`)
				d.isReject = d.status == ""
			}
			if d.status != "" {
				d.leftOut = 0
			}
			d.text = fmt.Sprintf(`{"id":%q,"u":%q,"t":%q,"tel":%q,"s":%q,"l":[%s]}`, d.id, updated, d.time, d.phone, d.status, strings.Join(lines, ","))
			if same := r.IntN(len(all) + 2); n > 0 && same < len(all) && r.IntN(3) == 0 { // an exact repeat
				again := *all[same]
				again.source, again.number, again.shop = s, n+1, shop
				d = &again
			}
			text.WriteString(d.text + "\n")
			all = append(all, d)
		}
		in := source(fmt.Sprint("in", s), text.String())
		in.Shop = shop
		sources = append(sources, in)
	}
	return sources, all
}

// A latestRun is what a run should come to.
type latestRun struct {
	orders  []string
	rejects []string
	totals  orders.Totals
}

// byHand is the result that documents should have.
func byHand(all []*stateDoc, m *orders.Mapping) (want latestRun) {
	t := &want.totals
	t.Skipped, t.SkippedAt = map[string]int64{}, map[string]orders.Place{}
	type order struct{ first, latest *stateDoc }
	known := map[string]*order{}
	for _, d := range all {
		if d.isReject || d.id == "" {
			continue
		}
		key := d.shop + "\x00" + d.id
		o := known[key]
		if o == nil {
			known[key] = &order{d, d}
			continue
		}
		if d.isShared(o.first) {
			if t.SharedIDs++; t.SharedIDs == 1 {
				first := o.first.place()
				first.Order = 0
				t.SharedAt = [2]orders.Place{first, d.place()}
			}
		}
		if d.replaces(o.latest) {
			o.latest = d
		}
	}
	for _, d := range all {
		if d.isReject {
			t.Rejected++
			want.rejects = append(want.rejects, d.place().String())
			continue
		}
		o := known[d.shop+"\x00"+d.id]
		if d.id == "" {
			o = &order{d, d}
		}
		switch {
		case o.latest == d && d.status != "":
			if t.Skipped[d.status]++; t.Skipped[d.status] == 1 {
				t.SkippedAt[d.status] = d.place()
			}
			continue
		case o.latest == d:
		case d.isSame(o.latest):
			t.Repeated++
			continue
		default:
			t.Superseded++
			continue
		}
		t.Orders++
		first := o.first.position
		if d.id != "" && m.ByTime() && d.placed != timestamp.None {
			first = 0 // which does not matter
		}
		want.orders = append(want.orders, fmt.Sprintf("%s, first %d: %q %q %s", d.place(), first, d.id, d.phone, d.lines))
		if d.phone == "" {
			t.NoPhone++
		} else if strings.HasSuffix(d.phone, "2") {
			t.PhonesKept++
		}
		if d.time == "noon" {
			if t.TimesUnread++; t.TimesUnread == 1 {
				t.TimesUnreadAt = d.place()
			}
		}
		if d.leftOut > 0 {
			if t.LinesSkipped == nil {
				t.LinesSkipped = map[string]int64{}
				t.LinesSkippedAt = map[string]orders.Place{orders.ReasonRefund: d.place()}
			}
			t.LinesSkipped[orders.ReasonRefund] += d.leftOut
		}
	}
	return want
}

// linesOf are the lines of an order as documents write them.
func linesOf(b *columns.Orders, i int) (lines string) {
	for j, to := b.LineRange(i); j < to; j++ {
		lines += fmt.Sprintf(`{"n":%q,"p":%s}`, b.Item(j), b.Price(j))
	}
	return lines
}

// phoneOf keeps phones that end with a 2.
func phoneOf(dst, phone, _ []byte) ([]byte, bool) {
	return append(dst, phone...), phone[len(phone)-1] != '2'
}

// readLatest reads with a Joiner. It also checks what is called when.
func readLatest(t *testing.T, sources []input.Source, o orders.Options, workers int, memory int64) (got latestRun, readings int) {
	t.Helper()
	folder := t.TempDir()
	joiner := orders.NewJoiner(sources)
	joiner.Workers, joiner.MemoryBytes, joiner.Folder = workers, memory, folder
	var sum orders.Totals
	var done []string
	o.SourceDone = func(name string, read orders.Totals) error {
		done = append(done, name)
		sum.Add(read)
		return nil
	}
	o.Reject = func(r *orders.Reject) error {
		place := r.Place
		place.Column = 1
		got.rejects = append(got.rejects, place.String())
		return nil
	}
	err := joiner.Read(context.Background(), o, func(sources []input.Source, o orders.Options) (err error) {
		readings++
		got.orders = nil
		got.totals, err = orders.Columns(context.Background(), sources, o, workers, func(b *columns.Orders) (func() error, error) {
			if limit := max(memory, 200<<10); memory > 0 && b.IDBytes > limit {
				t.Errorf("ids take %d bytes of %d", b.IDBytes, memory)
			}
			for i := range b.Len() {
				if b.Details[i].Skipped > 0 {
					t.Error("a skipped state was passed on")
				}
				first := b.First(i)
				if b.VersionTime(i) != timestamp.None && len(b.ID(i)) > 0 {
					first = 0
				}
				n := b.Number(i)
				got.orders = append(got.orders, fmt.Sprintf("%s:%d:1: order %d, first %d: %q %q %s", b.Source, n, n, first, b.ID(i), b.Phone(i), linesOf(b, i)))
			}
			return nil, nil
		})
		return err
	})
	if err = errors.Join(err, joiner.Close()); err != nil {
		t.Fatal(err)
	}
	if len(done) != len(sources) || !reflect.DeepEqual(sum, got.totals) {
		t.Errorf("the sources %q were done, with\n%+v\nwant\n%+v", done, sum, got.totals)
	}
	if left, _ := os.ReadDir(folder); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	return got, readings
}

// piped makes sources that can be read once.
func piped(sources []input.Source) []input.Source {
	sources = slices.Clone(sources)
	for i := range sources {
		open, opened := sources[i].Open, false
		sources[i].Reopens = false
		sources[i].Open = func() (io.ReadCloser, error) {
			if opened {
				return nil, errors.New("opened twice")
			}
			opened = true
			return open()
		}
	}
	return sources
}

// Of an order that comes again the latest state counts, and nothing of the others: however the
// input is cut, on any number of cores, with any memory.
func TestLatestStates(t *testing.T) {
	twice, skipped, spilledTwice := 0, int64(0), 0
	for l := soak.NewLoop(t, "inputs", soak.Rounds{Short: 80, Default: 400, Soak: 100_000}); l.Next(); {
		seed := rand.Uint64()
		r := rand.New(rand.NewPCG(seed, 0))
		m := latestMapping
		m.Later = orders.Later(r.IntN(3))
		sources, all := randomDocuments(r)
		statesByHand(t, sources, &m, all)
		want := byHand(all, &m)
		o := orders.Options{Mapping: &m, Phone: phoneOf}
		for range 4 {
			o.BlockBytes = []int{1, 60, 200, 1000, 0}[r.IntN(5)]
			workers, memory := 1+r.IntN(4), []int64{0, 1, 100, 30_000}[r.IntN(4)]
			in := sources
			if r.IntN(4) == 0 {
				in = piped(sources)
			}
			got, readings := readLatest(t, in, o, workers, memory)
			if readings == 2 {
				twice++
				if memory == 1 {
					spilledTwice++
				}
			}
			got.totals.Bytes, got.totals.Notes = 0, nil
			got.totals.UpdatedUnread, got.totals.UpdatedUnreadAt = 0, orders.Place{}
			if len(got.totals.Skipped) == 0 {
				got.totals.Skipped, got.totals.SkippedAt = want.totals.Skipped, want.totals.SkippedAt
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d, blocks of %d, %d workers, %d bytes of memory, %d readings:\ngot\n%s\nwant\n%s", seed, o.BlockBytes, workers, memory, readings, got, want)
			}
		}
		skipped += int64(len(want.totals.Skipped))
		quiet := o
		quiet.Reject = func(*orders.Reject) error { return nil }
		var yielded, wanted []string
		for order, err := range orders.All(context.Background(), piped(sources), quiet) {
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			yielded = append(yielded, fmt.Sprintf("%s:%d:1: order %d", order.Source, order.Number, order.Number))
		}
		for _, o := range want.orders {
			place, _, _ := strings.Cut(o, ",")
			wanted = append(wanted, place)
		}
		if !slices.Equal(yielded, wanted) {
			t.Fatalf("seed %d: All yields %q, want %q", seed, yielded, wanted)
		}
	}
	if twice == 0 || spilledTwice == 0 || skipped == 0 {
		t.Error("nothing was read twice, or skipped")
	}
}

func (r latestRun) String() string {
	return fmt.Sprintf("%s\nrejects %q\n%+v", strings.Join(r.orders, "\n"), r.rejects, r.totals)
}

// statesByHand fills in what the reader makes of documents. It wants each of them, as
// stores do.
func statesByHand(t *testing.T, sources []input.Source, m *orders.Mapping, all []*stateDoc) {
	t.Helper()
	byPlace := map[string]*stateDoc{}
	good, skipped := int64(0), int64(0)
	for _, d := range all {
		byPlace[d.place().String()] = d
		switch {
		case d.status != "":
			skipped++
		case !d.isReject:
			good++
		}
	}
	n := int64(0)
	totals, err := orders.States(context.Background(), sources, orders.Options{Mapping: m, Phone: phoneOf, Reject: func(*orders.Reject) error { return nil }}, 2,
		func(b *columns.Orders) (func() error, error) {
			if b.IDBytes > 0 {
				t.Errorf("ids take %d bytes", b.IDBytes)
			}
			for i := range b.Len() {
				d := byPlace[fmt.Sprintf("%s:%d:1: order %d", b.Source, b.Number(i), b.Number(i))]
				d.position, d.updated, d.placed, d.digest = b.Position(i), b.Details[i].Updated, b.Placed(i), b.Details[i].Digest
				if (b.Details[i].Skipped > 0) != (d.status != "") || string(b.ID(i)) != d.id {
					t.Errorf("%s: a state of %q with the reason %d", d.text, b.ID(i), b.Details[i].Skipped)
				}
				n++
			}
			return nil, nil
		})
	left := int64(0) // skipped ones without ids
	for _, d := range all {
		if d.status != "" && d.id == "" {
			left++
		}
	}
	if sum := totals.Skipped["cancelled"] + totals.Skipped[orders.ReasonHold] + totals.Skipped[orders.ReasonDraft]; err != nil || totals.Orders != good || sum != skipped || n != good+skipped-left {
		t.Fatalf("%d orders, %d skipped, %d states, %v: want %d, %d, %d", totals.Orders, sum, n, err, good, skipped, good+skipped-left)
	}
}
