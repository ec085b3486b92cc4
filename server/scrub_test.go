package server

import (
	"testing"
	"time"
)

// TestScrubAgain tries a scrub that failed again soon, some times, and then at its time of the next day.
func TestScrubAgain(t *testing.T) {
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 5, day, hour, minute, 0, 0, time.UTC) }
	for _, test := range []struct {
		now      time.Time
		failures int
		want     time.Time
	}{
		{at(4, 3, 1), 0, at(5, 3, 0)}, {at(4, 3, 1), 1, at(4, 3, 16)}, {at(4, 5, 0), mostScrubsAgain, at(4, 5, 15)},
		{at(4, 5, 15), mostScrubsAgain + 1, at(5, 3, 0)}, {at(4, 2, 55), 1, at(4, 3, 0)},
	} {
		if got := (&daily{3, 0}).after(test.now, test.failures); !got.Equal(test.want) {
			t.Errorf("%v after %d failures: %v, want %v", test.now, test.failures, got, test.want)
		}
	}
}
