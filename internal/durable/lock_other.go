//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package durable

import "errors"

// TryLock does nothing: Windows and the rest have no flock. There, two runs at
// once may leave files of both, and a killed run's temps stay until someone
// removes them.
func (f *osFile) TryLock() (bool, error) {
	return false, errors.ErrUnsupported
}
