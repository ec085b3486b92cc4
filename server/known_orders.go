package server

import (
	"net/http"
	"strings"
)

func knownOrderRoutes() []*route {
	return []*route{
		{method: "GET", path: ordersPath, scope: ScopeRead, handle: (*call).listOrders},
		{method: "GET", path: ordersPath + "/{shop}/{id}", scope: ScopeRead, handle: (*call).order},
	}
}

// An OrderPage is a page of the list of orders that have an id, the latest first.
type OrderPage struct {
	Orders []KnownOrder `json:"orders"`
	// Next is the after of the next page. It is left out if there is none.
	Next string `json:"next,omitempty"`
}

// mayReadPeople reports whether the answer may have phones and names.
func (c *call) mayReadPeople() bool { return c.key.Has(ScopeReadPhones) }

// recordPeople records that customers are given out, if the answer has them.
func (c *call) recordPeople() error {
	if !c.mayReadPeople() {
		return nil
	}
	return c.server.record(c.r.Context(), &Act{What: ActCustomers, Of: c.visit.route})
}

// listOrders lists orders, without people for keys that may not read phones.
func (c *call) listOrders() error {
	query, err := c.query("after", "limit")
	if err != nil {
		return err
	}
	limit, err := limitOf(query.Get("limit"))
	if err != nil {
		return err
	}
	ctx, cancel := c.readContext()
	defer cancel()
	cursors, err := c.cursors("orders")
	if err != nil {
		return err
	}
	after, err := cursors.open(query.Get("after"))
	if err != nil {
		return err
	}
	if err := c.recordPeople(); err != nil {
		return err
	}
	found, next, err := c.server.store.Orders(ctx, after, limit)
	if err != nil {
		return c.server.readProblem(err)
	}
	page := OrderPage{Orders: make([]KnownOrder, len(found)), Next: cursors.close(next)}
	for i := range found {
		if page.Orders[i], err = knownOrder(&found[i], c.mayReadPeople()); err != nil {
			return c.server.readProblem(err)
		}
	}
	return c.answer(http.StatusOK, page)
}

// order gives one order by its system, shop and id.
func (c *call) order() error {
	query, err := c.query("system")
	if err != nil {
		return err
	}
	ctx, cancel := c.readContext()
	defer cancel()
	system, shop, id := query.Get("system"), shopOf(c.r.PathValue("shop")), c.r.PathValue("id")
	if !isText(system) || !isText(shop) || !isText(id) {
		return errNoOrder
	}
	if err := c.recordPeople(); err != nil {
		return err
	}
	found, isKnown, err := c.server.store.Order(ctx, system, shop, id)
	switch {
	case err != nil:
		return c.server.readProblem(err)
	case !isKnown || found.Unseen:
		return errNoOrder
	}
	order, err := knownOrder(&found, c.mayReadPeople())
	if err != nil {
		return c.server.readProblem(err)
	}
	return c.answer(http.StatusOK, order)
}

var errNoOrder = newProblem(http.StatusNotFound, "order-unknown", "the store has no such order: its path is its shop, - if it has none, and its id, and ?system= says of which system it is")

// shopOf is the shop that a part of a path names. A path has no empty parts, so "-" is no shop, and
// a shop whose name has nothing but hyphens has one more there.
func shopOf(part string) string {
	if strings.Trim(part, "-") == "" {
		return strings.TrimPrefix(part, "-")
	}
	return part
}
