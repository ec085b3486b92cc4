package page

import (
	"fmt"
	"strconv"

	"process-orders/internal/look"
	"process-orders/money"
)

// An Item is one of those that were ordered most.
type Item struct {
	Name   string
	Orders int64
	// Price is the latest, and Prices are those that it has had, the oldest first.
	Price   string
	Prices  []Price
	Revenue []money.Sum
}

// A Price is one, and the time from which it was seen, which is zero if it is not known.
type Price = look.Step

// Items is the view of the part items.
type Items struct {
	Caption string
	Rows    []ItemRow
}

// An ItemRow is an item. Change is "" if its price never changed.
type ItemRow struct {
	Rank                   int
	Name                   look.Text
	Bar                    string
	Orders, Price          string
	Change, Percent, Since string
	Drawing                look.Drawing
	Revenue                []look.Amount
}

// NewItems makes the list of items, which are sorted. They are those of all shops, which the page of
// one shop says.
func (r *Reader) NewItems(all []Item, ofShop bool) *Items {
	view := &Items{Caption: r.Words.Items.Caption}
	if ofShop {
		view.Caption = r.Words.Items.CaptionAll
	}
	numbers := make([]string, len(all))
	for i := range all {
		numbers[i] = strconv.FormatInt(all[i].Orders, 10)
	}
	bars := look.Shares(numbers)
	for i := range all {
		row := ItemRow{
			Rank: i + 1, Name: look.Name(all[i].Name), Bar: bars[i],
			Orders: r.Count(all[i].Orders), Price: r.Notation().Price(all[i].Price),
		}
		for _, s := range all[i].Revenue {
			row.Revenue = append(row.Revenue, r.Notation().Amount(s))
		}
		r.priceChange(&row, &all[i])
		view.Rows = append(view.Rows, row)
	}
	return view
}

// priceChange sets what an item's price has changed by, from the price before the latest.
func (r *Reader) priceChange(row *ItemRow, i *Item) {
	n := len(i.Prices)
	if n < 2 {
		return
	}
	before, last := i.Prices[n-2], i.Prices[n-1]
	row.Change, row.Percent = r.Notation().Change(before.Price, last.Price)
	if !last.From.IsZero() {
		row.Since = fmt.Sprintf(r.Words.Items.Since, r.Day(last.From))
	}
	drawing, drawn := look.DrawSteps(i.Prices, r.Now)
	drawing.Label = fmt.Sprintf(r.Words.Items.Drawing, r.Count(int64(len(drawn))), r.Notation().Price(drawn[0].Price), row.Price)
	row.Drawing = drawing
}
