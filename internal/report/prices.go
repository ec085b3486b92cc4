package report

import (
	"time"

	"process-orders/internal/look"
)

// maxListedSteps is how many prices are listed with their dates: the first one and
// the last ones.
const maxListedSteps = 6

type priceRow struct {
	Item            look.Text
	Drawing         look.Drawing
	Steps           []stepRow
	Amount, Percent string
}

type stepRow struct {
	Price   string
	When    moment
	Omitted string // how many steps are between these; nothing else is set then
}

func newPriceRow(c PriceChange, end time.Time) priceRow {
	first, last := c.Steps[0].Price, c.Steps[len(c.Steps)-1].Price
	row := priceRow{Item: look.Name(c.Item), Steps: listSteps(c.Steps)}
	row.Amount, row.Percent = english.Change(first, last)
	steps := make([]look.Step, len(c.Steps))
	for i, s := range c.Steps {
		steps[i] = look.Step(s)
	}
	var drawn []look.Step
	row.Drawing, drawn = look.DrawSteps(steps, end)
	row.Drawing.Label = "The price in " + count(int64(len(drawn))) + " steps, from " + decimal(drawn[0].Price) + " to " + decimal(last) + "."
	return row
}

func listSteps(steps []PriceStep) (rows []stepRow) {
	for i, s := range steps {
		tail := len(steps) - maxListedSteps + 2 // where the last ones start
		switch {
		case len(steps) <= maxListedSteps, i == 0, i >= tail:
			rows = append(rows, stepRow{Price: decimal(s.Price), When: newDate(s.From)})
		case i == 1:
			rows = append(rows, stepRow{Omitted: count(int64(tail - 1))})
		}
	}
	return rows
}
