package server

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"process-orders/internal/finding"
	"process-orders/internal/page"
	"process-orders/money"
)

// whenText is a day and its time, as a reader has them; "" for the zero time.
func whenText(r *page.Reader, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return r.Moment(t)
}

// dateText is a day, as a reader has it.
func dateText(r *page.Reader, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return r.Day(t)
}

func sumText(r *page.Reader, sum money.Sum) string {
	amount := sum.Written().String()
	if sum.Currency.IsNone() {
		return fmt.Sprintf(r.Words.Find.NoCurrency, r.Decimal(amount))
	}
	return r.Sum(amount, sum.Currency.String())
}

// sizeText is about how large something is.
func sizeText(r *page.Reader, bytes int64) string {
	if bytes < 1e6 {
		return r.Count((bytes+999)/1e3) + " kB"
	}
	return r.Count((bytes+5e5)/1e6) + " MB"
}

// fileSize is a size for people.
func fileSize(n int64) string {
	switch {
	case n < 1000:
		return finding.Count(n, "byte")
	case n < 1_000_000:
		return strconv.FormatFloat(float64(n)/1000, 'f', 1, 64) + " kB"
	}
	return finding.GroupDigits(strconv.FormatFloat(float64(n)/1_000_000, 'f', 1, 64)) + " MB"
}

// initialsOf are the first letters of the first and the last word of a name that have letters.
func initialsOf(name string) string {
	var first, last string
	for word := range strings.FieldsSeq(name) {
		if at := strings.IndexFunc(word, unicode.IsLetter); at >= 0 {
			for _, letter := range word[at:] {
				last = string(unicode.ToUpper(letter)) + "."
				break
			}
			if first == "" {
				first, last = last, ""
			}
		}
	}
	return strings.TrimSpace(first + " " + last)
}
