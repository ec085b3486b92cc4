package money_test

import (
	"bytes"
	"cmp"
	"strings"
	"testing"
	"unsafe"

	"pgregory.net/rapid"

	"process-orders/money"
)

const (
	max64  = "18446744073709551615"                    // 2^64 - 1
	over64 = "18446744073709551616"                    // 2^64
	max128 = "340282366920938463463374607431768211455" // 2^128 - 1
	on128  = "340282366920938463463374607431768211456" // 2^128
)

// amount returns Parse of a number that it must accept.
func amount(t rapid.TB, text string) money.Amount {
	t.Helper()
	a, ok := money.Parse([]byte(text))
	if !ok {
		t.Fatalf("Parse(%q): not read", text)
	}
	return a
}

func TestSize(t *testing.T) {
	if size := unsafe.Sizeof(money.Amount{}); size > 32 {
		t.Errorf("an Amount takes %d bytes, want 32 at most", size)
	}
}

func TestParse(t *testing.T) {
	nines := strings.Repeat("9", 100)
	for _, test := range []struct{ text, want string }{
		{"0", "0"},
		{"-0", "0"},
		{"0.00", "0.00"},
		{"-0.00", "0.00"},
		{"1.10", "1.10"},
		{"-12.50", "-12.50"},
		{"0.05", "0.05"},
		{"-0.000", "0.000"},
		{max64, max64},
		{over64, over64},
		{max128, max128},
		{on128, on128},
		{on128 + "0", on128 + "0"},
		{"-" + on128 + ".0", "-" + on128 + ".0"},
		{"3402823669209384634633746074317682114559", "3402823669209384634633746074317682114559"},
		{"1234567890123456789.0123456789012345678901", "1234567890123456789.0123456789012345678901"},
		{"10000000000000000000", "10000000000000000000"},
		{"100000000000000000000000000000000000000", "100000000000000000000000000000000000000"},
		{nines, nines},
		{"0." + nines[1:], "0." + nines[1:]},

		{"1.2e1", "12"},
		{"1.20e1", "12.0"},
		{"1E2", "100"},
		{"1e+2", "100"},
		{"-125e-2", "-1.25"},
		{"1e-3", "0.001"},
		{"0e50", "0"},
		{"-0e-2", "0.00"},
		{"0.00e1", "0.0"},
		{"1e99", "1" + strings.Repeat("0", 99)},
		{"1e-99", "0." + strings.Repeat("0", 98) + "1"},
		{"1e0000000000000000000000000000000000001", "10"},
	} {
		if got := amount(t, test.text).String(); got != test.want {
			t.Errorf("Parse(%q) = %s, want %s", test.text, got, test.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	nines := strings.Repeat("9", 100)
	for _, text := range []string{
		"", "-", "+1", "--1", ".", ".5", "5.", "-.5", "1.2.3", "01", "-01", "00", "00.1",
		"1 ", " 1", "1,5", "1_0", "0x1", "NaN", "Infinity", "\"1\"", "1\x00", "١",
		"e1", "1e", "1e+", "1e-", "1e1.0", "1e1e1", "1.e1", "1ee1", "1f1", "-e1", "1e+-1",
		nines + "9", "0." + nines, nines + ".0", "1e100", "1e-100", "10e99", "0e-100",
		"1e1000000000000000000000", "1e-1000000000000000000000", "1e9223372036854775808",
		"1e4294967296", "1e18446744073709551616", "1e-18446744073709551617", // 0 and -1 in integers that wrap
	} {
		if a, ok := money.Parse([]byte(text)); ok {
			t.Errorf("Parse(%q) = %s, want it refused", text, a)
		}
	}
}

func TestWriteOut(t *testing.T) {
	million, nines := strings.Repeat("0", 1e6), strings.Repeat("9", 40)
	for _, test := range []struct{ text, want string }{
		{"12", "12"},
		{"0", "0"},
		{"-0", "-0"},
		{"-0e1", "-0"},
		{"0.050", "0.050"},
		{"1.2e1", "12"},
		{"1.20E+1", "12.0"},
		{"-125e-4", "-0.0125"},
		{"0.001e3", "1"},
		{"0.00e1", "0.0"},
		{"0e99999999999999999999", "0"},
		{nines, nines},
		{"1e39", "1" + million[:39]},
		{"1e-39", "0." + million[:38] + "1"},
		{"0." + million + "5e1000001", "5"},
		{"0." + million + "e1234567", "0"},
		{"1" + million + "e-1000000", "1." + million[:1e6]},
	} {
		most := max(40, len(test.want)-len("."))
		if got, ok := money.WriteOut([]byte("a "), []byte(test.text), most); !ok || string(got) != "a "+test.want {
			t.Errorf("WriteOut(%.40q, %d) = %.40q, %v, want %.40q after what was there", test.text, most, got, ok, test.want)
		}
	}
	for _, text := range []string{
		nines + "9", "1e40", "1e-40", "-1e40", "0e-40", "0." + nines, "1.5e999999999999999999999", "1e-999999999999999999999",
		"1e9223372036854775808", "1e4294967296", "1e18446744073709551616", "1e-18446744073709551617",
		"1" + million + "e-1000000", "0." + million + "1e12345678", "1" + million + "e-12345667",
		"", "-", "+1", "--1", ".5", "5.", "01", "-00.1", "1 ", "1,5", "1e", "1e+", "1e1.0", "1e+-1", "1e1e1", "1.e1", "e1", "1.2.3", "NaN",
	} {
		if got, ok := money.WriteOut([]byte("a "), []byte(text), 40); ok || string(got) != "a " {
			t.Errorf("WriteOut(%.40q) = %.40q, %v, want it refused", text, got, ok)
		}
	}
}

func TestAdd(t *testing.T) {
	for _, test := range []struct{ a, b, want string }{
		{"1.10", "2", "3.10"},
		{"0", "0.00", "0.00"},
		{"0.00", "5", "5.00"},
		{"1.5", "-1.50", "0.00"},
		{"-1", "0.25", "-0.75"},
		{"1", "-3", "-2"},
		{"-1", "-3", "-4"},
		{max64, "1", over64},
		{over64, "-1", max64},
		{max128, "1", on128},
		{on128, "-1", max128},
		{"-" + on128, "1", "-" + max128},
		{"-" + max128, "-1", "-" + on128},
		{max128, "0.0", max128 + ".0"},
		{max128, "0.1", max128 + ".1"},
		{on128, "-" + on128, "0"},
		{on128 + ".5", "-" + on128, "0.5"},
		{"1e40", "1e-40", "1" + strings.Repeat("0", 40) + "." + strings.Repeat("0", 39) + "1"},
		{"9999999999999999999999999999999999999999", "1", "10000000000000000000000000000000000000000"},
	} {
		for _, swapped := range []bool{false, true} {
			a, b := test.a, test.b
			if swapped {
				a, b = b, a
			}
			if got := amount(t, a).Add(amount(t, b)).String(); got != test.want {
				t.Errorf("%s + %s = %s, want %s", a, b, got, test.want)
			}
		}
	}
}

func TestMul(t *testing.T) {
	for _, test := range []struct{ a, b, want string }{
		{"1.50", "2", "3.00"},
		{"10.00", "2.25", "22.5000"},
		{"-1.50", "2", "-3.00"},
		{"-1.50", "-2", "3.00"},
		{"-1.50", "0", "0.00"},
		{"0", "-0.5", "0.0"},
		{max64, max64, "340282366920938463426481119284349108225"},
		{over64, max64, "340282366920938463444927863358058659840"},
		{over64, over64, on128},
		{max128, "1", max128},
		{max128, "2", "680564733841876926926749214863536422910"},
		{"113427455640312821154458202477256070486", "3", "340282366920938463463374607431768211458"}, // the carry alone
		{max128, "0", "0"},
		{on128, "0.0", "0.0"},
		{max128, max64, "6277101735386680763495507056286727952620534092958556749825"},
		{"0.1", "0.1", "0.01"},
	} {
		for _, swapped := range []bool{false, true} {
			a, b := test.a, test.b
			if swapped {
				a, b = b, a
			}
			if got := amount(t, a).Mul(amount(t, b)).String(); got != test.want {
				t.Errorf("%s * %s = %s, want %s", a, b, got, test.want)
			}
		}
	}
}

func TestMulTooManyPlaces(t *testing.T) {
	defer func() {
		if got := recover(); got != "money: a product of more than 65535 decimal places" {
			t.Errorf("panic %v, want one about decimal places", got)
		}
	}()
	a := amount(t, "0.0")
	for range 16 {
		a = a.Mul(a)
	}
	t.Error("no panic")
}

func TestCmp(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"1.5", "1.50", 0},
		{"0", "0.00", 0},
		{"-0", "0", 0},
		{"1", "2", -1},
		{"-1", "-2", 1},
		{"-1", "0", -1},
		{"0.01", "0", 1},
		{"1", "0.99", 1},
		{over64, max64, 1},
		{over64, over64 + ".000", 0},
		{max128, on128, -1},
		{"-" + max128, "-" + on128, 1},
		{max128, max128 + ".1", -1},
		{on128, "1", 1},
		{on128, on128 + ".0", 0},
		{"-" + on128, "1", -1},
		{"1e99", "1e-99", 1},
	} {
		a, b := amount(t, test.a), amount(t, test.b)
		if got := a.Cmp(b); got != test.want {
			t.Errorf("Cmp(%s, %s) = %d, want %d", a, b, got, test.want)
		}
		if got := b.Cmp(a); got != -test.want {
			t.Errorf("Cmp(%s, %s) = %d, want %d", b, a, got, -test.want)
		}
	}
}

func TestSign(t *testing.T) {
	for text, want := range map[string]int{
		"0": 0, "-0.00": 0, "0.01": 1, "-0.01": -1,
		over64: 1, "-" + over64: -1, on128: 1, "-" + on128: -1,
	} {
		if got := amount(t, text).Sign(); got != want {
			t.Errorf("Sign of %s = %d, want %d", text, got, want)
		}
	}
	if got := (money.Amount{}).Sign(); got != 0 {
		t.Errorf("Sign of the zero value = %d", got)
	}
}

func TestTrim(t *testing.T) {
	zeros := strings.Repeat("0", 40)
	for _, test := range []struct {
		text   string
		places int
		want   string
	}{
		{"22.5000", 2, "22.50"},
		{"22.5000", 0, "22.5"},
		{"22.5000", -1, "22.5"},
		{"100.00", -1, "100"},
		{"0.00", -1, "0"},
		{"22.5000", 4, "22.5000"},
		{"22.5000", 9, "22.5000"},
		{"22.5001", 2, "22.5001"},
		{"100", 0, "100"},
		{"100.00", 0, "100"},
		{"0.000", 1, "0.0"},
		{"0.000", 0, "0"},
		{"-1.10", 1, "-1.1"},
		{"1." + zeros, 2, "1.00"},
		{"-1." + zeros, 39, "-1." + zeros[1:]},
		{on128 + "." + zeros, 0, on128},
		{on128 + ".50", 0, on128 + ".5"},
	} {
		if got := amount(t, test.text).Trim(test.places).String(); got != test.want {
			t.Errorf("Trim(%d) of %s = %s, want %s", test.places, test.text, got, test.want)
		}
	}
}

// TestCopies checks that no method changes an amount.
func TestCopies(t *testing.T) {
	a := amount(t, on128+".00")
	copied := a
	a.Add(copied)
	a.Mul(copied)
	a.Trim(0)
	a.Cmp(amount(t, "1.000"))
	a.AppendBinary(nil)
	b := copied.Add(amount(t, "1"))
	if got := a.String(); got != on128+".00" {
		t.Errorf("the amount became %s", got)
	}
	if got := copied.String(); got != on128+".00" {
		t.Errorf("its copy became %s, with %s", got, b)
	}
}

func TestAllocations(t *testing.T) {
	price, quantity := []byte("129.99"), []byte("3")
	a, b := amount(t, "129.99"), amount(t, "-0.5")
	large := amount(t, "12345678901234567890.12") // beyond 64 bits
	exponent, code, usd := []byte("-12.50e-3"), []byte("usd"), currency("USD")
	dst := make([]byte, 0, 128)
	for _, test := range []struct {
		name string
		f    func()
	}{
		{"Parse", func() { money.Parse(price) }},
		{"Add", func() { a.Add(a) }},
		{"Add of other places and another sign", func() { a.Add(b) }},
		{"Mul", func() { a.Mul(b) }},
		{"Cmp", func() { a.Cmp(b) }},
		{"Trim", func() { b.Trim(0) }},
		{"Append", func() { dst = a.Append(dst[:0]) }},
		{"binary", func() { money.DecodeBinary(a.AppendBinary(dst[:0])) }},
		{"Add beyond 64 bits", func() { large.Add(b) }},
		{"Mul beyond 64 bits", func() { large.Mul(b) }},
		{"Append beyond 64 bits", func() { dst = large.Append(dst[:0]) }},
		{"binary beyond 64 bits", func() { money.DecodeBinary(large.AppendBinary(dst[:0])) }},
		{"Unit", func() { dst, _ = money.Unit(dst[:0], price, quantity, money.Currency{}) }},
		{"Parse of an exponent", func() { money.Parse(exponent) }},
		{"WriteOut", func() { dst, _ = money.WriteOut(dst[:0], exponent, 40) }},
		{"FromMinor", func() { dst, _ = money.FromMinor(dst[:0], quantity, usd) }},
		{"ParseCurrency", func() { money.ParseCurrency(code) }},
		{"MinorDigits", func() { usd.MinorDigits() }},
	} {
		if n := testing.AllocsPerRun(100, test.f); n != 0 {
			t.Errorf("%s: %v allocations, want none", test.name, n)
		}
	}
}

// currency returns ParseCurrency of a code, or no currency.
func currency(code string) money.Currency {
	c, _ := money.ParseCurrency([]byte(code))
	return c
}

func TestCurrency(t *testing.T) {
	for code, want := range map[string]string{"USD": "USD", "usd": "USD", "eUr": "EUR", "ZZZ": "ZZZ", "XXX": "XXX", "xXx": "XXX"} {
		got, ok := money.ParseCurrency([]byte(code))
		if !ok || got.String() != want || got.IsNone() != (want == "XXX") {
			t.Errorf("ParseCurrency(%q) = %s, %v, want %s", code, got, ok, want)
		}
	}
	for _, code := range []string{"", "US", "USDX", "U$D", "US ", "@BC", "[BC", "`bc", "{bc", "\x15SD", "\xd5SD", "US1", "ÜS"} {
		if got, ok := money.ParseCurrency([]byte(code)); ok || got != (money.Currency{}) {
			t.Errorf("ParseCurrency(%q) = %s, %v, want it refused", code, got, ok)
		}
	}
	if none := (money.Currency{}); none.String() != "XXX" || currency("XXX") != none || currency("usd") != currency("USD") {
		t.Error("one currency has two values")
	}
}

func TestCompareCurrencies(t *testing.T) {
	all := []string{"XXX", "AED", "EUR", "USD", "XAF", "XXY", "ZAR"} // none is first
	for i, a := range all {
		for j, b := range all {
			if got, want := currency(a).Compare(currency(b)), cmp.Compare(i, j); got != want {
				t.Errorf("Compare(%s, %s) = %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestMinorDigits(t *testing.T) {
	for digits, codes := range map[int]string{
		0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF jpy Jpy",
		2: "USD EUR GBP INR HUF XXX usd JP JPYX ???",
		3: "BHD IQD JOD KWD LYD OMR TND kwd",
		4: "CLF UYW clf",
	} {
		for _, code := range strings.Fields(codes) {
			if got := currency(code).MinorDigits(); got != digits {
				t.Errorf("MinorDigits of %q = %d, want %d", code, got, digits)
			}
		}
	}
}

func TestFromMinor(t *testing.T) {
	nines := strings.Repeat("9", 100)
	for _, test := range []struct{ text, currency, want string }{
		{"1250", "USD", "12.50"},
		{"1250", "JPY", "1250"},
		{"1250", "KWD", "1.250"},
		{"1250", "clf", "0.1250"},
		{"1250", "", "12.50"},
		{"1250", "???", "12.50"},
		{"5", "USD", "0.05"},
		{"50", "USD", "0.50"},
		{"0", "USD", "0.00"},
		{"0", "JPY", "0"},
		{"-0", "USD", "0.00"},
		{"-5", "USD", "-0.05"},
		{"-1250", "usd", "-12.50"},
		{nines, "USD", nines[2:] + ".99"},
	} {
		got, ok := money.FromMinor([]byte("a "), []byte(test.text), currency(test.currency))
		if !ok || string(got) != "a "+test.want {
			t.Errorf("FromMinor(%q, %q) = %q, %v, want %q after what was there", test.text, test.currency, got, ok, test.want)
		}
		if _, ok := money.Parse(got[2:]); !ok {
			t.Errorf("FromMinor(%q, %q) = %q, which Parse does not read", test.text, test.currency, got)
		}
	}
	for _, text := range []string{
		"", "-", "--5", "+5", "1250.0", "1250.", "12e2", "12E2", "0x1", "01", "-01", "00", " 5", "5 ", nines + "9",
	} {
		if got, ok := money.FromMinor([]byte("a "), []byte(text), currency("USD")); ok || string(got) != "a " {
			t.Errorf("FromMinor(%q) = %q, %v, want it refused", text, got, ok)
		}
	}
}

func TestUnit(t *testing.T) {
	for _, test := range []struct{ total, quantity, want string }{
		{"825.5", "12", "68.79"}, // 825.50, written by a program
		{"45.00", "2", "22.50"},
		{"45.00", "16", "2.8125"},
		{"45", "2", "22.5"},
		{"10", "5", "2"},
		{"10", "3", "3.33"},
		{"20", "3", "6.67"},
		{"-20", "3", "-6.67"},
		{"20", "-3", "-6.67"},
		{"-20", "-3", "6.67"},
		{"1.0", "3", "0.33"},
		{"1.000", "3", "0.333"},
		{"0.01", "3", "0.00"},
		{"-0.01", "3", "0.00"},
		{"-0.02", "3", "-0.01"},
		{"0.00", "7", "0.00"},
		{"-0", "7", "0"},
		{"22.50", "2.25", "10.00"},
		{"1", "16", "0.0625"}, // four places more
		{"1", "32", "0.03"},   // five
		{"1", "200", "0.005"}, // exact before it is rounded
		{"1", "64", "0.02"},   // 0.015625: up
		{"0.00", "0.1", "0.00"},
		{"1.5", "1e1", "0.15"},
		{"1e2", "8", "12.5"},
		{"0.5", "0.000005", "100000.0"},
		{"0.01", "20000000", "0.00"},
		{"1", "0.0000000000000000000003", "3333333333333333333333.33"},
		{on128, "2", "170141183460469231731687303715884105728"},
		{on128 + "0.00", on128, "10.00"},
		{on128, "3", "113427455640312821154458202477256070485.33"},
		{"2", on128, "0.00"},
	} {
		got, ok := money.Unit([]byte("a "), []byte(test.total), []byte(test.quantity), money.Currency{})
		if !ok || string(got) != "a "+test.want {
			t.Errorf("Unit(%s, %s) = %q, %v, want %q after what was there", test.total, test.quantity, got, ok, test.want)
		}
	}
	for _, test := range []struct{ total, quantity, currency, want string }{
		{"825.5", "12", "USD", "68.79"},
		{"1000", "3", "USD", "333.33"},
		{"1000", "3", "JPY", "333"},
		{"2000", "3", "JPY", "667"},
		{"1000.0", "3", "JPY", "333.3"}, // the total says more
		{"1000", "16", "JPY", "62.5"},   // exact
		{"1", "3", "KWD", "0.333"},
		{"1.5000", "7", "KWD", "0.2143"},
	} {
		got, ok := money.Unit(nil, []byte(test.total), []byte(test.quantity), currency(test.currency))
		if !ok || string(got) != test.want {
			t.Errorf("Unit(%s, %s, %s) = %q, %v, want %q", test.total, test.quantity, test.currency, got, ok, test.want)
		}
	}
	for _, test := range []struct{ total, quantity string }{
		{"1", "0"}, {"1", "-0.00"}, {"0", "0"}, {"", "1"}, {"1", ""}, {"x", "1"}, {"1", "x"}, {"1", "1."},
	} {
		got, ok := money.Unit([]byte("a "), []byte(test.total), []byte(test.quantity), money.Currency{})
		if ok || string(got) != "a " {
			t.Errorf("Unit(%q, %q) = %q, %v, want it refused", test.total, test.quantity, got, ok)
		}
	}
}

func TestBinary(t *testing.T) {
	for _, test := range []struct {
		text string
		size int
	}{
		{"0", 2}, {"0.00", 2}, {"1.27", 2}, {"12.50", 3}, {"-12.50", 3}, {"129.99", 3},
		{max64, 11}, {over64, 11}, {max128, 18}, {on128, 19}, {"1e-99", 3},
	} {
		a := amount(t, test.text)
		form := a.AppendBinary(nil)
		if len(form) != test.size {
			t.Errorf("%s takes %d bytes, want %d", test.text, len(form), test.size)
		}
		got, rest, ok := money.DecodeBinary(append(bytes.Clone(form), "rest"...))
		if !ok || got.String() != a.String() || string(rest) != "rest" {
			t.Errorf("%s came back as %s, %q, %v", test.text, got, rest, ok)
		}
		for n := range form {
			if got, _, ok := money.DecodeBinary(form[:n]); ok {
				t.Errorf("%d bytes of %s were read as %s", n, test.text, got)
			}
		}
	}
}

// TestBinaryOfOthers checks that DecodeBinary accepts only what AppendBinary writes.
func TestBinaryOfOthers(t *testing.T) {
	for name, form := range map[string]string{
		"minus zero":             "\x01\x00",
		"a head that is longer":  "\x80\x00\x01",
		"digits that are longer": "\x00\x81\x00",
		"too many places":        "\x80\x80\x10\x01",
		"a varint beyond 64":     "\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
		"a long form of 8":       "\x02\x08\x01\x02\x03\x04\x05\x06\x07\x08",
		"a long form from zero":  "\x02\x09\x00\x01\x02\x03\x04\x05\x06\x07\x08",
		"a length of 2^63":       "\x02\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01\x01",
	} {
		if got, _, ok := money.DecodeBinary([]byte(form)); ok {
			t.Errorf("%s: read as %s", name, got)
		}
	}
	if got, _, ok := money.DecodeBinary([]byte("\xfc\xff\x0f\x01")); !ok || len(got.String()) != 65537 {
		t.Errorf("65,535 places: %v", ok)
	}
}

func BenchmarkParse(b *testing.B) {
	text := []byte("129.99")
	for b.Loop() {
		money.Parse(text)
	}
}

func BenchmarkLine(b *testing.B) {
	price, quantity := []byte("129.99"), []byte("3")
	for b.Loop() {
		p, _ := money.Parse(price)
		q, _ := money.Parse(quantity)
		sum := p.Mul(q).Add(p)
		_ = sum
	}
}
