package main

import (
	"strconv"
	"testing"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"process-orders/internal/finding"
)

func TestSize(t *testing.T) {
	const mib, gib = 1 << 20, 1 << 30
	for text, want := range map[string]size{
		"64MiB": 64 * mib, "64mib": 64 * mib, "64M": 64 * mib, "67108864": 64 * mib, "65536K": 64 * mib, "67108864B": 64 * mib,
		"1G": gib, "1GiB": gib, " 1 GiB ": gib, "1.5g": gib + gib/2, "1GB": 1e9, "0.5TB": 5e11, "100mb": 1e8,
		"": 0, "G": 0, "1X": 0, "1 G B": 0, "-1G": 0, "NaN": 0, "Inf": 0, "1e400": 0, "9e18T": 0, "63MiB": 0, "0": 0, "1,5G": 0,
	} {
		var got size
		err := got.Set(text)
		if (err != nil) != (want == 0) || got != want {
			t.Errorf("%q is %d (%v), want %d", text, got, err, want)
		}
	}
	for n, want := range map[size]string{0: "", 64 * mib: "64MiB", 2 * gib: "2GiB", 1e9: "1000000000"} {
		if got := n.String(); got != want {
			t.Errorf("%d prints as %q, want %q", int64(n), got, want)
		}
	}
}

// Half of the memory is known on every machine that the tests run on, and no more than
// half of what the system has.
func TestHalfOfMemory(t *testing.T) {
	n := uint64(halfOfMemory())
	has, err := memlimit.FromSystem()
	if err != nil {
		t.Fatal(err)
	}
	if n < 1<<20 || n > has/2 {
		t.Errorf("half of the memory is %d bytes, want more than 1 MiB and at most half of %d", n, has)
	}
	if strconv.IntSize == 32 && n > max32Bit/2 {
		t.Errorf("half of the memory is %d bytes, more than 32 bits have room for", n)
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 orders", 1: "1 order", 999: "999 orders", 1000: "1,000 orders", 12_345: "12,345 orders", 1_234_567: "1,234,567 orders",
	} {
		if got := count(n, "order"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	for seconds, want := range map[float64]string{
		0.0004: "0 ms", 0.0126: "13 ms", 0.9991: "999 ms", 0.9999: "1.0 s", 1: "1.0 s", 12.34: "12.3 s", 99.97: "1m40s", 100: "1m40s", 4000: "1h6m40s",
	} {
		if got := finding.Duration(seconds); got != want {
			t.Errorf("%v: %q, want %q", seconds, got, want)
		}
	}
}

func TestSuggestion(t *testing.T) {
	flags := []string{"out", "rejects", "workers", "memory", "quiet", "summary", "help", "version"}
	for typed, want := range map[string]string{
		"reject": "rejects", "rejcets": "rejects", "worker": "workers", "summery": "summary", "quite": "quiet",
		"memroy": "memory", "ouput": "out", "verbose": "", "x": "", "": "", "follow": "", "input": "",
	} {
		expected := ""
		if want != "" {
			expected = "; did you mean --" + want + "?"
		}
		if got := suggestion(typed, flags, "--"); got != expected {
			t.Errorf("%q: %q, want %q", typed, got, expected)
		}
	}
}
