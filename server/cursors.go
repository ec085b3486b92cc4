package server

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// A cursor leads from a page of a list to the next one. That of a store has the phone that a page
// ended with, and cursors are in URLs. So it is sealed: it says nothing to those who see it, and is
// good for one list, one search and one key. All servers of a store can open it.
type cursors struct {
	seal  cipher.AEAD
	about []byte // what a cursor is good for
}

var errCursor = newProblem(http.StatusBadRequest, "cursor-invalid", "after: no page of this list and search ends so; start at the first one")

// cursors returns the cursors of a list with a search, for the key of the request.
func (c *call) cursors(list string, search ...string) (*cursors, error) {
	secret, err := c.server.secret(c.r.Context())
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "cursors of lists", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	about := append([]string{list, c.key.ID}, search...)
	return &cursors{seal, []byte(strings.Join(about, "\x00"))}, nil
}

// mostCursorBytes is how long a cursor may be: it has a key of a store, which is a name at most.
const mostCursorBytes = 8 << 10

// open returns the cursor of the store. That of the first page is "" in both.
func (c *cursors) open(sealed string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil || len(sealed) > mostCursorBytes {
		return "", errCursor
	}
	after, err := c.seal.Open(nil, nil, raw, c.about)
	if err != nil || len(after) == 0 {
		return "", errCursor
	}
	return string(after), nil
}

// close seals a cursor of the store.
func (c *cursors) close(next string) string {
	if next == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(c.seal.Seal(nil, nil, []byte(next), c.about))
}
