package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// A server keeps little if few use it, so that its heap would be collected all the time at the
// usual percentage: heap and stacks may grow to usualBytes first, which many orders a second need. With
// thousands of connections what is kept is nearly as much, and the memory counts more than the time
// of the collector: the heap grows by leastGC percent then. If it keeps more than fileHeapBytes, a
// file is being applied: that is over soon, and time counts again.
const (
	usualBytes    = 56 << 20
	fileHeapBytes = 128 << 20
	leastGC       = 50
	fileGC        = 100
	mostGC        = 400
)

// A heapState is what the last collection has left.
type heapState struct {
	live    int64 // of the heap
	stacks  int64 // memory that stacks take, whether they use it or not
	scanned int64 // all that was kept for sure: the percentage is of this
}

// percent is by how many percent a heap may grow until it is collected.
func (h *heapState) percent() int {
	switch {
	case h.scanned <= 0:
		return mostGC
	case h.live > fileHeapBytes:
		return fileGC
	}
	return int(min(max((usualBytes-h.live-h.stacks)*100/h.scanned, leastGC), mostGC))
}

func lastHeap() *heapState {
	parts := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"},
		{Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"},
	}
	metrics.Read(parts)
	var bytes [4]int64
	for i, part := range parts {
		if part.Value.Kind() == metrics.KindUint64 {
			bytes[i] = int64(part.Value.Uint64())
		}
	}
	return &heapState{live: bytes[0], stacks: bytes[1], scanned: bytes[0] + bytes[2] + bytes[3]}
}

// A heapTuner sets the percentage after each collection.
type heapTuner struct{ percent int }

// tune sets it now, and again after the next collection: that finds a value which nobody has, and
// calls what is to be done with such ones.
func (t *heapTuner) tune() {
	if percent := lastHeap().percent(); percent != t.percent {
		t.percent = percent
		debug.SetGCPercent(percent)
	}
	runtime.AddCleanup(new([16]byte), (*heapTuner).tune, t)
}

// tuneMemory says how memory is collected, unless the environment does, and returns how much there
// is; 0 if that is not known.
func (s *serving) tuneMemory() size {
	if os.Getenv("GOGC") == "" {
		new(heapTuner).tune()
	}
	memory := halfOfMemory()
	if os.Getenv("GOMEMLIMIT") == "" {
		limitMemory(memory)
	}
	return memory
}
