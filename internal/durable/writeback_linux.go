package durable

import (
	"os"

	"golang.org/x/sys/unix"
)

// beginWriteback has the system begin to write a part of a file to the disk. It
// waits for nothing and promises nothing: what goes wrong is told by fsync.
func beginWriteback(file *os.File, from, n int64) {
	if raw, err := file.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			_ = unix.SyncFileRange(int(fd), from, n, unix.SYNC_FILE_RANGE_WRITE)
		})
	}
}
