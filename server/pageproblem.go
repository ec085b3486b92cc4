package server

import (
	"cmp"
	"net/http"
	"strings"

	"process-orders/internal/page"
)

// refuse answers with a problem: people with a page or a part, and programs with a document.
func (c *call) refuse(p *problem, isForPeople bool) {
	if !isForPeople {
		c.visit.refuse(c.w, p)
		return
	}
	c.visit.note(c.w, p)
	p.setHeaders(c.w.Header())
	part := c.problemPart(p)
	err := error(nil)
	if c.r.Header.Get(partHeader) != "" {
		err = c.writePart(p.Status, part)
	} else {
		err = c.writePage(p.Status, &page.Frame{IsBare: true, Parts: []page.Part{part}})
	}
	if err != nil {
		c.server.log.Error("a page cannot be written", "request", c.visit.request, "error", err)
	}
}

// refuse answers a request that no route takes with a problem.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, p *problem) {
	c := &call{server: s, w: w, r: r, visit: visitOf(r.Context())}
	c.refuse(p, s.isForPeople(r))
}

// problemPart says why something was not done, and what to do next.
func (c *call) problemPart(p *problem) page.Part {
	view := page.Problem{Kind: p.Type, Detail: p.Detail}
	switch p.Type {
	case errSignIn.Type:
		from := c.r.Header.Get("Sec-Fetch-Site")
		return page.Part{Name: "signin", View: page.SignIn{Command: c.linkCommand(), IsStoreUnknown: c.storeName() == noStoreName, IsElsewhere: from == "cross-site" || from == "same-site"}}
	case errLinkUnknown.Type, errLinkUsed.Type, errLinkExpired.Type, "too-many-failures":
		view.Command = c.linkCommand()
	case storeDamaged:
		view.Command = "process-orders doctor --store " + c.storeName()
	case "other-host":
		view.Command = "process-orders serve --host NAME"
	}
	if p.Status >= http.StatusInternalServerError {
		view.Request = c.visit.request
	}
	return page.Part{Name: "problem", View: view}
}

// linkCommand is the command that prints a link to sign in.
func (c *call) linkCommand() string {
	return "process-orders serve link --store " + c.storeName()
}

// noStoreName takes the place of the store in lines to paste.
const noStoreName = "STORE"

// storeName is the name of the store for who has signed in, or is on the machine of the server.
func (c *call) storeName() string {
	address := parseIP(hostName(c.r.RemoteAddr))
	isHere := c.r.Header.Get("X-Forwarded-For") == "" && (address == "127.0.0.1" || address == "::1")
	if !isHere && c.session == nil {
		return noStoreName
	}
	return cmp.Or(c.server.options.StoreName, noStoreName)
}

// isForPeople reports whether a person sees the answer to a request that no route of a page takes:
// an address that is mistyped, a proxy that is set up wrongly.
func (s *Server) isForPeople(r *http.Request) bool {
	isBrowser := r.Header.Get(partHeader) != "" || strings.Contains(strings.Join(r.Header.Values("Accept"), ","), "text/html")
	return isBrowser && !s.options.NoPage && !strings.HasPrefix(r.URL.Path, "/v1/")
}
