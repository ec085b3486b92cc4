// Package soak lets tests run longer when there is time. A test that repeats something
// random asks a [Loop] how often. It is short with -short and by default, and long in a
// soak, which is a run with SOAK=1 in the environment, as ./scripts/soak starts it.
package soak

import (
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
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
	t.Cleanup(func() {
		t.Logf("%d of %d %s", l.Round+1, l.most, what)
		if !t.Failed() {
			Count(fmt.Sprintf("%s: %s", t.Name(), what), int64(l.Round+1))
		}
	})
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

// Executions counts what a fuzz target did with one input, if that is more than one thing.
// See [Count].
func Executions(t testing.TB, n int64) {
	name, _, _ := strings.Cut(t.Name(), "/")
	counts.add(name, n, time.Now())
}

// Count adds to how often something ran clean, over all soaks. ./scripts/soak names the file
// in SOAK_COUNTS; without it nothing is counted. Each addition is a line, the number and the
// name, so that several processes may write at once.
func Count(name string, n int64) {
	counts.add(name, n, time.Time{})
}

// counts are those that this process has not written yet. What a process counted last,
// within countWait, may be lost with it.
var counts = counting{pending: map[string]int64{}}

type counting struct {
	mu      sync.Mutex
	pending map[string]int64
	written time.Time
}

// countWait is how long counts wait to be written: a fuzz target adds to them all the time.
const countWait = 100 * time.Millisecond

// add adds a count. It writes all of them at once, or at a given time, if the last writing
// was a while before.
func (c *counting) add(name string, n int64, now time.Time) {
	file := os.Getenv("SOAK_COUNTS")
	if file == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending[name] += n
	if !now.IsZero() && now.Sub(c.written) < countWait {
		return
	}
	c.written = now
	var lines strings.Builder
	for name, n := range c.pending {
		fmt.Fprintf(&lines, "%d %s\n", n, name)
	}
	clear(c.pending)
	if err := appendTo(file, lines.String()); err != nil {
		panic(fmt.Sprintf("SOAK_COUNTS: %v", err)) // a count that is too low would be believed
	}
}

func appendTo(name, text string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
