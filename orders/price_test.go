package orders_test

import (
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"process-orders/internal/shown"
	"process-orders/orders"
)

var (
	nines  = strings.Repeat("9", 100)
	zeros  = strings.Repeat("0", 100)
	digits = strings.Repeat("1234567890", 10)
)

const tooLong = "more than 40 digits when written out"

// prices are what JSON takes for a number, and what becomes of it: the price as
// it is kept, or why it is none.
var prices = []struct{ written, want string }{
	// As it is, digit by digit.
	{"0", "0"},
	{"-0", "-0"},
	{"12", "12"},
	{"10.50", "10.50"},
	{"10.5", "10.5"},
	{"0.00", "0.00"},
	{"-0.00", "-0.00"},
	{"-12.5", "-12.5"},
	{"0.1", "0.1"},
	{"100000000000000000000000", "100000000000000000000000"},
	{"0.30000000000000004", "0.30000000000000004"},
	{"9007199254740993", "9007199254740993"}, // no float64
	{"1.10000000000000000000000", "1.10000000000000000000000"},
	{digits[:40], digits[:40]},
	{"-" + digits[:40], "-" + digits[:40]},
	{digits[:20] + "." + digits[:20], digits[:20] + "." + digits[:20]},
	{"-0." + digits[:39], "-0." + digits[:39]},
	{"0." + zeros[:39], "0." + zeros[:39]},
	{digits[:41], tooLong},
	{"-" + digits[:41], tooLong},
	{digits[:20] + "." + digits[:21], tooLong},
	{"0." + digits[:40], tooLong},
	{"0." + zeros[:40], tooLong},
	{"1" + zeros, tooLong},

	// An exponent is written out; every digit that was written is kept.
	{"1.2e1", "12"},
	{"1.20e1", "12.0"},
	{"1.200e1", "12.00"},
	{"1.2E1", "12"},
	{"1.2e+1", "12"},
	{"1.2E+01", "12"},
	{"1.2e0001", "12"},
	{"1.2e0", "1.2"},
	{"1.2e-0", "1.2"},
	{"1.2e+00", "1.2"},
	{"12e0", "12"},
	{"12e1", "120"},
	{"12e-1", "1.2"},
	{"12e-2", "0.12"},
	{"12e-3", "0.012"},
	{"10e-1", "1.0"},
	{"100e-2", "1.00"},
	{"1e-1", "0.1"},
	{"1e2", "100"},
	{"1.5e3", "1500"},
	{"-1.5e3", "-1500"},
	{"-1.5e-3", "-0.0015"},
	{"0.5e1", "5"},
	{"0.05e1", "0.5"},
	{"0.0012e2", "0.12"},
	{"0.0012e4", "12"},
	{"0.0012e6", "1200"},
	{"0.10e1", "1.0"},
	{"120.0340E-02", "1.200340"},
	{"0e0", "0"},
	{"0e5", "0"},
	{"-0e5", "-0"},
	{"0e-2", "0.00"},
	{"-0E-2", "-0.00"},
	{"0.0e0", "0.0"},
	{"0.0e1", "0"},
	{"0.00e1", "0.0"},
	{"0.00e5", "0"},
	{"0.0e-1", "0.00"},
	{"0e99999999999999999999", "0"},
	{"0.000e99999999999999999999", "0"},
	{"0e-38", "0." + zeros[:38]},
	{"0e-39", "0." + zeros[:39]},
	{"0e-40", tooLong},
	{"0.00e-37", "0." + zeros[:39]},
	{"0.00e-38", tooLong},
	{"0e-99999999999999999999", tooLong},
	{"1e39", "1" + zeros[:39]},
	{"1e40", tooLong},
	{"9.9e39", "99" + zeros[:38]},
	{"9.9e40", tooLong},
	{"1e-39", "0." + zeros[:38] + "1"},
	{"1e-40", tooLong},
	{"12e-39", "0." + zeros[:37] + "12"},
	{"12e-40", tooLong},
	{digits[:40] + "e0", digits[:40]},
	{digits[:40] + "e1", tooLong},
	{digits[:40] + "e-20", digits[:20] + "." + digits[20:40]},
	{digits[:40] + "e-39", "1." + digits[1:40]},
	{digits[:40] + "e-40", tooLong},
	{digits[:41] + "e-1", tooLong},
	{"0." + digits[:39] + "e39", digits[:39]},
	{"0." + digits[:40] + "e40", digits[:40]},
	{"0." + digits[:41] + "e41", tooLong},
	{"0." + zeros[:99] + "12e100", "1.2"}, // the leading zeros are no digits of it once it is written out
	{"0." + zeros[:99] + "12e101", "12"},
	{"1" + zeros[:39] + "e-39", "1." + zeros[:39]},
	{"1" + zeros[:60] + "e-60", tooLong},
	{"1e2147483648", tooLong},
	{"1e-2147483648", tooLong},
	{"1e4294967296", tooLong}, // 0 in 32 bits
	{"1e9223372036854775808", tooLong},
	{"1e18446744073709551616", tooLong}, // 0 in 64 bits
	{"1e-18446744073709551616", tooLong},
	{"1e" + nines, tooLong},
	{"1e-" + nines, tooLong},
	{"0e" + nines, "0"},
	{"1e" + zeros, "1"},
	{"1e" + zeros + "2", "100"},
	{"1e-" + zeros + "2", "0.01"},
}

// A price is what was written, as a number and as the text of one.
func TestPrices(t *testing.T) {
	t.Parallel()
	for _, c := range prices {
		for _, written := range []string{c.written, `"` + c.written + `"`} {
			text := item(`{"name":"a","price":` + written + `}`)
			got := setup{}.sameAtSomeSizes(t, written, text)
			if c.want == tooLong {
				if len(got.rejects) != 1 || got.rejects[0].Reason != tooLong || got.rejects[0].Path != "items[0].price" || got.rejects[0].Column != 43 {
					t.Errorf("price %s: want it rejected for its length, got\n%s", written, got)
				}
				continue
			}
			if want := "1: \"1\" [\"a\" " + c.want + "]\n"; got.String() != want {
				t.Errorf("price %s: got %swant %s", written, got, want)
			}
		}
	}
}

// What is a number to other programs is none that people write.
func TestTextsThatAreNoPrices(t *testing.T) {
	t.Parallel()
	for _, written := range []string{
		"1 2", "--1", "-", "+", ".", "5.e1", "1..2", "1.2.3", "1,,5", "1_000", "01", "00", "-01", "00.5", "0x1", "0X1F", "0b1", "0o7", "1f", "1n",
		"1e", "1e+", "1e-", "1E", "1ee1", "1e1.5", "1e 1", "e1", "NaN", "nan", "Infinity", "-inf", "true", "null",
		"$", "12%", "1/2", "(1", "{}", "[1]", "１", "1２", "٣", "½", "1\x7f", "six", "5.-", "50¢", "$1 $2",
	} {
		quoted := strings.NewReplacer("\t", `\t`, "\n", `\n`).Replace(written)
		text := item(`{"name":"a","price":"` + quoted + `"}`)
		got := setup{}.sameAtSomeSizes(t, written, text)
		if len(got.rejects) != 1 || len(got.orders) > 0 || got.err != nil {
			t.Errorf("price %q: want a reject, got\n%s", written, got)
			continue
		}
		if want := "want a decimal number, got " + shown.Value(written); got.rejects[0].Reason != want {
			t.Errorf("price %q:\ngot  %s\nwant %s", written, got.rejects[0].Reason, want)
		}
	}
	for _, escaped := range []string{`\u0031\u002e\u0035`, `1\u002E5`, `\u0031.5e0`} {
		got := setup{}.read(item(`{"name":"a","price":"` + escaped + `"}`))
		if got.String() != "1: \"1\" [\"a\" 1.5]\n" {
			t.Errorf("price \"%s\": got %s", escaped, got)
		}
	}
	got := setup{}.read(item(`{"name":"a","price":"1\u0000"}`))
	if len(got.rejects) != 1 || got.rejects[0].Reason != `want a decimal number, got a text of 2 characters` {
		t.Errorf("a price with a NUL: got\n%s", got)
	}
}

// Of a text that is no price the length is shown, unless it is an amount.
func TestShownTextsThatAreNoPrices(t *testing.T) {
	for written, want := range map[string]string{
		"Zaphodine Quux": "a text of 14 characters", strings.Repeat("å", 100_000): "a text of 100000 characters",
		"732-555-5509": "a text of 12 characters", "5555509x": "a text of 8 characters", "٧٣٢-٥٥٥-٥٥٠٩": "a text of 12 characters",
		"$1,29.00": `"$1,29.00"`, "(01)": `"(01)"`, `\u0024\u0030\u0035`: `"$05"`, `\"5\"`: "a text of 3 characters",
		"4,50 €":      `"4,50 €", which is 4.50 with --decimal , or decimal = "," in the mapping`,
		"1,299":       `"1,299", which could be 1299 (--decimal .) or 1.299 (--decimal ,); decimal in the mapping decides too`,
		"7325555,509": `a text of 11 characters, which is a number with --decimal , or decimal = "," in the mapping`,
	} {
		got := setup{}.read(item(`{"name":"a","price":"` + written + `"}`))
		if want := "want a decimal number, got " + want; len(got.rejects) != 1 || got.rejects[0].Reason != want {
			t.Errorf("price %.40q: want %s, got\n%.1000s", written, want, got)
		}
	}
}

// An exponent that is far out of reach makes no price, even if the digits before it are as
// many.
func TestFarExponents(t *testing.T) {
	if testing.Short() {
		t.Skip("megabytes of digits")
	}
	million := strings.Repeat("0", 1_234_566)
	for _, c := range []struct{ name, written, want string }{
		{"a million places, taken back", "0." + million + "1e1234567", "1"},
		{"a million places, taken back but one", "0." + million + "1e1234566", "0.1"},
		{"a million places and a greater exponent", "0." + million + "1e12345678", tooLong},
		{"a million places and an exponent ten times as great", "0." + million + "1e12345670", tooLong},
		{"a million zeros and a lesser exponent", "1" + million + "e-12345667", tooLong},
		{"ten million places, taken back", "0." + strings.Repeat("0", 10_000_000) + "1e10000001", "1"},
	} {
		got := setup{}.read(item(`{"name":"a","price":` + c.written + `}`))
		switch {
		case c.want == tooLong:
			if len(got.rejects) != 1 || got.rejects[0].Reason != tooLong {
				t.Errorf("%s: want it rejected for its length, got %.200s", c.name, got)
			}
		case len(got.orders) != 1 || string(got.orders[0].Lines[0].Price) != c.want:
			t.Errorf("%s: want %s, got %.200s", c.name, c.want, got)
		}
	}
}

// Random numbers keep their value and their digits.
func TestRandomPrices(t *testing.T) {
	const seed = 7
	random := rand.New(rand.NewPCG(seed, seed))
	n := 1500
	if testing.Short() {
		n = 300
	}
	for range n {
		written := randomNumber(random)
		got := setup{}.read(item(`{"name":"a","price":` + written + `}`))
		exact, ok := new(big.Rat).SetString(written)
		if !ok {
			t.Fatalf("big.Rat does not read %s", written)
		}
		if len(got.orders) == 0 {
			if places := writtenDigits(exact, written); places <= 40 {
				t.Errorf("price %s: rejected with %d digits: %s", written, places, got)
			}
			continue
		}
		price := string(got.orders[0].Lines[0].Price)
		if kept, ok := new(big.Rat).SetString(price); !ok || kept.Cmp(exact) != 0 || strings.ContainsAny(price, "eE+") {
			t.Errorf("price %s became %s", written, price)
		}
		if strings.HasPrefix(price, "-") != strings.HasPrefix(written, "-") || len(strings.Map(digitsOnly, price)) > 40 {
			t.Errorf("price %s became %s", written, price)
		}
		if again := (setup{}).read(item(`{"name":"a","price":` + price + `}`)); len(again.orders) != 1 || string(again.orders[0].Lines[0].Price) != price {
			t.Errorf("price %s became %s, which is not a price that stays: %s", written, price, again)
		}
	}
}

func randomNumber(random *rand.Rand) string {
	digit := func(from int) string { return strconv.Itoa(from + random.IntN(10-from)) }
	number := []string{"", "-"}[random.IntN(2)]
	if random.IntN(3) == 0 {
		number += "0"
	} else {
		number += digit(1)
		for range random.IntN(30) {
			number += digit(0)
		}
	}
	if random.IntN(2) == 0 {
		number += "."
		for range 1 + random.IntN(25) {
			number += strconv.Itoa(random.IntN(10) * random.IntN(2))
		}
	}
	if random.IntN(4) > 0 {
		number += []string{"e", "E", "e+", "e-", "E-"}[random.IntN(5)] + strconv.Itoa(random.IntN(45))
	}
	return number
}

// writtenDigits is how many digits a number has when it is written out with as
// many places as the exponent leaves it.
func writtenDigits(exact *big.Rat, written string) int {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(written), "e")
	_, fraction, _ := strings.Cut(mantissa, ".")
	e, _ := strconv.Atoi(exponent)
	return len(strings.Map(digitsOnly, exact.FloatString(max(0, len(fraction)-e))))
}

// The bytes in the columns are the price's own: it was never a float.
func TestPriceIsNoFloat(t *testing.T) {
	got := setup{}.read(item(`{"name":"a","price":0.1},{"name":"b","price":1e23},{"name":"c","price":4.35},{"name":"d","price":-0.0}`))
	want := []orders.Line{{Price: []byte("0.1")}, {Price: []byte("100000000000000000000000")}, {Price: []byte("4.35")}, {Price: []byte("-0.0")}}
	for i, line := range got.orders[0].Lines {
		if string(line.Price) != string(want[i].Price) {
			t.Errorf("got price %s, want %s", line.Price, want[i].Price)
		}
	}
}
