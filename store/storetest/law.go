package storetest

import (
	"context"
	"flag"
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"process-orders/internal/soak"
	"process-orders/store"
)

// A place is a system and a shop, in which ids are unique.
type place struct{ system, shop string }

var places = []place{{"x", "a"}, {"x", "b"}, {"y", "a"}, {"", ""}}

// drawState draws a state of few orders, customers and items, so that they meet. If complete
// it has an id, a time and an updated; if not, any of them may be missing.
func drawState(t *rapid.T, complete bool) store.State {
	roll := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "roll") }
	s := order("", 0, "", "")
	if complete || roll(5) > 0 {
		s.ID = []string{"1", "2", "10", "é"}[roll(4)]
	}
	s.Phone = []string{"1", "2", "3", ""}[roll(4)]
	s.Name = []string{"Ann", "Bob", "", "Eve"}[roll(4)]
	for range roll(4) {
		line := store.Line{Item: []string{"Dosa", "Idli", "Vada"}[roll(3)], Price: []string{"1", "2", "3.50"}[roll(3)]}
		line.Uncounted = roll(6) == 5
		if roll(2) == 0 {
			line.Quantity = []string{"", "2", "0.5", "-1", "0", "many"}[roll(6)]
			line.Total = []string{"", "", "10.125", "-3.50", "0.00", "free"}[roll(6)]
			line.Currency = []string{"", "EUR", "USD", "eur", "?"}[roll(5)]
		}
		s.Lines = s.Lines.Append(line)
	}
	// Some were placed in one minute, and in one hour, and before 1970.
	const minute = store.MinuteMilliseconds
	placed := []int64{5, 6, -1, minute, 59*minute + 7, 1_700_000_000_000}[roll(6)]
	if complete || roll(2) == 0 {
		s.Placed = placed
		s.Time = s.Placed
	} else if roll(2) == 0 {
		s.Placed = placed // which decides nothing
	}
	if s.ID != "" {
		if complete || roll(2) == 0 {
			s.Updated = int64(roll(4)) - 1
		}
		if s.Skipped = roll(5) >= 3; s.Skipped {
			s.Reason = []string{"hold", "draft", "cancelled", ""}[roll(4)]
		}
	}
	return sealed(s)
}

// drawStates draws states that may lack anything.
func drawStates(t *rapid.T, least, most int) []store.State {
	all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) store.State { return drawState(t, false) }), least, most).Draw(t, "orders")
	for i := 1; i < len(all); i++ {
		meet(t, &all[i], &all[i-1])
	}
	return all
}

// meet makes one in three states one of the order before it, changed at the same time: made, paid
// and taken back in one second. It reports whether it did.
func meet(t *rapid.T, s, before *store.State) bool {
	if s.ID == "" || before.ID == "" || rapid.IntRange(0, 2).Draw(t, "meet") < 2 {
		return false
	}
	s.ID, s.Updated = before.ID, before.Updated
	return true
}

// drawSplit draws how a sequence is cut: the indexes up to which parts go.
func drawSplit(t *rapid.T, n int) (ends []int) {
	for end := 0; end < n; {
		end = min(n, end+rapid.IntRange(1, 5).Draw(t, "size"))
		ends = append(ends, end)
	}
	return ends
}

// The rounds of the laws: each of them checks a law this often.
const checksPerRound = 25

// rapidly checks something with rapid in rounds, each with a seed of its own. Rapid reads
// flags, so there is one check at a time.
func rapidly(t *testing.T, rounds soak.Rounds, checks, steps int, check func(*rapid.T)) {
	t.Helper()
	random := soak.Random(t)
	given := checks
	if testing.Short() {
		given *= 5 // rapid does a fifth of what it is given
	}
	for l := soak.NewLoop(t, fmt.Sprint("times ", checks, " checks"), rounds); l.Next() && !t.Failed(); {
		func() {
			rapidMutex.Lock()
			defer rapidMutex.Unlock()
			defer setFlag(t, "rapid.checks", fmt.Sprint(given))()
			defer setFlag(t, "rapid.steps", fmt.Sprint(steps))()
			defer setFlag(t, "rapid.seed", fmt.Sprint(random.Uint64()))()
			rapid.Check(t, check)
		}()
	}
}

// rapidMutex guards the flags of rapid.
var rapidMutex sync.Mutex

// setFlag gives a flag another value, and returns what gives it the old one again.
func setFlag(t *testing.T, name, value string) (reset func()) {
	t.Helper()
	f := flag.Lookup(name)
	old := f.Value.String()
	if err := f.Value.Set(value); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := f.Value.Set(old); err != nil {
			t.Error(err)
		}
	}
}

// lawRounds returns how often a law is checked.
func lawRounds(o Opener) soak.Rounds {
	if o.LawRounds != (soak.Rounds{}) {
		return o.LawRounds
	}
	return soak.Rounds{Short: 1, Default: 2, Soak: 400}
}

// testLaw holds the law for orders that have all of id, time and updated: whatever is
// shuffled, repeated, cut into batches of sources and groups of feeds, and delayed, the
// records are the same.
func testLaw(t *testing.T, o Opener) {
	rapidly(t, lawRounds(o), checksPerRound, 1, func(rt *rapid.T) { checkLaw(t, rt, o) })
}

// A placed is a state of a place.
type placed struct {
	place
	store.State
}

func checkLaw(t *testing.T, rt *rapid.T, o Opener) {
	all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) placed {
		return placed{rapid.SampledFrom(places).Draw(t, "place"), drawState(t, true)}
	}), 1, 20).Draw(rt, "states")
	for i := 1; i < len(all); i++ {
		if meet(rt, &all[i].State, &all[i-1].State) {
			all[i].place = all[i-1].place
		}
	}
	// An erasure that names orders and no phone may come at any time, too.
	erasure := store.Erasure{System: places[0].system, Shop: places[0].shop}
	if rapid.IntRange(0, 2).Draw(rt, "erasure") == 2 {
		erasure.IDs = []string{"2", "é"}
	}
	var want model
	for _, s := range all {
		want.put(1, s.system, s.shop, []store.State{s.State})
	}
	want.erase(erasure)

	sequence := append([]placed(nil), all...)
	for range rapid.IntRange(0, len(all)).Draw(rt, "repeats") {
		sequence = append(sequence, rapid.SampledFrom(all).Draw(rt, "repeat"))
	}
	sequence = rapid.Permutation(sequence).Draw(rt, "sequence")
	s := o.Open(t)
	defer func() { s.Close() }()
	ends := drawSplit(rt, len(sequence))
	eraseAt := rapid.IntRange(0, len(ends)-1).Draw(rt, "erase at")
	from := 0
	for n, end := range ends {
		applyPlaced(rt, s, n, from, sequence[from:end])
		from = end
		if n == eraseAt {
			if found, err := s.Erase(context.Background(), erasure); found || err != nil {
				rt.Fatalf("found %v, %v", found, err)
			}
		}
		if rapid.IntRange(0, 5).Draw(rt, "reopen") == 5 {
			s = o.Reopen(t, s)
		}
	}
	s = o.Reopen(t, s)
	checkRecords(rt, s, &want)
}

// applyPlaced applies a part of a sequence, which starts at an offset. What is of one place is
// one batch, of a file or of a feed.
func applyPlaced(rt *rapid.T, s store.Store, n, from int, some []placed) {
	for p, where := range places {
		var mine []store.State
		for i, one := range some {
			if one.place == where {
				one.At = int64(from + i)
				mine = append(mine, one.State)
			}
		}
		if len(mine) == 0 {
			continue
		}
		b := batchOf("", 0, mine...)
		if rapid.Bool().Draw(rt, "feed") {
			b.Feed = &store.Feed{Name: fmt.Sprint("feed ", p), System: where.system, Shop: where.shop, Offset: int64(n + 1)}
		} else {
			id := fmt.Sprint("file ", p, " ", rapid.IntRange(0, 1).Draw(rt, "file"))
			b.ID, b.Source = fmt.Sprint("batch ", p, " ", n), startFile(rt, s, id, where)
		}
		if applied, err := try(context.Background(), s, b); !applied || err != nil {
			rt.Fatalf("applied %v, %v", applied, err)
		}
	}
}

func startFile(rt *rapid.T, s store.Store, id string, where place) (number int64) {
	p, err := s.Start(context.Background(), store.Source{ID: id, System: where.system, Shop: where.shop}, false)
	if err != nil {
		rt.Fatal(err)
	}
	return p.Number
}

// checkRecords compares all records of a store with those of a model.
func checkRecords(rt *rapid.T, s store.Store, want *model) {
	got, err := records(context.Background(), s)
	if err != nil {
		rt.Fatal(err)
	}
	if diff := difference(got, want.records()); diff != "" {
		rt.Fatal(diff)
	}
}

// testSerialLaw holds the law for orders that may lack an id, a time or an updated. The
// batches of several sources come mixed, and groups of feeds between them. The records are
// those of one source after the other, in the order of their numbers.
func testSerialLaw(t *testing.T, o Opener) {
	rapidly(t, lawRounds(o), checksPerRound, 1, func(rt *rapid.T) { checkSerialLaw(t, rt, o) })
}

// A part is a batch of a source, or a group, of a place.
type part struct {
	place
	store.Batch
	orders []store.State
}

func checkSerialLaw(t *testing.T, rt *rapid.T, o Opener) {
	s := o.Open(t)
	defer func() { s.Close() }()
	parts := append(drawBatches(rt, s), drawGroups(rt)...)
	var m model
	states := int64(0)
	var counts store.Counts
	for _, p := range rapid.Permutation(parts).Draw(rt, "sequence") {
		got := applyAhead(rt, s, p.Batch)
		if !got.Applied {
			rt.Fatalf("%+v; want it applied", got)
		}
		if want := m.add(got.Number, p.system, p.shop, p.orders); got.Counts != want {
			rt.Fatalf("counts %+v, want %+v", got.Counts, want)
		}
		counts = plus(counts, got.Counts)
		states += int64(len(p.States))
		switch rapid.IntRange(0, 11).Draw(rt, "then") {
		case 11:
			s = o.Reopen(t, s)
		case 10:
			e := store.Erasure{Phone: rapid.SampledFrom([]string{"1", "2", "3"}).Draw(rt, "phone")}
			want := m.erase(e)
			if found, err := s.Erase(context.Background(), e); found != want || err != nil {
				rt.Fatalf("found %v, %v; want %v", found, err, want)
			}
		}
	}
	s = o.Reopen(t, s)
	checkRecords(rt, s, &m)
	if known := int64(len(m.orders())); states != known+counts.Repeated+counts.Older+counts.Replaced {
		rt.Fatalf("%d states of %d orders, and the counts %+v", states, known, counts)
	}
}

// drawBatches starts sources, and cuts what they have into batches.
func drawBatches(rt *rapid.T, s store.Store) (parts []part) {
	for i := range rapid.IntRange(1, 4).Draw(rt, "sources") {
		where := rapid.SampledFrom(places[:2]).Draw(rt, "place")
		number := startFile(rt, s, fmt.Sprint("source ", i), where)
		orders := drawStates(rt, 0, 12)
		if len(orders) > 0 && rapid.Bool().Draw(rt, "again") { // some come again, in the same source
			orders = append(orders, orders[:1+len(orders)/2]...)
		}
		for j := range orders {
			orders[j].At = int64(j * 100)
		}
		from := 0
		for _, end := range drawSplit(rt, len(orders)) {
			b := batchOf(fmt.Sprint("batch ", i, " ", from), number, orders[from:end]...)
			parts = append(parts, part{where, b, orders[from:end]})
			from = end
		}
	}
	return parts
}

// drawGroups draws groups, each of a feed of its own.
func drawGroups(rt *rapid.T) (parts []part) {
	for i := range rapid.IntRange(0, 4).Draw(rt, "groups") {
		where := rapid.SampledFrom(places[:2]).Draw(rt, "place")
		orders := drawStates(rt, 1, 4)
		for j := range orders {
			orders[j].At = int64(j)
		}
		b := batchOf("", 0, orders...)
		b.Feed = &store.Feed{Name: fmt.Sprint("feed ", i), System: where.system, Shop: where.shop}
		parts = append(parts, part{where, b, orders})
	}
	return parts
}

// plus adds counts.
func plus(c, d store.Counts) store.Counts {
	return store.Counts{Skipped: c.Skipped + d.Skipped, Repeated: c.Repeated + d.Repeated, Older: c.Older + d.Older, Replaced: c.Replaced + d.Replaced}
}
