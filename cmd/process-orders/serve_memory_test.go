package main

import (
	"os"
	"os/exec"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"
)

func TestHeapPercent(t *testing.T) {
	const mib = 1 << 20
	for _, test := range []struct {
		live, stacks, scanned int64
		want                  int
	}{
		{0, 0, 0, 400},   // nothing was collected yet
		{1, 1, 1, 400},   // a server that nobody uses
		{10, 1, 11, 400}, // some clients
		{15, 1, 16, 250}, // more of them
		{15, 9, 16, 200}, // whose stacks are deep
		{29, 15, 34, 50}, // thousands of connections
		{128, 1, 129, 50},
		{129, 1, 130, 100}, // a file is applied
		{4096, 1, 4096, 100},
	} {
		h := &heapState{test.live * mib, test.stacks * mib, test.scanned * mib}
		if got := h.percent(); got != test.want {
			t.Errorf("of %+v the heap grows by %d %%, want %d %%", test, got, test.want)
		}
	}
}

// TestHeapTuner keeps more than what a server usually has, and less again, and waits for the percentage.
// It does so in a process of its own, as what other tests keep counts too.
func TestHeapTuner(t *testing.T) {
	if os.Getenv("HEAP_TUNER") == "" {
		alone := exec.Command(os.Args[0], "-test.run=^TestHeapTuner$")
		alone.Env = append(os.Environ(), "HEAP_TUNER=1")
		if said, err := alone.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		return
	}
	new(heapTuner).tune()
	large := make([][]byte, 100)
	for i := range large {
		large[i] = make([]byte, 1<<20)
	}
	waitForPercent(t, leastGC)
	runtime.KeepAlive(large)
	large = nil
	waitForPercent(t, mostGC)
}

func waitForPercent(t *testing.T, want int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		runtime.GC()
		now := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(now)
		if got := int(now[0].Value.Uint64()); got == want {
			return
		} else if time.Now().After(deadline) {
			t.Fatalf("the heap grows by %d %%, want %d %%", got, want)
		}
	}
}
