package store_test

import (
	"fmt"
	"slices"
	"testing"

	"process-orders/store"
)

func state(id string, updated int64, skipped bool, digest uint64, at int64) store.State {
	return store.State{ID: id, Updated: updated, Placed: store.NoTime, Time: store.NoTime, Skipped: skipped, Digest: digest, At: at}
}

// The first of two states is later, as the law says; never are both.
func TestIsLater(t *testing.T) {
	const none = store.NoTime
	held := func(updated int64, digest uint64, at int64) store.State {
		s := state("x", updated, true, digest, at)
		s.Reason = "hold"
		return s
	}
	for _, test := range []struct {
		name          string
		later         store.State
		laterSource   int64
		earlier       store.State
		earlierSource int64
	}{
		{"updated", state("x", 6, false, 1, 1), 1, state("x", 5, true, 9, 9), 9},
		{"before 1970", state("x", -5, false, 1, 1), 1, state("x", -6, true, 9, 9), 9},
		{"updated and not", state("x", -5, false, 1, 1), 1, state("x", none, true, 9, 9), 9},
		{"skipped", state("x", 5, true, 1, 1), 1, state("x", 5, false, 9, 9), 9},
		{"digest", state("x", 5, false, 1<<63, 1), 1, state("x", 5, false, 1<<63-1, 9), 9},
		{"digest of skipped ones", state("x", 5, true, 2, 1), 1, state("x", 5, true, 1, 9), 9},
		{"on hold, and not", state("x", 5, false, 1, 1), 1, held(5, 9, 9), 9},
		{"on hold, and skipped", state("x", 5, true, 1, 1), 1, held(5, 9, 9), 9},
		{"on hold later", held(6, 1, 1), 1, state("x", 5, true, 9, 9), 9},
		{"digest of those on hold", held(5, 2, 1), 1, held(5, 1, 9), 9},
		{"digests that are the same", state("x", 5, true, 1, 1), 1, held(5, 1, 9), 9},
		{"on hold, by source", held(none, 1, 1), 2, state("x", none, true, 9, 9), 1},
		{"source", state("x", none, false, 1, 1), 2, state("x", none, true, 9, 9), 1},
		{"offset", state("x", none, false, 1, 2), 1, state("x", none, true, 9, 1), 1},
	} {
		if !test.later.IsLater(&test.earlier, test.laterSource, test.earlierSource) {
			t.Errorf("%s: it is not later", test.name)
		}
		if test.earlier.IsLater(&test.later, test.earlierSource, test.laterSource) {
			t.Errorf("%s: the earlier one is later", test.name)
		}
		if test.later.IsSame(&test.earlier) || test.earlier.IsSame(&test.later) {
			t.Errorf("%s: they are the same", test.name)
		}
	}
	for _, updated := range []int64{none, 5} {
		s, again := state("x", updated, false, 1, 1), state("x", updated, false, 1, 9)
		if !s.IsSame(&again) || s.IsLater(&again, 1, 9) || again.IsLater(&s, 9, 1) {
			t.Errorf("a state of %d and the same again: one is later", updated)
		}
	}
}

// Versions are sorted by time; without one they are positions, before all that have one;
// ids of one time are sorted by shop, length, bytes and system.
func TestVersion(t *testing.T) {
	version := func(system, shop, id string, ms, source, at, line int64) store.Version {
		s := store.State{ID: id, Time: ms}
		return s.Version(system, shop, source, at, line)
	}
	const none = store.NoTime
	sorted := []store.Version{
		"",
		store.PositionVersion(none, 0, 1, 0),
		version("x", "a", "z", none, 1, 2, 0),
		version("x", "a", "z", none, 1, 2, 1),
		store.PositionVersion(none, 1, 3, 0),
		store.PositionVersion(none, 1, 256, 0),
		version("x", "a", "1", none, 2, 0, 0),
		store.PositionVersion(none, 256, 0, 0),
		version("", "", "9", -1, 1, 1, 0),
		store.PositionVersion(0, 7, 1, 0),
		store.PositionVersion(0, 7, 1, 300),
		version("x", "", "99", 0, 1, 1, 0),
		version("x", "a", "9", 0, 9, 9, 0),
		version("x", "a", "9", 0, 1, 1, 1),
		version("y", "a", "9", 0, 1, 1, 0),
		version("x", "a", "10", 0, 1, 1, 0),
		version("x", "a", "11", 0, 1, 1, 0),
		version("x", "ab", "1", 0, 1, 1, 0),
		version("x", "b", "1", 0, 1, 1, 0),
		version("", "", "1", 1, 1, 1, 0),
	}
	if !slices.IsSorted(sorted) {
		for i := range sorted[1:] {
			if sorted[i] > sorted[i+1] {
				t.Errorf("version %d is later than the next", i)
			}
		}
	}
	if all := slices.Compact(slices.Clone(sorted)); len(all) != len(sorted) {
		t.Error("two versions are the same")
	}
	// With a time the position has no say.
	if version("x", "a", "1", 5, 1, 2, 3) != version("x", "a", "1", 5, 9, 9, 3) {
		t.Error("the position of an order with a time decides")
	}
}

func TestRenumber(t *testing.T) {
	for _, ms := range []int64{store.NoTime, 0, 5} {
		for _, number := range []int64{1, 255, 256, 1 << 40} {
			for _, line := range []int64{0, 1, 300} {
				what := fmt.Sprint(ms, " ", number, " ", line)
				if got := store.Renumber(store.PositionVersion(ms, 0, 77, line), number); got != store.PositionVersion(ms, number, 77, line) {
					t.Errorf("%s: %x", what, got)
				}
			}
		}
	}
	if got := store.Renumber("", 5); got != "" {
		t.Errorf("that of what was not provided: %x", got)
	}
	s := store.State{ID: "1", Time: 5}
	if v := s.Version("x", "a", 1, 2, 3); store.Renumber(v, 9) != v {
		t.Error("the version of an order with an id and a time was changed")
	}
}
