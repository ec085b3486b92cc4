package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"process-orders/internal/finding"
	"process-orders/internal/shown"
	"process-orders/money"
	"process-orders/records"
	"process-orders/store"
)

// What find has found, for people and for programs.

type foundJSON struct {
	Customers []foundCustomer `json:"customers"`
	Items     []foundItem     `json:"items"`
	Orders    []foundOrder    `json:"orders"`
	// More says of which there are more than these.
	More []string `json:"more"`
}

type foundCustomer struct {
	Phone  string                 `json:"phone"`
	Name   string                 `json:"name"`
	Orders int64                  `json:"orders"`
	Spent  map[string]json.Number `json:"spent"`
	First  *time.Time             `json:"first"`
	Last   *time.Time             `json:"last"`
}

type foundItem struct {
	Name     string                 `json:"name"`
	Price    json.Number            `json:"price"`
	Orders   int64                  `json:"orders"`
	Quantity json.Number            `json:"quantity"`
	Revenue  map[string]json.Number `json:"revenue"`
}

type foundOrder struct {
	System  string     `json:"system"`
	Shop    string     `json:"shop,omitempty"`
	ID      string     `json:"id"`
	Placed  *time.Time `json:"placed"`
	Updated *time.Time `json:"updated"`
	Phone   string     `json:"phone,omitempty"`
	Name    string     `json:"name,omitempty"`
	Skipped string     `json:"skipped,omitempty"`
	Erased  bool       `json:"erased,omitempty"`
	Items   []string   `json:"items"`
}

func (c *command) printFound(f *found, format string) error {
	all, err := f.asJSON()
	switch {
	case err != nil:
		return err
	case format == "json":
		printJSON(c.out, all, "    ")
	default:
		for _, line := range all.lines() {
			fmt.Fprintln(c.out, line)
		}
		for _, kind := range all.More {
			c.say("there are more %s: --limit N shows up to %d", kind, store.MostListed)
		}
	}
	return c.out.err
}

func (f *found) asJSON() (*foundJSON, error) {
	all := &foundJSON{Customers: []foundCustomer{}, Items: []foundItem{}, Orders: []foundOrder{}, More: []string{}}
	for _, c := range f.customers {
		if c.Name == "" {
			c.Name = records.Unknown
		}
		all.Customers = append(all.Customers, foundCustomer{c.Phone, c.Name, c.Orders, sumsJSON(c.Spent), timeJSON(c.FirstPlaced), timeJSON(c.LastPlaced)})
	}
	for _, i := range f.items {
		all.Items = append(all.Items, foundItem{i.Name, json.Number(i.Price), i.Orders, json.Number(i.Quantity.Trim(0).String()), sumsJSON(i.Revenue)})
	}
	for _, o := range f.orders {
		order, err := orderJSON(&o)
		if err != nil {
			return nil, err
		}
		all.Orders = append(all.Orders, order)
	}
	for _, more := range []struct {
		is   bool
		kind string
	}{{f.moreCustomers, "customers"}, {f.moreItems, "items"}, {f.moreOrders, "orders"}} {
		if more.is {
			all.More = append(all.More, more.kind)
		}
	}
	return all, nil
}

func orderJSON(o *store.Order) (foundOrder, error) {
	order := foundOrder{
		System: o.System, Shop: o.Shop, ID: o.ID, Placed: timeJSON(o.Placed), Updated: timeJSON(o.Updated),
		Phone: o.Phone, Name: o.Name, Erased: o.Erased, Items: []string{},
	}
	if o.Skipped {
		order.Skipped = o.Reason
		if order.Skipped == "" {
			order.Skipped = "skipped"
		}
	}
	for line, err := range o.Lines.All() {
		if err != nil {
			return order, err
		}
		order.Items = append(order.Items, line.Item)
	}
	return order, nil
}

func timeJSON(ms int64) *time.Time {
	if ms == store.NoTime {
		return nil
	}
	t := time.UnixMilli(ms).UTC()
	return &t
}

func sumsJSON(sums []money.Sum) map[string]json.Number {
	all := map[string]json.Number{}
	for _, s := range sums {
		all[s.Currency.String()] = json.Number(s.Written().String())
	}
	return all
}

// lines are a line for each: tables of customers, items and orders.
func (f *foundJSON) lines() []string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(cells ...string) { fmt.Fprintln(w, strings.Join(cells, "\t")) }
	for _, c := range f.Customers {
		row("customer", shown.Text(c.Phone), shown.Text(c.Name), count(c.Orders, "order"),
			"spent "+sumsText(c.Spent), "first "+timeText(c.First), "last "+timeText(c.Last))
	}
	_ = w.Flush()
	for _, i := range f.Items {
		row("item", shown.Text(i.Name), "price "+shown.Text(i.Price.String()), count(i.Orders, "order"),
			pieces(i.Quantity.String()), "revenue "+sumsText(i.Revenue))
	}
	_ = w.Flush()
	for _, o := range f.Orders {
		row("order", shown.Text(o.ID), o.of(), "placed "+timeText(o.Placed), o.who(), shown.Text(strings.Join(o.Items, ", ")))
	}
	_ = w.Flush()
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

func pieces(quantity string) string {
	if quantity == "1" {
		return "1 piece"
	}
	return finding.GroupDigits(quantity) + " pieces"
}

// of says whose order it is.
func (o *foundOrder) of() string {
	text := shown.Text(o.System)
	if o.Shop != "" {
		text = strings.TrimSpace(text + " shop " + shown.Text(o.Shop))
	}
	return text
}

// who says who ordered, or why the order makes no customer.
func (o *foundOrder) who() string {
	switch {
	case o.Erased:
		return "erased"
	case o.Skipped != "":
		return "not counted: " + shown.Text(o.Skipped)
	case o.Phone == "":
		return "no phone"
	}
	return strings.TrimSpace(shown.Text(o.Phone) + " " + shown.Text(o.Name))
}

func sumsText(sums map[string]json.Number) string {
	var all []string
	for _, code := range slices.Sorted(maps.Keys(sums)) {
		text := finding.GroupDigits(sums[code].String())
		if code != (money.Currency{}).String() {
			text += " " + code
		}
		all = append(all, text)
	}
	if len(all) == 0 {
		return "nothing"
	}
	return strings.Join(all, " + ")
}

func timeText(t *time.Time) string {
	if t == nil {
		return "unknown"
	}
	return t.Format(time.DateOnly)
}
