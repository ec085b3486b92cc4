package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// A server keeps little if few use it, so that its heap would be collected all the time at the
// usual percentage: it may grow to usualHeapBytes first, which many orders a second need. With
// thousands of connections what is kept is nearly as much, and the memory counts more than the time
// of the collector: the heap grows by leastGC percent then. If it keeps more than fileHeapBytes, a
// file is being applied: that is over soon, and time counts again.
const (
	usualHeapBytes = 64 << 20
	fileHeapBytes  = 128 << 20
	leastGC        = 50
	fileGC         = 100
	mostGC         = 400
)

// heapPercent is by how many percent a heap may grow until it is collected. Kept is what it and
// the stacks of goroutines have kept in the last collection, of which the percentage is.
func heapPercent(kept int64) int {
	switch {
	case kept <= 0:
		return mostGC
	case kept > fileHeapBytes:
		return fileGC
	}
	return int(min(max((usualHeapBytes-kept)*100/kept, leastGC), mostGC))
}

// keptBytes is what the last collection has kept.
func keptBytes() (kept int64) {
	parts := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}
	metrics.Read(parts)
	for _, part := range parts {
		if part.Value.Kind() == metrics.KindUint64 {
			kept += int64(part.Value.Uint64())
		}
	}
	return kept
}

// A heapTuner sets the percentage after each collection.
type heapTuner struct{ percent int }

// tune sets it now, and again after the next collection: that finds a value which nobody has, and
// calls what is to be done with such ones.
func (t *heapTuner) tune() {
	if percent := heapPercent(keptBytes()); percent != t.percent {
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
