//go:build !purego

//lint:file-ignore U1000 the assembly uses the constants

package orders

import (
	"unsafe"

	"process-orders/internal/columns"
)

// goAlong follows edges from pos on: see goAlongPortably.
func (f *run) goAlong(pos int, at *vertex) (why leave, end int, to *vertex, last *edge) {
	if !f.bitmaps.wide {
		return f.goAlongPortably(pos, at)
	}
	return goAlongWide(f, pos, at)
}

//go:noescape
func goAlongWide(f *run, pos int, at *vertex) (why leave, end int, to *vertex, last *edge)

// What the assembly needs to know of the columns.
const (
	lineBytes   = unsafe.Sizeof(columns.Line{})
	lineItem    = unsafe.Offsetof(columns.Line{}.Item)
	linePrice   = unsafe.Offsetof(columns.Line{}.Price)
	lineAt      = unsafe.Offsetof(columns.Line{}.At)
	orderBytes  = unsafe.Sizeof(columns.Order{})
	orderStart  = unsafe.Offsetof(columns.Order{}.Start)
	orderEnd    = unsafe.Offsetof(columns.Order{}.End)
	orderPhone  = unsafe.Offsetof(columns.Order{}.Phone)
	orderName   = unsafe.Offsetof(columns.Order{}.Name)
	orderLines  = unsafe.Offsetof(columns.Order{}.Lines)
	orderNumber = unsafe.Offsetof(columns.Order{}.Number)
	orderTime   = unsafe.Offsetof(columns.Order{}.Time)
)
