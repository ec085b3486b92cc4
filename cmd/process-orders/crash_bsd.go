//go:build darwin || freebsd

package main

import "syscall"

// sysExit ends the process with all its threads.
const sysExit = syscall.SYS_EXIT
