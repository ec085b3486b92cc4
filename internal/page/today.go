package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"process-orders/internal/look"
	"process-orders/money"
)

// Sums are what the orders of some time come to. OfShop reports whether they are those of one shop:
// customers are those of all shops, so none of them are new.
type Sums struct {
	OfShop               bool
	Orders, NewCustomers int64
	Revenue              []money.Sum // by currency and sorted by it
}

// Today is the view of the part today: figures of the day so far.
type Today struct {
	SoFar string // until when, and with what it is compared
	Cards []Card
}

// A Card is a figure, and what it was a week ago.
type Card struct {
	Key, Name string // the key is the same each time
	look.Amount
	Trend Trend
	Then  string
}

// A Trend says how a figure has changed. Kind is up, down, same or new, and "" if there is nothing
// to say.
type Trend struct{ Kind, Text string }

// mostCurrencies is how many have a card.
const mostCurrencies = 4

// NewToday makes the figures of a day so far, beside those of the same weekday a week ago up to the
// same minute.
func (r *Reader) NewToday(now, then Sums) *Today {
	w := &r.Words.Today
	t := &Today{SoFar: fmt.Sprintf(w.SoFar, r.Weekday(r.Now), r.Day(r.Now), r.Clock(r.Now))}
	add := func(key, name string, number, before look.Amount, trend Trend) {
		t.Cards = append(t.Cards, Card{key, name, number, trend, fmt.Sprintf(w.WeekAgo, before.Number)})
	}
	counted := func(key, name string, now, then int64) {
		a, b := strconv.FormatInt(now, 10), strconv.FormatInt(then, 10)
		add(key, name, look.Amount{Number: r.Notation().Decimal(a)}, look.Amount{Number: r.Notation().Decimal(b)}, r.trend(a, b))
	}
	summed := func(key, name string, now, then money.Sum) {
		add(key, name, r.Notation().Amount(now), r.Notation().Amount(then), r.trend(now.Written().String(), then.Written().String()))
	}
	counted("orders", w.Orders, now.Orders, then.Orders)
	all := currencies(now.Revenue, then.Revenue)
	for _, c := range all[:min(len(all), mostCurrencies)] {
		summed("revenue-"+c.String(), w.Revenue, in(c, now.Revenue), in(c, then.Revenue))
	}
	if !now.OfShop {
		counted("customers", w.NewCustomers, now.NewCustomers, then.NewCustomers)
	}
	if average, ok := now.average(); ok {
		before, ok := then.average()
		if !ok || before.Currency != average.Currency {
			before = money.Sum{Currency: average.Currency}
		}
		summed("average", w.Average, average, before)
	}
	return t
}

// average is the revenue of an order, if there are orders and one currency. With several nothing is
// known of which order has which.
func (s *Sums) average() (money.Sum, bool) {
	if len(s.Revenue) != 1 {
		return money.Sum{}, false
	}
	return money.Average(s.Revenue[0], s.Orders)
}

// currencies are those of two sums, sorted.
func currencies(a, b []money.Sum) (all []money.Currency) {
	for _, s := range slices.Concat(a, b) {
		all = append(all, s.Currency)
	}
	slices.SortFunc(all, money.Currency.Compare)
	return slices.Compact(all)
}

// in is the sum in a currency, 0 for none.
func in(c money.Currency, all []money.Sum) money.Sum {
	for _, s := range all {
		if s.Currency == c {
			return s
		}
	}
	return money.Sum{Currency: c}
}

// trend compares a number with what it was.
func (r *Reader) trend(now, then string) Trend {
	a, _ := money.Parse([]byte(now))
	b, _ := money.Parse([]byte(then))
	switch {
	case a.Sign() == 0 && b.Sign() == 0:
		return Trend{}
	case b.Sign() <= 0:
		return Trend{"new", r.Words.Today.New}
	case a.Cmp(b) == 0:
		return Trend{"same", r.Words.Today.Same}
	}
	percent := r.Notation().Percent(then, now, 0)
	switch {
	case !strings.ContainsAny(percent, "123456789"): // less than half a percent
		return Trend{"same", r.Words.Today.About}
	case a.Cmp(b) > 0:
		return Trend{"up", percent}
	}
	return Trend{"down", percent}
}
