package table

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const hugePageBytes = 2 << 20

// adviseHugePages asks for huge pages for memory that is not used yet, and for what shares
// such a page with it. The first use of each page is a page fault, and one for each 4 KiB
// is slow for a table that just doubled.
func adviseHugePages[T any](list []T) {
	size := uintptr(len(list)) * unsafe.Sizeof(list[0])
	if size < hugePageBytes/8 {
		return
	}
	start := uintptr(unsafe.Pointer(&list[0])) &^ (hugePageBytes - 1)
	end := (uintptr(unsafe.Pointer(&list[0])) + size + hugePageBytes - 1) &^ (hugePageBytes - 1)
	// This is advice: nothing is lost if the system does not take it.
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, start, end-start, unix.MADV_HUGEPAGE)
}
