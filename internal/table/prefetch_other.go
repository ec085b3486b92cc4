//go:build !amd64 || purego

package table

import (
	"runtime"
	"unsafe"
)

// prefetch asks for the memory that pointers point to: the processor waits for all of it at once.
func prefetch(first *unsafe.Pointer, count int) {
	sum := byte(0)
	for _, p := range unsafe.Slice(first, count) {
		sum += *(*byte)(p)
	}
	runtime.KeepAlive(sum)
}
