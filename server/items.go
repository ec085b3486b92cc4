package server

import (
	"net/http"

	"process-orders/store"
)

func itemRoutes() []*route {
	return []*route{
		{method: "GET", path: "/v1/items", scope: ScopeRead, handle: (*call).listItems},
		{method: "GET", path: "/v1/items/{name}", scope: ScopeRead, handle: (*call).item},
	}
}

// An ItemPage is a page of a list of items.
type ItemPage struct {
	Items []KnownItem `json:"items"`
	// Next is the after of the next page. It is left out if there is none.
	Next string `json:"next,omitempty"`
}

// listItems lists items, all or those whose name starts with a text.
func (c *call) listItems() error {
	query, err := c.query("name", "after", "limit")
	if err != nil {
		return err
	}
	limit, err := limitOf(query.Get("limit"))
	if err != nil {
		return err
	}
	s := store.Search{Name: query.Get("name")}
	if !isText(s.Name) {
		return badQuery("name: want UTF-8 without zero bytes")
	}
	ctx, cancel := c.readContext()
	defer cancel()
	cursors, err := c.cursors("items", s.Name)
	if err != nil {
		return err
	}
	after, err := cursors.open(query.Get("after"))
	if err != nil {
		return err
	}
	found, next, err := c.server.store.Items(ctx, s, after, limit)
	if err != nil {
		return c.server.readProblem(err)
	}
	page := ItemPage{Items: make([]KnownItem, len(found)), Next: cursors.close(next)}
	for i := range found {
		page.Items[i] = knownItem(&found[i])
	}
	return c.answerTagged(page)
}

// item gives one item by its whole name, with the prices that it has had.
func (c *call) item() error {
	if _, err := c.query(); err != nil {
		return err
	}
	ctx, cancel := c.readContext()
	defer cancel()
	name := c.r.PathValue("name")
	if !isText(name) {
		return errNoItem
	}
	item, found, err := c.server.store.Item(ctx, name)
	switch {
	case err != nil:
		return c.server.readProblem(err)
	case !found:
		return errNoItem
	}
	return c.answerTagged(knownItem(&item))
}

var errNoItem = newProblem(http.StatusNotFound, "item-unknown", "the store has no item of that name")
