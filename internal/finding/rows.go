package finding

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"process-orders/internal/shown"
)

// A Row is one thing that was found. The rows after the first of several of a kind have no name.
type Row struct{ Name, Text string }

// Text is the finding for people.
func (f *Finding) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", shown.Text(strings.Join(f.how.Names, ", ")), f.Shape())
	for _, row := range f.Rows() {
		fmt.Fprintf(&b, "  %-11s %s\n", row.Name, row.Text)
	}
	return b.String()
}

// Shape says what the orders were read as.
func (f *Finding) Shape() string {
	shape := f.Title
	switch {
	case f.From != "" && shape == "":
		shape = f.how.Ways.Preset + f.From
	case f.From != "":
		shape += " (" + f.how.Ways.Preset + f.From + ")"
	}
	return shown.Text(shape)
}

// Rows are all that was found, for people.
func (f *Finding) Rows() (all []Row) {
	row := func(name, format string, args ...any) {
		all = append(all, Row{name, shown.Text(fmt.Sprintf(format, args...))})
	}
	row("orders", "%s with %s%s", Thousands(f.Orders), Count(f.Lines, "line"), LeftOut(f.Skipped, f.LinesSkipped, f.Repeated, f.Superseded))
	for _, reason := range slices.Sorted(maps.Keys(f.SkippedAt)) {
		row("", "the first that is skipped as %s: %v", reason, f.SkippedAt[reason])
	}
	for _, reason := range slices.Sorted(maps.Keys(f.LinesSkippedAt)) {
		row("", "the first with a line that is left out as %s: %v", reason, f.LinesSkippedAt[reason])
	}
	row("customers", "%s", Thousands(int64(f.Customers)))
	row("items", "%s", Thousands(int64(f.Items)))
	if f.First != nil {
		row("time", "%s to %s", f.First.Format(time.DateTime), f.Last.Format(time.DateTime))
	}
	var amounts []string
	for _, m := range f.revenue {
		amount := m.Written().String()
		if !m.Currency.IsNone() {
			amount = m.Currency.String() + " " + amount
		}
		amounts = append(amounts, amount)
	}
	if len(amounts) > 0 {
		row("sum", "%s", strings.Join(amounts, ", "))
	}
	row("have", "name %s, time %s, id %s, currency %s; of the lines, quantity %s",
		percent(f.With["name"]), percent(f.With["time"]), percent(f.With["id"]), percent(f.With["currency"]), percent(f.With["quantity"]))
	if f.From != "" {
		row("later", "%s", f.laterText())
	}
	f.odd(row)
	for _, m := range f.remarks {
		row("note", "%s", m.Text)
	}
	for _, m := range f.remarks {
		if m.Needs != "" {
			row("needs", "%s", m.Needs)
		}
	}
	if f.Rejected > 0 {
		row("rejected", "%s", Count(f.Rejected, "order"))
		for _, reject := range f.Rejects {
			row("", "%s", reject)
		}
		if more := f.Rejected - int64(len(f.Rejects)); more > 0 {
			row("", "… and %s more", Thousands(more))
		}
	}
	return all
}

// laterText says which name, which price and which state of an order counts.
func (f *Finding) laterText() string {
	text := "the latest name and price are those further along in the input"
	if f.Later == "time" {
		text = "the latest name and price are those of the order placed last"
	}
	switch {
	case !f.hasIDs:
		return text
	case len(f.Updated) > 0:
		return text + "; if an order comes again, its latest state by " + strings.Join(f.Updated, ", ") + " counts"
	}
	return text + "; if an order comes again, what comes last counts"
}

// odd prints what somebody may want to look at.
func (f *Finding) odd(row func(name, format string, args ...any)) {
	if f.PhonesKept > 0 {
		row("phones", "%s with a phone that is not a number, kept as it is written", Count(f.PhonesKept, "order"))
	}
	if f.SeveralNames > 0 {
		row("phones", "%s with several names", Count(f.SeveralNames, "phone"))
	}
	switch {
	case f.SamePhonesAtLeast:
		row("phones", "at least %s phone numbers are written in more than one way: %s; %s", Thousands(f.SamePhones), f.how.Ways.AllPhones, f.how.Ways.SamePhones)
	case f.SamePhones == 0:
	case f.SamePhones == 1:
		row("phones", "1 phone number is written in more than one way; %s", f.how.Ways.SamePhones)
	default:
		row("phones", "%s phone numbers are written in more than one way; %s", Thousands(f.SamePhones), f.how.Ways.SamePhones)
	}
	if f.SeveralPrices > 0 {
		row("prices", "%s with several prices", Count(f.SeveralPrices, "item"))
		for _, p := range f.Prices {
			var prices []string
			for _, price := range p.Prices {
				prices = append(prices, price.String())
			}
			row("", "%s: %s", p.Item, strings.Join(prices, ", "))
		}
	}
}

func percent(share float64) string {
	switch {
	case share == 1 || share == 0:
		return fmt.Sprintf("%.0f %%", 100*share)
	case share > 0.99:
		return "> 99 %"
	case share < 0.01:
		return "< 1 %"
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}
