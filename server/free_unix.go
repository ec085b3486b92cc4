//go:build linux || darwin

package server

import "golang.org/x/sys/unix"

// freeBytesOf is how much room there is on the disk of a folder, if that is known.
func freeBytesOf(folder string) (int64, bool) {
	var disk unix.Statfs_t
	if err := unix.Statfs(folder, &disk); err != nil {
		return 0, false
	}
	return int64(disk.Bavail) * int64(disk.Bsize), true
}
