package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"process-orders/internal/lazy"
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
	// Used is when it was used last, to the minute: see [Keys]. It is kept elsewhere.
	Used time.Time `json:"used,omitzero"`
	// Hash is SHA-256 of the whole key, in hexadecimal digits. The key is random in 256 bits, so
	// nothing slower is needed. [Keys] does not tell it.
	Hash string `json:"hash,omitempty"`
}

// Has reports whether the key has a scope.
func (k *Key) Has(s Scope) bool { return slices.Contains(k.Scopes, s) }

// HasExpired reports whether the key is good for nothing any more.
func (k *Key) HasExpired(now time.Time) bool { return !k.Expires.IsZero() && !now.Before(k.Expires) }

const (
	// mostKeys is how many keys a store has: all are read and compared together.
	mostKeys = 1000
	// mostOfName is how many good keys have one name: the new one and the old one, while a
	// program changes from one to the other.
	mostOfName = 2
	keyPrefix  = "po_"
)

var (
	keyName = lazy.Regexp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)
	keyID   = lazy.Regexp(`^[0-9a-f]{12}$`)
)

// Errors of [RevokeKey].
var (
	ErrNoKey   = errors.New("there is no key of that id or name")
	ErrTwoKeys = errors.New("there are two keys of that name: say the id of one")
)

// Check returns what is wrong with what a caller of [AddKey] gives.
func (k *Key) Check() error {
	switch {
	case !keyName().MatchString(k.Name) || keyID().MatchString(k.Name):
		return errors.New("the name of a key: want up to 63 letters, digits, dots, dashes and underscores, and not what looks like an id")
	case len(k.Scopes) == 0:
		return fmt.Errorf("a key needs a scope: want some of %s", scopeNames())
	case k.Shop != "" && !isName(k.Shop, MostShopBytes):
		return fmt.Errorf("the shop: want up to %d bytes of printable text", MostShopBytes)
	}
	for i, scope := range k.Scopes {
		switch {
		case !slices.Contains(Scopes(), scope):
			return fmt.Errorf("there is no such scope: want some of %s", scopeNames())
		case slices.Contains(k.Scopes[:i], scope):
			return fmt.Errorf("the scope %s is there twice", scope)
		}
	}
	return nil
}

func scopeNames() string {
	var names []string
	for _, s := range Scopes() {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

// AddKey makes a key, keeps what must be known of it, and returns it. It is shown once: nothing
// that is kept leads back to it. Of k the caller gives Name, Scopes, Shop and Expires. A name may
// have two keys, so that a program can change from one to the other; keys that have expired do
// not count. Running servers take the key at once.
func AddKey(ctx context.Context, s store.Service, k Key) (secret string, err error) {
	if err := k.Check(); err != nil {
		return "", err
	}
	now := time.Now().UTC()
	if k.HasExpired(now) {
		return "", errors.New("the key would have expired already")
	}
	var random [32 + 6]byte
	_, _ = rand.Read(random[:]) // which never fails
	k.ID = hex.EncodeToString(random[32:])
	secret = keyPrefix + k.ID + "_" + base64.RawURLEncoding.EncodeToString(random[:32])
	k.Hash, k.Made, k.Used = hashOf(secret), now.Truncate(time.Second), time.Time{}
	err = changeSettings(ctx, s, &Act{What: ActKeyAdd, Of: k.ID}, func(all *settings) error {
		ofName := 0
		for i := range all.Keys {
			if all.Keys[i].Name == k.Name && !all.Keys[i].HasExpired(now) {
				ofName++
			}
		}
		switch {
		case ofName >= mostOfName:
			return fmt.Errorf("the name %s has two keys already: revoke one first, or take another name", k.Name)
		case len(all.Keys) >= mostKeys:
			return fmt.Errorf("there are %d keys already: revoke some first", mostKeys)
		}
		all.Keys = append(all.Keys, k)
		return nil
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// Keys returns all keys, without their hashes, sorted by name and then by when they were made.
// Used is the minute in which a server saw the key last, and up to two minutes late.
func Keys(ctx context.Context, s store.Service) ([]Key, error) {
	d, _, err := s.Document(ctx, settingsKind, "")
	if err != nil {
		return nil, err
	}
	all, err := parseSettings(d.Value)
	if err != nil {
		return nil, err
	}
	for i := range all.Keys {
		k := &all.Keys[i]
		k.Hash = ""
		if k.Used, err = readKeyUse(ctx, s, k.ID); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all.Keys, func(a, b Key) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), a.Made.Compare(b.Made), strings.Compare(a.ID, b.ID))
	})
	return all.Keys, nil
}

// RevokeKey ends the key of an id, or the only key of a name, and returns it. Running servers
// refuse it from the next request on. Errors are [ErrNoKey] and [ErrTwoKeys].
func RevokeKey(ctx context.Context, s store.Service, idOrName string) (revoked Key, err error) {
	act := &Act{What: ActKeyRevoke}
	err = changeSettings(ctx, s, act, func(all *settings) error {
		at := -1
		for i := range all.Keys {
			switch k := &all.Keys[i]; {
			case k.ID != idOrName && k.Name != idOrName:
			case at >= 0:
				return ErrTwoKeys
			default:
				at = i
			}
		}
		if at < 0 {
			return ErrNoKey
		}
		revoked = all.Keys[at]
		revoked.Hash, act.Of = "", revoked.ID
		all.Keys = slices.Delete(all.Keys, at, at+1)
		return nil
	})
	return revoked, err
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// find returns the key that a request carries. The id is no secret; the rest is compared in the
// same time, whatever it is.
func (all *settings) find(secret string, now time.Time) *Key {
	rest, isKey := strings.CutPrefix(secret, keyPrefix)
	id, _, _ := strings.Cut(rest, "_")
	if !isKey {
		return nil
	}
	for i := range all.Keys {
		k := &all.Keys[i]
		if k.ID == id && subtle.ConstantTimeCompare([]byte(k.Hash), []byte(hashOf(secret))) == 1 && !k.HasExpired(now) {
			return k
		}
	}
	return nil
}

// bearer is the key that a request carries; "" if there is none, or if there are several.
func bearer(h http.Header) string {
	all := h.Values("Authorization")
	if len(all) != 1 {
		return ""
	}
	kind, secret, _ := strings.Cut(all[0], " ")
	if !strings.EqualFold(kind, "Bearer") {
		return ""
	}
	return strings.TrimSpace(secret)
}

// authorize finds the key of a request, and refuses the request if that lacks a scope. No key has
// the scope "", so a route that forgets to say who may ask is refused to all.
func (c *call) authorize(scope Scope) error {
	all, err := c.server.settings.get(c.r.Context())
	if err != nil {
		return c.server.readProblem(err)
	}
	return c.enterBy(all, scope)
}

// authorizeForNow is authorize by the settings as they were read last, for a request whose
// transaction looks at the key once more: see [task]. So the many requests that bring orders need
// no reading of the settings each. A key that is not in them may be new.
func (c *call) authorizeForNow(scope Scope) error {
	if c.enterBy(c.server.settings.forNow(), scope) == nil {
		return nil
	}
	return c.authorize(scope)
}

// confirm refuses a request if its key is not good any more.
func (c *call) confirm() error {
	all, err := c.server.settings.get(context.WithoutCancel(c.r.Context())) // a client who was too slow gets an answer too
	switch {
	case err != nil:
		return c.server.readProblem(err)
	case !all.isGood(c.key, c.server.now()):
		return errNoKey()
	}
	return nil
}

// whileKey is for an answer that goes on as long as its key is good.
func (s *Server) whileKey(key *Key) mayHear {
	is := *key
	return func(made time.Time) error {
		all, err := s.settings.since(context.Background(), made)
		switch {
		case err != nil:
			return err
		case !all.isGood(&is, s.now()):
			return errNoKey()
		}
		s.keyUses.note(is.ID, s.now())
		return nil
	}
}

// enterBy finds the key of a request in some settings.
func (c *call) enterBy(all *settings, scope Scope) error {
	c.key = nil
	if secret := bearer(c.r.Header); secret != "" {
		c.key = all.find(secret, c.server.now())
	}
	if c.key == nil {
		return errNoKey()
	}
	c.visit.key = c.key.ID
	c.server.keyUses.note(c.key.ID, c.server.now())
	if !c.key.Has(scope) {
		return newProblem(http.StatusForbidden, "scope-required", "the key lacks the scope "+string(scope))
	}
	return nil
}

// keyRequired is the type of the problem of a request without a good key.
const keyRequired = "key-required"

func errNoKey() error {
	return newProblem(http.StatusUnauthorized, keyRequired, "send a key as Authorization: Bearer …; process-orders key add makes one")
}

// isGood reports whether a key is still among the keys, as it was, and has not expired. No key is
// changed; it is revoked, and another one made.
func (all *settings) isGood(key *Key, now time.Time) bool {
	return !key.HasExpired(now) && slices.ContainsFunc(all.Keys, func(k Key) bool { return k.ID == key.ID && k.Hash == key.Hash })
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
