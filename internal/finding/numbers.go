package finding

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"process-orders/internal/look"
)

// Count is a number with its thousands apart, and the thing counted.
func Count(n int64, thing string) string { return Numbered(n, thing, thing+"s") }

// Thousands is a number with its thousands apart.
func Thousands(n int64) string { return GroupDigits(fmt.Sprint(n)) }

// GroupDigits sets the thousands of a number apart, which may have a minus and decimals.
func GroupDigits(number string) string { return look.Notation(look.English).Decimal(number) }

// Numbered is a number, and a text about one thing or about several.
func Numbered(n int64, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return Thousands(n) + " " + several
}

// LeftOut says which orders, lines and states of orders were left out, and why.
func LeftOut(skipped, lines map[string]int64, repeated, superseded int64) (text string) {
	if n, reasons := byReason(skipped); n > 0 {
		text = fmt.Sprintf("; %s skipped (%s)", Count(n, "order"), reasons)
	}
	if n, reasons := byReason(lines); n > 0 {
		text += fmt.Sprintf("; %s left out (%s)", Count(n, "line"), reasons)
	}
	if repeated > 0 {
		text += fmt.Sprintf("; %s came again", Count(repeated, "order"))
	}
	if superseded > 0 {
		text += "; " + Numbered(superseded, "earlier state of an order was superseded", "earlier states of orders were superseded")
	}
	return text
}

// byReason is the sum of numbers by reason, and each of them.
func byReason(n map[string]int64) (total int64, text string) {
	var reasons []string
	for _, reason := range slices.Sorted(maps.Keys(n)) {
		total += n[reason]
		reasons = append(reasons, Thousands(n[reason])+" "+reason)
	}
	return total, strings.Join(reasons, ", ")
}
