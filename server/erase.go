package server

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"process-orders/store"
)

// An EraseRequest says who is to be erased.
type EraseRequest struct {
	// Phone is that of the customer, as somebody writes it. "" erases no customer.
	Phone string `json:"phone,omitempty"`
	// IDs are orders of a system and a shop that never make a customer again, also those that the
	// store does not know yet.
	System string   `json:"system,omitempty"`
	Shop   string   `json:"shop,omitempty"`
	IDs    []string `json:"ids,omitempty"`
}

// mostErased is how many orders one request names at most, as all are in one transaction.
const mostErased = 1000

// An EraseAnswer says what was erased.
type EraseAnswer struct {
	Result string `json:"result"`
	// Found reports whether the store had the customer. It is there for keys that may read phones,
	// and all else is the same whether there was one or not.
	Found *bool `json:"found,omitempty"`
	// Goes, Stays and Later say it for people.
	Goes  string `json:"goes"`
	Stays string `json:"stays"`
	Later string `json:"later"`
}

const (
	erasureGoes  = "the phone and the name: from the records, from all orders and from the quarantine"
	erasureStays = "the counts of items and hours; what was exported before; backups, until they are removed; and what the system of the shop has. " +
		"Orders that the store has never make a customer again; later orders with the phone do"
	erasureLater = "bytes of the customer may stay in free space of the store until it is scrubbed: "
)

// erasureLater says when what may be left of a customer is removed.
func (s *Server) erasureLater() string {
	if scrubs := s.tidying.scrubs; scrubs != nil {
		return erasureLater + "the server does that, next at " + scrubs.next(s.now()).UTC().Format(time.RFC3339)
	}
	return erasureLater + "process-orders erase --now does that, best at a quiet time"
}

// eraseCustomer erases a customer. When it answers, that is on the disk.
func (c *call) eraseCustomer() error {
	if _, err := c.query(); err != nil {
		return err
	}
	var e EraseRequest
	if err := c.readJSON(&e); err != nil {
		return err
	}
	if err := e.check(c.key); err != nil {
		return err
	}
	ctx := c.r.Context()
	all, err := c.server.newErasure(ctx, store.Erasure{System: e.System, Shop: e.Shop, IDs: e.IDs}, strings.TrimSpace(e.Phone))
	if err != nil {
		return c.server.readProblem(err)
	}
	found, err := c.server.erase(ctx, all)
	if err != nil {
		return err
	}
	a := EraseAnswer{Result: "erased", Goes: erasureGoes, Stays: erasureStays, Later: c.server.erasureLater()}
	if c.key.Has(ScopeReadPhones) {
		a.Found = &found
	}
	return c.answer(http.StatusOK, a)
}

// erase removes a customer, in a transaction with other requests. When it returns, the transaction is on
// the disk. It does not end early if the client leaves: the transaction is committed all the same, and
// deliveries that came to quarantine meanwhile must be removed too.
func (s *Server) erase(ctx context.Context, all *erasure) (found bool, err error) {
	ctx = context.WithoutCancel(ctx)
	t := &task{bytes: int64(len(all.written)), also: all.do}
	for _, id := range all.IDs {
		t.bytes += int64(len(id))
	}
	if err = s.commits.commit(ctx, t); err == nil {
		err = all.finish(ctx, s.store, s.commitAlso)
	}
	if err != nil {
		return false, s.storeProblem(err)
	}
	return all.found, nil
}

// check refuses a request that names nobody, or what no store has.
func (e *EraseRequest) check(key *Key) error {
	bad := func(detail string) error { return newProblem(http.StatusBadRequest, "erasure-invalid", detail) }
	switch {
	case strings.TrimSpace(e.Phone) == "" && len(e.IDs) == 0:
		return bad("want a phone, or ids of orders, or both")
	case len(e.IDs) > mostErased:
		return bad("ids: want " + strconv.Itoa(mostErased) + " at most; send several requests")
	case len(e.IDs) > 0 && key.Shop != "" && e.Shop != key.Shop:
		return newProblem(http.StatusForbidden, "other-shop", "the key is for another shop")
	case !isText(e.Phone) || !isText(e.System) || !isText(e.Shop):
		return bad("a text must not have zero bytes")
	}
	for _, id := range e.IDs {
		if id == "" || !isText(id) {
			return bad("ids: want texts that are not empty, without zero bytes")
		}
	}
	return nil
}
