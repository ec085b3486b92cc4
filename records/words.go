package records

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
)

// A text of up to 24 bytes is kept as three words and its length: comparing two
// is comparing words, and hashing one is multiplying words. What the words have
// beyond the text is 0.

// maxShort is the greatest length of a text that is kept as words.
const maxShort = 24

// masks tell, for each length, which bytes of a text's words are its own.
var masks = func() (m [wordBytes + 1][wordBytes / 8]uint64) {
	for n := range m {
		for i := range min(n, wordBytes) {
			m[n][i/8] |= 0xff << (i % 8 * 8)
		}
	}
	return m
}()

// wordBytes is the greatest length of a text that words tell from others.
const wordBytes = 32

// words returns the words of a text of up to wordBytes bytes. Texts mostly lie
// in larger memory; then the bytes behind them are read too and masked away,
// which is quicker than looking at the length.
func words(text []byte) (w0, w1, w2, w3 uint64) {
	n := len(text)
	if cap(text) < wordBytes {
		var room [wordBytes]byte
		copy(room[:], text)
		text = room[:]
	}
	b, m := (*[wordBytes]byte)(text[:wordBytes]), &masks[n]
	return binary.LittleEndian.Uint64(b[:]) & m[0], binary.LittleEndian.Uint64(b[8:]) & m[1],
		binary.LittleEndian.Uint64(b[16:]) & m[2], binary.LittleEndian.Uint64(b[24:]) & m[3]
}

// appendWords appends the text of n bytes, at most maxShort, that these words
// are.
func appendWords(dst []byte, n int, w *[3]uint64) []byte {
	from := len(dst)
	dst = binary.LittleEndian.AppendUint64(dst, w[0])
	dst = binary.LittleEndian.AppendUint64(dst, w[1])
	return binary.LittleEndian.AppendUint64(dst, w[2])[:from+n]
}

// The secrets of this process's hashes. Nobody who prepares an input knows them,
// and so nobody can prepare keys that collide.
var secrets = [4]uint64{rand.Uint64() | 1, rand.Uint64() | 1, rand.Uint64() | 1, rand.Uint64() | 1}

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

func hashOf(text []byte) uint64 {
	if len(text) > maxShort {
		return hashLong(text)
	}
	w0, w1, w2, _ := words(text)
	return hashWords(w0, w1, w2, uint64(len(text)))
}

// hashLong is the hash of a text of more than maxShort bytes.
func hashLong(b []byte) uint64 {
	n := uint64(len(b))
	h := secrets[3]
	for len(b) > maxShort {
		h = mix(h^binary.LittleEndian.Uint64(b), secrets[0]^binary.LittleEndian.Uint64(b[8:]))
		b = b[16:]
	}
	w0, w1, w2, _ := words(b)
	return mix(hashWords(w0, w1, w2, n), h)
}
