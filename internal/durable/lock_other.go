//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package durable

import "errors"

// TryLock does nothing, as Windows and the other systems have no flock. There, two runs at
// the same time may leave files of both, and the temps of a killed run stay until
// somebody removes them.
func (f *osFile) TryLock() (bool, error) {
	return false, errors.ErrUnsupported
}
