package orders

import (
	"bytes"
	"slices"
)

// dropOld drops what a chunk has of the orders that end at or before the point from which
// the source has grown, see [input.Source.From]. They were counted before.
func (c *cursor) dropOld(chunk *chunk) {
	from := chunk.block.From
	if from == 0 {
		return
	}
	b := &chunk.findings
	joined, _ := chunk.origin.(*joinedText)
	isOld := func(start, end int) bool {
		if joined != nil {
			return joined.IsOld(c.at.offset + int64(max(start, end-1)))
		}
		end = start + len(bytes.TrimRight(b.Data[start:end], "\r\n"))
		return c.at.offset+int64(end) <= from
	}
	if joined == nil && c.at.offset+int64(b.rest) <= from {
		clear(b.skipped)
	}
	b.keepOrders(func(i int) bool { return !isOld(int(b.All[i].Start), int(b.All[i].End)) })
	b.faults = slices.DeleteFunc(b.faults, func(f fault) bool { return isOld(f.start, f.end) })
	b.remarks = slices.DeleteFunc(b.remarks, func(r remark) bool {
		_, kept := b.find(r.number)
		return isOld(int(r.start), int(r.start)+1) && !kept
	})
}

// rejectsEnd is the offset in the data at which the last order ends that cannot be accepted; 0
// if there is none, or it may go on when the source has grown, as rows and torn lines do.
func (c *cursor) rejectsEnd(b *findings) int {
	if len(b.faults) == 0 || len(b.groups) > 0 || c.program.mapping.CSV {
		return 0
	}
	f := &b.faults[len(b.faults)-1]
	end := f.start + len(bytes.TrimRight(b.Data[f.start:f.end], "\r\n"))
	if f.reason == reasonSyntax || b.Data[f.start] != '{' || b.Data[end-1] != '}' {
		return 0
	}
	return end
}

// keepOrders drops all orders that are not to be kept.
func (s *findings) keepOrders(keep func(i int) bool) {
	orders, lines, from := 0, 0, 0
	for i := range s.All {
		to := int(s.All[i].Lines)
		if keep(i) {
			if orders < i {
				copy(s.AllLines[lines:], s.AllLines[from:to])
				if len(s.LineDetails) > 0 {
					copy(s.LineDetails[lines:], s.LineDetails[from:to])
				}
				if len(s.Details) > 0 {
					s.Details[orders] = s.Details[i]
				}
				s.All[orders] = s.All[i]
				s.All[orders].Lines = uint32(lines + to - from)
			}
			orders++
			lines += to - from
		}
		from = to
	}
	s.All = s.All[:orders]
	s.Details = s.Details[:min(orders, len(s.Details))]
	s.CutLines(lines)
}
