package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"process-orders/internal/page"
	"process-orders/phones"
	"process-orders/store"
)

func findRoutes() []*route {
	return []*route{
		{method: "POST", path: "/page/find", scope: ScopeRead, isPage: true, handle: (*call).pageFind},
		{method: "POST", path: "/page/find/show", scope: ScopeReadPhones, isPage: true, handle: (*call).pageShow},
		{method: "POST", path: "/page/erase", scope: ScopeErase, isPage: true, handle: (*call).pageErase},
	}
}

const (
	// mostFound is how many customers a search shows.
	mostFound = 20
	// mostSearchBytes is how long a search may be: longer than a phone or a name that somebody types.
	mostSearchBytes = 200
)

func (c *call) findPart(*page.Reader) (any, error) { return page.Find{}, nil }

// showFind answers with the part.
func (c *call) showFind(status int, view page.Find) error { return c.showPart(status, "find", view) }

// pageFind finds customers. It shows as much of them as somebody needs who knows them: initials, and
// the last two digits of the phone.
func (c *call) pageFind() error {
	form, err := c.form(mostFormBytes)
	if err != nil {
		return err
	}
	view, err := c.find(strings.TrimSpace(form.Get("who")))
	if err != nil {
		return err
	}
	return c.showFind(http.StatusOK, view)
}

// find finds customers by what somebody typed.
func (c *call) find(who string) (view page.Find, err error) {
	w := &c.reader().Words.Find
	search := searchOf(who)
	switch {
	case who == "":
		return page.Find{Says: w.Empty}, nil
	case len(who) > mostSearchBytes || len(search.Ending) > store.MostEnding:
		return page.Find{Says: w.TooLong}, nil
	case !isText(who) || search == store.Search{}:
		return page.Find{Says: w.Unusable}, nil
	}
	ctx, cancel := c.readContext()
	defer cancel()
	found, isMore, err := c.server.customersLike(ctx, who, search)
	if errors.Is(err, store.ErrSearch) {
		return page.Find{Says: w.Unusable}, nil
	}
	if err != nil {
		return view, c.server.readProblem(err)
	}
	view.Who = who
	if view.Found, err = c.masked(found); err != nil {
		return view, err
	}
	view.Says = saysOf(w, search, len(found), isMore)
	return view, nil
}

// saysOf says how many were found, and how to find fewer or more.
func saysOf(w *page.FindWords, search store.Search, found int, isMore bool) string {
	nobody, narrow := w.NobodyNamed, w.NarrowName
	if search.Ending != "" {
		nobody, narrow = w.NobodyEnding, w.NarrowEnding
	}
	switch {
	case found == 0:
		return nobody
	case isMore:
		return fmt.Sprintf(w.Many, strconv.Itoa(found)) + " " + narrow
	}
	return ""
}

// searchOf is what somebody looks for: a name if the text has a letter, and else the last digits of
// a phone. It is the zero value if the text has neither.
func searchOf(who string) store.Search {
	if strings.ContainsFunc(who, unicode.IsLetter) {
		return store.Search{Name: who}
	}
	return store.Search{Ending: phones.Digits(who)}
}

// customersLike returns the one customer with a phone, if somebody typed a whole one, and else the
// first of those whom a search finds. It reports whether there are more.
func (s *Server) customersLike(ctx context.Context, who string, search store.Search) (found []store.Customer, isMore bool, err error) {
	phone, err := s.keptPhone(ctx, who)
	if err != nil {
		return nil, false, err
	}
	if isText(phone) {
		one, is, err := s.store.Customer(ctx, phone)
		if err != nil || is {
			return []store.Customer{one}, false, err
		}
	}
	for after := ""; ; { // a page may be shorter than its limit, though others follow
		some, next, err := s.store.Customers(ctx, search, after, mostFound+1-len(found))
		if err != nil {
			return nil, false, err
		}
		if found = append(found, some...); len(found) > mostFound {
			return found[:mostFound], true, nil
		}
		if after = next; after == "" {
			return found, false, nil
		}
	}
}

// masked are customers as a search shows them.
func (c *call) masked(found []store.Customer) ([]page.FoundCustomer, error) {
	seals, err := c.customerSeals()
	if err != nil {
		return nil, err
	}
	r := c.reader()
	all := make([]page.FoundCustomer, len(found))
	for i := range found {
		one := &found[i]
		all[i] = page.FoundCustomer{
			Sealed: seals.close(one.Phone), Initials: initialsOf(one.Name), Ending: phones.Digits(phones.Mask(one.Phone)),
			Orders: r.Counted(r.Words.Find.SomeOrders, one.Orders), Last: dateText(r, timeOf(one.LastPlaced)),
		}
	}
	return all, nil
}

// customerSeals seal phones, so that a form can name a customer, for the session alone that has
// found the customer.
func (c *call) customerSeals() (*cursors, error) { return c.cursors("customers of the page") }

// errTooOld says that a form names nobody whom this session has found.
var errTooOld = newProblem(http.StatusBadRequest, "form-too-old", "the form names no customer; search again")

// customerOf is the phone of the customer whom a form names.
func (c *call) customerOf(sealed string) (phone string, err error) {
	seals, err := c.customerSeals()
	if err != nil {
		return "", err
	}
	if phone, err = seals.open(sealed); err != nil || phone == "" {
		return "", errTooOld
	}
	return phone, nil
}

// pageShow reveals one customer.
func (c *call) pageShow() error {
	form, err := c.form(mostFormBytes)
	if err != nil {
		return err
	}
	phone, err := c.customerOf(form.Get("customer"))
	if err == errTooOld {
		return c.showFind(http.StatusBadRequest, page.Find{Says: c.reader().Words.Find.TooOld})
	}
	if err != nil {
		return err
	}
	return c.showCustomer(http.StatusOK, phone, form.Get("who"), "")
}

// showCustomer answers with a customer, which is in the log of acts before. Says is why an erasure
// was not done.
func (c *call) showCustomer(status int, phone, who, says string) error {
	ctx, cancel := c.readContext()
	defer cancel()
	one, found, err := c.server.store.Customer(ctx, phone)
	if err != nil {
		return c.server.readProblem(err)
	}
	r := c.reader()
	if !found {
		return c.showFind(http.StatusNotFound, page.Find{Who: who, Says: r.Words.Find.Gone})
	}
	if err := c.server.record(ctx, &Act{What: ActCustomers, Of: c.visit.route, phone: phone}); err != nil {
		return err
	}
	seals, err := c.customerSeals()
	if err != nil {
		return err
	}
	view := &page.Customer{
		Sealed: seals.close(phone), Phone: phone, Name: one.Name, Orders: r.Count(one.Orders),
		First: whenText(r, timeOf(one.FirstPlaced)), Last: whenText(r, timeOf(one.LastPlaced)),
		Confirm: r.Words.Find.Confirm, Says: says,
	}
	if endingOf(phone) == "" {
		view.Confirm = r.Words.Find.ConfirmWhole
	}
	for _, sum := range one.Spent {
		view.Spent = append(view.Spent, sumText(r, sum))
	}
	return c.showFind(status, page.Find{Who: who, Customer: view})
}
