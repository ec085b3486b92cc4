package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"time"

	"process-orders/internal/page"
	"process-orders/store"
)

// The kinds of documents of those who sign in, both under the hash of a token, which is known to
// its holder alone: links that are good once, and sessions.
const (
	linkKind    = "sign-in-link"
	sessionKind = "session"
)

// For how long they are good.
const (
	linkTime    = 15 * time.Minute
	sessionTime = 30 * 24 * time.Hour
)

// A session is that of a browser that has signed in.
type session struct {
	ID      string    `json:"id"` // which may be shown
	Expires time.Time `json:"expires"`
}

func sessionRoutes() []*route {
	return []*route{
		{method: "GET", path: "/sign-in", isPublic: true, isPage: true, handle: (*call).showSignIn},
		{method: "POST", path: "/sign-in", isPublic: true, isPage: true, handle: (*call).signIn},
		{method: "POST", path: "/sign-out", scope: ScopeRead, isPage: true, handle: (*call).signOut},
	}
}

// NewLink makes a link by which somebody can sign in once, and returns its path.
func NewLink(ctx context.Context, s store.Service) (path string, err error) {
	token, until := rand.Text(), time.Now().Add(linkTime).UTC()
	value, err := json.Marshal(session{Expires: until})
	if err != nil {
		return "", err
	}
	err = s.Commit(ctx, func(tx store.Transaction) error {
		return tx.Put(store.Document{Kind: linkKind, Key: hashOf(token), At: until.UnixMilli(), Value: value})
	})
	return "/sign-in?token=" + token, err
}

// enterPage lets a browser in that has signed in. It may do all that the owner of the store may.
func (c *call) enterPage() error {
	one, err := c.session()
	if err != nil {
		return err
	}
	c.key = &Key{ID: "page-" + one.ID, Name: "page", Scopes: Scopes()}
	c.visit.key = c.key.ID
	return nil
}

var errSignIn = newProblem(http.StatusUnauthorized, "sign-in-required", "sign in first: process-orders serve link prints a link")

func (c *call) session() (*session, error) {
	cookie, err := c.r.Cookie(sessionCookie)
	if err != nil {
		return nil, errSignIn
	}
	d, found, err := c.server.store.Document(c.r.Context(), sessionKind, hashOf(cookie.Value))
	one := new(session)
	switch {
	case err != nil:
		return nil, c.server.storeProblem(err)
	case !found || json.Unmarshal(d.Value, one) != nil || !c.server.now().Before(one.Expires):
		return nil, errSignIn
	}
	return one, nil
}

const sessionCookie = "session"

// showSignIn shows the button that uses a link up. Looking at it does not, so that a preview of
// the link does no harm.
func (c *call) showSignIn() error {
	return c.writePage(http.StatusOK, &page.Frame{IsBare: true, Parts: []page.Part{{Name: "signin", View: page.SignIn{Token: c.r.URL.Query().Get("token")}}}})
}

func (c *call) signIn() error {
	key, token := hashOf(c.r.PostFormValue("token")), rand.Text()
	until := c.server.now().Add(sessionTime).UTC()
	value, err := json.Marshal(session{ID: rand.Text()[:8], Expires: until})
	if err != nil {
		return err
	}
	isGood := false
	err = c.server.commits.commit(c.r.Context(), &task{also: func(tx store.Transaction) error {
		d, found, err := tx.Document(linkKind, key)
		var link session
		isGood = found && json.Unmarshal(d.Value, &link) == nil && c.server.now().Before(link.Expires)
		if err != nil || !isGood {
			return err
		}
		return firstError(tx.Delete(linkKind, key),
			tx.Put(store.Document{Kind: sessionKind, Key: hashOf(token), At: until.UnixMilli(), Value: value}))
	}})
	if err != nil {
		return c.server.storeProblem(err)
	}
	if !isGood {
		return errSignIn
	}
	http.SetCookie(c.w, &http.Cookie{Name: sessionCookie, Value: token, Path: "/", Expires: until, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	http.Redirect(c.w, c.r, "/", http.StatusSeeOther)
	return nil
}

func (c *call) signOut() error {
	if cookie, err := c.r.Cookie(sessionCookie); err == nil {
		err := c.server.commits.commit(c.r.Context(), &task{also: func(tx store.Transaction) error { return tx.Delete(sessionKind, hashOf(cookie.Value)) }})
		if err != nil {
			return c.server.storeProblem(err)
		}
	}
	http.SetCookie(c.w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1})
	http.Redirect(c.w, c.r, "/", http.StatusSeeOther)
	return nil
}
