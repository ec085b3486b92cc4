//go:build !linux

package durable

import "errors"

// linkUnnamed is for Linux, where a file can be given a name after it was made.
func linkUnnamed(_, _ string, _ []byte) error { return errors.ErrUnsupported }
