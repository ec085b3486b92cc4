package report

import (
	"fmt"
	"html/template"
	"time"

	"process-orders/internal/look"
	"process-orders/money"
)

// How many rows the tables may have at most. The data is meant to have fewer. The
// limit makes sure that a browser can open the page.
const (
	maxRows    = 100
	maxSources = 8
)

const maxPhoneRunes = 24

// english is how numbers are written.
var english look.Notation = look.English

func count(n int64) string { return english.Count(n) }

func decimal(s string) string { return english.Decimal(s) }

// A page is the data as it is shown. The template only puts it in its place.
type page struct {
	Title   string
	Period  []moment // one or two
	Sources []look.Text
	More    string // how many sources are not listed

	Empty    bool // there are no orders
	Totals   []total
	Revenue  []look.Amount // only if there are several currencies
	Chart    *timeline
	Untimed  string
	ByOrders *itemTable
	// The bars of ByRevenue are of the main currency.
	ByRevenue *itemTable
	Customers []customerRow
	HasSpent  bool
	Prices    []priceRow
	LeftOut   []leftOut
}

// Style is the style sheet.
func (*page) Style() template.CSS { return template.CSS(look.Style) } // which is ours

// A moment is a date for people and for machines. Both are empty if it is unknown.
type moment struct{ Date, ISO string }

func newDate(t time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	t = t.UTC()
	return moment{Date: t.Format("2 Jan 2006"), ISO: t.Format(time.DateOnly)}
}

// A total is one of the figures at the top.
type total struct{ Name, Number, Unit, Note string }

type leftOut struct{ Reason, Orders string }

type customerRow struct {
	Phone, Name look.Text
	Orders, Bar string
	Spent       []look.Amount
}

type itemTable struct {
	Rows                            []itemRow
	HasQuantity, HasPrice, HasMoney bool
}

type itemRow struct {
	Name                    look.Text
	Bar                     string
	Orders, Quantity, Price string
	Revenue                 []look.Amount
}

func newPage(d *Data) *page {
	p := &page{
		Title:   "Orders",
		Empty:   d.Orders == 0,
		Totals:  totals(d),
		Chart:   newTimeline(d.Days),
		LeftOut: leftOuts(d),
	}
	p.period(d.From, d.To)
	p.sources(d.Sources)
	if d.Untimed > 0 {
		p.Untimed = count(d.Untimed)
	}
	main := mainCurrency(d)
	if len(d.Revenue) > 1 {
		p.Revenue = amounts(d.Revenue, main)
	}
	p.ByOrders = newItemTable(d.ItemsByOrders, main, func(i Item) string { return i.Orders })
	p.ByRevenue = newItemTable(d.ItemsByRevenue, main, func(i Item) string { return in(main, i.Revenue) })
	p.Customers = customers(d.TopCustomers, main)
	for _, c := range p.Customers {
		p.HasSpent = p.HasSpent || len(c.Spent) > 0
	}
	for _, c := range d.PriceChanges {
		if len(c.Steps) > 1 && len(p.Prices) < maxRows {
			p.Prices = append(p.Prices, newPriceRow(c, d.To))
		}
	}
	return p
}

func (p *page) period(from, to time.Time) {
	if from.IsZero() || to.IsZero() {
		return
	}
	p.Title += ", " + span(from.UTC(), to.UTC())
	p.Period = []moment{newDate(from)}
	if end := newDate(to); end != p.Period[0] {
		p.Period = append(p.Period, end)
	}
}

func (p *page) sources(names []string) {
	for _, n := range names[:min(len(names), maxSources)] {
		p.Sources = append(p.Sources, look.Name(n))
	}
	if more := len(names) - maxSources; more > 0 {
		p.More = count(int64(more))
	}
}

func totals(d *Data) []total {
	all := []total{{Name: "Orders", Number: count(d.Orders)}}
	if len(d.Revenue) > 0 {
		main := english.Amount(d.Revenue[0])
		t := total{Name: "Revenue", Number: main.Number, Unit: main.Currency}
		if more := len(d.Revenue) - 1; more > 0 {
			t.Note = "and " + several(int64(more), "other currency", "other currencies")
		}
		all = append(all, t)
	}
	all = append(all,
		total{Name: "Customers", Number: count(d.Customers)},
		total{Name: "Items", Number: count(d.Items), Note: "in " + several(d.Lines, "order line", "order lines")})
	left, note := d.Rejected, ""
	for _, s := range d.Skipped {
		left += s.Count
	}
	if d.Rejected > 0 && d.Rejected < left {
		note = count(d.Rejected) + " rejected"
	}
	if left > 0 {
		all = append(all, total{Name: "Left out", Number: count(left), Note: note})
	}
	return all
}

func several(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}

func leftOuts(d *Data) (rows []leftOut) {
	if d.Rejected > 0 {
		rows = append(rows, leftOut{"rejected: not an order that can be accepted", count(d.Rejected)})
	}
	for _, s := range d.Skipped[:min(len(d.Skipped), maxRows)] {
		rows = append(rows, leftOut{look.Name(s.Reason).Short, count(s.Count)})
	}
	return rows
}

func customers(top []Customer, main money.Currency) (rows []customerRow) {
	top = top[:min(len(top), maxRows)]
	orders := make([]string, len(top))
	for i, c := range top {
		orders[i] = fmt.Sprint(c.Orders)
	}
	bars := look.Shares(orders)
	for i, c := range top {
		rows = append(rows, customerRow{
			Phone: look.AtMost(maxPhoneRunes, c.Phone), Name: look.Name(c.Name),
			Orders: count(c.Orders), Bar: bars[i],
			Spent: amounts(c.Spent, main),
		})
	}
	return rows
}

// mainCurrency is the currency of the bars. It comes first if an item or a customer
// has several.
func mainCurrency(d *Data) money.Currency {
	if len(d.Revenue) == 0 {
		return money.Currency{}
	}
	return d.Revenue[0].Currency
}

// in returns the amount in a currency as text, "" for none.
func in(currency money.Currency, all []money.Sum) string {
	for _, s := range all {
		if s.Currency == currency {
			return s.Written().String()
		}
	}
	return ""
}

// newItemTable returns nil for no items. The bar of an item is as long as the number
// that of returns.
func newItemTable(items []Item, main money.Currency, of func(Item) string) *itemTable {
	if len(items) == 0 {
		return nil
	}
	items = items[:min(len(items), maxRows)]
	numbers := make([]string, len(items))
	for i, item := range items {
		numbers[i] = of(item)
	}
	t := new(itemTable)
	for i, bar := range look.Shares(numbers) {
		item := items[i]
		t.Rows = append(t.Rows, itemRow{
			Name: look.Name(item.Name), Bar: bar,
			Orders: decimal(item.Orders), Quantity: decimal(item.Quantity), Price: decimal(item.Price),
			Revenue: amounts(item.Revenue, main),
		})
		t.HasQuantity = t.HasQuantity || item.Quantity != ""
		t.HasPrice = t.HasPrice || item.Price != ""
		t.HasMoney = t.HasMoney || len(item.Revenue) > 0
	}
	return t
}

// amounts returns the one in the main currency first, then the others in their order.
func amounts(all []money.Sum, main money.Currency) (shown []look.Amount) {
	all = all[:min(len(all), maxRows)]
	for _, first := range []bool{true, false} {
		for _, s := range all {
			if (s.Currency == main) == first {
				shown = append(shown, english.Amount(s))
			}
		}
	}
	return shown
}
