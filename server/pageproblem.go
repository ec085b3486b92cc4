package server

import (
	"cmp"
	"net/http"

	"process-orders/internal/page"
)

// showProblem answers people with a problem: with a page, or with a part if the script of the page asks.
func (c *call) showProblem(p *problem) {
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
