package page

import (
	"fmt"
	"time"

	"process-orders/internal/look"
	"process-orders/money"
)

// An Order is one of the latest, without people.
type Order struct {
	Key    string    // the same each time
	Placed time.Time // zero if it is not known
	Shop   string    // "" if the page is of one
	Lines  []Line
	Cost   []money.Sum
	// Skipped is why it does not count, in a word; "" if it counts.
	Skipped string
}

// A Line is an item of an order. Quantity is "" for one.
type Line struct{ Item, Quantity string }

// Feed is the view of the part feed.
type Feed struct {
	Rows []FeedRow
	// HasOthers reports whether the shop has orders, though none that can be listed.
	HasOthers bool
	// NotAmong says among how many of the latest orders of all shops there is none of the shop; "" if
	// there is one, or if all orders were looked at.
	NotAmong string
}

// A FeedRow is an order.
type FeedRow struct {
	Key, Time, Machine string // Machine is the time for machines
	Day                string // "" if it is today
	Shop               look.Text
	Lines              []FeedLine
	More               string // how many lines are not shown
	Cost               []look.Amount
	Skipped            string
}

// A FeedLine is an item, and how many.
type FeedLine struct {
	Quantity string
	Name     look.Text
}

const (
	mostFeedLines = 4  // of one order
	mostItemRunes = 40 // of their names
)

// NewFeed makes the list of orders, the latest first. HasOthers reports whether there are orders that
// cannot be listed.
func (r *Reader) NewFeed(orders []Order, hasOthers bool) *Feed {
	f := &Feed{HasOthers: hasOthers}
	for _, o := range orders {
		row := FeedRow{Key: o.Key}
		if o.Shop != "" {
			row.Shop = look.AtMost(mostItemRunes, o.Shop)
		}
		if !o.Placed.IsZero() {
			row.Time, row.Machine = r.Clock(o.Placed), o.Placed.UTC().Format(time.RFC3339)
			if day := r.Day(o.Placed); day != r.Day(r.Now) {
				row.Day = day
			}
		}
		for _, l := range o.Lines[:min(len(o.Lines), mostFeedLines)] {
			line := FeedLine{Name: look.AtMost(mostItemRunes, l.Item)}
			if l.Quantity != "" && l.Quantity != "1" {
				line.Quantity = r.Notation().Decimal(l.Quantity)
			}
			row.Lines = append(row.Lines, line)
		}
		if more := len(o.Lines) - mostFeedLines; more > 0 {
			row.More = fmt.Sprintf(r.Words.Feed.More, r.Count(int64(more)))
		}
		for _, s := range o.Cost {
			row.Cost = append(row.Cost, r.Notation().Amount(s))
		}
		if o.Skipped != "" {
			row.Skipped = fmt.Sprintf(r.Words.Feed.Skipped, look.AtMost(mostItemRunes, o.Skipped).Short)
		}
		f.Rows = append(f.Rows, row)
	}
	return f
}
