package apply_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/internal/soak"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
	"process-orders/store/memory"
)

// changingOptions read orders that change. Some are skipped, for one of two reasons.
func changingOptions(withChanges bool) (o apply.Options) {
	m := orders.Default()
	m.ID, m.NoPhone = orders.Field{"id"}, orders.NoPhoneItems
	if withChanges {
		m.Updated = orders.Field{"updated"}
	}
	m.Skip = []orders.Condition{
		{Reason: "void", Path: "state", Values: []string{"void"}},
		{Reason: "hold", Path: "state", Values: []string{"open"}},
	}
	o.Mapping, o.System = &m, "test"
	return o
}

// changingOrders are states of few orders. Some are without an id.
func changingOrders(random *rand.Rand) (text string, states int64) {
	var b strings.Builder
	for range 1 + random.IntN(40) {
		states++
		id := ""
		if random.IntN(8) > 0 {
			id = fmt.Sprintf(`"id":%d,"updated":"2026-05-0%dT10:00:00Z",`, random.IntN(12), 1+random.IntN(5))
		}
		fmt.Fprintf(&b, `{%s"state":"%s","phone":"%s","items":[]}`+"\n", id,
			[]string{"paid", "paid", "void", "open"}[random.IntN(4)], []string{"", "1", "2"}[random.IntN(3)])
	}
	return b.String(), states
}

// skippedIn is how many states were skipped.
func skippedIn(t *orders.Totals) (all int64) {
	for _, n := range t.Skipped {
		all += n
	}
	return all
}

// All states of a source are counted once, whatever the size of batches. If changes have
// times, a run over several sources counts what one without a store does.
func TestCounts(t *testing.T) {
	ctx := context.Background()
	for l := soak.NewLoop(t, "runs", soak.Rounds{Short: 60, Default: 200, Soak: 20_000}); l.Next(); {
		random := rand.New(rand.NewPCG(7, uint64(l.Round)))
		o := changingOptions(random.IntN(4) > 0)
		var sources []input.Source
		var states int64
		for i := range 1 + random.IntN(3) {
			text, n := changingOrders(random)
			states += n
			sources = append(sources, file(t, fmt.Sprint(i, ".ndjson"), text))
		}
		kept := memory.New()
		var total orders.Totals
		var before []apply.Result
		for _, source := range sources {
			o.BatchBytes = []int64{0, 1, 200, 1000}[random.IntN(4)]
			r, err := apply.Apply(ctx, kept, source, o)
			if err != nil {
				t.Fatal(err)
			}
			total.Add(r.Totals)
			for i := range before {
				r.TakeBack(&total, &before[i])
			}
			before = append(before, r)
			if c := r.Progress; r.Totals.Orders+skippedIn(&r.Totals)+r.Totals.Repeated+r.Totals.Superseded != statesOf(t, source) || c.Skipped < 0 || c.Repeated < 0 {
				t.Fatalf("round %d: %+v with %+v, of %d states", l.Round, r.Totals, c, statesOf(t, source))
			}
		}
		if n := total.Orders + skippedIn(&total) + total.Repeated + total.Superseded; n != states {
			t.Fatalf("round %d: %+v, of %d states", l.Round, total, states)
		}
		_, want, err := records.Process(ctx, sources, records.Options{Options: o.Options})
		if err != nil {
			t.Fatal(err)
		}
		if total.Orders != want.Orders || !maps.Equal(total.Skipped, want.Skipped) || total.NoPhone != want.NoPhone {
			t.Fatalf("round %d: %+v\nwant %+v", l.Round, total, want)
		}
	}
}

// statesOf is how many lines a source has.
func statesOf(t *testing.T, source input.Source) int64 {
	t.Helper()
	text, err := input.Head(context.Background(), source, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return int64(strings.Count(string(text), "\n"))
}

// A run that finishes a source, or finds it applied, counts all of it. Reasons that it does
// not know are one.
func TestCountsOfResumed(t *testing.T) {
	ctx := context.Background()
	const text = `{"id":1,"updated":"2026-05-01","state":"void","phone":"1","items":[]}
{"id":1,"updated":"2026-05-02","state":"open","phone":"1","items":[]}
{"id":2,"updated":"2026-05-01","state":"open","phone":"1","items":[]}
{"id":2,"updated":"2026-05-03","state":"paid","phone":"1","items":[]}
{"id":3,"updated":"2026-05-01","state":"void","phone":"1","items":[]}
{"id":3,"updated":"2026-05-01","state":"void","phone":"1","items":[]}
`
	source, o := file(t, "orders.ndjson", text), changingOptions(true)
	o.BatchBytes = 1
	for calls := 2; ; calls++ {
		kept := memory.New()
		_, err := apply.Apply(ctx, &mortal{Store: kept, calls: calls, after: calls%2 == 0}, source, o)
		for i := range 2 {
			r, failed := apply.Apply(ctx, kept, source, o)
			if failed != nil {
				t.Fatal(failed)
			}
			want := map[string]int64{"hold or void": 2}
			if r.Number == 1 && !r.Resumed && !r.Known {
				want = map[string]int64{"hold": 1, "void": 1}
			}
			c := r.Totals
			if c.Orders != 1 || c.Repeated != 1 || c.Superseded != 2 || r.Counts != (store.Counts{Skipped: 2, Repeated: 1, Older: 2}) {
				t.Errorf("died at call %d, run %d: %+v, %+v", calls, i, c, r.Counts)
			}
			if !maps.Equal(c.Skipped, want) && !(r.Resumed && maps.Equal(c.Skipped, map[string]int64{"hold": 1, "void": 1})) {
				t.Errorf("died at call %d, run %d: skipped %v, want %v", calls, i, c.Skipped, want)
			}
		}
		if err == nil {
			return
		}
	}
}
