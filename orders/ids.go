package orders

import (
	"hash/maphash"
)

// ids are those of the orders that a run met. Of a long one there is a hash of
// 120 bits with a seed of this process, which no two of any number of orders
// will share.
type ids map[[16]byte]struct{}

// idBytes is about what one takes, with its share of the map.
const idBytes = 40

var idSeeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

// add adds an id and returns whether it is new.
func (s *ids) add(id []byte) bool {
	var key [16]byte
	if len(id) < len(key) {
		copy(key[:], id)
		key[15] = byte(len(id))
	} else {
		a, b := maphash.Bytes(idSeeds[0], id), maphash.Bytes(idSeeds[1], id)
		for i := range 8 {
			key[i], key[8+i] = byte(a>>(8*i)), byte(b>>(8*i))
		}
		key[15] = 255
	}
	if *s == nil {
		*s = ids{}
	}
	before := len(*s)
	(*s)[key] = struct{}{}
	return len(*s) > before
}

// once keeps of the batch the orders whose id did not come before, and returns
// how many it removed.
func (s *ids) once(b *Batch) (repeated int64) {
	if len(b.orderDetails) == 0 {
		return 0
	}
	orders, lines, from := 0, 0, 0
	for i := range b.orders {
		o, d := b.orders[i], b.orderDetails[i]
		to := int(o.lines)
		if id := b.Text(d.id); len(id) > 0 && !s.add(id) {
			repeated++
			from = to
			continue
		}
		if repeated > 0 {
			copy(b.lines[lines:], b.lines[from:to])
			copy(b.lineDetails[lines:], b.lineDetails[from:to])
			o.lines = uint32(lines + to - from)
			b.orders[orders], b.orderDetails[orders] = o, d
		}
		orders++
		lines += to - from
		from = to
	}
	b.orders, b.orderDetails = b.orders[:orders], b.orderDetails[:orders]
	b.cutLines(lines)
	return repeated
}
