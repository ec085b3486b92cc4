//go:build !purego

package table

import "unsafe"

// prefetch asks for the memory that pointers point to, which is to be written. It waits for none
// of it.
//
//go:noescape
func prefetch(first *unsafe.Pointer, count int)
