//go:build (linux || darwin || freebsd) && !race

package main

import (
	"sync/atomic"
	"syscall"
	"unsafe"
)

// If Go's runtime cannot go on, it prints pages about itself and ends the process with 2,
// which means wrong usage here. It does so if the system gives no more memory or threads,
// even before the first line of this program runs, and no Go code can catch that.
//
// All that the runtime prints goes through runtime.overrideWrite, if it is set. So this
// function is set there by the linker. It looks for the words with which the end of the
// process starts, says in one line what ran out, and ends the process with 1.
//
// The runtime keeps that variable for the program golang.zx2c4.com/wireguard/windows. If
// it should go, the variable is ours alone and does nothing, and the tests notice.
//
//go:linkname overrideWrite runtime.overrideWrite
var overrideWrite func(fd uintptr, p unsafe.Pointer, n int32) int32 = writeOrEnd

// A crash is how the runtime starts to say that it cannot go on, and what we say instead.
type crash struct{ prefix, line string }

const (
	noMemory  = "process-orders: the system gives no more memory (ulimit -v, or a container's limit); --memory SIZE makes a run take less\n"
	noThreads = "process-orders: the system gives no more threads (ulimit -u, or a container's limit); --workers N makes a run take fewer\n"
	noFiles   = "process-orders: the system gives no more file handles (ulimit -n)\n"
	ourFault  = "process-orders: a mistake in process-orders itself ended it; please report it, with what it prints if GOTRACEBACK=all is set\n"
)

// Most are printed in pieces, of which these are the starts.
var crashes = [...]crash{
	{"runtime: out of memory", noMemory},
	{"runtime: cannot map pages", noMemory},
	{"runtime: failed to create new OS thread", noThreads},
	{"runtime: epollcreate failed", noFiles},
	{"runtime: eventfd failed", noFiles},
	{"runtime: kqueue failed", noFiles},
	{"runtime: pipe failed", noFiles},
	{"panic: ", ourFault},
	// Behind "fatal error: ", which is a piece by itself:
	{"out of memory", noMemory},
	{"runtime: cannot allocate", noMemory},
	{"failed to reserve", noMemory},
	{"cannot allocate", noMemory},
	{"bad summary data", noMemory},
	{"newosproc", noThreads},
	{"runtime.newosproc", noThreads},
	{"runtime: netpollinit failed", noFiles},
}

// fatal is the piece before the reason.
const fatal = "fatal error: "

var (
	// crashesPass is not 0 if the runtime's own text is wanted.
	crashesPass uint32
	// isFatal is not 0 if the piece before was fatal.
	isFatal uint32
)

// passCrashes lets the runtime print its pages, and end the process in its own way.
func passCrashes(pass bool) {
	var to uint32
	if pass {
		to = 1
	}
	atomic.StoreUint32(&crashesPass, to)
}

// writeOrEnd runs while memory cannot be allocated and stacks cannot grow.
//
//go:nosplit
//go:norace
func writeOrEnd(fd uintptr, p unsafe.Pointer, n int32) int32 {
	if atomic.LoadUint32(&crashesPass) == 0 {
		for i := range crashes {
			if startsWith(p, n, crashes[i].prefix) {
				end(crashes[i].line)
			}
		}
		if atomic.LoadUint32(&isFatal) != 0 {
			end(ourFault)
		}
		if startsWith(p, n, fatal) {
			atomic.StoreUint32(&isFatal, 1)
			return n
		}
	}
	r, _, _ := syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(p), uintptr(n))
	return int32(r)
}

//go:nosplit
//go:norace
func startsWith(p unsafe.Pointer, n int32, prefix string) bool {
	if int(n) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if *(*byte)(unsafe.Add(p, i)) != prefix[i] {
			return false
		}
	}
	return true
}

// end prints the line and ends the process.
//
//go:nosplit
//go:norace
func end(line string) {
	syscall.RawSyscall(syscall.SYS_WRITE, 2, uintptr(unsafe.Pointer(unsafe.StringData(line))), uintptr(len(line)))
	syscall.RawSyscall(sysExit, exitFailed, 0, 0)
}
