package fold

import (
	"slices"

	"process-orders/internal/columns"
	"process-orders/internal/version"
)

// versions are those of the orders that are being folded. Entries refer to them: see handle.
type versions struct {
	from, firstLine int // the first of the orders, and of its lines
	times           []int64
	texts           []byte // the Orders of the versions, one after the other
	ends            []int  // of each of them
	orderOf         []uint32
	// sorted are the indexes of the orders, by version. It is empty if they come in that
	// order.
	sorted []int
}

// prepare reads the versions of the orders i with from <= i < to.
func (v *versions) prepare(c *columns.Orders, from, to int) {
	v.from = from
	v.firstLine, _ = c.LineRange(from)
	v.times, v.texts, v.ends, v.orderOf, v.sorted = v.times[:0], v.texts[:0], v.ends[:0], v.orderOf[:0], v.sorted[:0]
	isSorted := true
	for i := from; i < to; i++ {
		v.times = append(v.times, c.VersionTime(i))
		v.texts = c.AppendVersionOrder(v.texts, i)
		v.ends = append(v.ends, len(v.texts))
		first, end := c.LineRange(i)
		for range end - first {
			v.orderOf = append(v.orderOf, uint32(i-from))
		}
		isSorted = isSorted && (i == from || v.compare(i-from-1, i-from) <= 0)
	}
	if isSorted {
		return
	}
	for i := range v.times {
		v.sorted = append(v.sorted, i)
	}
	slices.SortFunc(v.sorted, v.compare)
}

// of returns the version of the i-th of the orders, without a line.
func (v *versions) of(i int) version.Version {
	start := 0
	if i > 0 {
		start = v.ends[i-1]
	}
	return version.Version{Time: v.times[i], Order: v.texts[start:v.ends[i]]}
}

func (v *versions) compare(i, j int) int { return v.of(i).Compare(v.of(j)) }

// lineBits is how many bits of a handle say which line it is.
const lineBits = 32

// handle is what an entry has instead of a position, if orders are versioned: the index of the
// order, and the line in it.
func (v *versions) handle(i, line int) int64 { return int64(i)<<lineBits | int64(line) }

// lineHandle is the handle of the j-th line.
func (v *versions) lineHandle(c *columns.Orders, j int) int64 {
	i := int(v.orderOf[j-v.firstLine])
	first, _ := c.LineRange(v.from + i)
	return v.handle(i, j-first)
}

// at returns the version of a handle.
func (v *versions) at(handle int64) version.Version {
	version := v.of(int(handle >> lineBits))
	version.Line = handle & (1<<lineBits - 1)
	return version
}
