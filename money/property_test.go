package money_test

import (
	"bytes"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"process-orders/money"
)

// numbers are texts that Parse accepts: short and long ones, and those near 2^64 and
// 2^128, with a point anywhere.
var numbers = rapid.Custom(func(t *rapid.T) string {
	digits := rapid.OneOf(
		rapid.StringMatching(`[0-9]{1,4}`),
		rapid.StringMatching(`[0-9]{1,45}`),
		rapid.StringMatching(`[0-9]{1,3}0{1,40}`),
		rapid.SampledFrom([]string{max64, over64, max128, on128}),
	).Draw(t, "digits")
	places := rapid.IntRange(0, len(digits)).Draw(t, "places")
	whole := strings.TrimLeft(digits[:len(digits)-places], "0")
	if whole == "" {
		whole = "0"
	}
	text := whole
	if places > 0 {
		text += "." + digits[len(digits)-places:]
	}
	if rapid.Bool().Draw(t, "minus") {
		text = "-" + text
	}
	return text
})

// amounts are amounts of such numbers.
var amounts = rapid.Custom(func(t *rapid.T) money.Amount {
	return amount(t, numbers.Draw(t, "number"))
})

// rat returns the value of an amount in another implementation.
func rat(text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		panic("no number: " + text)
	}
	return r
}

// places counts the digits after the point.
func places(text string) int {
	_, after, _ := strings.Cut(text, ".")
	return len(after)
}

func TestAgainstRat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := numbers.Draw(t, "x"), numbers.Draw(t, "y")
		a, b := amount(t, x), amount(t, y)

		sum := rat(x)
		sum.Add(sum, rat(y))
		if got, want := a.Add(b).String(), zeroAs(sum, max(places(x), places(y))); got != want {
			t.Fatalf("%s + %s = %s, want %s", x, y, got, want)
		}
		product := rat(x)
		product.Mul(product, rat(y))
		if got, want := a.Mul(b).String(), zeroAs(product, places(x)+places(y)); got != want {
			t.Fatalf("%s * %s = %s, want %s", x, y, got, want)
		}
		if got, want := a.Cmp(b), rat(x).Cmp(rat(y)); got != want {
			t.Fatalf("Cmp(%s, %s) = %d, want %d", x, y, got, want)
		}
		if got, want := a.Sign(), rat(x).Sign(); got != want {
			t.Fatalf("Sign of %s = %d, want %d", x, got, want)
		}
	})
}

// zeroAs returns FloatString, which rounds half away from zero, without a minus for zero.
func zeroAs(r *big.Rat, places int) string {
	text := r.FloatString(places)
	if strings.Trim(text, "-0.") == "" {
		return strings.TrimPrefix(text, "-")
	}
	return text
}

func TestAddIsAMonoid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := amounts.Draw(t, "a"), amounts.Draw(t, "b"), amounts.Draw(t, "c")
		if got, want := a.Add(b).Add(c).String(), a.Add(b.Add(c)).String(); got != want {
			t.Fatalf("(a + b) + c = %s, but a + (b + c) = %s", got, want)
		}
		if got, want := a.Add(b).String(), b.Add(a).String(); got != want {
			t.Fatalf("a + b = %s, but b + a = %s", got, want)
		}
		if got := a.Add(money.Amount{}).String(); got != a.String() {
			t.Fatalf("a + 0 = %s", got)
		}
		if got, want := a.Mul(b).String(), b.Mul(a).String(); got != want {
			t.Fatalf("a * b = %s, but b * a = %s", got, want)
		}
	})
}

func TestRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := numbers.Draw(t, "number")
		a := amount(t, text)
		want := zeroAs(rat(text), places(text))
		if got := a.String(); got != want {
			t.Fatalf("Parse(%s) = %s", text, got)
		}
		// Also for products, which have more digits than Parse accepts.
		a = a.Mul(amounts.Draw(t, "factor")).Mul(amounts.Draw(t, "factor"))
		form := a.AppendBinary([]byte("before"))[len("before"):]
		got, rest, ok := money.DecodeBinary(append(bytes.Clone(form), 0xff))
		if !ok || got.String() != a.String() || len(rest) != 1 {
			t.Fatalf("%s came back as %s, %x, %v", a, got, rest, ok)
		}
		// The decoded amount has the same form inside: it computes the same.
		if again := got.AppendBinary(nil); !bytes.Equal(again, form) || got.Cmp(a) != 0 {
			t.Fatalf("%s: %x became %x", a, form, again)
		}
	})
}

func TestExponents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := numbers.Draw(t, "number") + rapid.StringMatching(`[eE][+-]?[0-9]{1,2}`).Draw(t, "exponent")
		a, ok := money.Parse([]byte(text))
		if !ok {
			return // too many digits: TestParseRefuses has them
		}
		if out, ok := money.WriteOut(nil, []byte(text), 100); !ok || strings.ContainsAny(string(out), "eE") || amount(t, string(out)).String() != a.String() {
			t.Fatalf("WriteOut(%s) = %s, %v, but Parse says %s", text, out, ok, a)
		}
		if rat(a.String()).Cmp(rat(text)) != 0 {
			t.Fatalf("Parse(%s) = %s", text, a)
		}
	})
}

func TestDecodeAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "src")
		a, rest, ok := money.DecodeBinary(src)
		if !ok {
			return
		}
		if form := a.AppendBinary(nil); !bytes.Equal(append(form, rest...), src) {
			t.Fatalf("%x was read as %.50s, which is %x", src, a, form)
		}
	})
}

func TestTrimKeepsTheValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := amounts.Draw(t, "a")
		least := rapid.IntRange(0, 50).Draw(t, "places")
		got := a.Trim(least)
		if got.Cmp(a) != 0 {
			t.Fatalf("Trim(%d) of %s = %s", least, a, got)
		}
		text := got.String()
		if n := places(text); n > least && text[len(text)-1] == '0' || n < min(least, places(a.String())) {
			t.Fatalf("Trim(%d) of %s = %s", least, a, text)
		}
	})
}

func TestUnitAgainstRat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := numbers.Draw(t, "total")
		quantity := rapid.OneOf(numbers, rapid.StringMatching(`[1-9][0-9]{0,2}`)).Draw(t, "quantity")
		c := rapid.SampledFrom([]string{"XXX", "USD", "JPY", "KWD"}).Draw(t, "currency")
		got, ok := money.Unit(nil, []byte(total), []byte(quantity), currency(c))
		if rat(quantity).Sign() == 0 {
			if ok {
				t.Fatalf("Unit(%s, %s) = %s", total, quantity, got)
			}
			return
		}
		want := rat(total)
		want.Quo(want, rat(quantity))
		text := want.FloatString(places(total) + 4)
		if rat(text).Cmp(want) == 0 { // exact
			for places(text) > places(total) && text[len(text)-1] == '0' {
				text = strings.TrimSuffix(text[:len(text)-1], ".")
			}
		} else {
			text = want.FloatString(max(places(total), map[string]int{"XXX": 2, "USD": 2, "JPY": 0, "KWD": 3}[c]))
		}
		text = zeroAs(rat(text), places(text))
		if !ok || string(got) != text {
			t.Fatalf("Unit(%s, %s, %s) = %s, %v, want %s", total, quantity, c, got, ok, text)
		}
	})
}
