//go:build !(darwin || linux)

package durable

import "errors"

// Exchange is for systems that have a call for it.
func (osFS) Exchange(_, _ string) error { return errors.ErrUnsupported }
