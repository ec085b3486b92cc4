package orders

import "slices"

// Decide says what orders leave open: the decimal sign, "." or ",", and whether the day comes
// first in times such as 04/05/2026. It overrides what the mapping says of the sign; any other
// text leaves that as it is. It reports false, and changes no times, if the mapping says that the
// month comes first.
func (m *Mapping) Decide(decimal string, dayFirst bool) bool {
	if sign, ok := DecimalOf(decimal); ok {
		m.Decimal = sign
	}
	switch {
	case !dayFirst:
	case slices.Contains(m.TimeFormats, MonthFirst):
		return false
	default:
		m.TimeFormats = slices.Concat([]string{DayFirst}, m.TimeFormats)
	}
	return true
}

// DecimalOf returns the decimal sign that is written as a text, and whether it is one.
func DecimalOf(text string) (sign Decimal, ok bool) {
	switch text {
	case ".":
		return DecimalPoint, true
	case ",":
		return DecimalComma, true
	}
	return DecimalUnknown, false
}
