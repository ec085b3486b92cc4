package unnamed

import (
	"cmp"
	"os"

	"golang.org/x/sys/unix"
)

// createUnnamed makes a file in the folder that never has a name there.
func createUnnamed(folder string) (*os.File, error) {
	return os.OpenFile(cmp.Or(folder, os.TempDir()), os.O_RDWR|unix.O_TMPFILE, 0o600)
}
