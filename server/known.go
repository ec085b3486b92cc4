package server

import (
	"encoding/json"
	"time"

	"process-orders/money"
	"process-orders/records"
	"process-orders/store"
)

// What the server gives out of customers, items and orders, with the names of customers.json and
// items.json. Amounts are exact decimal numbers, and times are in UTC. What is not known is left
// out.

// A KnownCustomer is a customer of the store.
type KnownCustomer struct {
	Phone string `json:"phone"`
	// Name is [records.Unknown] if no order had one.
	Name   string `json:"name"`
	Orders int64  `json:"orders"`
	// Spent is by currency; XXX is none.
	Spent map[string]json.Number `json:"spent"`
	First time.Time              `json:"first,omitzero"`
	Last  time.Time              `json:"last,omitzero"`
}

// A KnownItem is an item of the store.
type KnownItem struct {
	Name     string                 `json:"name"`
	Price    json.Number            `json:"price"`
	Orders   int64                  `json:"orders"`
	Quantity json.Number            `json:"quantity"`
	Revenue  map[string]json.Number `json:"revenue"`
	// Prices are given of one item, and not in lists.
	Prices []KnownPrice `json:"prices,omitempty"`
}

// A KnownPrice is a price that an item has had, and when it was seen first.
type KnownPrice struct {
	Price json.Number `json:"price"`
	Since time.Time   `json:"since,omitzero"`
}

// A KnownOrder is an order of the store that has an id, in its latest state.
type KnownOrder struct {
	System  string    `json:"system"`
	Shop    string    `json:"shop"`
	ID      string    `json:"id"`
	Placed  time.Time `json:"placed,omitzero"`
	Updated time.Time `json:"updated,omitzero"`
	// Phone and Name are left out for a key that may not read phones.
	Phone string `json:"phone,omitempty"`
	Name  string `json:"name,omitempty"`
	// Skipped is why the order does not count, in a word.
	Skipped string `json:"skipped,omitempty"`
	// Erased reports whether its customer was erased.
	Erased bool        `json:"erased,omitempty"`
	Items  []KnownLine `json:"items"`
}

// A KnownLine is a line of an order, as its source wrote it.
type KnownLine struct {
	Name     string      `json:"name"`
	Price    json.Number `json:"price,omitempty"`
	Quantity json.Number `json:"quantity,omitempty"`
	Total    json.Number `json:"total,omitempty"`
	Currency string      `json:"currency,omitempty"`
}

func knownCustomer(c *store.Customer) KnownCustomer {
	name := c.Name
	if name == "" {
		name = records.Unknown
	}
	return KnownCustomer{c.Phone, name, c.Orders, sumsOf(c.Spent), timeOf(c.FirstPlaced), timeOf(c.LastPlaced)}
}

func knownItem(i *store.Item) KnownItem {
	known := KnownItem{
		Name: i.Name, Price: numberOf(i.Price), Orders: i.Orders,
		Quantity: json.Number(i.Quantity.Trim(0).String()), Revenue: sumsOf(i.Revenue),
	}
	for _, p := range i.Prices {
		known.Prices = append(known.Prices, KnownPrice{numberOf(p.Price), timeOf(p.Placed)})
	}
	return known
}

// knownOrder makes an order, with people or without.
func knownOrder(o *store.Order, people bool) (KnownOrder, error) {
	known := KnownOrder{
		System: o.System, Shop: o.Shop, ID: o.ID, Placed: timeOf(o.Placed), Updated: timeOf(o.Updated),
		Erased: o.Erased, Items: []KnownLine{},
	}
	if people {
		known.Phone, known.Name = o.Phone, o.Name
	}
	if o.Skipped {
		if known.Skipped = o.Reason; known.Skipped == "" {
			known.Skipped = "skipped"
		}
	}
	for line, err := range o.Lines.All() {
		if err != nil {
			return known, err
		}
		known.Items = append(known.Items, KnownLine{
			line.Item, numberOf(line.Price), numberOf(line.Quantity), numberOf(line.Total), line.Currency,
		})
	}
	return known, nil
}

// numberOf is a number as its source wrote it, or "" if it is none.
func numberOf(text string) json.Number {
	a, ok := money.Parse([]byte(text))
	switch {
	case !ok:
		return ""
	case json.Valid([]byte(text)):
		return json.Number(text)
	}
	return json.Number(a.String())
}

// sumsOf are amounts by currency.
func sumsOf(sums []money.Sum) map[string]json.Number {
	all := map[string]json.Number{}
	for _, s := range sums {
		all[s.Currency.String()] = json.Number(s.Written().String())
	}
	return all
}

// timeOf is a time of a store in UTC, zero if there is none.
func timeOf(ms int64) time.Time {
	if ms == store.NoTime {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
