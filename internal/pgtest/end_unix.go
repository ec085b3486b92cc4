//go:build unix && !linux

package pgtest

import "os/exec"

// endWithUs does nothing: only Linux can make a server end when the test is killed.
func endWithUs(*exec.Cmd) {}
