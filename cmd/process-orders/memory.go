package main

import (
	"math"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// size is a flag's number of bytes: 512MiB, 2G, 1.5GB, 4096.
type size int64

func (s *size) String() string {
	switch n := int64(*s); {
	case n == 0:
		return ""
	case n%(1<<30) == 0:
		return strconv.FormatInt(n>>30, 10) + "GiB"
	case n%(1<<20) == 0:
		return strconv.FormatInt(n>>20, 10) + "MiB"
	default:
		return strconv.FormatInt(n, 10)
	}
}

func (s *size) Type() string { return "SIZE" }

// A bare K, M, G or T is a power of 1,024, as memory is sold.
var units = map[string]float64{
	"": 1, "b": 1,
	"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40,
	"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
	"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
}

// minMemory is what a run takes with hardly any records.
const minMemory = 64 << 20

func (s *size) Set(text string) error {
	digits := strings.TrimRight(strings.ToLower(strings.TrimSpace(text)), "kmgtib ")
	unit, ok := units[strings.TrimSpace(strings.ToLower(strings.TrimSpace(text))[len(digits):])]
	n, err := strconv.ParseFloat(digits, 64)
	if bytes := n * unit; !ok || err != nil || !(bytes >= 0) || bytes >= math.MaxInt64 {
		return wrongUsage("want a size such as 512MiB or 2G")
	} else if bytes < minMemory {
		return wrongUsage("want at least 64MiB")
	} else {
		*s = size(bytes)
	}
	return nil
}

// max32Bit is how much memory is taken for the machine's in a build for 32 bits,
// which can reach no more than 4 GiB, or 2 GiB on some systems, however much
// there is. The limit must come before that: running out of it is a crash.
const max32Bit = 2 << 30

// halfOfMemory is half of what the machine, or the container this runs in, has;
// 0 where neither tells.
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

// What a run takes besides its records: the program, and what each worker reads
// into.
const (
	programBytes = 24 << 20
	workerBytes  = 4 << 20
)

// forRecords is how much of the memory that a run may take its records may. The
// rest is for what they leave behind while they grow, until it is collected.
func forRecords(memory size, workers int) int64 {
	if memory == 0 {
		return 0
	}
	rest := int64(memory) - programBytes - int64(workers)*workerBytes
	return max(rest*3/4, minMemory/8)
}

// limitMemory makes the garbage collector keep the whole program within that
// memory, and returns how to undo it.
func limitMemory(memory size) (undo func()) {
	if memory == 0 {
		return func() {}
	}
	old := debug.SetMemoryLimit(int64(memory) - programBytes) // of which the collector knows nothing
	return func() { debug.SetMemoryLimit(old) }
}
