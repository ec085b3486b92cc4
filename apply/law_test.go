package apply_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/internal/histories"
	"process-orders/internal/soak"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
	"process-orders/store/memory"
	"process-orders/store/sqlite"
)

// checksPerRound is how many histories a round of the law has.
const checksPerRound = 25

// checkLaw checks something with many histories: 1,000 usually, 100,000 in a soak.
func checkLaw(t *testing.T, rounds soak.Rounds, check func(*rapid.T)) {
	t.Helper()
	random := soak.Random(t)
	checks := checksPerRound
	if testing.Short() {
		checks *= 5 // rapid does a fifth of what it is asked for
	}
	for l := soak.NewLoop(t, fmt.Sprint("times ", checksPerRound, " histories"), rounds); l.Next() && !t.Failed(); {
		setFlag(t, "rapid.checks", fmt.Sprint(checks))
		setFlag(t, "rapid.seed", fmt.Sprint(random.Uint64()))
		rapid.Check(t, check)
	}
}

func setFlag(t *testing.T, name, value string) {
	t.Helper()
	f := flag.Lookup(name)
	old := f.Value.String()
	if err := f.Value.Set(value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(old) })
}

// lawOptions draws how a history is applied. Rejects are set aside.
func lawOptions(t *rapid.T, h *histories.History) (o apply.Options) {
	o.Mapping, o.System = &h.Mapping, "test"
	o.Workers, o.BlockBytes = rapid.IntRange(1, 4).Draw(t, "workers"), rapid.IntRange(1, 300).Draw(t, "block bytes")
	o.BatchBytes = rapid.Int64Range(1, 2000).Draw(t, "batch bytes")
	o.Reject = func(*orders.Reject) error { return nil }
	return o
}

// inOneRun is what one run over all documents finds; "" if one of them is refused.
func inOneRun(t *rapid.T, h *histories.History, texts, shops []string, o *apply.Options) string {
	var sources []input.Source
	for i, text := range texts {
		sources = append(sources, histories.Source(fmt.Sprint("source ", i), shops[i], text, false))
	}
	all, _, err := records.Process(context.Background(), sources, apply.RecordOptions(o))
	if err != nil {
		return ""
	}
	defer all.Close()
	return recordText(all)
}

// applyLaw applies each document as a file or as a group of a feed, some of them through a
// store that dies and is used again.
func applyLaw(t *rapid.T, s store.Store, texts, shops []string, o apply.Options) {
	ctx := context.Background()
	for i, text := range texts {
		if rapid.IntRange(0, 3).Draw(t, "feed") == 3 {
			feed := apply.Feed{Name: "feed of " + shops[i], Shop: shops[i], Received: received}
			g, err := apply.ReadGroup(ctx, []input.Source{histories.Source("live", shops[i], text, true)}, feed, o)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if _, err := g.Apply(ctx, s); err != nil {
				t.Fatal(err)
			}
			continue
		}
		source := histories.Source(fmt.Sprint("source ", i), shops[i], text, false)
		if call := rapid.IntRange(0, 6).Draw(t, "dies at call"); call > 0 {
			dying := &mortal{s, call, rapid.Bool().Draw(t, "after it")}
			if _, err := apply.Apply(ctx, dying, source, o); err != nil && !errors.Is(err, errDied) {
				t.Fatal(err)
			}
		}
		if _, err := apply.Apply(ctx, s, source, o); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}

// forLaw returns a store for a check: mostly in memory, now and then in a file.
func forLaw(t *testing.T, rt *rapid.T) store.Store {
	if rapid.IntRange(0, 9).Draw(rt, "store") < 9 {
		return memory.New()
	}
	s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "store.db"), sqlite.Options{})
	if err != nil {
		rt.Fatal(err)
	}
	return s
}

// TestLaw applies files and groups one after the other. What a store has is what one run over
// all of them finds: the serial result of that order, whatever orders lack.
func TestLaw(t *testing.T) {
	checkLaw(t, soak.Rounds{Short: 8, Default: 40, Soak: 4000}, func(rt *rapid.T) {
		h := histories.Draw(rt, rapid.Bool().Draw(rt, "complete"), true)
		o := lawOptions(rt, &h)
		texts, shops := h.Documents(rt)
		want := inOneRun(rt, &h, texts, shops, &o)
		if want == "" || len(slices.Compact(slices.Sorted(slices.Values(texts)))) < len(texts) {
			rt.Skip("a source is refused, or comes twice")
		}
		s := forLaw(t, rt)
		defer s.Close()
		applyLaw(rt, s, texts, shops, o)
		if got := storeText(rt, s); got != want {
			rt.Fatalf("%v\ngot\n%s\nwant\n%s", h, got, want)
		}
	})
}

// TestLawOfSets applies the same states to two stores, in other orders, repeated and split
// into other files and groups. If all of id, time and time of change are there, both have
// the same records.
func TestLawOfSets(t *testing.T) {
	checkLaw(t, soak.Rounds{Short: 8, Default: 40, Soak: 4000}, func(rt *rapid.T) {
		h := histories.Draw(rt, true, false)
		other := h.Shuffled(rt)
		var have [2]string
		for i, h := range []*histories.History{&h, &other} {
			s := forLaw(t, rt)
			texts, shops := h.Documents(rt)
			applyLaw(rt, s, texts, shops, lawOptions(rt, h))
			have[i] = storeText(rt, s)
			if err := s.Close(); err != nil {
				rt.Fatal(err)
			}
		}
		if have[0] != have[1] {
			rt.Fatalf("%v\n%s\nin another order\n%v\n%s", h, have[0], other, have[1])
		}
	})
}
