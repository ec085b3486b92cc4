package orders

import (
	"encoding/binary"
	"math/bits"

	"process-orders/internal/columns"
	"process-orders/internal/timestamp"
)

// A digest is a number made of all that was read of an order. It says if two states
// of an order are the same, and which of two that changed at one time counts.
//
// Stores keep digests. So what an order's digest is never changes: it depends on no process,
// machine, worker or block, and [TestDigest] has some values. Digests are made of pairs of
// words of 64 bits. Each pair is spread over all bits of one word, and then added in a way that
// loses nothing of the pairs before, whatever it is. No two lists of texts have the same pairs.
type digest uint64

// Any numbers would do. These are digits of pi.
const (
	digestStart  digest = 0x243f6a8885a308d3
	digestAdd    uint64 = 0x13198a2e03707344
	digestSpread uint64 = 0xc0ac29b7c97c50dd
	digestFactor digest = 0x452821e638d01377
	digestLast   digest = 0x3f84d5b5b5470917
)

// What the last byte of a pair says. Up to shortText it is the length of one text. With
// digestOfTwo it is the length of the second of two tiny texts, of which the first has its
// length in the last byte of its own word.
const (
	digestOfTwo     = 0x80 << 56
	digestOfLines   = 0xfc << 56
	digestOfSkipped = 0xfd << 56
	digestOfMoment  = 0xfe << 56
	digestOfText    = 0xff << 56
)

// The greatest lengths of texts that are one pair, and one word.
const shortText, tinyText = 15, 7

// textMasks have, for each length of a short text, which bytes of its two words belong to it.
var textMasks = func() (m [shortText + 1][2]uint64) {
	for n := range m {
		m[n] = [2]uint64{1<<(8*min(n, 8)) - 1, 1<<(8*max(n-8, 0)) - 1}
	}
	return m
}()

// digestOf is the digest of the i-th order: of its phone, as it goes into the records; its
// name; when it was placed, as a moment if it can be read; its currency and its region; why
// it is skipped; how many lines it has; and of each line the item, the price, the quantity,
// the currency and the total.
func digestOf(b *columns.Orders, i int, reasons []string) uint64 {
	d := &b.Details[i]
	h := digestStart.text(b.Phone(i)).text(b.Name(i))
	if placed := b.Placed(i); placed != timestamp.None {
		h = h.pair(uint64(placed), digestOfMoment)
	} else {
		h = h.text(b.Time(i))
	}
	h = h.two(b.Text(d.Currency), b.Text(d.Region))
	if d.Skipped > 0 {
		h = h.pair(0, digestOfSkipped).text([]byte(reasons[d.Skipped-1]))
	}
	from, to := b.LineRange(i)
	h = h.pair(uint64(to-from), digestOfLines)
	for j := from; j < to; j++ {
		h = h.text(b.Item(j)).two(b.Price(j), b.Quantity(j)).two(b.OwnCurrency(j), b.Total(j))
	}
	return h.sum()
}

// pair adds two words.
func (h digest) pair(v, w uint64) digest {
	hi, lo := bits.Mul64(v^digestAdd, w^digestSpread)
	return (digest(bits.RotateLeft64(uint64(h), 23)) ^ digest(hi^lo)) * digestFactor
}

// text adds a text. Most texts are part of a larger buffer. Then the bytes behind the text are
// read too, as far as its capacity goes, and masked away: that is faster than a branch on the
// length.
func (h digest) text(text []byte) digest {
	n := len(text)
	if n > shortText {
		return h.longText(text)
	}
	if cap(text) < shortText+1 {
		var buf [shortText + 1]byte
		copy(buf[:], text)
		text = buf[:]
	}
	words, m := (*[shortText + 1]byte)(text[:shortText+1]), &textMasks[n]
	return h.pair(binary.LittleEndian.Uint64(words[:])&m[0], binary.LittleEndian.Uint64(words[8:])&m[1]|uint64(n)<<56)
}

// two adds two texts, which are tiny nearly always.
func (h digest) two(s, t []byte) digest {
	if len(s) > tinyText || len(t) > tinyText {
		return h.text(s).text(t)
	}
	return h.pair(tinyWord(s), digestOfTwo|tinyWord(t))
}

// tinyWord is a tiny text, with its length in the last byte.
func tinyWord(text []byte) uint64 {
	n := len(text)
	if cap(text) < 8 {
		var buf [8]byte
		copy(buf[:], text)
		text = buf[:]
	}
	return binary.LittleEndian.Uint64(text[:8])&(1<<(8*n)-1) | uint64(n)<<56
}

// longText adds a text that is not short: its length, and its bytes, of which the last pair
// may have some of the one before.
func (h digest) longText(text []byte) digest {
	n := len(text)
	h = h.pair(uint64(n), digestOfText)
	for at := 0; at < n-16; at += 16 {
		h = h.pair(binary.LittleEndian.Uint64(text[at:]), binary.LittleEndian.Uint64(text[at+8:]))
	}
	return h.pair(binary.LittleEndian.Uint64(text[n-16:]), binary.LittleEndian.Uint64(text[n-8:]))
}

// sum is the digest of all that was added, with each bit of it in all bits.
func (h digest) sum() uint64 {
	h ^= h >> 32
	h *= digestLast
	return uint64(h ^ h>>29)
}
