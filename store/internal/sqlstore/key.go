package sqlstore

import (
	"bytes"
	"crypto/sha256"
)

// MaxKey is how many bytes a text may have that is its own key.
const MaxKey = 255

// KeyOf returns the key of a text, which is short enough for any index. That is its bytes; or, if
// they are more than MaxKey, the first of them and a hash, in MaxKey+1 bytes, so that no other
// text has that key.
func KeyOf(text string) []byte { return sortKey([]byte(text)) }

// sortKey is KeyOf of a text whose bytes it may share.
func sortKey(text []byte) []byte {
	if len(text) <= MaxKey {
		return text
	}
	sum := sha256.Sum256(text)
	return append(text[:MaxKey+1-len(sum):MaxKey+1-len(sum)], sum[:]...)
}

// compareSorted compares the keys of two texts.
func compareSorted(a, b []byte) int { return bytes.Compare(sortKey(a), sortKey(b)) }
