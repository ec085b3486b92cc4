package durable

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// linkUnnamed writes a file without a name and then gives it one, so that a kill leaves
// nothing behind. The error is errors.ErrUnsupported if the file system cannot do that.
func linkUnnamed(folder, name string, content []byte) error {
	fd, err := unix.Open(folder, unix.O_TMPFILE|unix.O_WRONLY|unix.O_CLOEXEC, uint32(newFileMode))
	if err != nil { // another way fails too, and says why, or it works
		return errors.ErrUnsupported
	}
	file := os.NewFile(uintptr(fd), name)
	defer file.Close()
	if _, err := file.Write(content); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	err = unix.Linkat(unix.AT_FDCWD, fmt.Sprintf("/proc/self/fd/%d", fd), unix.AT_FDCWD, name, unix.AT_SYMLINK_FOLLOW)
	if err != nil && !errors.Is(err, unix.EEXIST) { // such as a system without /proc
		return errors.ErrUnsupported
	}
	return err
}
