package server

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"process-orders/store"
)

// A shopChoice says of whose orders figures are: of all shops or, if isOne, of one. "" is the orders
// that have no shop.
type shopChoice struct {
	name  string
	isOne bool
}

// has reports whether a minute has orders, or new customers, of those that are chosen. New customers
// are those of all shops, also in a minute of no shop.
func (s shopChoice) has(m *store.Minute) bool { return !s.isOne || m.Shop == s.name && m.Orders > 0 }

// pointer is the shop in a document: nil is all.
func (s shopChoice) pointer() *string {
	if !s.isOne {
		return nil
	}
	return &s.name
}

// chosenShop reads the shop that a query asks for. A name that no order has is refused, as else a slip
// would look like a shop without orders.
func (s *Server) chosenShop(ctx context.Context, query url.Values) (shopChoice, error) {
	choice := shopChoice{query.Get("shop"), query.Has("shop")}
	if !choice.isOne {
		return choice, nil
	}
	all, err := s.shopNames(ctx)
	if err != nil {
		return choice, err
	}
	if !slices.Contains(all, choice.name) {
		return choice, errShopUnknown
	}
	return choice, nil
}

// shopNames returns the names of all shops, in order. Several systems may have shops of one name.
func (s *Server) shopNames(ctx context.Context) (names []string, err error) {
	all, err := s.store.Shops(ctx)
	if err != nil {
		return nil, s.readProblem(err)
	}
	for _, shop := range all {
		names = append(names, shop.Name)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

var errShopUnknown = newProblem(http.StatusNotFound, "shop-unknown", "the store has no shop of that name")
