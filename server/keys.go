package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"process-orders/store"
)

// A Scope is what a key lets its holder do.
type Scope string

// The scopes. A key has one or several.
const (
	ScopeIngest     Scope = "ingest"      // bring orders
	ScopeRead       Scope = "read"        // read items, totals and orders, without people
	ScopeReadPhones Scope = "read-phones" // read customers
	ScopeErase      Scope = "erase"       // erase customers
	ScopeAdmin      Scope = "admin"       // quarantine, connections, the log of acts
)

// Scopes are all scopes.
func Scopes() []Scope {
	return []Scope{ScopeIngest, ScopeRead, ScopeReadPhones, ScopeErase, ScopeAdmin}
}

// A Key is what is known of a key. The key itself is known to its holder alone.
type Key struct {
	// ID is a part of the key that may be shown, and Name what its maker calls it.
	ID     string  `json:"id"`
	Name   string  `json:"name"`
	Scopes []Scope `json:"scopes"`
	// Shop is that of the orders that the key brings.
	Shop    string    `json:"shop,omitempty"`
	Made    time.Time `json:"made"`
	Expires time.Time `json:"expires,omitzero"` // zero: never
	// Hash is SHA-256 of the whole key, in hexadecimal digits. The key is random in 256 bits, so
	// nothing slower is needed.
	Hash string `json:"hash"`
}

// Has reports whether the key has a scope.
func (k *Key) Has(s Scope) bool { return slices.Contains(k.Scopes, s) }

// AddKey makes a key, keeps what must be known of it, and returns it. It is shown once: nothing
// that is kept leads back to it. Of k the caller gives Name, Scopes, Shop and Expires.
func AddKey(ctx context.Context, s store.Service, k Key) (secret string, err error) {
	if k.Name == "" || len(k.Scopes) == 0 {
		return "", fmt.Errorf("a key needs a name and a scope")
	}
	for _, scope := range k.Scopes {
		if !slices.Contains(Scopes(), scope) {
			return "", fmt.Errorf("there is no scope of that name; scopes are %v", Scopes())
		}
	}
	var random [32 + 6]byte
	_, _ = rand.Read(random[:]) // which never fails
	k.ID = hex.EncodeToString(random[32:])
	secret = "po_" + k.ID + "_" + base64.RawURLEncoding.EncodeToString(random[:32])
	k.Hash, k.Made = hashOf(secret), time.Now().UTC().Truncate(time.Second)
	return secret, changeSettings(ctx, s, func(all *settings) error {
		all.Keys = append(all.Keys, k)
		return nil
	})
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// find returns the key that a request carries.
func (all *settings) find(secret string, now time.Time) *Key {
	id, _, _ := strings.Cut(strings.TrimPrefix(secret, "po_"), "_")
	for i := range all.Keys {
		k := &all.Keys[i]
		if k.ID == id && subtle.ConstantTimeCompare([]byte(k.Hash), []byte(hashOf(secret))) == 1 &&
			(k.Expires.IsZero() || now.Before(k.Expires)) {
			return k
		}
	}
	return nil
}

// authorize finds the key of a request, and refuses the request if that lacks a scope.
func (c *call) authorize(scope Scope) error {
	all, err := c.server.settings.get(c.r.Context())
	if err != nil {
		return c.server.storeProblem(err)
	}
	kind, secret, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	if strings.EqualFold(kind, "Bearer") {
		c.key = all.find(strings.TrimSpace(secret), c.server.now())
	}
	switch {
	case c.key == nil:
		c.w.Header().Set("WWW-Authenticate", `Bearer realm="process-orders"`)
		return newProblem(http.StatusUnauthorized, "key-required", "send a key as Authorization: Bearer …; process-orders key add makes one")
	case !c.key.Has(scope):
		return newProblem(http.StatusForbidden, "scope-required", "the key lacks the scope "+string(scope))
	}
	return nil
}

// HasKeys reports whether a store has a key, or a connection for webhooks.
func HasKeys(ctx context.Context, s store.Service) (bool, error) {
	d, _, err := s.Document(ctx, settingsKind, "")
	if err != nil {
		return false, err
	}
	all, err := parseSettings(d.Value)
	if err != nil {
		return false, err
	}
	return len(all.Keys)+len(all.Connections) > 0, nil
}
