package server

import (
	"fmt"
	"net/http"

	"process-orders/internal/page"
)

func connectionPageRoutes() []*route {
	return []*route{{method: "POST", path: "/page/connections/test", scope: ScopeAdmin, isPage: true, handle: (*call).pageTest}}
}

func (c *call) connectionsPart(r *page.Reader) (any, error) { return c.connectionsView(r) }

func (c *call) connectionsView(r *page.Reader) (view page.Connections, err error) {
	states, err := c.server.connectionStates(c.r.Context())
	if err != nil {
		return view, err
	}
	view.Store = c.storeName()
	for _, one := range states {
		view.All = append(view.All, page.Connection{
			Name: one.Name, Kind: one.Kind, Shop: one.Shop, Path: one.URL, Last: whenText(r, one.LastDelivery),
			Error: one.LastError, ErrorAt: whenText(r, one.LastErrorAt),
		})
	}
	return view, nil
}

// pageTest sends a test order by a connection, and says what became of it.
func (c *call) pageTest() error {
	form, err := c.form(mostFormBytes)
	if err != nil {
		return err
	}
	all, err := c.server.settings.get(c.r.Context())
	if err != nil {
		return c.server.readProblem(err)
	}
	r, status := c.reader(), http.StatusOK
	says, passed, name := r.Words.Connections.Gone, false, ""
	if one := all.connection(form.Get("connection")); one == nil {
		status = http.StatusNotFound
	} else {
		result, detail, err := c.server.testConnection(c.r.Context(), one)
		if err != nil {
			return err
		}
		name, says, passed = one.Name, testText(&r.Words.Connections, result, detail), result == testPassed
	}
	view, err := c.connectionsView(r)
	if err != nil {
		return err
	}
	view.Tested, view.Says, view.Passed = name, says, passed
	return c.showPart(status, "connections", view)
}

func testText(w *page.ConnectionWords, result testResult, detail string) string {
	switch result {
	case testPassed:
		return w.Passed
	case testSigned:
		return w.Signed
	case testNoKey:
		return w.NoKey
	case testCounts:
		return w.Counts
	case testSecret:
		return w.Secret
	}
	return fmt.Sprintf(w.Refused, detail)
}
