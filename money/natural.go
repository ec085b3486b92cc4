package money

import (
	"cmp"
	"math/big"
	"math/bits"
	"strconv"
)

// A natural is a whole number, 0 or more. It is in hi and lo if it fits 128 bits, and
// in big only if it does not, so each number has one form. The number behind big is
// shared by copies and never changed.
type natural struct {
	big    *big.Int
	hi, lo uint64
}

// tens holds the powers of ten that fit 64 bits.
var tens = func() (table [20]uint64) {
	power := uint64(1)
	for i := range table {
		table[i] = power
		power *= 10
	}
	return table
}()

// maxTen is the greatest exponent in tens.
const maxTen = len(tens) - 1

func (a natural) isZero() bool {
	return a.big == nil && a.hi|a.lo == 0
}

func (a natural) add(b natural) natural {
	if a.big == nil && b.big == nil {
		lo, carry := bits.Add64(a.lo, b.lo, 0)
		hi, carry := bits.Add64(a.hi, b.hi, carry)
		if carry == 0 {
			return natural{hi: hi, lo: lo}
		}
	}
	return fromBig(new(big.Int).Add(a.toBig(), b.toBig()))
}

// sub returns a - b. b is not greater than a.
func (a natural) sub(b natural) natural {
	if a.big == nil && b.big == nil {
		lo, borrow := bits.Sub64(a.lo, b.lo, 0)
		hi, _ := bits.Sub64(a.hi, b.hi, borrow)
		return natural{hi: hi, lo: lo}
	}
	return fromBig(new(big.Int).Sub(a.toBig(), b.toBig()))
}

func (a natural) mul(b natural) natural {
	if a.hi == 0 {
		a, b = b, a
	}
	if a.big == nil && b.big == nil && b.hi == 0 {
		hi, lo := bits.Mul64(a.lo, b.lo)
		if a.hi == 0 {
			return natural{hi: hi, lo: lo}
		}
		over, high := bits.Mul64(a.hi, b.lo)
		hi, carry := bits.Add64(hi, high, 0)
		if over|carry == 0 {
			return natural{hi: hi, lo: lo}
		}
	}
	return fromBig(new(big.Int).Mul(a.toBig(), b.toBig()))
}

func (a natural) cmp(b natural) int {
	switch {
	case a.big != nil || b.big != nil:
		return a.toBig().Cmp(b.toBig())
	case a.hi != b.hi:
		return cmp.Compare(a.hi, b.hi)
	}
	return cmp.Compare(a.lo, b.lo)
}

// scale returns a × 10^n.
func (a natural) scale(n int) natural {
	if n == 0 || a.isZero() {
		return a
	}
	return a.mul(ten(n))
}

// ten returns 10^n.
func ten(n int) natural {
	switch {
	case n <= maxTen:
		return natural{lo: tens[n]}
	case n <= 2*maxTen:
		hi, lo := bits.Mul64(tens[maxTen], tens[n-maxTen])
		return natural{hi: hi, lo: lo}
	}
	return fromBig(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil))
}

// quoRem returns a ÷ b and the remainder. b is not zero.
func (a natural) quoRem(b natural) (quotient, rest natural) {
	if a.big == nil && b.big == nil && b.hi == 0 {
		q, r := divide(a, b.lo)
		return q, natural{lo: r}
	}
	q, r := new(big.Int).QuoRem(a.toBig(), b.toBig(), new(big.Int))
	return fromBig(q), fromBig(r)
}

// divide is quoRem for 128 bits by 64.
func divide(a natural, by uint64) (quotient natural, rest uint64) {
	hi, rest := a.hi/by, a.hi%by
	lo, rest := bits.Div64(rest, a.lo, by)
	return natural{hi: hi, lo: lo}, rest
}

// trim removes at most that many zeros at the end of a number that is not zero, and
// returns how many it removed.
func (a natural) trim(most int) (_ natural, zeros int) {
	if a.big != nil {
		return a.trimBig(most)
	}
	for zeros < most {
		quotient, rest := divide(a, 10)
		if rest != 0 {
			break
		}
		a = quotient
		zeros++
	}
	return a, zeros
}

// trimBig counts the zeros in the text: dividing by ten again and again would take
// time quadratic in the length.
func (a natural) trimBig(most int) (_ natural, zeros int) {
	text := a.big.Append(nil, 10)
	for zeros < most && text[len(text)-1-zeros] == '0' {
		zeros++
	}
	quotient, _ := a.quoRem(ten(zeros))
	return quotient, zeros
}

// append appends the digits of a, at least one.
func (a natural) append(dst []byte) []byte {
	if a.big != nil {
		return a.big.Append(dst, 10)
	}
	if a.hi == 0 {
		return strconv.AppendUint(dst, a.lo, 10)
	}
	// The quotient can be beyond 64 bits, as 2^128 has 39 digits.
	head, tail := divide(a, tens[maxTen])
	dst = head.append(dst)
	before := len(dst)
	dst = append(dst, "0000000000000000000"...)
	for i := len(dst) - 1; i >= before; i-- {
		dst[i] = '0' + byte(tail%10)
		tail /= 10
	}
	return dst
}

// toBig returns a as a big number, which the caller must not change.
func (a natural) toBig() *big.Int {
	if a.big != nil {
		return a.big
	}
	n := new(big.Int).SetUint64(a.hi)
	n.Lsh(n, 64)
	return n.Or(n, new(big.Int).SetUint64(a.lo))
}

// fromBig returns n as a natural, which owns n from now on.
func fromBig(n *big.Int) natural {
	if n.BitLen() > 128 {
		return natural{big: n}
	}
	var buf [16]byte
	return fromBytes(n.FillBytes(buf[:]))
}
