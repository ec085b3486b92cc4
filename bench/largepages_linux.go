package main

import "syscall"

// largePages asks for large pages: with small ones it takes longer to touch the memory.
func largePages(memory []byte) {
	_ = syscall.Madvise(memory, syscall.MADV_HUGEPAGE)
}
