package server

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"strings"
	"time"

	"process-orders/internal/page"
	"process-orders/store"
)

func signInRoutes() []*route {
	return []*route{
		{method: "GET", path: "/sign-in", isPublic: true, isPage: true, handle: (*call).showSignIn},
		{method: "POST", path: "/sign-in", isPublic: true, isPage: true, handle: (*call).signIn},
		{method: "POST", path: "/sign-out", scope: ScopeRead, isPage: true, handle: (*call).signOut},
	}
}

var errSignIn = &problem{
	Type: "sign-in-required", Title: http.StatusText(http.StatusUnauthorized), Status: http.StatusUnauthorized, Detail: "sign in first: process-orders serve link prints a link",
	challenge: `Cookie realm="process-orders", form-action="/sign-in"`,
}

// enterPage lets a browser in that has signed in. It may do all that the owner of the store may.
func (c *call) enterPage() error {
	cookie, err := c.r.Cookie(c.cookieName())
	if err != nil {
		return errSignIn
	}
	all, err := c.server.signIns.get(c.r.Context())
	if err != nil {
		return c.server.readProblem(err)
	}
	one := all.session(hashOf(cookie.Value), c.server.now())
	if one == nil {
		return errSignIn
	}
	c.enterAs(one)
	return nil
}

// whileSession is for an answer that goes on as long as a session does, of which this is the hash of the
// token.
func (s *Server) whileSession(hash string) mayHear {
	return func(made time.Time) error {
		all, err := s.signIns.since(context.Background(), made)
		if err == nil && all.session(hash, s.now()) == nil {
			err = errSignIn
		}
		return err
	}
}

func (c *call) enterAs(one *session) {
	c.session = one
	c.key = &Key{ID: "page-" + one.ID, Name: "page", Scopes: Scopes()}
	c.visit.key = c.key.ID
}

// showSignIn shows the button that uses a link up. To look at it does not, so that a preview of the
// link does no harm.
func (c *call) showSignIn() error {
	token := c.r.URL.Query().Get("token")
	if token == "" {
		return errSignIn
	}
	all, err := c.server.signIns.get(c.r.Context())
	if err != nil {
		return c.server.readProblem(err)
	}
	if _, err := all.link(token, c.server.now()); err != nil {
		return err
	}
	return c.writePage(http.StatusOK, &page.Frame{IsBare: true, Parts: []page.Part{{Name: "signin", View: page.SignIn{Token: token}}}})
}

// signIn uses a link up, and starts a session.
func (c *call) signIn() error {
	form, err := c.form(mostFormBytes)
	if err != nil {
		return err
	}
	now, token := c.server.now().UTC(), rand.Text()
	one := session{ID: newSignInID(), Hash: hashOf(token), Expires: now.Add(SessionTime)}
	if name := form.Get("zone"); name != "" {
		if _, err := zoneOf(name); err == nil { // a browser may know zones that we do not know
			one.Zone = name
		}
	}
	act := (&Act{What: ActSignIn}).by(c.r.Context())
	act.Who = "page-" + one.ID
	var refused error
	err = c.server.commitAlso(c.r.Context(), func(tx store.Transaction) error {
		refused = nil
		return changeSignIns(tx, now, func(all *signIns) (bool, error) {
			if all.session(one.Hash, now) != nil {
				return false, nil // it was committed before
			}
			var used *link
			if used, refused = all.link(form.Get("token"), now); refused != nil {
				return false, nil
			}
			used.IsUsed = true
			all.Sessions = latest(append(all.Sessions, one), mostSessions)
			act.Of = used.ID
			return true, act.put(tx)
		})
	})
	switch {
	case err != nil:
		return c.server.storeProblem(err)
	case refused != nil:
		return refused
	}
	c.enterAs(&one)
	c.setCookie(token, int(SessionTime.Seconds()))
	http.Redirect(c.w, c.r, "/", http.StatusSeeOther)
	return nil
}

// signOut ends the session.
func (c *call) signOut() error {
	now := c.server.now()
	act := (&Act{What: ActSignOut, Of: c.key.ID}).by(c.r.Context())
	err := c.server.commitAlso(c.r.Context(), func(tx store.Transaction) error {
		return changeSignIns(tx, now, func(all *signIns) (bool, error) {
			for i := range all.Sessions {
				if all.Sessions[i].Hash == c.session.Hash {
					all.Sessions = append(all.Sessions[:i], all.Sessions[i+1:]...)
					return true, act.put(tx)
				}
			}
			return false, nil
		})
	})
	if err != nil {
		return c.server.storeProblem(err)
	}
	c.setCookie("", -1)
	http.Redirect(c.w, c.r, "/", http.StatusSeeOther)
	return nil
}

// isSecure reports whether the browser speaks TLS, with us or with a proxy before us, as that says.
// Whoever says so without a proxy gets a cookie that their browser does not send here.
func (c *call) isSecure() bool {
	proxy, _, _ := strings.Cut(c.r.Header.Get("X-Forwarded-Proto"), ",")
	return c.r.TLS != nil || strings.EqualFold(strings.TrimSpace(proxy), "https")
}

// cookieName is the name of the cookie of a session. With TLS, browsers hold its prefix to what it
// says: the cookie is of this host alone. Without TLS it has the port, as servers on one machine
// share their cookies.
func (c *call) cookieName() string {
	if c.isSecure() {
		return "__Host-session"
	}
	_, port, _ := net.SplitHostPort(c.r.Host)
	if strings.Trim(port, "0123456789") != "" {
		port = ""
	}
	return "session" + port
}

func (c *call) setCookie(token string, seconds int) {
	http.SetCookie(c.w, &http.Cookie{
		Name: c.cookieName(), Value: token, Path: "/", MaxAge: seconds,
		Secure: c.isSecure(), HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}
