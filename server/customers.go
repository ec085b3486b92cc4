package server

import (
	"context"
	"net/http"
	"strconv"

	"process-orders/apply"
	"process-orders/store"
)

// A phone is in no URL, as URLs are in logs and histories. So customers are looked for by a body.
func customerRoutes() []*route {
	return []*route{
		{method: "GET", path: "/v1/customers", scope: ScopeReadPhones, handle: (*call).listCustomers},
		{method: "POST", path: "/v1/customers/find", scope: ScopeReadPhones, handle: (*call).findCustomers},
		{method: "DELETE", path: "/v1/customers", scope: ScopeErase, handle: (*call).eraseCustomer},
		{method: "POST", path: "/v1/customers/erase", scope: ScopeErase, handle: (*call).eraseCustomer},
	}
}

// A CustomerPage is a page of a list of customers.
type CustomerPage struct {
	Customers []KnownCustomer `json:"customers"`
	// Next is the after of the next page. It is left out if there is none.
	Next string `json:"next,omitempty"`
}

// A CustomerSearch says whom to find: by one of Phone, Ending and Name.
type CustomerSearch struct {
	// Phone is a whole phone, as somebody writes it.
	Phone string `json:"phone,omitempty"`
	// Ending and Name are as [store.Search] says.
	Ending string `json:"ending,omitempty"`
	Name   string `json:"name,omitempty"`
	// After and Limit are those of lists. They are not for a phone.
	After string `json:"after,omitempty"`
	Limit int    `json:"limit,omitempty"`
}

// listCustomers lists all customers.
func (c *call) listCustomers() error {
	query, err := c.query("after", "limit")
	if err != nil {
		return err
	}
	limit, err := limitOf(query.Get("limit"))
	if err != nil {
		return err
	}
	return c.customerPage(store.Search{}, query.Get("after"), limit)
}

// findCustomers finds customers by a phone, by its last digits, or by a name.
func (c *call) findCustomers() error {
	if _, err := c.query(); err != nil {
		return err
	}
	var s CustomerSearch
	if err := c.readJSON(&s); err != nil {
		return err
	}
	given := 0
	for _, text := range []string{s.Phone, s.Ending, s.Name} {
		if text != "" {
			given++
		}
	}
	switch {
	case given != 1:
		return newProblem(http.StatusBadRequest, "search-invalid", "want one of phone, ending and name")
	case s.Limit < 0 || s.Limit > store.MostListed:
		return newProblem(http.StatusBadRequest, "search-invalid", "limit: want a number from 1 to "+strconv.Itoa(store.MostListed))
	case s.Phone != "" && s.After != "":
		return errCursor
	case s.Phone != "":
		return c.customerByPhone(s.Phone)
	case s.Limit == 0:
		s.Limit = usualLimit
	}
	if !isText(s.Ending) || !isText(s.Name) {
		return newProblem(http.StatusBadRequest, "search-invalid", store.ErrSearch.Error())
	}
	return c.customerPage(store.Search{Ending: s.Ending, Name: s.Name}, s.After, s.Limit)
}

// customerByPhone answers with the one customer who has a phone, or with none.
func (c *call) customerByPhone(written string) error {
	ctx, cancel := c.readContext()
	defer cancel()
	page := CustomerPage{Customers: []KnownCustomer{}}
	phone, err := c.server.keptPhone(ctx, written)
	if err != nil {
		return c.server.readProblem(err)
	}
	if isText(phone) {
		customer, found, err := c.server.store.Customer(ctx, phone)
		if err != nil {
			return c.server.readProblem(err)
		}
		if found {
			page.Customers = append(page.Customers, knownCustomer(&customer))
		}
	}
	return c.answer(http.StatusOK, page)
}

// keptPhone is a phone as the store keeps it.
func (s *Server) keptPhone(ctx context.Context, written string) (string, error) {
	kept, _, _, err := apply.KeptPhone(ctx, s.store, written, s.options.Apply.PhoneForm)
	return kept, err
}

func (c *call) customerPage(s store.Search, after string, limit int) error {
	ctx, cancel := c.readContext()
	defer cancel()
	cursors, err := c.cursors("customers", s.Ending, s.Name)
	if err != nil {
		return err
	}
	if after, err = cursors.open(after); err != nil {
		return err
	}
	found, next, err := c.server.store.Customers(ctx, s, after, limit)
	if err != nil {
		return c.server.readProblem(err)
	}
	page := CustomerPage{Customers: make([]KnownCustomer, len(found)), Next: cursors.close(next)}
	for i := range found {
		page.Customers[i] = knownCustomer(&found[i])
	}
	return c.answer(http.StatusOK, page)
}
