// Package soak lets tests run longer when there is time. A test that repeats
// something random is short by default and long in a soak, which is a run with SOAK
// in the environment, as ./scripts/soak starts it. SOAK_SECONDS says how many
// seconds each test may take that asks [Until].
package soak

import (
	"os"
	"strconv"
	"testing"
	"time"
)

// defaultBudget is what [Until] grants in a soak without SOAK_SECONDS.
const defaultBudget = time.Minute

// On reports whether this run is a soak. It reads the environment at each call, as
// the test cache follows only the variables that a running test reads.
func On() bool { return os.Getenv("SOAK") != "" }

// Times returns how often to repeat something: soak in a soak, else normal. It is
// for work whose length is known; [Until] is for work that can go on for ever.
func Times(normal, soak int) int {
	if On() {
		return soak
	}
	return normal
}

// Until returns a function that reports whether a test may go on. In a soak it does
// until the test's seconds are over, counted from this call; else it never does. So
// a loop runs a fixed number of times, and in a soak for as long as it may:
//
//	more := soak.Until(t)
//	for i := 0; i < 20 || more(); i++ {
func Until(t testing.TB) func() bool {
	t.Helper()
	if !On() {
		return func() bool { return false }
	}
	budget := defaultBudget
	if text := os.Getenv("SOAK_SECONDS"); text != "" {
		seconds, err := strconv.ParseFloat(text, 64)
		if err != nil || !(seconds >= 0) {
			t.Fatalf("SOAK_SECONDS=%s: want a number of seconds", text)
		}
		budget = time.Duration(seconds * float64(time.Second))
	}
	end := time.Now().Add(budget)
	return func() bool { return time.Now().Before(end) }
}
