package orders

import (
	"bytes"
	"hash/crc32"

	"process-orders/internal/columns"
	"process-orders/internal/timestamp"
)

// traits are what tells two orders with one id apart: the time, the phone and the lines,
// each as a number that is the same for what is the same. They are the same in every run.
// Several forms of one order, as two exports of it have them, have the same numbers: that of
// a time is of the moment, that of a phone of its last digits.
// A trait that is missing is 0.
type traits [3]uint16

// areOthers reports whether two orders have at least two traits, and none is the same. A
// trait that one of them lacks says nothing.
func (t traits) areOthers(u traits) bool {
	differ := 0
	for i := range t {
		switch {
		case t[i] == 0 || u[i] == 0:
		case t[i] == u[i]:
			return false
		default:
			differ++
		}
	}
	return differ >= 2
}

// A traitsReader finds the traits of the orders of a chunk, and in which lines of it they
// start. That is work, and not left to the cursor.
type traitsReader struct {
	all    []traits
	starts []chunkLine
	buf    [16]byte
}

// A chunkLine is a line of a chunk: how many newlines are before it, and the offset at which
// it starts, or -1 if that is in an earlier chunk.
type chunkLine struct{ newlines, start int32 }

// of finds the traits of all orders that are there, if they have ids.
func (r *traitsReader) of(b *columns.Orders) {
	r.all, r.starts = r.all[:0], r.starts[:0]
	if !b.HasIDs {
		return
	}
	at, done := chunkLine{0, -1}, 0
	for i := range b.All {
		start := int(b.All[i].Start)
		between := b.Data[done:start]
		if n := bytes.Count(between, newline); n > 0 {
			at.newlines += int32(n)
			at.start = int32(done + bytes.LastIndexByte(between, '\n') + 1)
		}
		done = start
		r.all, r.starts = append(r.all, r.traits(b, i)), append(r.starts, at)
	}
}

func (r *traitsReader) traits(b *columns.Orders, i int) traits {
	time := trait(uint64(crc32.Checksum(b.Time(i), castagnoli)))
	if placed := b.Details[i].Placed; placed != timestamp.None {
		time = trait(uint64(placed/1000) + 1)
	}
	phone := crc32.Checksum(lastDigits(b.Phone(i), r.buf[:0]), castagnoli)
	lines := uint64(0)
	for j, to := b.LineRange(i); j < to; j++ {
		item := crc32.Checksum(b.Item(j), castagnoli)
		lines += uint64(crc32.Update(item, castagnoli, withoutZeros(b.Price(j)))) // in any order
	}
	return traits{time, trait(uint64(phone)), trait(lines)}
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// trait makes a trait of a number: 0 only of 0.
func trait(n uint64) uint16 {
	if n == 0 {
		return 0
	}
	return uint16(n*0x9e3779b97f4a7c15>>48) | 1
}

// lastDigits are the digits of a phone that all ways to write it have. A phone with few
// digits is taken as it is.
func lastDigits(phone, buf []byte) []byte {
	const some = 7
	digits := buf
	for i := len(phone) - 1; i >= 0 && len(digits) < some; i-- {
		if isDigit(phone[i]) {
			digits = append(digits, phone[i])
		}
	}
	if len(digits) < some {
		return phone
	}
	return digits
}

// withoutZeros is a decimal without the zeros at its end that change nothing.
func withoutZeros(decimal []byte) []byte {
	if bytes.IndexByte(decimal, '.') < 0 {
		return decimal
	}
	return bytes.TrimRight(bytes.TrimRight(decimal, "0"), ".")
}
