package shown_test

import (
	"strconv"
	"testing"

	"process-orders/internal/shown"
)

func TestValue(t *testing.T) {
	for _, value := range []string{
		"6", " 6", "6 ", "7,50", "$1,299.00", "4,50 €", "USD 5", "5 USD", "-5", "5-", "-$5", "$-5", "+5", "£5", "₹ 99",
		"US$ 12.50", "R$ 5", "Rs. 5", "Rs 5", "5 kr", "12.50 zł", "1'299", "1’299.50", "1 299,00", "1\u00a0299,00 €", ".5", "5.",
		"$12,999.00", "€ 1.234.567,89", "JPY 1,234,567", "123456", "USD5",
		"(5.00)", "($5.00)", "$ (1,299.00)", "$5.00 USD", "5,00 kr.", "Rs.500", "1\u202f299,00\u00a0€",
	} {
		if got, want := shown.Value(value), quote(value); got != want {
			t.Errorf("%q is shown as %s, want %s", value, got, want)
		}
	}
	for value, want := range map[string]string{
		"":               "an empty text",
		"x":              "a text of 1 character",
		"Zaphodine Quux": "a text of 14 characters",
		"Åsa 🥕":          "a text of 5 characters",
		"Ann 5":          "a text of 5 characters", "ANN 5": "a text of 5 characters", "5 Ann": "a text of 5 characters", "5x": "a text of 2 characters",
		"1O.95": "a text of 5 characters", "1,,5": "a text of 4 characters", "$": "a text of 1 character", "USD": "a text of 3 characters",
		"Zaphodine$5": "a text of 11 characters", "Ann$5": "a text of 5 characters",
		// Phones, in all the ways in which they may look like an amount.
		"732-555-5509": "a text of 12 characters", "7325555509": "a text of 10 characters", "+1 (732) 555 5509": "a text of 17 characters",
		"732.555.5509": "a text of 12 characters", "732 555 509": "a text of 11 characters", "732,555,509": "a text of 11 characters",
		"USD 7325555509": "a text of 14 characters", "$732.555.5509": "a text of 13 characters", "555.5509": "a text of 8 characters", "$5555509": "a text of 8 characters",
		"1234567":   "a text of 7 characters",
		"(732) 555": "a text of 9 characters", "(7325555509)": "a text of 12 characters", "(Ann)": "a text of 5 characters", "(5": "a text of 2 characters", "50¢": "a text of 3 characters", "٧٣٢-٥٥٥": "a text of 7 characters",
	} {
		if got := shown.Value(value); got != want {
			t.Errorf("%q is shown as %s, want %s", value, got, want)
		}
	}
}

func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"orders.json":                     "orders.json",
		"Zoë 🥕 日本":                        "Zoë 🥕 日本",
		"a\x1b[31mb":                      `a\x1b[31mb`,
		"a\u009b31mb":                     `a\u009b31mb`,
		"a\x9b31mb":                       `a\x9b31mb`,
		"a\nb\r\tc\x7f":                   `a\nb\r\tc\x7f`,
		"invoice\u202efdp":                `invoice\u202efdp`,
		"\u2066a\u2069\u200e\u200f\u061c": `\u2066a\u2069\u200e\u200f\u061c`,
		"a\u200bb\ufeffc\u00add\u2060e":   `a\u200bb\ufeffc\u00add\u2060e`,
		"a\u2028b\u2029c\u0085d":          `a\u2028b\u2029c\u0085d`,
		"tag\U000e0041":                   `tag\U000e0041`,
		"👩\u200d🍳 می\u200cخواهم":          "👩\u200d🍳 می\u200cخواهم",
		`\u202e`:                          `\u202e`,
		"50\u00a0%":                       "50\u00a0%",
	} {
		got := shown.Text(text)
		if got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
		if again := shown.Text(got); again != got {
			t.Errorf("%q is escaped twice: %q", text, again)
		}
	}
}

func quote(text string) string { return strconv.Quote(text) }
