package main

import (
	"context"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A virtual machine may give free memory back to its host. It gets it again when a program
// first touches it, and that takes many times longer than to clear memory that it still
// has. So a run is slower if the machine has been idle for some seconds, and the slower the
// more memory it touches. Before each run the state of the memory is therefore made the same:
//
//   - warm: memory is touched and freed right before the run, more than the run needs.
//   - cold: nothing is touched for coldWait, so free memory goes back.
const coldWait = 15 * time.Second

const (
	// aside is for what a run holds beside its own memory, as its outputs in the page cache.
	aside = 512 << 20
	// keptFree stays free when memory is touched, so that no file leaves the page cache.
	keptFree = 1 << 30
)

// needed is how much memory to touch before a run. peak is what the program held in its runs
// before, or 0 at its first. Three times as much stays warm for longer: while a run takes
// some seconds, free memory goes back.
func needed(inputBytes, peak int64) int64 {
	if peak == 0 {
		return aside + 4*inputBytes
	}
	return aside + 3*peak
}

// touch touches memory and frees it, in pages as large as the system has. It touches less if
// less is free, and returns how long it took.
func touch(bytes int64) (time.Duration, error) {
	if free, ok := freeMemory(); ok {
		bytes = min(bytes, free-keptFree)
	}
	if bytes <= 0 {
		return 0, nil
	}
	start := time.Now()
	memory, err := syscall.Mmap(-1, 0, int(bytes), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return 0, err
	}
	largePages(memory)
	const page = 4 << 10
	for i := 0; i < len(memory); i += page {
		memory[i] = 1
	}
	took := time.Since(start)
	return took, syscall.Munmap(memory)
}

// freeMemory is what no program and no cached file holds, if the system says so.
func freeMemory() (int64, bool) {
	kilobytes, _, ok := strings.Cut(field("/proc/meminfo", "MemFree", ":"), " ")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(kilobytes, 10, 64)
	return n << 10, err == nil
}

// idle waits until free memory has gone back.
func idle(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(coldWait):
		return nil
	}
}

// Touching is how long it took to touch 1 GiB.
type Touching struct {
	WarmSeconds float64 `json:"warm_seconds"` // right after it was touched before
	ColdSeconds float64 `json:"cold_seconds"` // after coldWait
}

// measureTouching measures what the state of the memory means on this machine.
func measureTouching(ctx context.Context) (*Touching, error) {
	const bytes = 1 << 30
	if _, err := touch(2 * bytes); err != nil {
		return nil, err
	}
	warm, err := touch(bytes)
	if err == nil {
		err = idle(ctx)
	}
	if err != nil {
		return nil, err
	}
	cold, err := touch(bytes)
	return &Touching{warm.Seconds(), cold.Seconds()}, err
}
