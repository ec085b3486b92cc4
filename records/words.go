package records

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
)

// A text of up to 24 bytes is kept as three words and its length: comparing two
// is comparing words, and hashing one is multiplying words. Where a text is
// shorter, the words overlap. So no byte beyond the text is read, and words and
// length together are that text and no other.

// maxShort is the greatest length of a text that is kept as words.
const maxShort = 24

func words3(b []byte) (w0, w1, w2 uint64) {
	if n := len(b); n > 16 {
		return binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[n-8:])
	}
	w0, w1 = words2(b)
	return w0, w1, 0
}

func words2(b []byte) (w0, w1 uint64) {
	switch n := len(b); {
	case n >= 8:
		return binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[n-8:])
	case n >= 4:
		return uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint32(b[n-4:]))<<32, 0
	case n > 0:
		return uint64(b[0]) | uint64(b[n/2])<<8 | uint64(b[n-1])<<16, 0
	}
	return 0, 0
}

// appendWords appends the text of n bytes that these words are.
func appendWords(dst []byte, n int, w0, w1, w2 uint64) []byte {
	from := len(dst)
	switch {
	case n > 16:
		dst = binary.LittleEndian.AppendUint64(dst, w0)
		dst = binary.LittleEndian.AppendUint64(dst, w1)
		return binary.LittleEndian.AppendUint64(overlap(dst, from+n-8), w2)[:from+n]
	case n >= 8:
		dst = binary.LittleEndian.AppendUint64(dst, w0)
		return binary.LittleEndian.AppendUint64(overlap(dst, from+n-8), w1)
	case n >= 4:
		dst = binary.LittleEndian.AppendUint32(dst, uint32(w0))
		return binary.LittleEndian.AppendUint32(overlap(dst, from+n-4), uint32(w0>>32))
	case n == 3:
		return append(dst, byte(w0), byte(w0>>8), byte(w0>>16))
	case n == 2:
		return append(dst, byte(w0), byte(w0>>8))
	case n == 1:
		return append(dst, byte(w0))
	}
	return dst
}

// overlap cuts dst so that what is appended next overlaps its end.
func overlap(dst []byte, at int) []byte { return dst[:at] }

// The secrets of this process's hashes. Nobody who prepares an input knows them,
// and so nobody can prepare keys that collide.
var secrets = [4]uint64{rand.Uint64(), rand.Uint64(), rand.Uint64(), rand.Uint64()}

// mix multiplies two words to 128 bits and folds the halves together, so that
// every bit of the result depends on every bit of both.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// hashWords is the hash of a text of n bytes, as words.
func hashWords(w0, w1, w2 uint64, n uint64) uint64 {
	return mix(mix(w0^secrets[0], w1^secrets[1])^w2, secrets[2]^n)
}

// hashLong is the hash of a text of more than maxShort bytes.
func hashLong(b []byte) uint64 {
	n := uint64(len(b))
	h := secrets[3]
	for len(b) > 16 {
		h = mix(h^binary.LittleEndian.Uint64(b), secrets[0]^binary.LittleEndian.Uint64(b[8:]))
		b = b[16:]
	}
	w0, w1 := words2(b)
	return hashWords(w0, w1, h, n)
}
