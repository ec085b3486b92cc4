// Package soak lets tests run longer when there is time. A test that repeats something
// random asks a [Loop] how often. It is short with -short and by default, and long in a
// soak, which is a run with SOAK=1 in the environment, as ./scripts/soak starts it.
package soak

import (
	"iter"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// On reports whether this run is a soak. It reads the environment at each call, as the
// test cache follows only the variables that a running test reads.
func On() bool { return os.Getenv("SOAK") != "" }

// Rounds say how often a test does something: with -short, by default, and in a soak.
type Rounds struct{ Short, Default, Soak int }

// A Loop counts the rounds of a test. In a soak it also ends after the seconds of
// SOAK_SECONDS, if that is set, but not before one round is done.
//
//	for l := soak.NewLoop(t, "kills", rounds); l.Next(); {
type Loop struct {
	// Round is the number of the current round, from 0.
	Round int
	most  int
	end   time.Time // zero if there is no limit
}

// NewLoop starts a loop. When the test ends it logs how many rounds it did, of what.
func NewLoop(t testing.TB, what string, r Rounds) *Loop {
	t.Helper()
	l := &Loop{Round: -1, most: r.Default}
	switch {
	case On():
		l.most = r.Soak
		l.end = end(t, time.Now())
	case testing.Short():
		l.most = r.Short
	}
	t.Cleanup(func() { t.Logf("%d of %d %s", l.Round+1, l.most, what) })
	return l
}

// Next starts the next round. It reports whether there is one.
func (l *Loop) Next() bool {
	if l.Round+1 >= l.most || l.Round >= 0 && !l.end.IsZero() && time.Now().After(l.end) {
		return false
	}
	l.Round++
	return true
}

// Cases yields numbers of a test's n cases. Usually it yields those that usual picks, in
// order. In a soak it yields all, in random order, until the seconds of SOAK_SECONDS are
// over, and at least one. When the test ends, it logs how many cases it did.
//
//	for i := range soak.Cases(t, "texts", len(texts), func(i int) bool { return i%3 == 0 }) {
func Cases(t testing.TB, what string, n int, usual func(i int) bool) iter.Seq[int] {
	t.Helper()
	if !On() {
		return func(yield func(int) bool) {
			for i := range n {
				if usual(i) && !yield(i) {
					return
				}
			}
		}
	}
	order := Random(t).Perm(n)
	l := NewLoop(t, what, Rounds{Soak: n})
	return func(yield func(int) bool) {
		for l.Next() && yield(order[l.Round]) {
		}
	}
}

// end returns when a test that starts now must end, or zero if it may take any time.
func end(t testing.TB, now time.Time) time.Time {
	t.Helper()
	text := os.Getenv("SOAK_SECONDS")
	if text == "" {
		return time.Time{}
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 1 {
		t.Fatalf("SOAK_SECONDS: want whole seconds, got %q", text)
	}
	return now.Add(time.Duration(seconds) * time.Second)
}

// Random returns a source of random numbers and logs its seed. The seed is that of SEED
// in the environment, else a fixed one, so that a failure can be repeated. In a soak
// without SEED it is another one each time.
func Random(t testing.TB) *rand.Rand {
	t.Helper()
	seed := uint64(1)
	if On() {
		seed = uint64(time.Now().UnixNano())
	}
	if text := os.Getenv("SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("SEED: %v", err)
		}
	}
	t.Logf("SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}
