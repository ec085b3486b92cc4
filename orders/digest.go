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
// machine, worker or block, and [TestDigest] has some values. Digests are made of words of
// 64 bits. Each word is spread over all bits, and then added in a way that loses nothing of
// the words before, whatever it is. No two lists of texts have the same words.
type digest uint64

// Any numbers would do. These are digits of pi.
const (
	digestStart  digest = 0x243f6a8885a308d3
	digestAdd    uint64 = 0x13198a2e03707344
	digestSpread uint64 = 0xc0ac29b7c97c50dd
	digestFactor digest = 0x452821e638d01377
	digestLast   digest = 0x3f84d5b5b5470917
)

// What the first word of a value starts with. A text of less than eight bytes starts with
// how many these are, and has no other word.
const (
	digestOfMoment = 0xfe << 56
	digestOfText   = 0xff << 56
)

// digestOf is the digest of the i-th order: of its phone, as it goes into the records; its
// name; when it was placed, as a moment if it can be read; its currency and its region; why
// it is skipped; how many lines it has; and of each line the item, the price, the quantity,
// the currency and the total.
func digestOf(b *columns.Orders, i int, reasons []string) uint64 {
	d := &b.Details[i]
	h := digestStart.span(b, b.PhoneSpan(i)).span(b, b.NameSpan(i))
	if d.Placed != timestamp.None {
		h = h.word(digestOfMoment).word(uint64(d.Placed))
	} else {
		h = h.span(b, d.Time)
	}
	reason := ""
	if d.Skipped > 0 {
		reason = reasons[d.Skipped-1]
	}
	h = h.span(b, d.Currency).span(b, d.Region).text([]byte(reason))
	from, to := b.LineRange(i)
	h = h.word(uint64(to - from))
	for j := from; j < to; j++ {
		line, more := &b.AllLines[j], &b.LineDetails[j]
		h = h.span(b, line.Item).span(b, line.Price).span(b, more.Quantity).span(b, more.Currency).span(b, more.Total)
	}
	return h.sum()
}

// word adds a word.
func (h digest) word(w uint64) digest {
	hi, lo := bits.Mul64(w^digestAdd, digestSpread)
	return (digest(bits.RotateLeft64(uint64(h), 23)) ^ digest(hi^lo)) * digestFactor
}

// span adds the text of a span.
func (h digest) span(b *columns.Orders, s columns.Span) digest {
	if s == 0 {
		return h.word(0) // as of an empty text
	}
	return h.text(b.Text(s))
}

// text adds a text. Its last word may have bytes of the one before.
func (h digest) text(text []byte) digest {
	n := len(text)
	if n < 8 {
		return h.word(uint64(n)<<56 | shortWord(text))
	}
	h = h.word(digestOfText | uint64(n))
	for at := 0; at < n-8; at += 8 {
		h = h.word(binary.LittleEndian.Uint64(text[at:]))
	}
	return h.word(binary.LittleEndian.Uint64(text[n-8:]))
}

// shortWord is the word of less than eight bytes, of which the first is the lowest.
func shortWord(text []byte) (w uint64) {
	if n := len(text); n >= 4 {
		return uint64(binary.LittleEndian.Uint32(text)) | uint64(binary.LittleEndian.Uint32(text[n-4:]))<<(8*(n-4))
	}
	for i, c := range text {
		w |= uint64(c) << (8 * i)
	}
	return w
}

// sum is the digest of all that was added, with each bit of it in all bits.
func (h digest) sum() uint64 {
	h ^= h >> 32
	h *= digestLast
	return uint64(h ^ h>>29)
}
