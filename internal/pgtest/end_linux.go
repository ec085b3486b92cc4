package pgtest

import (
	"os/exec"
	"syscall"
)

// endWithUs lets a server end where the test is killed.
func endWithUs(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT }
