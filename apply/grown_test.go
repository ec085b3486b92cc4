package apply_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
	"process-orders/store/memory"
)

// again writes a file that is there already, and returns its source.
func again(t *testing.T, path, text string) input.Source {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	source, err := input.File(path)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// A growth is a kind of file that grows by whole orders.
type growth struct {
	name           string
	head, tail     string // around the orders
	between, after string // between two orders, and behind the last
	order          func(i int, id string) string
	csv            bool
	compress       func(string) string
}

func jsonOrder(i int, id string) string {
	if id != "" {
		id = `"id":"` + id + `",`
	}
	return fmt.Sprintf(`{%s"phone":"%d","name":"Name %d","items":[{"name":"Item %d","price":%d}]}`, id, i%7, i, i%5, i)
}

func csvOrder(i int, id string) string {
	return fmt.Sprintf("%s,%d,%d,Name %d,Item %d,%d", id, i, i%7, i, i%5, i)
}

const csvHeader = "ID,Order,Phone,Name,Item,Price\n"

func csvMapping() orders.Mapping {
	return orders.Mapping{
		CSV: true, Group: orders.Field{"Order"}, Phone: orders.Field{"Phone"}, Name: orders.Field{"Name"},
		LineFields: orders.LineFields{Item: orders.Field{"Item"}, Price: orders.Field{"Price"}},
	}
}

func growths() []growth {
	return []growth{
		{name: "lines", between: "\n", after: "\n", order: jsonOrder},
		{name: "lines without the last end", between: "\n", order: jsonOrder},
		{name: "concatenated", order: jsonOrder},
		{name: "array", head: "[", between: ",", tail: "]", order: jsonOrder},
		{name: "pretty array", head: "[\n  ", between: ",\n  ", tail: "\n]\n", order: jsonOrder},
		{name: "envelope", head: `{"page":1,"orders":[`, between: ", ", tail: `],"more":{"a":[1,2]}}`, order: jsonOrder},
		{name: "table", head: csvHeader, between: "\n", after: "\n", order: csvOrder, csv: true},
		{name: "table with carriage returns", head: strings.ReplaceAll(csvHeader, "\n", "\r\n"), between: "\r\n", after: "\r\n", order: csvOrder, csv: true},
		{name: "compressed lines", between: "\n", after: "\n", order: jsonOrder, compress: gzipped},
	}
}

// text is a file with n orders; the ids are those of the numbers from idFrom on.
func (g *growth) text(n int, ids bool) string {
	var b strings.Builder
	b.WriteString(g.head)
	for i := range n {
		if i > 0 {
			b.WriteString(g.between)
		}
		id := ""
		if ids && i%4 > 0 {
			id = fmt.Sprintf("id %d", i)
		}
		b.WriteString(g.order(i, id))
	}
	if n > 0 {
		b.WriteString(g.after)
	}
	b.WriteString(g.tail)
	if g.compress != nil {
		return g.compress(b.String())
	}
	return b.String()
}

func (g *growth) options(ids bool) (o apply.Options) {
	m := orders.Default()
	if g.csv {
		m = csvMapping()
	}
	if ids {
		m.ID = orders.Field{"id"}
		if g.csv {
			m.ID = orders.Field{"ID"}
		}
	}
	o.Mapping, o.System = &m, "test"
	return o
}

// A file that grows by orders, and is applied each time, gives what its last state gives in
// one run: also if the store dies at any call, and whatever the batches are.
func TestGrowingFiles(t *testing.T) {
	ctx, random := context.Background(), rand.New(rand.NewPCG(1, 2))
	for _, g := range growths() {
		for _, ids := range []bool{false, true} {
			o := g.options(ids)
			sizes := []int{1 + random.IntN(5), 6 + random.IntN(5), 12, 12 + random.IntN(20)}
			path := filepath.Join(t.TempDir(), "orders")
			want := direct(t, []input.Source{again(t, path, g.text(sizes[3], ids))}, records.Options{Options: o.Options})
			for calls := 1; ; calls++ {
				died, kept := false, memory.New()
				for i, n := range sizes {
					o.BlockBytes, o.BatchBytes = 1+random.IntN(300), int64(100+random.IntN(900))
					source := again(t, path, g.text(n, ids))
					if _, err := apply.Apply(ctx, &mortal{kept, calls, random.IntN(2) == 0}, source, o); err == nil {
						continue
					} else if !errors.Is(err, errDied) {
						t.Fatalf("%s: %v", g.name, err)
					}
					died = true
					if random.IntN(3) == 0 && i < 3 { // the file grows before anybody finishes it
						continue
					}
					if _, err := apply.Apply(ctx, kept, source, o); err != nil {
						t.Fatalf("%s: %v", g.name, err)
					}
				}
				last := again(t, path, g.text(sizes[3], ids))
				result, err := apply.Apply(ctx, kept, last, o)
				if err != nil {
					t.Fatalf("%s: %v", g.name, err)
				}
				if got := contents(t, kept); got != want {
					t.Fatalf("%s, ids %t, of %v orders, dying at call %d:\n%swant\n%s", g.name, ids, sizes, calls, got, want)
				}
				if !died && !result.Known {
					t.Errorf("%s: the last file is not known: %+v", g.name, result)
				}
				if !died {
					break
				}
			}
		}
	}
}

// What was said of a file that has grown: which part is new, and from where.
func TestGrownResult(t *testing.T) {
	ctx := context.Background()
	for _, g := range growths() {
		path, kept, o := filepath.Join(t.TempDir(), "orders"), memory.New(), g.options(false)
		for i, c := range []struct {
			n, counts    int
			known, grown bool
		}{{3, 3, false, false}, {5, 2, false, true}, {5, 2, true, true}, {9, 4, false, true}, {5, 2, true, true}, {3, 3, true, false}, {9, 4, true, true}} {
			r, err := apply.Apply(ctx, kept, again(t, path, g.text(c.n, false)), o)
			if err != nil {
				t.Fatalf("%s, step %d: %v", g.name, i, err)
			}
			if r.Known != c.known || r.Grown != c.grown || r.Totals.Orders != int64(c.counts) || !r.Done || r.LeftOut > 0 || r.Torn {
				t.Errorf("%s, step %d: got %+v, want %+v", g.name, i, r, c)
			}
			if hasFrom := r.From > 0; hasFrom != c.grown {
				t.Errorf("%s, step %d: from %d", g.name, i, r.From)
			}
		}
		sources, err := kept.Sources(ctx)
		if err != nil || len(sources) != 3 || sources[0].Head != sources[1].From || sources[1].Head != sources[2].From {
			t.Errorf("%s: the store has %+v, %v", g.name, sources, err)
		}
		o.Again = true
		r, err := apply.Apply(ctx, kept, again(t, path, g.text(9, false)), o)
		if err != nil || r.Grown || r.Totals.Orders != 9 || r.Known {
			t.Errorf("%s: once more: %+v, %v", g.name, r, err)
		}
	}
}

// A file has grown if it starts with all of another one, and has its name or much of it. It
// has not if a byte is other, or if the other is of another shop or system.
func TestHasGrown(t *testing.T) {
	ctx := context.Background()
	g := growths()[0]
	short, long := g.text(3, false), g.text(100, false)
	for name, c := range map[string]struct {
		old, now string
		change   func(*input.Source, *apply.Options)
		want     bool
	}{
		"the same name":                 {short, g.text(4, false), nil, true},
		"another name":                  {short, g.text(4, false), func(s *input.Source, _ *apply.Options) { s.Name = "other" }, false},
		"another name, much of it":      {long, g.text(101, false), func(s *input.Source, _ *apply.Options) { s.Name = "other" }, true},
		"another shop":                  {long, g.text(101, false), func(s *input.Source, _ *apply.Options) { s.Shop = "b" }, false},
		"another system":                {long, g.text(101, false), func(_ *input.Source, o *apply.Options) { o.System = "b" }, false},
		"another byte":                  {short, strings.Replace(g.text(4, false), "Name 1", "Name X", 1), nil, false},
		"nothing new":                   {short, short + "\n\n", nil, true},
		"compressed":                    {short, gzipped(g.text(4, false)), nil, true},
		"compressed, and nothing new":   {short, gzipped(short), nil, true},
		"shorter":                       {long, short, nil, false},
		"a last line that got longer":   {short, strings.TrimSuffix(short, "\n") + "  \n" + jsonOrder(3, ""), nil, true},
		"the old one had no order":      {"[]", "[" + jsonOrder(0, "") + "]", nil, false},
		"once more, and all of it then": {short, g.text(4, false), func(_ *input.Source, o *apply.Options) { o.Again = true }, false},
	} {
		path, kept, o := filepath.Join(t.TempDir(), "orders"), memory.New(), g.options(false)
		if _, err := apply.Apply(ctx, kept, again(t, path, c.old), o); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		source := again(t, path, c.now)
		if c.change != nil {
			c.change(&source, &o)
		}
		if r, err := apply.Apply(ctx, kept, source, o); err != nil || r.Grown != c.want {
			t.Errorf("%s: got %+v, %v", name, r, err)
		}
	}
}

// The last line of a file that has grown, or grows, is left for the next time if it has no
// end. Of any other file it is read, or is wrong.
func TestTornLines(t *testing.T) {
	ctx := context.Background()
	for _, g := range []growth{growths()[0], growths()[6], growths()[7], growths()[8]} {
		for cut := 1; cut < len(g.order(7, ""))-1; cut += 6 {
			path, kept, o := filepath.Join(t.TempDir(), "orders"), memory.New(), g.options(false)
			compress := func(text string) string { return text }
			plain := g
			if g.compress != nil {
				plain.compress, compress = nil, g.compress
			}
			whole, before := plain.text(8, false), plain.text(7, false)
			torn := compress(whole[:len(before)+cut])
			if _, err := apply.Apply(ctx, kept, again(t, path, g.text(4, false)), o); err != nil {
				t.Fatal(err)
			}
			for i := range 2 {
				r, err := apply.Apply(ctx, kept, again(t, path, torn), o)
				if err != nil || !r.Torn || !r.Grown || r.Known != (i > 0) || r.Totals.Orders != 3 {
					t.Errorf("%s, cut at %d: got %+v, %v", g.name, cut, r, err)
				}
			}
			r, err := apply.Apply(ctx, kept, again(t, path, compress(whole)), o)
			if err != nil || r.Torn || !r.Grown || r.Totals.Orders != 1 {
				t.Errorf("%s, cut at %d, then whole: got %+v, %v", g.name, cut, r, err)
			}
			if got, want := contents(t, kept), direct(t, []input.Source{again(t, path, compress(whole))}, records.Options{Options: o.Options}); got != want {
				t.Errorf("%s, cut at %d: got\n%swant\n%s", g.name, cut, got, want)
			}
			fresh := memory.New()
			if _, err := apply.Apply(ctx, fresh, again(t, path, torn), o); err == nil && !g.csv {
				t.Errorf("%s, cut at %d: a file that has not grown is no error", g.name, cut)
			}
		}
	}
}

// Of a file that grows while it is read a run reads what was there when it was started, in both
// readings, and the rest is what is new the next time.
func TestGrowsMeanwhile(t *testing.T) {
	ctx := context.Background()
	for _, g := range []growth{growths()[0], growths()[6]} {
		for _, batchBytes := range []int64{0, 100} {
			path, kept, o := filepath.Join(t.TempDir(), "orders"), memory.New(), g.options(false)
			o.BatchBytes = batchBytes
			whole := g.text(20, false)
			cut := len(g.text(12, false)) + 5
			source := again(t, path, whole[:cut])
			open, opened := source.Open, 0
			source.Open = func() (io.ReadCloser, error) {
				opened++
				if err := os.WriteFile(path, []byte(whole[:min(cut+opened, len(whole))]), 0o600); err != nil {
					return nil, err
				}
				return open()
			}
			r, err := apply.Apply(ctx, kept, source, o)
			if err != nil || !r.Torn || r.Totals.Orders != 12 || r.Grown {
				t.Fatalf("%s: got %+v, %v", g.name, r, err)
			}
			r, err = apply.Apply(ctx, kept, again(t, path, whole), o)
			if err != nil || r.Torn || r.Totals.Orders != 8 || !r.Grown {
				t.Fatalf("%s: got %+v, %v", g.name, r, err)
			}
			if got, want := contents(t, kept), direct(t, []input.Source{again(t, path, whole)}, records.Options{Options: o.Options}); got != want {
				t.Errorf("%s: got\n%swant\n%s", g.name, got, want)
			}
		}
	}
}

// Rejects, skipped orders and what else there is to say of what is old is no news, and that
// of what is new is.
func TestGrownTotals(t *testing.T) {
	ctx := context.Background()
	const bad, void, noPhone = `{"phone":"1"}`, `{"phone":"1","void":true,"items":[]}`, `{"items":[]}`
	good := func(i int) string { return jsonOrder(i, "") }
	old := strings.Join([]string{good(0), bad, void, noPhone, good(1), bad, good(2)}, "\n") + "\n"
	now := old + bad + "\n" + strings.Join([]string{good(3), void, bad, bad, noPhone, good(4)}, "\n") + "\n"
	m := orders.Default()
	m.NoPhone = orders.NoPhoneItems
	m.Skip = []orders.Condition{{Reason: "void", Path: "void", Values: []string{"true"}}}
	for _, blockBytes := range []int{0, 1, 50, 333} {
		for _, batchBytes := range []int64{0, 200} {
			path, kept := filepath.Join(t.TempDir(), "orders"), memory.New()
			var o apply.Options
			rejects := 0
			o.Mapping, o.BlockBytes, o.BatchBytes = &m, blockBytes, batchBytes
			o.Reject = func(*orders.Reject) error { rejects++; return nil }
			for _, c := range []struct {
				text                             string
				orders, rejected, skipped, phone int64
			}{{old + bad + "\n", 4, 3, 1, 1}, {now, 3, 2, 1, 1}} {
				rejects = 0
				r, err := apply.Apply(ctx, kept, again(t, path, c.text), o)
				if err != nil || r.Totals.Orders != c.orders || r.Totals.Rejected != c.rejected || int64(rejects) != c.rejected || r.Totals.Skipped["void"] != c.skipped || r.Totals.NoPhone != c.phone {
					t.Errorf("blocks of %d: got %+v, %d rejects, %v; want %+v", blockBytes, r.Totals, rejects, err, c)
				}
				if r.Progress.Orders != c.orders || r.Progress.Rejected != c.rejected {
					t.Errorf("blocks of %d: the store has %+v; want %+v", blockBytes, r.Progress, c)
				}
			}
			o.Reject = nil // what is wrong with what is old is no error any more
			if r, err := apply.Apply(ctx, kept, again(t, path, now+good(5)+"\n"), o); err != nil || r.Totals.Orders != 1 {
				t.Errorf("blocks of %d: got %+v, %v", blockBytes, r, err)
			}
		}
	}
}

// An order to which rows were added is read again whole: it is a newer state if it has an id.
// If it has none it is left out, and told.
func TestRowsAdded(t *testing.T) {
	ctx := context.Background()
	old := csvHeader + "a,1,11,Ann,Tea,1\nb,2,22,Bob,Tea,2\nb,2,,,Cake,3\n"
	together := old + "b,2,,,Milk,4\nc,3,33,Cy,Tea,5\n"
	apart := old + "c,3,33,Cy,Tea,5\nb,2,,,Milk,4\na,1,,,Milk,6\n"
	for _, c := range []struct {
		text    string
		ids     bool
		want    string
		leftOut int64
		orders  int64
	}{
		{together, true, "11 Ann\n22 Bob\n33 Cy\nTea 5 3\nCake 3 1\nMilk 4 1\n", 0, 2},
		{together, false, "11 Ann\n22 Bob\n33 Cy\nTea 5 3\nCake 3 1\n", 1, 1},
		{apart, true, "11 Ann\n22 Bob\n33 Cy\nTea 5 3\nMilk 4 2\nCake 3 1\n", 0, 3},
		{apart, false, "11 Ann\n22 Bob\n33 Cy\nTea 5 3\nCake 3 1\n", 2, 1},
	} {
		g := growths()[6]
		for _, blockBytes := range []int{0, 1, 30} {
			for _, batchBytes := range []int64{0, 10} {
				path, kept, o := filepath.Join(t.TempDir(), "orders"), memory.New(), g.options(c.ids)
				o.BlockBytes, o.BatchBytes = blockBytes, batchBytes
				if _, err := apply.Apply(ctx, kept, again(t, path, old), o); err != nil {
					t.Fatal(err)
				}
				r, err := apply.Apply(ctx, kept, again(t, path, c.text), o)
				if err != nil || !r.Grown || r.LeftOut != c.leftOut || r.Totals.Orders != c.orders {
					t.Errorf("ids %t, blocks of %d, batches of %d, %q: got %+v, %v", c.ids, blockBytes, batchBytes, c.text[len(old):], r, err)
				}
				if got := contents(t, kept); got != c.want {
					t.Errorf("ids %t, blocks of %d, batches of %d, %q: got\n%swant\n%s", c.ids, blockBytes, batchBytes, c.text[len(old):], got, c.want)
				}
				if r, err = apply.Apply(ctx, kept, again(t, path, c.text+"d,4,44,Di,Tea,7\n"), o); err != nil || !r.Grown || r.Totals.Orders != 1 || r.LeftOut > 0 {
					t.Errorf("ids %t, %q and one more: got %+v, %v", c.ids, c.text[len(old):], r, err)
				}
			}
		}
	}
}

// An order to which rows were added has the time of its last change as before: the order as a
// whole counts, and not what it was when it was cut off.
func TestRowsAddedWithoutChange(t *testing.T) {
	for i := range 8 { // whichever digest is the greater
		path, kept := filepath.Join(t.TempDir(), "orders"), memory.New()
		o := growths()[6].options(true)
		m := *o.Mapping
		m.Updated = []string{"changed"}
		o.Mapping = &m
		header := strings.TrimSuffix(csvHeader, "\n") + ",changed\n"
		old := header + fmt.Sprintf("a,1,11,Ann,Tea %d,1,2026-01-02\n", i)
		for _, text := range []string{old, old + "a,1,11,,Cake,2,2026-01-02\n"} {
			if _, err := apply.Apply(context.Background(), kept, again(t, path, text), o); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := contents(t, kept), fmt.Sprintf("11 Ann\nTea %d 1 1\nCake 2 1\n", i); got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
	}
}

// A last row had no end when it was applied, and has more text later. It counts as it was.
func TestRowGoesOn(t *testing.T) {
	path, kept := filepath.Join(t.TempDir(), "orders"), memory.New()
	g := growths()[6]
	o := g.options(false)
	old := csvHeader + "a,1,11,Ann,Tea,1\nb,2,22,Bob,Tea,2"
	for i, c := range []struct {
		text            string
		orders, leftOut int64
	}{{old, 2, 0}, {old + "9\nc,3,33,Cy,Tea,3\n", 1, 1}} {
		r, err := apply.Apply(context.Background(), kept, again(t, path, c.text), o)
		if err != nil || r.Totals.Orders != c.orders || r.LeftOut != c.leftOut {
			t.Errorf("step %d: got %+v, %v", i, r, err)
		}
	}
	if got, want := contents(t, kept), "11 Ann\n22 Bob\n33 Cy\nTea 3 3\n"; got != want {
		t.Errorf("got\n%s", got)
	}
}

// A text of which much follows the last order is known too, unless it is very much.
func TestLongTail(t *testing.T) {
	path := filepath.Join(t.TempDir(), "orders")
	for _, c := range []struct {
		spaces int
		want   bool
	}{{100, true}, {900 << 10, true}, {5 << 20, false}} {
		for _, compress := range []bool{false, true} {
			kept := memory.New()
			text := func(n int) string {
				text := "[" + strings.TrimSuffix(strings.Repeat(jsonOrder(1, "")+",", n), ",") + "]" + strings.Repeat(" ", c.spaces)
				if compress {
					return gzipped(text)
				}
				return text
			}
			for i := range 2 {
				r, err := apply.Apply(context.Background(), kept, again(t, path, text(3+i)), apply.Options{})
				if err != nil || r.Grown != (i > 0 && c.want) {
					t.Errorf("%d spaces: got %+v, %v", c.spaces, r, err)
				}
			}
		}
	}
}

// preceded is a store in which another process starts each source first, as if it had not
// grown.
type preceded struct{ store.Store }

func (p *preceded) Start(ctx context.Context, s store.Source, again bool) (store.Progress, error) {
	first := s
	first.From = 0
	if _, err := p.Store.Start(ctx, first, again); err != nil {
		return store.Progress{}, err
	}
	return p.Store.Start(ctx, s, again)
}

// A source is finished from the offset from which it was started, whoever did that.
func TestStartedByAnother(t *testing.T) {
	g, ctx := growths()[0], context.Background()
	path, kept, o := filepath.Join(t.TempDir(), "orders"), memory.New(), g.options(false)
	o.BatchBytes = 100
	for _, n := range []int{3, 5} {
		if _, err := apply.Apply(ctx, &preceded{kept}, again(t, path, g.text(n, false)), o); err != nil {
			t.Fatal(err)
		}
	}
	sources, err := kept.Sources(ctx)
	if err != nil || len(sources) != 2 || sources[1].From != 0 || sources[1].Orders != 5 {
		t.Errorf("got %+v, %v", sources, err)
	}
}
