//go:build unix && !linux

package pgtest

import "os/exec"

// endWithUs would let a server end where the test is killed, which only Linux does.
func endWithUs(*exec.Cmd) {}
