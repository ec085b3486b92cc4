package server

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"process-orders/store"
)

// A receipt is the answer to a request with an Idempotency-Key, as the store keeps it. It is
// written in the transaction that applies the request's orders, so there is one if and only if
// they were applied, whichever server did it.
type receipt struct {
	// Fingerprint is that of the request, in hexadecimal digits.
	Fingerprint string `json:"fingerprint"`
	Status      int    `json:"status"`
	// Sealed is the body of the answer, which may have orders that were set aside. Only who
	// sends the same body again can open it, so a receipt tells nobody of a customer who was
	// erased.
	Sealed []byte `json:"sealed"`
}

// receiptKind is the kind of documents that are receipts.
const receiptKind = "receipt"

// maxKeyBytes is how long an Idempotency-Key may be.
const maxKeyBytes = 255

// idempotencyKey returns the Idempotency-Key of a request, or "". It may be in quotes, as the
// draft of its standard wants it, or bare.
func idempotencyKey(h http.Header) (string, error) {
	values := h.Values("Idempotency-Key")
	if len(values) == 0 {
		return "", nil
	}
	name, ok := unquoted(values[0])
	if len(values) > 1 || !ok || name == "" || len(name) > maxKeyBytes {
		return "", newProblem(http.StatusBadRequest, "idempotency-key-invalid", "an Idempotency-Key has 1 to 255 printable ASCII characters, bare or in double quotes")
	}
	return name, nil
}

// unquoted is a text of a header without its quotes, if it has some.
func unquoted(text string) (string, bool) {
	isQuoted := strings.HasPrefix(text, `"`)
	if isQuoted {
		if len(text) < 2 || !strings.HasSuffix(text, `"`) {
			return "", false
		}
		text = text[1 : len(text)-1]
	}
	var plain strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c < ' ' || c > '~', c == ' ' && !isQuoted, c == '"':
			return "", false
		case c == '\\' && isQuoted:
			if i++; i == len(text) || text[i] != '"' && text[i] != '\\' {
				return "", false
			}
			c = text[i]
		}
		_ = plain.WriteByte(c)
	}
	return plain.String(), true
}

// receiptKey is under which key the receipt is kept of what a caller calls by a name. It is a
// hash, as the name may be anything.
func receiptKey(caller, name string) string {
	sum := sha256.Sum256([]byte(caller + "\x00" + name))
	return hex.EncodeToString(sum[:])
}

// A claim is what a request with an Idempotency-Key says: that it is the one with this
// fingerprint.
type claim struct {
	key, fingerprint string
	secret           [sha256.Size]byte // is made of the body, and seals the answer
}

// newClaim makes the claim of a request. The fingerprint is what two requests have in common that
// are the same: the route, the query, the content type, and the body after decompression.
func (c *call) newClaim(name string, text []byte) *claim {
	return &claim{receiptKey(c.key.ID, name), fingerprint(c.r, text), sealingSecret(text)}
}

func sealingSecret(text []byte) (secret [sha256.Size]byte) {
	hash := sha256.New()
	_, _ = hash.Write([]byte("the answer to a request with the body\n")) // a hash never fails
	_, _ = hash.Write(text)
	hash.Sum(secret[:0])
	return secret
}

// seal is what seals answers.
func (c *claim) seal() (cipher.AEAD, error) {
	block, err := aes.NewCipher(c.secret[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func fingerprint(r *http.Request, text []byte) string {
	content := r.Header.Get("Content-Type")
	if media, parameters, err := mime.ParseMediaType(content); err == nil {
		content = mime.FormatMediaType(media, parameters)
	}
	hash := sha256.New()
	for _, part := range []string{r.Method, r.URL.Path, r.URL.Query().Encode(), content} {
		_, _ = fmt.Fprintf(hash, "%d:%s,", len(part), part) // a hash never fails
	}
	_, _ = hash.Write(text)
	return hex.EncodeToString(hash.Sum(nil))
}

// keyReused is the type of the problem of a request whose key another one had.
const keyReused = "idempotency-key-reused"

func errKeyReused() error {
	return newProblem(http.StatusUnprocessableEntity, keyReused, "another request had this Idempotency-Key; use a new one")
}

// stored returns the answer that is kept for the claim, or nil. Receipts from before a time, in
// milliseconds since 1970, count for nothing.
func (c *claim) stored(document documentReader, from int64) (*answer, error) {
	d, found, err := document(receiptKind, c.key)
	if err != nil || !found || d.At < from {
		return nil, err
	}
	var r receipt
	if err := json.Unmarshal(d.Value, &r); err != nil {
		return nil, fmt.Errorf("a receipt cannot be read: %w", store.ErrDamaged)
	}
	if r.Fingerprint != c.fingerprint {
		return nil, errKeyReused()
	}
	seal, err := c.seal()
	if err != nil {
		return nil, err
	}
	text, err := seal.Open(nil, nil, r.Sealed, []byte(c.key))
	if err != nil {
		return nil, fmt.Errorf("a receipt cannot be read: %w", store.ErrDamaged)
	}
	return &answer{r.Status, text}, nil
}

// put keeps an answer for the claim.
func (c *claim) put(tx store.Transaction, a *answer, now time.Time) error {
	seal, err := c.seal()
	if err != nil {
		return err
	}
	value, err := json.Marshal(receipt{c.fingerprint, a.status, seal.Seal(nil, nil, a.body, []byte(c.key))})
	if err != nil {
		return err
	}
	return tx.Put(store.Document{Kind: receiptKind, Key: c.key, At: now.UnixMilli(), Value: value})
}

// keepReceipts is for how long receipts are kept if nobody says it.
const keepReceipts = 7 * 24 * time.Hour

// receiptsFrom is from when on receipts count.
func (s *Server) receiptsFrom() int64 {
	keep := s.options.KeepReceipts
	if keep == 0 {
		keep = keepReceipts
	}
	return s.now().Add(-keep).UnixMilli()
}

// onceStored runs what makes the answer to a claim. If that fails, and another run has succeeded
// before, the answer is that one.
func (s *Server) onceStored(ctx context.Context, c *claim, run func() (a *answer, isReplay bool, err error)) (a *answer, isReplay bool, err error) {
	a, isReplay, err = run()
	if err == nil {
		return a, isReplay, nil
	}
	kept, failed := c.stored(s.documents(ctx), s.receiptsFrom())
	if kept != nil || asProblem(failed) != nil {
		return kept, true, failed
	}
	return nil, false, err // the store may have failed
}

// flights are the claims that are being worked on.
type flights struct {
	patience time.Duration // for how long a request waits for another one with the same claim
	mu       sync.Mutex
	all      map[string]*flight
}

// A flight is one of them. Others that make the same claim wait for it.
type flight struct {
	fingerprint string
	done        chan struct{}
	answer      *answer
	err         error
}

// usualPatience is that of a server: see flights.
const usualPatience = 30 * time.Second

// once calls run for a claim, unless somebody does that now. Then it waits for the same answer.
// Run is not ended if the client goes away, as others may wait for it.
func (f *flights) once(ctx context.Context, c *claim, run func(context.Context) (*answer, bool, error)) (a *answer, isReplay bool, err error) {
	one, isFirst := f.join(c)
	if isFirst {
		defer f.land(c, one)
		one.err = fmt.Errorf("a request ended in a panic") // if it does
		one.answer, isReplay, one.err = run(context.WithoutCancel(ctx))
		return one.answer, isReplay, one.err
	}
	if one.fingerprint != c.fingerprint {
		return nil, false, errKeyReused()
	}
	timer := time.NewTimer(f.patience)
	defer timer.Stop()
	select {
	case <-one.done:
		return one.answer, true, one.err
	case <-ctx.Done():
		return nil, false, ctx.Err()
	case <-timer.C:
		return nil, false, busy(http.StatusConflict, "idempotency-key-in-use", "a request with this Idempotency-Key is still being worked on; send it again", time.Second)
	}
}

// join returns the flight of a claim, and whether it is a new one.
func (f *flights) join(c *claim) (one *flight, isFirst bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if one := f.all[c.key]; one != nil {
		return one, false
	}
	if f.all == nil {
		f.all = map[string]*flight{}
	}
	one = &flight{fingerprint: c.fingerprint, done: make(chan struct{})}
	f.all[c.key] = one
	return one, true
}

func (f *flights) land(c *claim, one *flight) {
	f.mu.Lock()
	delete(f.all, c.key)
	f.mu.Unlock()
	close(one.done)
}
