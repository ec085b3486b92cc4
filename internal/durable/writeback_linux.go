package durable

import (
	"os"

	"golang.org/x/sys/unix"
)

// startWriteback asks the system to start writing n bytes of a file, from an offset on, to
// the disk. It does not wait, and guarantees nothing: fsync will report what went wrong.
func startWriteback(file *os.File, from, n int64) {
	if raw, err := file.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			_ = unix.SyncFileRange(int(fd), from, n, unix.SYNC_FILE_RANGE_WRITE)
		})
	}
}
