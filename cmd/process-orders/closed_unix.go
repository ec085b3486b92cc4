//go:build unix

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// wasClosed reports whether a standard stream was closed when this process was started.
// Go's runtime opens the null device in its place, for reading and writing, before any of
// our code runs, so that is what there is to see. Whoever discards output on purpose opens
// the device for writing only, as a shell does for >/dev/null, or gives one open file to
// several streams. A program that opens it for reading and writing, for one stream alone,
// looks like one that closes the stream.
func wasClosed(stream any) bool {
	file, ok := stream.(*os.File)
	if !ok {
		return false
	}
	fd := int(file.Fd())
	var here, null unix.Stat_t
	if unix.Fstat(fd, &here) != nil || unix.Stat(os.DevNull, &null) != nil ||
		here.Mode&unix.S_IFMT != unix.S_IFCHR || here.Rdev != null.Rdev {
		return false
	}
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil || flags&unix.O_ACCMODE != unix.O_RDWR {
		return false
	}
	for other := range 3 {
		if other != fd && areOne(fd, other, flags) {
			return false
		}
	}
	return fd < 3
}

// areOne reports whether two descriptors are of one open file: then they share its flags.
// For the null device, the flag that is tried means nothing.
func areOne(a, b, flags int) bool {
	before, err := unix.FcntlInt(uintptr(b), unix.F_GETFL, 0)
	if err != nil {
		return false
	}
	if _, err := unix.FcntlInt(uintptr(a), unix.F_SETFL, flags^unix.O_APPEND); err != nil {
		return false
	}
	after, err := unix.FcntlInt(uintptr(b), unix.F_GETFL, 0)
	_, _ = unix.FcntlInt(uintptr(a), unix.F_SETFL, flags)
	return err == nil && before != after
}
