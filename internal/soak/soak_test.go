package soak

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
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

// Usually some cases are taken, in a soak all, and only those for which there is time.
func TestCases(t *testing.T) {
	third := func(i int) bool { return i%3 == 0 }
	t.Setenv("SOAK_SECONDS", "")
	for soak, want := range map[string][]int{"": {0, 3, 6}, "1": {0, 1, 2, 3, 4, 5, 6, 7}} {
		t.Setenv("SOAK", soak)
		if got := slices.Sorted(Cases(t, "cases", 8, third)); !slices.Equal(got, want) {
			t.Errorf("SOAK=%s: got %v, want %v", soak, got, want)
		}
	}
	t.Setenv("SOAK", "1")
	t.Setenv("SOAK_SECONDS", "1")
	n := 0
	for range Cases(t, "cases", 1000, third) {
		time.Sleep(100 * time.Millisecond)
		n++
	}
	if n == 0 || n > 20 {
		t.Errorf("%d cases of 100 ms in a second", n)
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

// Counts come to the file that SOAK_COUNTS names, of whatever process and test.
func TestCounts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "counts")
	t.Setenv("SOAK_COUNTS", "")
	Count("nothing", 1)
	t.Setenv("SOAK_COUNTS", file)
	t.Setenv("SOAK", "")
	Executions(t, 30)
	Executions(t, 12) // waits, and is written with the next
	Count("kills", 5)
	t.Run("loop", func(t *testing.T) {
		for l := NewLoop(t, "rounds", Rounds{3, 3, 3}); l.Next(); {
		}
	})
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]int{}
	for line := range strings.Lines(string(text)) {
		number, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		n, err := strconv.Atoi(number)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		sums[name] += n
	}
	want := map[string]int{"TestCounts": 42, "kills": 5, "TestCounts/loop: rounds": 3}
	if !maps.Equal(sums, want) {
		t.Errorf("got %v, want %v", sums, want)
	}
}
