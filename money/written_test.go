package money_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"process-orders/money"
)

// signs are the decimal signs, in the order of the columns of TestAppendWritten.
var signs = []money.Sign{money.UnknownSign, money.Point, money.Comma}

const (
	no   = ""        // it is no number
	open = "either?" // it could be read in two ways
)

func TestAppendWritten(t *testing.T) {
	for _, c := range []struct{ text, unknown, point, comma string }{
		// JSON's grammar.
		{"12", "12", "12", "12"},
		{"-0", "-0", "-0", "-0"},
		{"10.50", "10.50", "10.50", no},
		{"1.5e3", "1.5e3", "1.5e3", no},
		{"12E-2", "12E-2", "12E-2", "12E-2"},
		// The sign in force, and never the looks.
		{"4,50", no, no, "4.50"},
		{"4.50", "4.50", "4.50", no},
		{"1,299", open, "1299", "1.299"},
		{"12,345", open, "12345", "12.345"},
		{"123,456", open, "123456", "123.456"},
		{"$1,299", open, "1299", "1.299"},
		{"-1,299 €", open, "-1299", "-1.299"},
		{"1.299", "1.299", "1.299", "1299"},
		{"1.299 €", "1.299", "1.299", "1299"},
		{"0,299", no, no, "0.299"},
		{"0.299", "0.299", "0.299", no},
		{"1234,567", no, no, "1234.567"},
		{"1234.567", "1234.567", "1234.567", no},
		{"1,299.00", "1299.00", "1299.00", no},
		{"1.299,00", no, no, "1299.00"},
		{"1,234,567", "1234567", "1234567", no},
		{"1.234.567", no, no, "1234567"},
		{"1,234,567.8", "1234567.8", "1234567.8", no},
		{"1.234.567,8", no, no, "1234567.8"},
		// Separators of both worlds.
		{"1 299", "1299", "1299", "1299"},
		{"1 299.5", "1299.5", "1299.5", no},
		{"1\u00a0299,50", no, no, "1299.50"},
		{"1\u202f299\u202f000,50 €", no, no, "1299000.50"},
		{"1'299.50", "1299.50", "1299.50", no},
		{"1’299’000", "1299000", "1299000", "1299000"},
		{"12,34,567.50", "1234567.50", "1234567.50", no},
		{"₹1,00,000", "100000", "100000", no},
		{"12.34.567,50", no, no, no},
		// Wrong groups.
		{"1,29", no, no, "1.29"},
		{"1,2999", no, no, "1.2999"},
		{"12345,678", no, no, "12345.678"},
		{"1,234.567,8", no, no, no},
		{"1,234 567", no, no, no},
		{"1 234,567", no, no, "1234.567"},
		{"1,,299", no, no, no},
		{"1  299", no, no, no},
		{"1,234,56", no, no, no},
		{"1,23,45", no, no, no},
		{"123,45,678", no, no, no},
		{"0,299,000", no, no, no},
		{"01", no, no, no},
		{"1.2.3", no, no, no},
		{"1 2", no, no, no},
		// Blanks, signs, currencies, brackets.
		{" 5 ", "5", "5", "5"},
		{"\u00a05.00\u202f", "5.00", "5.00", no},
		{"\u200e5\u200f", "5", "5", "5"},
		{"+5", "5", "5", "5"},
		{"+5.10", "5.10", "5.10", no},
		{"\u22125", "-5", "-5", "-5"},
		{"5-", "-5", "-5", "-5"},
		{"- 5", "-5", "-5", "-5"},
		{"$5", "5", "5", "5"},
		{"5.00 €", "5.00", "5.00", no},
		{"EUR 5.00", "5.00", "5.00", no},
		{"5,00EUR", no, no, "5.00"},
		{"CHF5", "5", "5", "5"},
		{"US$ 12.50", "12.50", "12.50", no},
		{"AU $12.50", "12.50", "12.50", no},
		{"-US $ 12.50", "-12.50", "-12.50", no},
		{"AU 12.50", no, no, no},
		{"US.$12.50", no, no, no},
		{"12.50 $US", "12.50", "12.50", no},
		{"$5.00 USD", "5.00", "5.00", no},
		{"-$5.00", "-5.00", "-5.00", no},
		{"$-5.00", "-5.00", "-5.00", no},
		{"$ - 5.00", "-5.00", "-5.00", no},
		{"5.00- €", "-5.00", "-5.00", no},
		{"5 kr", "5", "5", "5"},
		{"5 kr.", "5", "5", "5"},
		{"12,50 zł", no, no, "12.50"},
		{"Rs. 500", "500", "500", "500"},
		{"Rs.500", "500", "500", "500"},
		{"Rs.500.50", "500.50", "500.50", no},
		{"£5", "5", "5", "5"},
		{"¥1200", "1200", "1200", "1200"},
		{"(5.00)", "-5.00", "-5.00", no},
		{"($5.00)", "-5.00", "-5.00", no},
		{"$ (5)", "-5", "-5", "-5"},
		{"(5) €", "-5", "-5", "-5"},
		// No digit on one side.
		{".5", "0.5", "0.5", no},
		{"-.5", "-0.5", "-0.5", no},
		{"$.50", "0.50", "0.50", no},
		{"5.", "5", "5", no},
		{",5", no, no, "0.5"},
		{"5,", no, no, "5"},
		// No numbers.
		{"", no, no, no}, {" ", no, no, no}, {".", no, no, no}, {"-", no, no, no}, {"$", no, no, no}, {"EUR", no, no, no},
		{"()", no, no, no}, {"(5", no, no, no}, {"5)", no, no, no}, {"(-5)", no, no, no}, {"--5", no, no, no}, {"+-5", no, no, no},
		{"5.-", no, no, no}, {"5,-", no, no, no}, {"EUR.50", no, no, no}, {"5 EUR.", no, no, no},
		{"5%", no, no, no}, {"5 %", no, no, no}, {"1/2", no, no, no}, {"½", no, no, no}, {"50¢", no, no, no},
		{"5 5", no, no, no}, {"5;6", no, no, no}, {"5-6", no, no, no}, {"5x", no, no, no}, {"2 x 5", no, no, no}, {"Ann 5", no, no, no},
		{"six", no, no, no}, {"1O.95", no, no, no}, {"٤", no, no, no}, {"+1e3", no, no, no}, {"NaN", no, no, no}, {"0x10", no, no, no},
		{"732-555-5509", no, no, no}, {"(732) 555", no, no, no}, {"5\x00", no, no, no}, {"\xff5", no, no, no},
	} {
		for i, want := range []string{c.unknown, c.point, c.comma} {
			dst, reading := money.AppendWritten([]byte("x"), []byte(c.text), signs[i])
			got := strings.TrimPrefix(string(dst), "x")
			if reading == money.TwoWays {
				got += open
			}
			if got != want || (reading == money.OneNumber) != (want != no && want != open) {
				t.Errorf("%q with sign %d: got %q, %d, want %q", c.text, signs[i], got, reading, want)
			}
		}
	}
}

// A number reads the same however it is written.
func TestWrittenNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := numbers.Draw(t, "number")
		digits, minus := strings.CutPrefix(want, "-")
		whole, fraction, hasFraction := strings.Cut(digits, ".")
		sign := rapid.SampledFrom([]money.Sign{money.Point, money.Comma}).Draw(t, "sign")
		decimal, separators := ".", []string{"", ",", " ", "\u00a0", "\u202f", "'", "’"}
		if sign == money.Comma {
			decimal, separators[1] = ",", "."
		}
		text := grouped(whole, rapid.SampledFrom(separators).Draw(t, "separator"))
		if hasFraction {
			text += decimal + fraction
		}
		before := rapid.SampledFrom([]string{"", "$", "EUR ", "kr\u00a0", "Rs. "}).Draw(t, "before")
		behind := rapid.SampledFrom([]string{"", " €", "\u202fCHF", "zł"}).Draw(t, "behind")
		switch plus := rapid.Bool().Draw(t, "plus"); {
		case !minus && plus:
			text = before + "+" + text + behind
		case !minus:
			text = before + text + behind
		default:
			form := rapid.SampledFrom([]string{"-BN", "B-N", "(BN)", "B(N)", "BN-", "\u2212BN"}).Draw(t, "form")
			text = strings.NewReplacer("B", before, "N", text).Replace(form) + behind
		}
		got, reading := money.AppendWritten(nil, []byte(" "+text+"\u00a0"), sign)
		if reading != money.OneNumber || string(got) != want {
			t.Fatalf("%q: got %q, %d, want %q", text, got, reading, want)
		}
	})
}

// grouped writes digits in groups of three.
func grouped(digits, separator string) string {
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + separator + digits[at:]
	}
	return digits
}

// jsonNumber is JSON's grammar of numbers.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

// Whatever the text, a number follows JSON's grammar and has the text's digits. What follows
// it already stays as it is. If the sign is not known, no other reading is possible than the
// one that a point gives, or the text has no comma.
func FuzzAppendWritten(f *testing.F) {
	for _, text := range []string{"4,50", "1,299", "1.299,00 €", "(5.00)", "-$.5", "Rs.500", "1e3", "12,34,567", "\u202f5\u00a0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got [3]string
		var readings [3]money.Reading
		for i, sign := range signs {
			dst, reading := money.AppendWritten(nil, []byte(text), sign)
			got[i], readings[i] = string(dst), reading
			switch {
			case reading != money.OneNumber:
				if len(dst) > 0 {
					t.Errorf("%q, sign %d: appended %q", text, sign, dst)
				}
			case !jsonNumber.MatchString(got[i]):
				t.Errorf("%q, sign %d: %q is no number of JSON", text, sign, dst)
			case onlyDigits(got[i]) != onlyDigits(text) && onlyDigits(got[i]) != "0"+onlyDigits(text):
				t.Errorf("%q, sign %d: %q has other digits", text, sign, dst)
			}
			if jsonNumber.MatchString(text) && (sign != money.Comma || !strings.Contains(text, ".")) && got[i] != text {
				t.Errorf("%q, sign %d: got %q", text, sign, dst)
			}
		}
		if readings[1] == money.TwoWays || readings[2] == money.TwoWays {
			t.Errorf("%q has two readings with one sign", text)
		}
		switch unknown := readings[0]; {
		case unknown == money.TwoWays && (got[1] == got[2] || got[1] == "" || got[2] == ""):
			t.Errorf("%q: is %q or %q, and said to be either", text, got[1], got[2])
		case unknown == money.OneNumber && got[0] != got[1], unknown == money.NoNumber && readings[1] == money.OneNumber:
			t.Errorf("%q: %q is not what it is with a point, %q", text, got[0], got[1])
		case unknown == money.OneNumber && readings[2] == money.OneNumber && got[0] != got[2] && strings.Contains(text, ","):
			t.Errorf("%q: read as %q, and could be %q", text, got[0], got[2])
		}
	})
}

func onlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

func BenchmarkAppendWritten(b *testing.B) {
	var dst []byte
	for _, text := range []string{"12.50", "$1,299.00", "1.299,00 €"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			in := []byte(text)
			for b.Loop() {
				dst, _ = money.AppendWritten(dst[:0], in, money.Comma)
			}
		})
	}
}
