package pgtest

import (
	"os/exec"
	"syscall"
)

// endWithUs makes a server end when the test is killed.
func endWithUs(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT }
