package main

import (
	"cmp"
	"slices"
	"strings"

	"process-orders/internal/report"
	"process-orders/internal/top"
	"process-orders/money"
	"process-orders/orders"
	"process-orders/phones"
	"process-orders/records"
)

// How many of each the report shows.
const (
	reportItems     = 20
	reportCustomers = 20
	reportChanges   = 20
)

// reportData is what the report shows.
func (r *run) reportData(all *records.Records, totals orders.Totals) *report.Data {
	activity := all.Activity()
	d := &report.Data{
		Sources: r.called(), Orders: totals.Orders, Rejected: totals.Rejected,
		Lines: activity.Lines, Untimed: activity.Untimed,
		Customers: int64(all.Customers.Len()), Items: int64(all.Items.Len()),
		Revenue: activity.Revenue(),
		Skipped: reportSkipped(totals),
	}
	d.From, d.To = activity.Times()
	for day, n := range activity.Days() {
		d.Days = append(d.Days, report.Day{Date: day, Orders: n})
	}
	var main money.Currency
	if len(d.Revenue) > 0 {
		main = d.Revenue[0].Currency
	}
	r.reportItems(d, all, main)
	r.reportCustomers(d, all, main)
	return d
}

// reportItems adds the items; main is the currency that revenue is compared in.
func (r *run) reportItems(d *report.Data, all *records.Records, main money.Currency) {
	byOrders := top.List[item]{N: reportItems, Compare: func(a, b item) int { return b.orders(r.count).Cmp(a.orders(r.count)) }}
	byRevenue := top.List[item]{N: reportItems, Compare: func(a, b item) int { return in(b.Revenue, main).Cmp(in(a.Revenue, main)) }}
	changes := top.List[item]{N: reportChanges, Compare: func(a, b item) int { return cmp.Compare(b.Orders, a.Orders) }}
	for name, detail := range all.Items.Details() {
		i := item{startOf(name), detail}
		i.Price, i.Revenue = startOf(i.Price), shownSums(i.Revenue, main)
		byOrders.Add(i)
		byRevenue.Add(i)
		if len(detail.Prices) > 1 {
			changes.Add(i)
		}
	}
	for _, i := range byOrders.Best {
		d.ItemsByOrders = append(d.ItemsByOrders, i.report(r.count))
	}
	for _, i := range byRevenue.Best {
		d.ItemsByRevenue = append(d.ItemsByRevenue, i.report(r.count))
	}
	for _, i := range changes.Best {
		change := report.PriceChange{Item: i.name}
		for _, p := range i.Prices {
			change.Steps = append(change.Steps, report.PriceStep{From: p.Since, Price: p.Price})
		}
		d.PriceChanges = append(d.PriceChanges, change)
	}
}

// reportCustomers adds the customers; main is the currency that spending is compared in.
func (r *run) reportCustomers(d *report.Data, all *records.Records, main money.Currency) {
	type customer struct {
		phone string
		records.CustomerDetail
	}
	best := top.List[customer]{N: reportCustomers, Compare: func(a, b customer) int {
		return cmp.Or(cmp.Compare(b.Orders, a.Orders), in(b.Spent, main).Cmp(in(a.Spent, main)))
	}}
	for phone, detail := range all.Customers.Details() {
		detail.Name, detail.Spent = startOf(detail.Name), shownSums(detail.Spent, main)
		best.Add(customer{startOf(phone), detail})
	}
	for _, c := range best.Best {
		if !r.showPhones {
			c.phone = phones.Mask(c.phone)
		}
		d.TopCustomers = append(d.TopCustomers, report.Customer{Phone: c.phone, Name: c.Name, Orders: c.Orders, Spent: c.Spent})
	}
}

// What the report keeps of a text and of the amounts in many currencies until it is
// written: more than it shows. A text can be as long as an order.
const (
	maxReportText = 16 << 10
	maxReportSums = 200
)

// startOf is the start of a text, as far as the report may need it.
func startOf(text string) string {
	if len(text) <= maxReportText {
		return text
	}
	return strings.ToValidUTF8(text[:maxReportText], "") + "…"
}

// shownSums are the sums that the report may show: that of the main currency, and some.
func shownSums(all []money.Sum, main money.Currency) []money.Sum {
	if len(all) <= maxReportSums {
		return all
	}
	some := slices.Clone(all[:maxReportSums])
	if i := slices.IndexFunc(all, func(s money.Sum) bool { return s.Currency == main }); i >= maxReportSums {
		some[0] = all[i]
	}
	return some
}

// item is an item's detail with its name.
type item struct {
	name string
	records.ItemDetail
}

// orders is the number that items.json gives as the item's orders.
func (i item) orders(count string) money.Amount {
	if count == "quantity" {
		return i.Quantity
	}
	return money.FromInt(i.Orders)
}

func (i item) report(count string) report.Item {
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

// reportSkipped are the numbers of orders that were left out, by reason.
func reportSkipped(totals orders.Totals) (all []report.Count) {
	for reason, n := range totals.Skipped {
		all = append(all, report.Count{Reason: reason, Count: n})
	}
	slices.SortFunc(all, func(a, b report.Count) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	if totals.Repeated > 0 {
		all = append(all, report.Count{Reason: "came again", Count: totals.Repeated})
	}
	if totals.Superseded > 0 {
		all = append(all, report.Count{Reason: "superseded by a later state", Count: totals.Superseded})
	}
	return all
}
