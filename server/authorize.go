package server

import (
	"context"
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
	"time"
)

// enter lets a request in to a route, and records what must be recorded before.
func (c *call) enter(one *route) error {
	if !one.isPublic && !one.isHook {
		in := c.authorize
		switch {
		case one.isPage:
			in = func(Scope) error { return c.enterPage() }
		case one.isConfirmed:
			in = c.authorizeForNow
		}
		if err := in(one.scope); err != nil {
			return err
		}
		if err := c.server.guard.limit(c, one.scope); err != nil {
			return err
		}
	}
	if one.scope == ScopeReadPhones && !one.isPage { // a page records whom it shows
		return c.server.record(c.r.Context(), &Act{What: ActCustomers, Of: one.name()})
	}
	return nil
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

// whileKey lets a listener hear as long as its key is good.
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

func errNoKey() error {
	p := newProblem(http.StatusUnauthorized, "key-required", "send a key as Authorization: Bearer …; process-orders key add makes one")
	p.challenge = `Bearer realm="process-orders"`
	return p
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

// isGood reports whether a key is still among the keys, as it was, and has not expired. No key is
// changed; it is revoked, and another one made.
func (all *settings) isGood(key *Key, now time.Time) bool {
	return !key.HasExpired(now) && slices.ContainsFunc(all.Keys, func(k Key) bool { return k.ID == key.ID && k.Hash == key.Hash })
}
