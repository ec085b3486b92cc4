package durable

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// Exchange uses renameat2. Some containers refuse system calls that they do not know, so
// a refusal counts as unsupported. If the file itself is the reason, Rename finds that too.
func (osFS) Exchange(a, b string) error {
	for {
		err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EINVAL), errors.Is(err, unix.EPERM), errors.Is(err, errors.ErrUnsupported):
			return errors.ErrUnsupported
		default:
			return &os.LinkError{Op: "exchange", Old: a, New: b, Err: err}
		}
	}
}
