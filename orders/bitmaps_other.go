//go:build !amd64 || purego

package orders

const hasWide = false

func makeLanes(_, _, _, _ *byte, _ int) int { panic("unreachable") }

func makeRowLanes(_ *byte, _, _ *uint64, _, _, _ byte, _ int) { panic("unreachable") }

func (f *run) goAlong(pos int, at *vertex) (why leave, end int, to *vertex, last *edge) {
	return f.goAlongPortably(pos, at)
}
