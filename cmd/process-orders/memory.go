package main

import (
	"runtime/debug"
	"strconv"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"process-orders/orders"
)

// max32Bit is the most memory that a 32-bit build assumes, as it cannot address more than 2
// to 4 GiB, and running out of that is a crash.
const max32Bit = 2 << 30

// halfOfMemory is half of the memory of the machine, or of the container this runs in, but
// not less than a run needs, if there is that much; 0 if neither is known.
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
	return size(max(n/2, min(n, minMemory)))
}

// What a run takes besides its records: the program, what each worker reads into, and what
// is made of that. A table in docs/rules.md says the same.
const (
	programBytes = 24 << 20
	workerBytes  = 4 << 20
	// workersShare is the part of the memory that all workers may take. With more of them
	// than that allows, fewer run.
	workersShare = 8
)

// forWorkers is how many workers there is memory for, of so many that are wanted.
func forWorkers(memory size, workers int) int {
	if memory == 0 {
		return workers
	}
	return max(1, min(workers, int(memory/workersShare/workerBytes)))
}

// A worker reads a block at a time, and takes about 30 times its size if the block is full
// of short orders. So with little memory a block is smaller.
const (
	blocksShare     = 512
	minBlockBytes   = 128 << 10
	usualBlockBytes = 512 << 10
)

// forBlock is how much is read at once; 0 is the default.
func forBlock(memory size) int {
	if memory == 0 || memory/blocksShare >= usualBlockBytes {
		return 0
	}
	return int(max(minBlockBytes, memory/blocksShare))
}

// One order takes a share of the memory, as it is in memory as a whole; of its text alone
// there are some four copies at once.
const (
	orderShare    = 64
	minOrderBytes = 1 << 20
	orderCopies   = 4
)

// forOrder is how large one order may be: whole MiB, as messages name it.
func forOrder(memory size) int {
	if memory == 0 {
		return 0
	}
	return int(min(orders.MaxOrderBytes, max(minOrderBytes, memory/orderShare&^(1<<20-1))))
}

// A zstd file is read through a window. Without --long, zstd makes one of 8 MiB at most, so
// that much is read in any case.
const (
	windowShare    = 8
	minWindowBytes = 8 << 20
	maxWindowBytes = 128 << 20
)

// forWindow is how much the window of a zstd file may take.
func forWindow(memory size) int64 {
	if memory == 0 {
		return 0
	}
	return int64(min(maxWindowBytes, max(minWindowBytes, memory/windowShare)))
}

// What check compares beyond the records takes a share too; when that is full it stops
// counting.
const checkShare = 16

// forCheck is how much memory the phones may take that check compares; 0 means any.
func forCheck(memory size) int64 { return int64(memory / checkShare) }

// minRecordBytes is for records in any case: with less, they would go to disk in pieces that
// are too small.
const minRecordBytes = 8 << 20

// recordsOf of recordsFrom parts of the rest are for records.
const recordsOf, recordsFrom = 7, 8

// forRecords is how much memory the records of a run may take. The rest is
// for what they leave behind while they grow, until it is collected.
func forRecords(memory size, workers int) int64 {
	if memory == 0 {
		return 0
	}
	rest := int64(memory) - programBytes - int64(workers)*workerBytes - orderCopies*int64(forOrder(memory)) - forWindow(memory)
	return max(rest*recordsOf/recordsFrom, minRecordBytes)
}

// What a store takes, which the collector does not know of either: a cache, which is a share
// of the run's memory and no more than makes it faster, and what it needs besides.
const (
	cacheShare    = 32
	maxCacheBytes = 64 << 20
	storeBytes    = 4 << 20
)

// forCache is how much of the memory a store may take for its cache; 0 is the store's
// default.
func forCache(memory size) size { return min(memory/cacheShare, maxCacheBytes) }

// The cache of a server is the part of its memory that a file may take. Orders come for customers all
// over the file, so that a cache would have to hold most of it to be of use; the system's own holds it
// already. Larger caches made no server faster here, and SQLite takes twice their size.
const (
	serveCacheShare    = 8
	maxServeCacheBytes = 8 << 20
)

// serveCache is how much of a file a server keeps in memory.
func serveCache(memory size) int64 {
	if memory == 0 {
		return maxServeCacheBytes
	}
	return int64(min(memory/serveCacheShare, maxServeCacheBytes))
}

// limitMemory makes the garbage collector keep the whole program within that memory. The
// function that it returns undoes that.
func limitMemory(memory size) (undo func()) {
	if memory == 0 {
		return func() {}
	}
	old := debug.SetMemoryLimit(int64(memory) - programBytes) // which the collector does not know of
	return func() { debug.SetMemoryLimit(old) }
}
