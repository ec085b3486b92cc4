package storetest

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// Rounds say how often a test does something: with -short, by default, and in a soak,
// which is a run with SOAK=1 in the environment.
type Rounds struct{ Short, Default, Soak int }

// A Loop counts the rounds of a test. In a soak it ends after SOAK_SECONDS too, if that
// is set, but not before one round is done.
//
//	for l := storetest.NewLoop(t, "kills", rounds); l.Next(); {
//		…
//	}
type Loop struct {
	// Round is the number of the present round, from 0.
	Round int
	most  int
	end   time.Time // zero if there is no limit
}

// NewLoop starts a loop. At its end the test logs how many rounds it did, and calls them
// what they are.
func NewLoop(t testing.TB, what string, r Rounds) *Loop {
	t.Helper()
	l := &Loop{Round: -1, most: r.Default}
	switch {
	case Soaking():
		l.most = r.Soak
		l.end = soakEnd(t, time.Now())
	case testing.Short():
		l.most = r.Short
	}
	t.Cleanup(func() { t.Logf("%d of %d %s", min(l.Round+1, l.most), l.most, what) })
	return l
}

// Next reports whether there is another round, and goes on to it.
func (l *Loop) Next() bool {
	if l.Round+1 >= l.most || l.Round >= 0 && !l.end.IsZero() && time.Now().After(l.end) {
		return false
	}
	l.Round++
	return true
}

// Soaking reports whether this is a soak.
func Soaking() bool { return os.Getenv("SOAK") != "" }

// soakEnd returns when a test that starts now is to end, or zero if it has all the time.
func soakEnd(t testing.TB, now time.Time) (end time.Time) {
	t.Helper()
	text := os.Getenv("SOAK_SECONDS")
	if text == "" {
		return end
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 1 {
		t.Fatalf("SOAK_SECONDS: want whole seconds, got %q", text)
	}
	return now.Add(time.Duration(seconds) * time.Second)
}

// Random returns a source of random numbers. Its seed is fixed, so that a failure comes
// again; in a soak it is another one each time. The test logs it.
func Random(t testing.TB) *rand.Rand {
	t.Helper()
	seed := uint64(1)
	if Soaking() {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}
