package records

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const hugePage = 2 << 20

// adviseHuge asks for large pages for memory that is not used yet, and for what
// shares such a page with it. The first use of each page costs a trip to the
// system, and 4 KiB a trip is slow for a table that just doubled.
func adviseHuge(records []record) {
	size := uintptr(len(records)) * unsafe.Sizeof(record{})
	if size < hugePage/8 {
		return
	}
	start := uintptr(unsafe.Pointer(&records[0])) &^ (hugePage - 1)
	end := (uintptr(unsafe.Pointer(&records[0])) + size + hugePage - 1) &^ (hugePage - 1)
	// It is advice: where it cannot be taken nothing is lost.
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, start, end-start, unix.MADV_HUGEPAGE)
}
