//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package durable

import (
	"errors"
	"syscall"
)

// TryLock uses flock. Its lock belongs to the open file, so that two Sets of one process
// exclude each other too, and the system releases it when the process dies.
func (f *osFile) TryLock() (bool, error) {
	for {
		switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		case errors.Is(err, syscall.ENOLCK): // NFS without its lock service
			return false, errors.ErrUnsupported
		case !errors.Is(err, syscall.EINTR):
			return false, err
		}
	}
}
