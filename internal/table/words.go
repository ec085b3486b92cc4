package table

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
)

// A key of up to 24 bytes is compared as three words and its length, and hashed by
// multiplying words. The bytes of the words that are behind the key are 0.

// maxShort is the greatest length of a key that is compared as words.
const maxShort = 24

// WordBytes is the greatest length of a text that [Words] keeps distinct from all others.
const WordBytes = 32

// masks hold, for each length, which bytes of a text's words belong to the text.
var masks = func() (m [WordBytes + 1][WordBytes / 8]uint64) {
	for n := range m {
		for i := range min(n, WordBytes) {
			m[n][i/8] |= 0xff << (i % 8 * 8)
		}
	}
	return m
}()

// Words returns the words of a text of at most [WordBytes] bytes. Most texts are part of a
// larger buffer. Then the bytes behind the text are read too, as far as its capacity
// goes, and masked away: that is faster than a branch on the length.
func Words(text []byte) (w0, w1, w2, w3 uint64) {
	n := len(text)
	if cap(text) < WordBytes {
		var buf [WordBytes]byte
		copy(buf[:], text)
		text = buf[:]
	}
	b, m := (*[WordBytes]byte)(text[:WordBytes]), &masks[n]
	return binary.LittleEndian.Uint64(b[:]) & m[0], binary.LittleEndian.Uint64(b[8:]) & m[1],
		binary.LittleEndian.Uint64(b[16:]) & m[2], binary.LittleEndian.Uint64(b[24:]) & m[3]
}

// The secrets of this process's hashes. Nobody who prepares an input knows them, so
// nobody can prepare keys that collide.
var secrets = [4]uint64{rand.Uint64() | 1, rand.Uint64() | 1, rand.Uint64() | 1, rand.Uint64() | 1}

// mix multiplies two words to 128 bits and folds the halves together, so that every bit
// of the result depends on every bit of both.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// hashWords returns the hash of a text of n bytes, as words.
func hashWords(w0, w1, w2 uint64, n uint64) uint64 {
	return mix(mix(w0^secrets[0], w1^secrets[1])^w2, secrets[2]^n)
}

// Hash returns the hash of a key. It differs from process to process.
func Hash(key []byte) uint64 {
	if len(key) > maxShort {
		return hashLong(key)
	}
	w0, w1, w2, _ := Words(key)
	return hashWords(w0, w1, w2, uint64(len(key)))
}

// hashLong returns the hash of a text of more than maxShort bytes.
func hashLong(b []byte) uint64 {
	n := uint64(len(b))
	h := secrets[3]
	for len(b) > maxShort {
		h = mix(h^binary.LittleEndian.Uint64(b), secrets[0]^binary.LittleEndian.Uint64(b[8:]))
		b = b[16:]
	}
	w0, w1, w2, _ := Words(b)
	return mix(hashWords(w0, w1, w2, n), h)
}
