package soak

import (
	"fmt"
	"testing"
	"time"
)

func TestLoop(t *testing.T) {
	usual := 20
	if testing.Short() {
		usual = 10
	}
	for _, test := range []struct {
		soak, seconds string
		want          int
	}{
		{"", "", usual},
		{"", "1", usual},
		{"1", "", 30},
		{"1", "3600", 30},
	} {
		t.Run(fmt.Sprint("SOAK=", test.soak, " SOAK_SECONDS=", test.seconds), func(t *testing.T) {
			t.Setenv("SOAK", test.soak)
			t.Setenv("SOAK_SECONDS", test.seconds)
			n := 0
			for l := NewLoop(t, "rounds", Rounds{10, 20, 30}); l.Next(); n++ {
				if l.Round != n {
					t.Fatalf("round %d is number %d", n, l.Round)
				}
			}
			if n != test.want {
				t.Errorf("%d rounds, want %d", n, test.want)
			}
		})
	}
}

// A loop ends when its seconds are over, but does one round.
func TestLoopEnds(t *testing.T) {
	t.Setenv("SOAK", "1")
	t.Setenv("SOAK_SECONDS", "1")
	l := NewLoop(t, "rounds", Rounds{Soak: 10})
	l.end = time.Now().Add(-time.Second)
	if !l.Next() || l.Next() {
		t.Error("want one round")
	}
}

func TestRandom(t *testing.T) {
	t.Setenv("SOAK", "")
	t.Setenv("SEED", "")
	usual := Random(t).Uint64()
	if Random(t).Uint64() != usual {
		t.Error("the seed is not fixed")
	}
	t.Setenv("SOAK", "1")
	if Random(t).Uint64() == usual {
		t.Error("the seed of a soak is fixed")
	}
	t.Setenv("SEED", "1")
	if Random(t).Uint64() != usual {
		t.Error("SEED is not obeyed")
	}
}
