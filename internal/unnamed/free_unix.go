//go:build linux || darwin

package unnamed

import (
	"cmp"
	"os"

	"golang.org/x/sys/unix"
)

// FreeBytes is how much room there is in a folder, "" being that for temporary files, and whether
// that is known.
func FreeBytes(folder string) (int64, bool) {
	var disk unix.Statfs_t
	if err := unix.Statfs(cmp.Or(folder, os.TempDir()), &disk); err != nil {
		return 0, false
	}
	return int64(disk.Bavail) * int64(disk.Bsize), true
}
