package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"process-orders/store"
)

// signIns are the links by which people can sign in, and the sessions of browsers that have signed
// in, in one document of the store. Of their tokens it has hashes: tokens are known to their holders
// alone.
type signIns struct {
	Links    []link    `json:"links,omitempty"`
	Sessions []session `json:"sessions,omitempty"`
}

// A link lets somebody sign in once.
type link struct {
	ID      string    `json:"id"` // which may be shown
	Hash    string    `json:"hash"`
	Expires time.Time `json:"expires"`
	IsUsed  bool      `json:"used,omitempty"`
}

// A session is that of a browser that has signed in.
type session struct {
	ID      string    `json:"id"` // which may be shown
	Hash    string    `json:"hash"`
	Expires time.Time `json:"expires"`
	// Zone is the name of the time zone that its reader chose; "" is that of the server.
	Zone string `json:"zone,omitempty"`
}

// signInsKind is the kind of the one document.
const signInsKind = "sign-ins"

// LinkTime is for how long a link is good by which somebody can sign in, and SessionTime for how
// long a browser is signed in.
const (
	LinkTime    = 15 * time.Minute
	SessionTime = 30 * 24 * time.Hour
)

const (
	// keepLinks is for how long it is known of a link that is not good any more why it is not.
	keepLinks = 24 * time.Hour
	// mostLinks and mostSessions are how many there are at most. One more ends the oldest.
	mostLinks    = 50
	mostSessions = 100
)

var (
	errLinkUnknown = newProblem(http.StatusUnauthorized, "link-unknown", "the link is not known: process-orders serve link prints another one")
	errLinkUsed    = newProblem(http.StatusGone, "link-used", "the link was used already: process-orders serve link prints another one")
	errLinkExpired = newProblem(http.StatusGone, "link-expired", "the link has expired: process-orders serve link prints another one")
)

func parseSignIns(value []byte) (*signIns, error) {
	all := new(signIns)
	if len(value) > 0 && json.Unmarshal(value, all) != nil {
		return nil, fmt.Errorf("the sessions of the server cannot be read: %w", store.ErrDamaged)
	}
	return all, nil
}

// link returns the link of a token, or why it is good for nothing.
func (all *signIns) link(token string, now time.Time) (*link, error) {
	at := slices.IndexFunc(all.Links, func(l link) bool { return l.Hash == hashOf(token) })
	switch {
	case at < 0:
		return nil, errLinkUnknown
	case all.Links[at].IsUsed:
		return nil, errLinkUsed
	case !now.Before(all.Links[at].Expires):
		return nil, errLinkExpired
	}
	return &all.Links[at], nil
}

// session returns the session of the hash of a token; nil if there is none that is good.
func (all *signIns) session(hash string, now time.Time) *session {
	at := slices.IndexFunc(all.Sessions, func(s session) bool { return s.Hash == hash })
	if at < 0 || !now.Before(all.Sessions[at].Expires) {
		return nil
	}
	return &all.Sessions[at]
}

// tidy removes what has expired, and reports whether there was any.
func (all *signIns) tidy(now time.Time) bool {
	before := len(all.Links) + len(all.Sessions)
	all.Links = slices.DeleteFunc(all.Links, func(l link) bool { return now.Sub(l.Expires) > keepLinks })
	all.Sessions = slices.DeleteFunc(all.Sessions, func(s session) bool { return !now.Before(s.Expires) })
	return len(all.Links)+len(all.Sessions) < before
}

// changeSignIns changes them in a transaction, if change reports that it did, or if some have
// expired.
func changeSignIns(tx store.Transaction, now time.Time, change func(*signIns) (bool, error)) error {
	d, _, err := tx.Document(signInsKind, "")
	if err != nil {
		return err
	}
	all, err := parseSignIns(d.Value)
	if err != nil {
		return err
	}
	isTidied := all.tidy(now)
	isChanged, err := change(all)
	if err != nil || !isTidied && !isChanged {
		return err
	}
	value, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return tx.Put(store.Document{Kind: signInsKind, At: now.UnixMilli(), Value: value})
}

// latest are the last ones of a list, which are so many at most.
func latest[T any](all []T, most int) []T { return all[max(0, len(all)-most):] }

// newSignInID is the id of a link or a session.
func newSignInID() string { return rand.Text()[:8] }

// NewLink makes a link by which somebody can sign in to the page of a running server, once and
// within [LinkTime], and returns its path. It is an act of the log.
func NewLink(ctx context.Context, s store.Service) (path string, err error) {
	return newLink(ctx, s, time.Now().UTC())
}

// NewLink is the link to the page of this server. As it commits something, /readyz does not for a while.
func (s *Server) NewLink(ctx context.Context) (path string, err error) {
	path, err = newLink(ctx, s.store, s.now().UTC())
	if err == nil {
		s.ready.note(nil)
	}
	return path, err
}

func newLink(ctx context.Context, s store.Service, now time.Time) (path string, err error) {
	token := rand.Text()
	one := link{ID: newSignInID(), Hash: hashOf(token), Expires: now.Add(LinkTime)}
	act := (&Act{What: ActLink, Of: one.ID}).by(ctx)
	err = s.Commit(ctx, func(tx store.Transaction) error {
		return changeSignIns(tx, now, func(all *signIns) (bool, error) {
			if _, err := all.link(token, now); err == nil {
				return false, nil // it was committed before
			}
			all.Links = latest(append(all.Links, one), mostLinks)
			return true, act.put(tx)
		})
	})
	if err != nil {
		return "", err
	}
	return "/sign-in?token=" + token, nil
}

// SignOutAll signs all browsers out, and ends all links, as if a laptop was lost. It returns how many
// sessions and links were good. It is an act of the log. Running servers refuse the browsers from
// the next request on.
func SignOutAll(ctx context.Context, s store.Service) (sessions, links int, err error) {
	now := time.Now().UTC()
	act := (&Act{What: ActSignOutAll}).by(ctx)
	err = s.Commit(ctx, func(tx store.Transaction) error {
		return act.once(tx, func() error {
			return changeSignIns(tx, now, func(all *signIns) (bool, error) {
				sessions, links = len(all.Sessions), 0
				for i := range all.Links {
					if !all.Links[i].IsUsed && now.Before(all.Links[i].Expires) {
						links++
					}
				}
				*all = signIns{}
				return true, nil
			})
		})
	})
	return sessions, links, err
}

// expireSignIns removes links and sessions that have expired.
func (s *Server) expireSignIns(ctx context.Context) error {
	all, err := s.signIns.get(ctx)
	if err != nil {
		return err
	}
	now, seen := s.now(), signIns{slices.Clone(all.Links), slices.Clone(all.Sessions)}
	if !seen.tidy(now) {
		return nil
	}
	return s.commitAlso(ctx, func(tx store.Transaction) error {
		return changeSignIns(tx, now, func(*signIns) (bool, error) { return false, nil })
	})
}
