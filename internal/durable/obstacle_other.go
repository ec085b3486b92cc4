//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package durable

// Obstacle knows none here. A rename that fails is undone.
func (osFS) Obstacle(string) error { return nil }
