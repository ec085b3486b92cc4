package orders

import (
	"bytes"
	"process-orders/internal/columns"
	"strings"
	"testing"
)

// plainNumber is isPlainNumber for a text, as the fast path calls it.
func plainNumber(text []byte) bool {
	data := append(bytes.Clone(text), bytes.Repeat([]byte{'x'}, 2*laneBytes)...)
	m := bitmaps{}
	m.make(data)
	return isPlainNumber(text[0], len(text), pointsOf(m.bits[bitsNotDigit], 0, len(text)))
}

// judged is what a judge of decimals says of what comes after a character: a text, if that
// is a quote.
func judged(judge func(*draft, columns.Span) (columns.Span, reason), before byte, text []byte) (string, reason) {
	data := append([]byte{before}, text...)
	d := draft{out: &findings{Orders: columns.Orders{Data: data}}, program: &program{fields: fields{mapping: &Mapping{}}}}
	s, why := judge(&d, columns.NewSpan(1, len(data)))
	return string(d.out.Text(s)), why
}

// The fast path judges numbers by their bits. It accepts nothing that the judge does not,
// and takes every plain number as it is.
func TestPlainNumbers(t *testing.T) {
	const alphabet = "019."
	texts := [][]byte{[]byte("")}
	for from, length := 0, 1; length <= 7; length++ {
		for _, text := range texts[from:] {
			from++
			for i := range len(alphabet) {
				texts = append(texts, append(bytes.Clone(text), alphabet[i]))
			}
		}
	}
	for n := 35; n <= 60; n++ {
		for _, point := range []int{0, 1, n / 2, n - 1} {
			text := []byte(strings.Repeat("7", n))
			text[point] = '.'
			texts = append(texts, text, []byte(strings.Repeat("7", n)))
		}
	}
	for _, text := range texts[1:] {
		got, why := judged((*draft).judgeAnyDecimal, ':', text)
		isRight := why == reasonNone
		if plain := plainNumber(text); plain && !isRight {
			t.Errorf("%s: the fast path accepts it, the judge says %d", text, why)
		} else if isRight && !plain && len(text) <= maxDigits {
			t.Errorf("%s: the judge accepts it, the fast path does not", text)
		} else if isPlainDecimal(text) != plain {
			t.Errorf("%s: plain by its bits: %t, by its bytes: %t", text, plain, !plain)
		}
		if isRight && got != string(text) {
			t.Errorf("%s: the judge makes it %s", text, got)
		}
	}
}

func TestJudgeDecimal(t *testing.T) {
	for _, c := range []struct {
		text, want string
		why        reason
	}{
		{"12.50", "12.50", reasonNone},
		{"-0", "-0", reasonNone},
		{"1.20e1", "12.0", reasonNone},
		{strings.Repeat("1", 40), strings.Repeat("1", 40), reasonNone},
		{strings.Repeat("1", 41), "", reasonDigits},
		{"1e40", "", reasonDigits},
		{"", "", reasonBlank},
		{" \t\u00a0", "", reasonBlank},
		{"six", "", reasonPrice},
		{"12,50", "", reasonPrice},
		{"1,250", "", reasonTwoWays},
		{"1,250.00", "1250.00", reasonNone},
		{" 1", "1", reasonNone},
		{"1 ", "1", reasonNone},
		{"+1", "1", reasonNone},
		{strings.Repeat("1", 41) + " ", "", reasonDigits},
		{"01", "", reasonPrice},
		{"-", "", reasonPrice},
		{"1.", "1", reasonNone},
	} {
		if got, why := judged((*draft).judgeDecimal, '"', []byte(c.text)); why != c.why || why == reasonNone && got != c.want {
			t.Errorf("%q: got %q, %d, want %q, %d", c.text, got, why, c.want, c.why)
		}
	}
}

func TestJudgeText(t *testing.T) {
	for _, c := range []struct {
		role       role
		text       string
		canHoldNUL bool
		provided   bool
		why        reason
	}{
		{rolePhone, "1", true, true, reasonNone},
		{rolePhone, "", true, false, reasonBlank},
		{roleItem, "\u2003 ", true, false, reasonBlank},
		{roleName, " ", true, false, reasonNone},
		{roleName, "Ann", true, true, reasonNone},
		{roleName, "A\x00", true, true, reasonNUL},
		{roleItem, "A\x00", false, true, reasonNone}, // it cannot be there: not looked for
	} {
		if provided, why := judgeText(c.role, []byte(c.text), c.canHoldNUL); provided != c.provided || why != c.why {
			t.Errorf("%q as role %d: got %t, %d, want %t, %d", c.text, c.role, provided, why, c.provided, c.why)
		}
	}
}

// What startsPlainly says of a text's first byte is true of the whole text.
func TestStartsPlainly(t *testing.T) {
	for c := range 256 {
		if startsPlainly(byte(c)) && isBlank([]byte{byte(c)}) {
			t.Errorf("a text that starts with %q may be blank", byte(c))
		}
	}
}

func TestJudgeCurrency(t *testing.T) {
	for text, want := range map[string]reason{
		"USD": reasonNone, "eur": reasonNone, "": reasonCurrency, "US": reasonCurrency,
		"USDT": reasonCurrency, "U$D": reasonCurrency, "U D": reasonCurrency, "123": reasonCurrency,
	} {
		if got := judgeCurrency([]byte(text)); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}
