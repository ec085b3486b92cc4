package storetest

import (
	"fmt"
	"strings"
	"testing"

	"process-orders/money"
	"process-orders/store"
)

// detailed returns a state of an order that was placed at a time, with lines that say more.
func detailed(id string, at, placed int64, phone string, lines ...store.Line) store.State {
	s := order(id, at, phone, "")
	if s.Placed = placed; id != "" {
		s.Updated = at
	}
	for _, l := range lines {
		s.Lines = s.Lines.Append(l)
	}
	return sealed(s)
}

// testDetails compares what orders cost, and when they were placed, with what was worked out by
// hand.
func testDetails(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	n := b.start(source("a", "x"))
	const minute = store.MinuteMilliseconds
	b.apply(n,
		detailed("1", 1, 10*minute+5, "1", store.Line{Item: "Dosa", Price: "10.95", Quantity: "2"}, store.Line{Item: "Idli", Price: "3", Currency: "EUR"}),
		detailed("2", 2, 10*minute, "1", store.Line{Item: "Dosa", Price: "11", Quantity: "0.5", Total: "5.250", Currency: "eur"}),
		detailed("", 3, 12*minute, "2", store.Line{Item: "Dosa", Price: "10.95", Quantity: "-1"}, store.Line{Item: "Vada", Price: "free", Quantity: "many"}),
		detailed("4", 4, store.NoTime, "2", store.Line{Item: "Idli", Price: "3.0", Quantity: "3", Currency: "USD"}),
		detailed("5", 5, 12*minute+1, "", store.Line{Item: "Vada", Price: "2", Uncounted: true}))
	b.details(
		"1: 2 orders, 21.90, EUR 8.250, 600000-600005; 2: 2 orders, -10.95, USD 9.0, 720000-720000",
		"Dosa: 3 orders, 1.5 pieces, 10.95, EUR 5.250, 10.95 and 11; Idli: 2 orders, 4 pieces, EUR 3, USD 9.0, 3 and 3.0; Vada: 1 orders, 1 pieces, 2, free and 2",
		"none: 1 orders, 0 new, USD 9.0 of 1; 10: 2 orders, 1 new, 21.90 of 1, EUR 8.250 of 2; 12: 2 orders, 1 new, -8.95 of 3")
	// An edit and a cancellation take all back that they replace, also the places of amounts.
	b.apply(n, detailed("2", 12, 13*minute, "3", store.Line{Item: "Dosa", Price: "11", Quantity: "1"}), updated(skipped("1", 11), 11))
	b.details(
		"3: 1 orders, 11, 780000-780000; 2: 2 orders, -10.95, USD 9.0, 720000-720000",
		"Dosa: 2 orders, 0 pieces, 0.05, 11 and 10.95; Vada: 1 orders, 1 pieces, 2, free and 2; Idli: 1 orders, 3 pieces, USD 9.0, 3.0",
		"none: 1 orders, 0 new, USD 9.0 of 1; 12: 2 orders, 1 new, -8.95 of 3; 13: 1 orders, 1 new, 11 of 1")
	// A customer who is forgotten takes no sale along.
	b.forget(store.Erasure{Phone: "2"})
	b.reopen()
	b.details(
		"3: 1 orders, 11, 780000-780000",
		"Dosa: 2 orders, 0 pieces, 0.05, 11 and 10.95; Vada: 1 orders, 1 pieces, 2, free and 2; Idli: 1 orders, 3 pieces, USD 9.0, 3.0",
		"none: 1 orders, 0 new, USD 9.0 of 1; 12: 2 orders, 0 new, -8.95 of 3; 13: 1 orders, 1 new, 11 of 1")
}

// details checks all records with all details, in the order of their first appearance.
func (b *both) details(customers, items, minutes string) {
	b.t.Helper()
	d := read(b.t, b.s)
	var c, i, m string
	for _, one := range d.Customers {
		c += fmt.Sprint("; ", one.Phone, ": ", one.Orders, " orders")
		for _, s := range one.Spent {
			c += sumText(s)
		}
		c += fmt.Sprint(", ", one.FirstPlaced, "-", one.LastPlaced)
	}
	for _, one := range d.Items {
		i += fmt.Sprint("; ", one.Name, ": ", one.Orders, " orders, ", one.Quantity, " pieces")
		for _, s := range one.Revenue {
			i += sumText(s)
		}
		for n, p := range one.Prices {
			i += []string{", ", " and "}[min(n, 1)] + p.Price
		}
	}
	all := minutesOf(d)
	for n := range all {
		all[n].Shop = ""
	}
	m = minutesText(store.AddMinutes(all), true)
	for _, texts := range [][2]string{{c, customers}, {i, items}, {"; " + m, minutes}} {
		if got := texts[0]; got != "; "+texts[1] {
			b.t.Fatalf("%s\nwant\n  %s", got, texts[1])
		}
	}
}

func sumText(s money.Sum) string {
	if s.Currency.IsNone() {
		return ", " + s.Amount.String()
	}
	return fmt.Sprint(", ", s.Currency, " ", s.Amount)
}

// minutesText is what minutes say, with how many lines there are or without.
func minutesText(all []store.Minute, withLines bool) string {
	texts := make([]string, len(all))
	for i, one := range all {
		text := "none"
		if one.Start != store.NoTime {
			text = fmt.Sprint(one.Start / store.MinuteMilliseconds)
		}
		if one.Shop != "" {
			text += " " + one.Shop
		}
		text += fmt.Sprint(": ", one.Orders, " orders, ", one.NewCustomers, " new")
		for _, s := range one.Sums {
			if text += sumText(s.Sum); withLines {
				text += fmt.Sprint(" of ", s.Lines)
			}
		}
		texts[i] = text
	}
	return strings.Join(texts, "; ")
}
