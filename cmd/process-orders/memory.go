package main

import (
	"runtime/debug"
	"strconv"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// max32Bit is the most memory that a 32-bit build assumes, as it cannot address more than 2
// to 4 GiB, and running out of that is a crash.
const max32Bit = 2 << 30

// halfOfMemory is half of the memory of the machine, or of the container this runs in; 0 if
// neither is known.
func halfOfMemory() size {
	n, err := memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem)()
	if system, e := memlimit.FromSystem(); e == nil && (err != nil || system < n) {
		n, err = system, nil
	}
	if strconv.IntSize == 32 && (err != nil || n > max32Bit) {
		n, err = max32Bit, nil
	}
	if err != nil {
		return 0
	}
	return size(n / 2)
}

// What a run takes besides its records: the program, and what each worker reads into.
const (
	programBytes = 24 << 20
	workerBytes  = 4 << 20
)

// forRecords is how much memory the records of a run may take. The rest is for what they
// leave behind while they grow, until it is collected.
func forRecords(memory size, workers int) int64 {
	if memory == 0 {
		return 0
	}
	rest := int64(memory) - programBytes - int64(workers)*workerBytes
	return max(rest*3/4, minMemory/8)
}

// What a store takes, which the collector does not know of either: a cache, which is a share
// of the run's memory and no more than makes it faster, and what it needs besides.
const (
	cacheShare    = 32
	maxCacheBytes = 16 << 20
	storeBytes    = 4 << 20
)

// forCache is how much of the memory a store may take for its cache; 0 is the store's
// default.
func forCache(memory size) size { return min(memory/cacheShare, maxCacheBytes) }

// limitMemory makes the garbage collector keep the whole program within that memory. The
// function that it returns undoes that.
func limitMemory(memory size) (undo func()) {
	if memory == 0 {
		return func() {}
	}
	old := debug.SetMemoryLimit(int64(memory) - programBytes) // which the collector does not know of
	return func() { debug.SetMemoryLimit(old) }
}
