package orders_test

import (
	"slices"
	"testing"

	"process-orders/orders"
)

// Whoever reads orders decides what they leave open; times are not read against a mapping that
// says that the month comes first.
func TestDecide(t *testing.T) {
	formats := []string{"%d.%m.%y"}
	for _, c := range []struct {
		name      string
		have      orders.Decimal
		times     []string
		decimal   string
		dayFirst  bool
		want      orders.Decimal
		wantTimes []string
		isRefused bool
	}{
		{"nothing", orders.DecimalComma, formats, "", false, orders.DecimalComma, formats, false},
		{"a comma", orders.DecimalUnknown, nil, ",", false, orders.DecimalComma, nil, false},
		{"a point in place of a comma", orders.DecimalComma, nil, ".", false, orders.DecimalPoint, nil, false},
		{"no sign", orders.DecimalComma, nil, ";", false, orders.DecimalComma, nil, false},
		{"the day first", orders.DecimalUnknown, formats, "", true, orders.DecimalUnknown, []string{orders.DayFirst, "%d.%m.%y"}, false},
		{"against the mapping", orders.DecimalUnknown, []string{orders.MonthFirst}, ",", true, orders.DecimalComma, []string{orders.MonthFirst}, true},
	} {
		m := orders.Mapping{Decimal: c.have, TimeFormats: c.times}
		if ok := m.Decide(c.decimal, c.dayFirst); ok == c.isRefused || m.Decimal != c.want || !slices.Equal(m.TimeFormats, c.wantTimes) {
			t.Errorf("%s: got %v, sign %d, times %q", c.name, ok, m.Decimal, m.TimeFormats)
		}
	}
	if !slices.Equal(formats, []string{"%d.%m.%y"}) {
		t.Errorf("the formats of another mapping are %q now", formats)
	}
}
