package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"process-orders/internal/report"
	"process-orders/internal/top"
	"process-orders/money"
	"process-orders/orders"
	"process-orders/phones"
	"process-orders/records"
	"process-orders/store"
)

// How many of each the report shows.
const (
	reportItems     = 20
	reportCustomers = 20
	reportChanges   = 20
)

// A reporting gathers what the report shows, from the records of a run or of a store. They come
// one by one, in the order of their first appearance.
type reporting struct {
	data       *report.Data
	main       money.Currency // that revenue and spending are compared in
	count      string
	showPhones bool

	byOrders, byRevenue, changes top.List[records.NamedItem]
	customers                    top.List[records.Customer]
}

// startReport starts the report with what is known of all orders. A store knows the times of
// the first and of the last to the minute, so no report has them more exactly.
func (f *recordFlags) startReport(sources []string, totals orders.Totals, activity *records.Activity) *reporting {
	d := &report.Data{
		Sources: sources, Orders: totals.Orders, Lines: activity.Lines, Untimed: activity.Untimed,
		Revenue: activity.Revenue(),
	}
	if first, last := activity.Times(); !first.IsZero() {
		d.From, d.To = first.Truncate(time.Minute), last.Truncate(time.Minute).Add(time.Minute-time.Millisecond)
	}
	for day, n := range activity.Days() {
		d.Days = append(d.Days, report.Day{Date: day, Orders: n})
	}
	r := &reporting{data: d, count: f.count, showPhones: f.showPhones}
	r.leftOut(totals)
	if len(d.Revenue) > 0 {
		r.main = d.Revenue[0].Currency
	}
	r.byOrders = top.List[records.NamedItem]{N: reportItems, Compare: func(a, b records.NamedItem) int {
		return itemOrders(b, r.count).Cmp(itemOrders(a, r.count))
	}}
	r.byRevenue = top.List[records.NamedItem]{N: reportItems, Compare: func(a, b records.NamedItem) int {
		return in(b.Revenue, r.main).Cmp(in(a.Revenue, r.main))
	}}
	r.changes = top.List[records.NamedItem]{N: reportChanges, Compare: func(a, b records.NamedItem) int {
		return cmp.Compare(b.Orders, a.Orders)
	}}
	r.customers = top.List[records.Customer]{N: reportCustomers, Compare: func(a, b records.Customer) int {
		return r.compareCustomers(a.Orders, b.Orders, a.Spent, b.Spent)
	}}
	return r
}

// compareCustomers compares two customers by how many orders they have, and then by what they spent.
func (r *reporting) compareCustomers(a, b int64, spentByA, spentByB []money.Sum) int {
	if a != b {
		return cmp.Compare(b, a)
	}
	return in(spentByB, r.main).Cmp(in(spentByA, r.main))
}

// choice is which customers of a store the report shows.
func (r *reporting) choice() *store.Choice {
	return &store.Choice{N: reportCustomers, Compare: func(a, b store.Customer) int {
		return r.compareCustomers(a.Orders, b.Orders, a.Spent, b.Spent)
	}}
}

// leftOut says which orders were left out.
func (r *reporting) leftOut(totals orders.Totals) {
	r.data.Rejected, r.data.Skipped = totals.Rejected, reportSkipped(totals)
}

func (r *reporting) addItem(i records.NamedItem) {
	r.data.Items++
	i.Name, i.Price, i.Revenue = startOf(i.Name), startOf(i.Price), shownSums(i.Revenue, r.main)
	r.byOrders.Add(i)
	r.byRevenue.Add(i)
	if len(i.Prices) > 1 {
		r.changes.Add(i)
	}
}

func (r *reporting) addCustomer(c records.Customer) {
	r.data.Customers++
	if c.Name == "" {
		c.Name = records.Unknown
	}
	c.Phone, c.Name, c.Spent = startOf(c.Phone), startOf(c.Name), shownSums(c.Spent, r.main)
	r.customers.Add(c)
}

// page is what the report shows, once all items and customers were added.
func (r *reporting) page() *report.Data {
	d := r.data
	for _, i := range r.byOrders.Best {
		d.ItemsByOrders = append(d.ItemsByOrders, r.item(i))
	}
	for _, i := range r.byRevenue.Best {
		d.ItemsByRevenue = append(d.ItemsByRevenue, r.item(i))
	}
	for _, i := range r.changes.Best {
		change := report.PriceChange{Item: i.Name}
		for _, p := range i.Prices {
			change.Steps = append(change.Steps, report.PriceStep{From: p.Since, Price: p.Price})
		}
		d.PriceChanges = append(d.PriceChanges, change)
	}
	for _, c := range r.customers.Best {
		if !r.showPhones {
			c.Phone = phones.Mask(c.Phone)
		}
		d.TopCustomers = append(d.TopCustomers, report.Customer{Phone: c.Phone, Name: c.Name, Orders: c.Orders, Spent: c.Spent})
	}
	return d
}

func (r *reporting) item(i records.NamedItem) report.Item {
	return report.Item{
		Name: i.Name, Orders: itemOrders(i, r.count).Trim(0).String(), Quantity: i.Quantity.Trim(0).String(),
		Price: i.Price, Revenue: i.Revenue,
	}
}

// itemOrders is the number that items.json gives as the item's orders.
func itemOrders(i records.NamedItem, count string) money.Amount {
	if count == "quantity" {
		return i.Quantity
	}
	return money.FromInt(i.Orders)
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
	// A store cannot tell copies of a state from states, once a later one has come.
	if more := totals.Repeated + totals.Superseded; more > 0 {
		all = append(all, report.Count{Reason: "came again, or in an earlier state", Count: more})
	}
	return all
}
