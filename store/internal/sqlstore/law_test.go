package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"process-orders/money"
	"process-orders/store"
	"process-orders/store/internal/sqlstore"
	"process-orders/store/memory"
)

// records are those of a store.
type records struct {
	Customers []store.Customer
	Items     []store.Item
	Minutes   []store.Minute
}

// recordsOf are those of a store, sorted by their keys.
func recordsOf(t *rapid.T, s store.Store) (r records) {
	err := s.Records(context.Background(), store.Reading{Details: true}, r.read)
	if err != nil {
		t.Fatal(err)
	}
	if r.Minutes, err = s.(*memory.Store).Minutes(context.Background(), store.NoTime, math.MaxInt64); err != nil {
		t.Fatal(err)
	}
	r.sort()
	return r
}

// read reads customers and items.
func (r *records) read(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
	for c, err := range customers {
		if err != nil {
			return err
		}
		r.Customers = append(r.Customers, c)
	}
	for i, err := range items {
		if err != nil {
			return err
		}
		r.Items = append(r.Items, i)
	}
	return nil
}

func (r *records) sort() {
	slices.SortFunc(r.Customers, func(a, b store.Customer) int { return strings.Compare(a.Phone, b.Phone) })
	slices.SortFunc(r.Items, func(a, b store.Item) int { return strings.Compare(a.Name, b.Name) })
}

// drawState draws a state of one of a few orders, with few times, people and items, so that
// states often meet. One in three is the same as one of those before.
//
// If positions decide, no state has a Time. Some times are before 1970.
func drawState(t *rapid.T, before []store.State, at int64, positionsDecide bool) store.State {
	if len(before) > 0 && rapid.IntRange(0, 2).Draw(t, "again") == 0 {
		s := rapid.SampledFrom(before).Draw(t, "the same")
		s.At = at
		return s
	}
	when := rapid.SampledFrom([]int64{store.NoTime, store.NoTime, 0, 1, 2, 3, 1000})
	s := store.State{
		ID: fmt.Sprint(rapid.IntRange(1, 12).Draw(t, "id")), Updated: when.Draw(t, "updated"), Placed: drawPlaced(t), Time: store.NoTime, At: at,
	}
	if !positionsDecide {
		if s.Time = s.Placed; s.Time == store.NoTime {
			s.Time = when.Draw(t, "time") // such as that of its payment
		}
	}
	if s.Skipped = rapid.IntRange(0, 2).Draw(t, "skipped") == 0; s.Skipped {
		s.Reason = rapid.SampledFrom([]string{"hold", "draft", "cancelled", ""}).Draw(t, "reason")
	}
	if !s.Skipped || rapid.Bool().Draw(t, "owned") {
		s.Phone = rapid.SampledFrom([]string{"", "1", "+1", "2-1", "3"}).Draw(t, "phone")
	}
	s.Name = rapid.SampledFrom([]string{"", "Ann Lee", "Bob Lee", "lee  ANN", "Ann"}).Draw(t, "name")
	for range rapid.IntRange(0, 3).Draw(t, "lines") {
		s.Lines = s.Lines.Append(store.Line{
			Item:      rapid.SampledFrom([]string{"Tea", "Dosa", "Idli"}).Draw(t, "item"),
			Price:     rapid.SampledFrom([]string{"1", "2", "3.50", ""}).Draw(t, "price"),
			Uncounted: rapid.IntRange(0, 4).Draw(t, "uncounted") == 0,
			Quantity:  rapid.SampledFrom([]string{"", "", "2", "0.5", "-1"}).Draw(t, "quantity"),
			Total:     rapid.SampledFrom([]string{"", "", "7.125"}).Draw(t, "total"),
			Currency:  rapid.SampledFrom([]string{"", "USD", "JPY", "EUR"}).Draw(t, "currency"),
		})
	}
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%d %d %q %q %q", s.Time, s.Placed, s.Phone, s.Name, s.Lines)
	s.Digest = hash.Sum64()
	return s
}

// drawPlaced draws one of a few times, which are in several minutes and hours. NoTime is one.
func drawPlaced(t *rapid.T) int64 {
	const minute, hour = store.MinuteMilliseconds, 60 * store.MinuteMilliseconds
	return rapid.SampledFrom([]int64{
		store.NoTime, store.NoTime, 0, 1, minute - 1, minute, hour, -1, -minute, -minute - 1, -hour, -hour - 1,
	}).Draw(t, "placed")
}

func drawDelta(t *rapid.T, source, at int64, positionsDecide bool) (d store.Delta) {
	placed := drawPlaced(t)
	time := placed
	if positionsDecide {
		time = store.NoTime
	}
	v := func(line int64) store.Version { return store.PositionVersion(time, source, at, line) }
	for _, phone := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"1", "+1", "4"}), 0, 2, rapid.ID).Draw(t, "fixed phones") {
		c := store.Customer{Phone: phone, First: v(0), Orders: 1, FirstPlaced: placed, LastPlaced: placed}
		if rapid.Bool().Draw(t, "spent") {
			c.Spent = drawSums(t, at)
		}
		if rapid.Bool().Draw(t, "named") {
			c.Name, c.Named = fmt.Sprint("Cid Lee ", at), v(1)
		}
		d.Customers = append(d.Customers, c)
	}
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"Tea", "Vada"}), 0, 2, rapid.ID).Draw(t, "fixed items") {
		d.Items = append(d.Items, store.Item{Name: name, Price: fmt.Sprint(at), Priced: v(2), First: v(1), Orders: rapid.Int64Range(0, 2).Draw(t, "fixed orders"),
			Quantity: money.FromInt(3), Revenue: drawSums(t, at),
			Prices: []store.Price{{Price: fmt.Sprint(at % 3), First: v(3), Placed: placed}}})
	}
	starts := []int64{store.MinuteOf(placed)}
	for range rapid.IntRange(0, 3).Draw(t, "more minutes") {
		starts = append(starts, store.MinuteOf(drawPlaced(t)))
	}
	slices.Sort(starts)
	var minutes []store.Minute
	for _, start := range slices.Compact(starts) {
		m := store.Minute{Start: start, Orders: 1}
		for _, sum := range drawSums(t, at) {
			m.Sums = append(m.Sums, store.MinuteSum{Sum: sum, Lines: 2})
		}
		minutes = append(minutes, m)
	}
	d.Minutes = slices.Values(minutes)
	return d
}

// drawSums draws sums in one currency or two.
func drawSums(t *rapid.T, n int64) []money.Sum {
	usd, _ := money.ParseCurrency([]byte("USD"))
	all := []money.Sum{{Amount: money.FromInt(n)}, {Amount: money.FromInt(-n), Currency: usd}}
	return all[:rapid.IntRange(1, 2).Draw(t, "currencies")]
}

// namesOf says by what customers are found who have names.
func namesOf(customers []store.Customer) map[nameKey]bool {
	all := map[nameKey]bool{}
	for _, c := range customers {
		words := strings.Fields(strings.ToLower(c.Name))
		for i := range words {
			all[nameKey{strings.Join(words[i:], " "), c.Phone}] = true
		}
	}
	return all
}

// TestLaw applies batches of two sources and groups of feeds, and erases, as the store in
// memory does, which keeps all orders and folds them when it is read. With lists of one or
// two candidates the next best is looked up all the time.
func TestLaw(t *testing.T) {
	defer sqlstore.SetMostCandidates(16)
	defer sqlstore.SetItemsAtOnce(4096)
	for _, most := range []int{1, 2, 16} {
		sqlstore.SetMostCandidates(most)
		sqlstore.SetItemsAtOnce(most)
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			taken := 0
			rapid.Check(t, func(r *rapid.T) { checkLaw(t, r, &taken) })
			if taken == 0 {
				t.Error("no records were taken ahead")
			}
		})
	}
}

// checkAhead compares records that were taken ahead with those that a store has.
func checkAhead(t *rapid.T, ahead store.All, want store.Store) {
	var have records
	if err := ahead.Read(context.Background(), have.read); err != nil {
		t.Fatal(err)
	}
	wanted := recordsOf(t, want)
	have.sort()
	if wanted.Minutes = nil; fmt.Sprintf("%+v", have) != fmt.Sprintf("%+v", wanted) {
		t.Fatalf("ahead %+v\nwant %+v", have, wanted)
	}
	if err := ahead.Close(); err != nil {
		t.Fatal(err)
	}
}

func checkLaw(t *testing.T, r *rapid.T, taken *int) {
	ctx, want, got := context.Background(), memory.New(), newTables(t)
	for _, source := range []store.Source{{ID: "a", Shop: "x"}, {ID: "b", Shop: "x"}, {ID: "c", System: "s", Shop: "y"}} {
		p, err := want.Start(ctx, source, false)
		q, err2 := sqlstore.Start(got, source, false)
		if err != nil || err2 != nil || p.Number != q.Number {
			r.Fatalf("numbers %d and %d, %v, %v", p.Number, q.Number, err, err2)
		}
	}
	positionsDecide := rapid.Bool().Draw(r, "positions decide")
	var all []store.State
	// Batches come in any order, and between two orders of one are those of others.
	places := rapid.Permutation([]int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}).Draw(r, "places")
	for step := range rapid.IntRange(1, 12).Draw(r, "steps") {
		kind := rapid.IntRange(0, 9).Draw(r, "kind")
		if kind == 0 || kind == 9 {
			e := store.Erasure{Phone: rapid.SampledFrom([]string{"", "1", "+1", "2-1", "4"}).Draw(r, "erased"), Shop: "x"}
			for range rapid.IntRange(0, 2).Draw(r, "named ids") {
				e.IDs = append(e.IDs, fmt.Sprint(rapid.IntRange(1, 12).Draw(r, "named id")))
			}
			found, err := want.Erase(ctx, e)
			found2, _, err2 := sqlstore.Erase(got, e)
			if err != nil || err2 != nil || found != found2 {
				r.Fatalf("step %d: found %v and %v, %v, %v", step, found, found2, err, err2)
			}
		} else {
			b := store.Batch{ID: fmt.Sprint(step), Source: rapid.Int64Range(1, 3).Draw(r, "source")}
			number := b.Source
			if kind == 1 {
				number = 0
				b.ID, b.Source, b.Feed = "", 0, &store.Feed{Name: "f", Shop: "x", Offset: rapid.Int64Range(0, 5).Draw(r, "offset")}
			}
			at := places[step]
			for range rapid.IntRange(0, 8).Draw(r, "states") {
				b.States = append(b.States, drawState(r, all, at, positionsDecide))
				all = append(all, b.States[len(b.States)-1])
				at += int64(len(places))
			}
			b.Delta = drawDelta(r, number, at, positionsDecide)
			o, err := want.Apply(ctx, b)
			var ahead store.All
			b.Ahead = &store.Ahead{Reading: store.Reading{Details: true, MemoryBytes: 1}, Take: func(all store.All) { ahead = all }}
			o2, err2 := sqlstore.Apply(got, b)
			if o2.Taken {
				checkAhead(r, ahead, want)
				*taken++
			}
			o.Taken = o2.Taken
			if errors.Is(err2, sqlstore.ErrApplied) {
				err2 = nil
			}
			if err != nil || err2 != nil || !reflect.DeepEqual(o, o2) {
				r.Fatalf("step %d: %+v, %v; want %+v, %v", step, o2, err2, o, err)
			}
		}
		wanted, have := recordsOf(r, want), got.records()
		// Amounts have one text, and lists that are empty are the same as none.
		if fmt.Sprintf("%+v", have) != fmt.Sprintf("%+v", wanted) {
			r.Fatalf("step %d:\ngot  %+v\nwant %+v", step, have, wanted)
		}
		if names, want := got.nameKeys(), namesOf(wanted.Customers); !maps.Equal(names, want) {
			r.Fatalf("step %d: names are found by %v, want %v", step, names, want)
		}
	}
}

// TestStrayOrder lets an index find an order that nobody asked for. The orders before it would
// count as new.
func TestStrayOrder(t *testing.T) {
	state := func(id string) store.State { return store.State{ID: id, Updated: store.NoTime} }
	for _, stray := range []string{"0", "5", "9"} {
		d := newTables(t)
		if _, err := sqlstore.Start(d, store.Source{ID: "a"}, false); err != nil {
			t.Fatal(err)
		}
		if _, err := sqlstore.Apply(d, store.Batch{ID: "1", Source: 1, States: []store.State{state("1"), state("8")}}); err != nil {
			t.Fatal(err)
		}
		d.strays = []sqlstore.Order{{Shop: 1, ID: stray}}
		_, err := sqlstore.Apply(d, store.Batch{ID: "2", Source: 1, States: []store.State{state("1"), state("8")}})
		if !errors.Is(err, store.ErrDamaged) {
			t.Errorf("order %s: %v, want ErrDamaged", stray, err)
		}
		_, _, err = sqlstore.Erase(d, store.Erasure{IDs: []string{"1", "8"}})
		if !errors.Is(err, store.ErrDamaged) {
			t.Errorf("an erasure finds order %s: %v, want ErrDamaged", stray, err)
		}
	}
}

// TestWalk cancels the latest orders, and then the first ones, of an item that all have. What
// is read to find the next ones is as much again as was cancelled, and never all.
func TestWalk(t *testing.T) {
	const orders, cancelled = 10_000, 40
	d := newTables(t)
	if _, err := sqlstore.Start(d, store.Source{ID: "a"}, false); err != nil {
		t.Fatal(err)
	}
	state := func(i int, updated int64) store.State {
		return store.State{
			ID: fmt.Sprint(i), Updated: updated, Placed: int64(i), Time: int64(i), At: int64(i), Digest: uint64(updated),
			Skipped: updated > 0, Lines: store.Lines(nil).Append(store.Line{Item: "Tea", Price: fmt.Sprint(i)}),
		}
	}
	b := store.Batch{ID: "all", Source: 1}
	for i := range orders {
		b.States = append(b.States, state(i, 0))
	}
	if _, err := sqlstore.Apply(d, b); err != nil {
		t.Fatal(err)
	}
	if d.walked != 0 {
		t.Errorf("%d orders were read though none was taken back", d.walked)
	}
	for name, at := range map[string]func(i int) int{
		"latest": func(i int) int { return orders - 1 - i },
		"first":  func(i int) int { return i },
	} {
		d.walked = 0
		b := store.Batch{ID: name, Source: 1}
		for i := range cancelled {
			b.States = append(b.States, state(at(i), 1))
		}
		if _, err := sqlstore.Apply(d, b); err != nil {
			t.Fatal(err)
		}
		// The candidates that were known are not read again.
		if most := 2*cancelled + 2; d.walked == 0 || d.walked > most {
			t.Errorf("%s: %d orders were read, want some, at most %d", name, d.walked, most)
		}
	}
	item := d.records().Items[0]
	want := store.State{ID: fmt.Sprint(orders - 1 - cancelled), Time: orders - 1 - cancelled}
	if item.Price != fmt.Sprint(orders-1-cancelled) || item.Orders != orders-2*cancelled || item.Priced != want.Version("", "", 1, 0, 0) {
		t.Errorf("%+v", item)
	}
}

// Two items whose orders are far apart are looked up in two walks: the orders between them are
// not read.
func TestWalksApart(t *testing.T) {
	const orders, each, cancelled = 10_000, 100, 40
	d := newTables(t)
	if _, err := sqlstore.Start(d, store.Source{ID: "a"}, false); err != nil {
		t.Fatal(err)
	}
	state := func(i int, updated int64) store.State {
		item := "Tea"
		switch {
		case i < each:
			item = "Old"
		case i >= orders-each:
			item = "New"
		}
		return store.State{
			ID: fmt.Sprint(i), Updated: updated, Placed: int64(i), Time: int64(i), At: int64(i), Digest: uint64(updated),
			Skipped: updated > 0, Lines: store.Lines(nil).Append(store.Line{Item: item, Price: fmt.Sprint(i)}),
		}
	}
	all, cancel := store.Batch{ID: "all", Source: 1}, store.Batch{ID: "cancel", Source: 1}
	for i := range orders {
		all.States = append(all.States, state(i, 0))
	}
	for i := range cancelled {
		cancel.States = append(cancel.States, state(orders-1-i, 1), state(each-1-i, 1))
	}
	for _, b := range []store.Batch{all, cancel} {
		if _, err := sqlstore.Apply(d, b); err != nil {
			t.Fatal(err)
		}
	}
	if most := 4*cancelled + 4; d.walked == 0 || d.walked > most {
		t.Errorf("%d orders were read, want some, at most %d", d.walked, most)
	}
	for _, item := range d.records().Items {
		want := map[string]string{"Old": fmt.Sprint(each - 1 - cancelled), "Tea": fmt.Sprint(orders - 1 - each), "New": fmt.Sprint(orders - 1 - cancelled)}[item.Name]
		if item.Price != want {
			t.Errorf("%s costs %s, want %s", item.Name, item.Price, want)
		}
	}
}

// TestWalkOfOneTime has many orders of one time, whose ids are the greater the earlier they
// came. A walk reads all of them before it decides.
func TestWalkOfOneTime(t *testing.T) {
	sqlstore.SetMostCandidates(1)
	defer sqlstore.SetMostCandidates(16)
	d := newTables(t)
	if _, err := sqlstore.Start(d, store.Source{ID: "a"}, false); err != nil {
		t.Fatal(err)
	}
	b := store.Batch{ID: "all", Source: 1}
	for i := range int64(50) {
		b.States = append(b.States, store.State{
			ID: fmt.Sprint(90 - i), Time: 1000, At: i, Lines: store.Lines(nil).Append(store.Line{Item: "Tea", Price: fmt.Sprint(90 - i)}),
		})
	}
	for _, time := range []int64{1, 2000} { // before and after all others
		b.States = append(b.States, store.State{ID: fmt.Sprint(time), Time: time, At: time, Lines: store.Lines(nil).Append(store.Line{Item: "Tea", Price: "0"})})
	}
	cancel := store.Batch{ID: "cancel", Source: 1, States: []store.State{{ID: "1", Updated: 1, Skipped: true}, {ID: "2000", Updated: 1, Skipped: true}}}
	for _, b := range []store.Batch{b, cancel} {
		if _, err := sqlstore.Apply(d, b); err != nil {
			t.Fatal(err)
		}
	}
	item := d.records().Items[0]
	first := store.State{ID: "41", Time: 1000}
	if item.Price != "90" || item.First != first.Version("", "", 1, 49, 0) {
		t.Errorf("%+v; want the price of order 90, and the first appearance in order 41", item)
	}
}

// TestHours applies minutes of more hours than are in memory at once, and changes some of them.
func TestHours(t *testing.T) {
	ctx, random := context.Background(), rand.New(rand.NewPCG(1, 2))
	want, got := memory.New(), newTables(t)
	for n := range int64(3) {
		s := store.Source{ID: fmt.Sprint(n)}
		if _, err := want.Start(ctx, s, false); err != nil {
			t.Fatal(err)
		}
		if _, err := sqlstore.Start(got, s, false); err != nil {
			t.Fatal(err)
		}
		b := store.Batch{ID: s.ID, Source: n + 1}
		var starts []int64
		for i := range int64(1500) {
			starts = append(starts, store.MinuteMilliseconds*(random.Int64N(300_000)-150_000))
			state := store.State{ID: fmt.Sprint(random.IntN(2000)), Updated: n, Time: store.NoTime, Placed: random.Int64N(20_000_000_000), Digest: random.Uint64(), At: i}
			state.Phone, state.Lines = state.ID, state.Lines.Append(store.Line{Item: "Tea", Price: "1"})
			b.States = append(b.States, state)
		}
		slices.Sort(starts)
		var minutes []store.Minute
		for _, start := range slices.Compact(starts) {
			sum := store.MinuteSum{Sum: money.Sum{Amount: money.FromInt(n)}, Lines: 2}
			minutes = append(minutes, store.Minute{Start: start, Orders: 1, Sums: []store.MinuteSum{sum}})
		}
		b.Delta.Minutes = slices.Values(minutes)
		if _, err := want.Apply(ctx, b); err != nil {
			t.Fatal(err)
		}
		if _, err := sqlstore.Apply(got, b); err != nil {
			t.Fatal(err)
		}
	}
	all, err := want.Minutes(ctx, store.NoTime, math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	if have := got.records().Minutes; len(all) < 5000 || fmt.Sprintf("%+v", have) != fmt.Sprintf("%+v", all) {
		t.Errorf("%d minutes, want %d, or some are others", len(have), len(all))
	}
}

// TestUnsortedMinutes applies minutes that do not come by their starts.
func TestUnsortedMinutes(t *testing.T) {
	d := newTables(t)
	if _, err := sqlstore.Start(d, store.Source{ID: "a"}, false); err != nil {
		t.Fatal(err)
	}
	b := store.Batch{ID: "1", Source: 1}
	b.Delta.Minutes = slices.Values([]store.Minute{{Start: store.MinuteMilliseconds, Orders: 1}, {Start: 0, Orders: 1}})
	if _, err := sqlstore.Apply(d, b); err == nil {
		t.Error("they were taken")
	}
}
