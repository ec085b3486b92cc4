package orders_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/internal/soak"
	"process-orders/orders"
)

// nothing is done with what is read.
func nothing(*columns.Orders) (func() error, error) { return nil, nil }

// Rows of one order may be apart in their table, and other tables may have newer states of it.
func TestLatestOfRowsThatAreApart(t *testing.T) {
	m := orders.Mapping{
		CSV: true, Group: orders.Field{"no"}, ID: orders.Field{"no"}, Updated: []string{"u"}, Phone: orders.Field{"tel"},
		LineFields: orders.LineFields{Item: orders.Field{"item"}, Price: orders.Field{"price"}},
	}
	joined, superseded := 0, int64(0)
	for l := soak.NewLoop(t, "inputs", soak.Rounds{Short: 60, Default: 200, Soak: 10_000}); l.Next(); {
		seed := rand.Uint64()
		r := rand.New(rand.NewPCG(seed, 0))
		if r.IntN(2) > 0 {
			m.Updated = []string{"u"}
		} else {
			m.Updated = nil
		}
		type state struct {
			updated, lines string
		}
		latest := map[string]state{}
		var sources []input.Source
		for s := range 1 + r.IntN(2) {
			text := ""
			for table := range 1 + r.IntN(3) {
				text += "no,u,tel,item,price\n"
				var rows []string
				now := map[string]state{}
				for no := range 1 + r.IntN(5) {
					key := fmt.Sprint(no)
					now[key] = state{updated: fmt.Sprintf("2026-01-%02d", 1+r.IntN(3))}
					for range 1 + r.IntN(3) {
						rows = append(rows, key)
					}
				}
				if r.IntN(2) > 0 {
					r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
				}
				for i, key := range rows {
					at := now[key]
					item := fmt.Sprintf("i%d-%d-%d", s, table, i) // each is another one
					at.lines += " " + item
					now[key] = at
					text += fmt.Sprintf("%s,%s,5,%s,1\n", key, at.updated, item)
				}
				for key, at := range now {
					old, was := latest[key]
					if !was || len(m.Updated) == 0 || at.updated >= old.updated {
						if was && len(m.Updated) > 0 && at.updated == old.updated {
							at.lines = "?" // the digests decide: see TestLatestStates
						}
						latest[key] = at
					}
				}
			}
			sources = append(sources, source(fmt.Sprint("in", s), text))
		}
		for range 3 {
			memory := []int64{0, 1, 1 << 20}[r.IntN(3)]
			in := sources
			if r.IntN(3) == 0 {
				in = piped(sources)
			}
			joiner := orders.NewJoiner(in)
			joiner.MemoryBytes, joiner.Folder = memory, t.TempDir()
			got := map[string]string{}
			var again []string
			var totals orders.Totals
			err := joiner.Read(context.Background(), orders.Options{Mapping: &m, BlockBytes: 1 + r.IntN(200)}, func(sources []input.Source, o orders.Options) (err error) {
				clear(got)
				again = nil
				totals, err = orders.Columns(context.Background(), sources, o, 1+r.IntN(3), func(b *columns.Orders) (func() error, error) {
					for i := range b.Len() {
						id := string(b.ID(i))
						if got[id] != "" {
							again = append(again, id)
						}
						for j, to := b.LineRange(i); j < to; j++ {
							got[id] += " " + string(b.Item(j))
						}
					}
					return nil, nil
				})
				return err
			})
			if joiner.Joined() {
				joined++
			}
			if err = errors.Join(err, joiner.Close()); err != nil {
				t.Fatal(err)
			}
			superseded += totals.Superseded
			if len(again) > 0 {
				t.Errorf("seed %d: orders %q came twice", seed, again)
			}
			if totals.Orders != int64(len(latest)) || len(got) != len(latest) {
				t.Fatalf("seed %d: %d orders, want %d", seed, totals.Orders, len(latest))
			}
			for key, want := range latest {
				if want.lines != "?" && got[key] != want.lines {
					t.Fatalf("seed %d, %d bytes of memory: order %s has%s, want%s", seed, memory, key, got[key], want.lines)
				}
			}
		}
	}
	if joined == 0 || superseded == 0 {
		t.Error("no rows were joined, or no states were superseded")
	}
}

// Exact repeats and older states need no second reading, in memory or not. Newer states do.
func TestReadingsOfStates(t *testing.T) {
	const (
		first  = `{"id":"1","u":"2026-01-02","tel":"5","l":[]}` + "\n"
		older  = `{"id":"1","u":"2026-01-01","tel":"6","l":[]}` + "\n"
		newer  = `{"id":"1","u":"2026-01-03","tel":"7","l":[]}` + "\n"
		noTime = `{"id":"1","tel":"8","l":[]}` + "\n"
		other  = `{"id":"2","u":"2026-01-02","tel":"9","l":[]}` + "\n"
	)
	for _, c := range []struct {
		text                 string
		readings             int
		repeated, superseded int64
		phones               string
	}{
		{first + other, 1, 0, 0, "5 9"},
		{first + other + first + first, 1, 2, 0, "5 9"},
		{first + older + other + noTime, 1, 0, 2, "5 9"},
		{first + other + newer, 2, 0, 1, "9 7"},
		{first + first + other + newer + newer, 2, 1, 2, "9 7"},
		{noTime + other + first, 2, 0, 1, "9 5"},
		{noTime + other + noTime, 1, 1, 0, "8 9"},
	} {
		for _, whole := range []bool{false, true} {
			o := orders.Options{Mapping: &latestMapping, BlockBytes: 1}
			readings := c.readings
			if whole { // one chunk: nothing was passed on before
				o.BlockBytes, readings = 0, 1
			}
			joiner := orders.NewJoiner([]input.Source{source("in", c.text)})
			calls := 0
			var got reading
			var totals orders.Totals
			err := joiner.Read(context.Background(), o, func(sources []input.Source, o orders.Options) (err error) {
				calls++
				got = reading{}
				totals, err = orders.Columns(context.Background(), sources, o, 1, func(b *columns.Orders) (func() error, error) {
					got.take(b)
					return nil, nil
				})
				return err
			})
			if err != nil || calls != readings || got.phones() != c.phones || totals.Repeated != c.repeated || totals.Superseded != c.superseded {
				t.Errorf("%s\n%d readings, phones %s, %d repeated, %d superseded, %v", c.text, calls, got.phones(), totals.Repeated, totals.Superseded, err)
			}
			// Without a Joiner there is no second reading, and no wrong answer.
			_, err = orders.Columns(context.Background(), []input.Source{source("in", c.text)}, o, 1, nothing)
			if (err != nil) != (readings > 1) {
				t.Errorf("%s\nwithout a Joiner: %v", c.text, err)
			}
		}
	}
}

// A source that changes between two readings is an error: what was decided is not about it.
func TestChangeBetweenReadings(t *testing.T) {
	const (
		old   = `{"id":"1","u":"2026-01-01","tel":"5","l":[]}` + "\n"
		newer = `{"id":"1","u":"2026-01-02","tel":"5","l":[]}` + "\n"
		third = `{"id":"1","u":"2026-01-03","tel":"5","l":[]}` + "\n"
	)
	for _, c := range []struct{ before, after, want string }{
		{old + newer, old + newer, ""},
		{old + newer, old + newer + third, "in: changed while it was read"},
		{old + newer, old, "in: changed while it was read"},
		{old + newer, newer + old, "in: changed while it was read"},
		{old + newer, strings.Replace(old, "5", "6", 1) + newer, "in: changed while it was read"},
		{old + newer, "\n" + old + newer, "in: changed while it was read"},
	} {
		changes := func() input.Source {
			s, opened := source("in", ""), 0
			s.Open = func() (io.ReadCloser, error) {
				opened++
				return io.NopCloser(strings.NewReader([]string{c.before, c.after}[opened-1])), nil
			}
			return s
		}
		got := ""
		joiner := orders.NewJoiner([]input.Source{changes()})
		err := joiner.Read(context.Background(), orders.Options{Mapping: &latestMapping, BlockBytes: 1}, func(sources []input.Source, o orders.Options) error {
			_, err := orders.Columns(context.Background(), sources, o, 1, nothing)
			return err
		})
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q, then %q: got %q, want %q", c.before, c.after, got, c.want)
		}
		got = ""
		for _, err := range orders.All(context.Background(), []input.Source{changes()}, orders.Options{Mapping: &latestMapping}) {
			if err != nil {
				got = err.Error()
			}
		}
		if got != c.want {
			t.Errorf("All of %q, then %q: got %q, want %q", c.before, c.after, got, c.want)
		}
	}
}

// What comes before an error is yielded in its latest state before the error. What comes
// behind it is none of the input's states.
func TestLatestBeforeErrors(t *testing.T) {
	const (
		one, other = `{"id":"1","tel":"5","l":[]}` + "\n", `{"id":"2","tel":"6","l":[]}` + "\n"
		newer      = `{"id":"1","tel":"7","l":[]}` + "\n"
		bad        = `{"id":"3","tel":"8","l":[{}]}` + "\n"
		broken     = `{"id":` + "\n"
	)
	for _, c := range []struct{ text, want string }{
		{one + other + newer + broken, "6 7"},
		{one + other + broken + newer, "5 6"},
		{one + other + bad + newer, "5 6"},
		{one + newer + bad + other, "7"},
	} {
		for _, blockBytes := range []int{1, 40, 0} {
			s := setup{Options: orders.Options{Mapping: &latestMapping, BlockBytes: blockBytes}, stopAtReject: true}
			if got := s.read(c.text); got.err == nil || got.phones() != c.want {
				t.Errorf("%s in blocks of %d: got %s, want phones %s and an error", c.text, blockBytes, got, c.want)
			}
		}
	}
	// Broken the first time only.
	s, opened := source("in", ""), 0
	s.Open = func() (io.ReadCloser, error) {
		opened++
		return io.NopCloser(strings.NewReader([]string{one + broken + newer, one + newer}[opened-1])), nil
	}
	var last error
	for _, err := range orders.All(context.Background(), []input.Source{s}, orders.Options{Mapping: &latestMapping}) {
		last = err
	}
	var syntax *orders.SyntaxError
	if !errors.As(last, &syntax) {
		t.Errorf("got %v, want the error of the first reading", last)
	}
}

// If ids cannot be kept on disk, that is an error.
func TestNoRoomForIDs(t *testing.T) {
	var text strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&text, `{"id":"%d","tel":"%d","l":[]}`+"\n", i%15_000, i)
	}
	for _, memory := range []int64{1, 1 << 30} {
		joiner := orders.NewJoiner([]input.Source{source("in", text.String())})
		joiner.MemoryBytes, joiner.Folder = memory, "/nowhere"
		err := joiner.Read(context.Background(), orders.Options{Mapping: &latestMapping, BlockBytes: 10_000}, func(sources []input.Source, o orders.Options) error {
			_, err := orders.Columns(context.Background(), sources, o, 2, nothing)
			return err
		})
		if err == nil || !strings.HasPrefix(err.Error(), "keep the ids of orders in a temporary file: ") {
			t.Errorf("%d bytes of memory: got %v", memory, err)
		}
	}
}

// Many ids take no more memory than they may.
func TestMemoryOfIDs(t *testing.T) {
	const n, memory = 60_000, 1 << 20
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, `{"id":"order %d","tel":"1","l":[]}`+"\n", i)
	}
	fmt.Fprintf(&text, `{"id":"order 7","tel":"2","l":[]}`+"\n")
	most, count := int64(0), 0
	joiner := orders.NewJoiner([]input.Source{source("in", text.String())})
	joiner.MemoryBytes, joiner.Folder = memory, t.TempDir()
	var phones []string
	err := joiner.Read(context.Background(), orders.Options{Mapping: &latestMapping, BlockBytes: 20_000}, func(sources []input.Source, o orders.Options) error {
		count, phones = 0, nil
		_, err := orders.Columns(context.Background(), sources, o, 2, func(b *columns.Orders) (func() error, error) {
			most = max(most, b.IDBytes)
			count += b.Len()
			for i := range b.Len() {
				if string(b.ID(i)) == "order 7" {
					phones = append(phones, string(b.Phone(i)))
				}
			}
			return nil, nil
		})
		return err
	})
	if err != nil || count != n || !slices.Equal(phones, []string{"2"}) {
		t.Errorf("%d orders, phones %q, %v", count, phones, err)
	}
	if most > memory/3*2 || most < memory/4 {
		t.Errorf("ids took %d bytes of %d", most, memory)
	}
}
