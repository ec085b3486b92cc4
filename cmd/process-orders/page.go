package main

import (
	"cmp"
	"slices"

	"process-orders/internal/report"
	"process-orders/money"
	"process-orders/orders"
	"process-orders/phones"
	"process-orders/records"
)

// How many of each the report shows.
const (
	topItems     = 20
	topCustomers = 20
	topChanges   = 20
)

// pageData is what the report tells.
func (r *run) pageData(all *records.Records, totals orders.Totals) *report.Data {
	activity := all.Activity()
	d := &report.Data{
		Sources: r.names, Orders: totals.Orders, Rejected: totals.Rejected,
		Lines: activity.Lines, Untimed: activity.Untimed,
		Customers: int64(all.Customers.Len()), Items: int64(all.Items.Len()),
		Revenue: activity.Revenue(),
		Skipped: skips(totals),
	}
	d.From, d.To = activity.Times()
	for day, n := range activity.Days() {
		d.Days = append(d.Days, report.Day{Date: day, Orders: n})
	}
	var main money.Currency
	if len(d.Revenue) > 0 {
		main = d.Revenue[0].Currency
	}
	r.pageItems(d, all, main)
	r.pageCustomers(d, all, main)
	return d
}

func (r *run) pageItems(d *report.Data, all *records.Records, main money.Currency) {
	byOrders := top[item]{n: topItems, less: func(a, b item) int { return b.orders(r.count).Cmp(a.orders(r.count)) }}
	byRevenue := top[item]{n: topItems, less: func(a, b item) int { return in(b.Revenue, main).Cmp(in(a.Revenue, main)) }}
	changes := top[item]{n: topChanges, less: func(a, b item) int { return cmp.Compare(b.Orders, a.Orders) }}
	for name, detail := range all.Items.Details() {
		i := item{name, detail}
		byOrders.add(i)
		byRevenue.add(i)
		if len(detail.Prices) > 1 {
			changes.add(i)
		}
	}
	for _, i := range byOrders.best {
		d.ItemsByOrders = append(d.ItemsByOrders, i.page(r.count))
	}
	for _, i := range byRevenue.best {
		d.ItemsByRevenue = append(d.ItemsByRevenue, i.page(r.count))
	}
	for _, i := range changes.best {
		change := report.PriceChange{Item: i.name}
		for _, p := range i.Prices {
			change.Steps = append(change.Steps, report.PriceStep{From: p.Since, Price: p.Price})
		}
		d.PriceChanges = append(d.PriceChanges, change)
	}
}

func (r *run) pageCustomers(d *report.Data, all *records.Records, main money.Currency) {
	type customer struct {
		phone string
		records.CustomerDetail
	}
	best := top[customer]{n: topCustomers, less: func(a, b customer) int {
		return cmp.Or(cmp.Compare(b.Orders, a.Orders), in(b.Spent, main).Cmp(in(a.Spent, main)))
	}}
	for phone, detail := range all.Customers.Details() {
		best.add(customer{phone, detail})
	}
	for _, c := range best.best {
		if !r.showPhones {
			c.phone = phones.Mask(c.phone)
		}
		d.TopCustomers = append(d.TopCustomers, report.Customer{Phone: c.phone, Name: c.Name, Orders: c.Orders, Spent: c.Spent})
	}
}

// An item is one with its name.
type item struct {
	name string
	records.ItemDetail
}

// orders are the item's as items.json tells them.
func (i item) orders(count string) money.Amount {
	if count == "quantity" {
		return i.Quantity
	}
	return money.FromInt(i.Orders)
}

func (i item) page(count string) report.Item {
	return report.Item{
		Name: i.name, Orders: i.orders(count).Trim(0).String(), Quantity: i.Quantity.Trim(0).String(),
		Price: i.Price, Revenue: i.Revenue,
	}
}

// in is the amount in one currency.
func in(all []money.Sum, currency money.Currency) money.Amount {
	for _, m := range all {
		if m.Currency == currency {
			return m.Amount
		}
	}
	return money.Amount{}
}

// skips are the orders that were passed over, by reason.
func skips(totals orders.Totals) (all []report.Count) {
	for reason, n := range totals.Skipped {
		all = append(all, report.Count{Reason: reason, Count: n})
	}
	slices.SortFunc(all, func(a, b report.Count) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	if totals.Repeated > 0 {
		all = append(all, report.Count{Reason: "came again", Count: totals.Repeated})
	}
	return all
}

// top keeps the first n of many, as less orders them: of equals those that came
// first.
type top[T any] struct {
	n    int
	less func(a, b T) int
	best []T
}

func (t *top[T]) add(v T) {
	if len(t.best) == t.n && t.less(v, t.best[t.n-1]) >= 0 {
		return
	}
	at, _ := slices.BinarySearchFunc(t.best, v, func(old, v T) int {
		if t.less(old, v) <= 0 {
			return -1
		}
		return 1
	})
	t.best = slices.Insert(t.best, at, v)
	t.best = t.best[:min(len(t.best), t.n)]
}
