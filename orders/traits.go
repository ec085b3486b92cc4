package orders

import (
	"bytes"
	"encoding/binary"
	"math/bits"

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

// knownOrders are what the cursor keeps of the orders of a chunk: their ids, their traits and
// where they start, seen from the start of the chunk. To find these is work, which is not
// left to the cursor.
type knownOrders struct {
	ids    []id
	traits []traits
	starts []location
	text   []byte // scratch
}

// of finds all that is kept of the orders of a shop, if they have ids. It also returns where
// the rest starts: both count lines, and so one goes on where the other ended.
func (k *knownOrders) of(b *findings, shop string, newline byte) (end location) {
	k.ids, k.traits, k.starts = k.ids[:0], k.traits[:0], k.starts[:0]
	at := location{newline: newline}
	for i := 0; b.HasIDs && i < len(b.All); i++ {
		at = at.forward(b.Data[at.offset:b.All[i].Start])
		k.ids = append(k.ids, k.id(b.ID(i), shop))
		k.traits = append(k.traits, traitsOf(&b.Orders, i))
		k.starts = append(k.starts, at)
	}
	return at.forward(b.Data[at.offset:b.rest])
}

// id makes an id of its text and of the shop, with a NUL between them, which no id has.
func (k *knownOrders) id(text []byte, shop string) id {
	if shop != "" {
		k.text = append(append(append(k.text[:0], shop...), 0), text...)
		text = k.text
	}
	return newID(text)
}

func traitsOf(b *columns.Orders, i int) traits {
	var time uint64
	if ms := b.Placed(i); ms != timestamp.None {
		time = uint64(ms/1000) + 1
	} else {
		time = mix(b.Time(i))
	}
	lines := uint64(0)
	for j, to := b.LineRange(i); j < to; j++ {
		lines += mix(b.Item(j)) ^ bits.RotateLeft64(mix(withoutZeros(b.Price(j))), 1) // in any order
	}
	return traits{trait(time), trait(lastDigits(b.Phone(i))), trait(lines)}
}

const golden = 0x9e3779b97f4a7c15

// trait makes a trait of a number: 0 only of 0.
func trait(n uint64) uint16 {
	if n == 0 {
		return 0
	}
	return uint16(n*golden>>48) | 1
}

// mix makes a number of a text: 0 only of an empty one. It looks at the length, and at the
// first and the last eight bytes, which is enough to tell most texts apart.
func mix(text []byte) uint64 {
	n := len(text)
	if n < 8 {
		var h uint64
		for _, c := range text {
			h = h<<8 | uint64(c)
		}
		return (h<<4 + uint64(n)) * golden
	}
	h := binary.LittleEndian.Uint64(text)*golden ^ binary.LittleEndian.Uint64(text[n-8:])
	return (bits.RotateLeft64(h, 29)+uint64(n))*golden | 1
}

// lastDigits makes a number of the digits of a phone that all ways to write it have. Of a
// phone with few digits it is all of the text.
func lastDigits(phone []byte) uint64 {
	const some = 7
	digits, n := uint64(0), 0
	for i := len(phone) - 1; i >= 0 && n < some; i-- {
		if isDigit(phone[i]) {
			digits = digits<<4 | uint64(phone[i]-'0')
			n++
		}
	}
	if n < some {
		return mix(phone)
	}
	return digits + 1
}

// withoutZeros is a decimal without the zeros at its end that change nothing.
func withoutZeros(decimal []byte) []byte {
	if n := len(decimal); n == 0 || decimal[n-1] > '0' || bytes.IndexByte(decimal, '.') < 0 {
		return decimal
	}
	return bytes.TrimRight(bytes.TrimRight(decimal, "0"), ".")
}
