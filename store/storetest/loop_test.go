package storetest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"process-orders/store/storetest"
)

// rounds counts the rounds of a loop of which each takes a second.
func rounds(t *testing.T, r storetest.Rounds) (n int) {
	synctest.Test(t, func(t *testing.T) {
		for l := storetest.NewLoop(t, "rounds", r); l.Next(); n++ {
			if l.Round != n {
				t.Errorf("round %d has the number %d", n, l.Round)
			}
			time.Sleep(time.Second)
		}
	})
	return n
}

func TestLoop(t *testing.T) {
	for _, test := range []struct {
		soak, seconds string
		want          int
	}{
		{"", "", 2},
		{"", "1", 2},
		{"1", "", 30},
		{"1", "5", 6}, // the fifth ends just at the end, and not after it
		{"1", "1000", 30},
	} {
		t.Setenv("SOAK", test.soak)
		t.Setenv("SOAK_SECONDS", test.seconds)
		if n := rounds(t, storetest.Rounds{Short: 2, Default: 2, Soak: 30}); n != test.want {
			t.Errorf("SOAK=%s SOAK_SECONDS=%s: %d rounds, want %d", test.soak, test.seconds, n, test.want)
		}
	}
}

// A round that takes longer than there is time is done all the same: a test that did
// nothing says nothing.
func TestLoopDoesOneRound(t *testing.T) {
	t.Setenv("SOAK", "1")
	t.Setenv("SOAK_SECONDS", "1")
	synctest.Test(t, func(t *testing.T) {
		l := storetest.NewLoop(t, "rounds", storetest.Rounds{Soak: 10})
		time.Sleep(time.Minute)
		if !l.Next() || l.Next() {
			t.Error("want one round")
		}
	})
}
