package sqlstore

import (
	"cmp"
	"encoding/binary"
	"slices"

	"process-orders/money"
	"process-orders/store"
)

// Sums are what some lines cost, by currency and by the decimal places of what was added. They
// are sorted by both. What is taken back takes its places along: of 1.50 and 2.125, without the
// second, 1.50 is left and not 1.500.
type Sums []sum

type sum struct {
	of     money.Currency
	lines  int64 // that were added, less those that were taken back
	amount money.Amount
}

func (s *sum) compare(of money.Currency, places int) int {
	return cmp.Or(s.of.Compare(of), cmp.Compare(s.amount.Places(), places))
}

// add adds what some lines cost, all in one currency. A negative number takes lines back, whose
// cost is negative then.
func (s Sums) add(lines int64, of money.Currency, amount money.Amount) Sums {
	places := amount.Places()
	i, found := slices.BinarySearchFunc(s, places, func(one sum, places int) int { return one.compare(of, places) })
	if !found {
		return slices.Insert(s, i, sum{of, lines, amount})
	}
	if s[i].lines += lines; s[i].lines == 0 && s[i].amount.Add(amount).Sign() == 0 {
		return slices.Delete(s, i, i+1)
	}
	s[i].amount = s[i].amount.Add(amount)
	return s
}

// merge adds all of other sums.
func (s Sums) merge(other Sums) Sums {
	for _, one := range other {
		s = s.add(one.lines, one.of, one.amount)
	}
	return s
}

// less takes all of other sums back.
func (s Sums) less(other Sums) Sums {
	for _, one := range other {
		s = s.add(-one.lines, one.of, one.amount.Neg())
	}
	return s
}

// addFixed adds what a batch says of lines that are never taken back.
func (s Sums) addFixed(sums []money.Sum) Sums {
	for _, one := range sums {
		s = s.add(1, one.Currency, one.Amount)
	}
	return s
}

// total adds these sums to those by currency.
func (s Sums) total(to []money.Sum) []money.Sum {
	for _, one := range s {
		i, found := slices.BinarySearchFunc(to, one.of, func(have money.Sum, of money.Currency) int { return have.Currency.Compare(of) })
		if !found {
			to = slices.Insert(to, i, money.Sum{Currency: one.of, Amount: one.amount})
		} else {
			to[i].Amount = to[i].Amount.Add(one.amount)
		}
	}
	return to
}

// append appends the sums in the form that bodyReader.sums reads.
func (s Sums) append(dst []byte) []byte { return s.appendAfter(nil, dst) }

// appendAfter appends sums that follow others. If those are of the same currencies, these are
// left out, and the number of the sums is odd, which is twice as large as it is otherwise.
func (s Sums) appendAfter(before Sums, dst []byte) []byte {
	head := uint64(len(s)) << 1
	isSame := len(s) > 0 && slices.EqualFunc(s, before, func(a, b sum) bool { return a.of == b.of })
	if isSame {
		head++
	}
	dst = binary.AppendUvarint(dst, head)
	for i := range s {
		one := &s[i]
		if !isSame {
			code := one.of.String()
			if one.of.IsNone() {
				code = "\x00\x00\x00"
			}
			dst = append(dst, code...)
		}
		dst = one.amount.AppendBinary(binary.AppendVarint(dst, one.lines))
	}
	return dst
}

// sums reads what Sums.append appended. It uses the spare memory, of which others have other parts.
func (r *bodyReader) sums() Sums {
	all := r.appendSums(r.spare, nil)
	if len(all) == 0 {
		return nil
	}
	r.spare = all[len(all):]
	return all[:len(all):len(all)]
}

// appendSums reads what Sums.appendAfter appended, to the end of all.
func (r *bodyReader) appendSums(all, before Sums) Sums {
	head := r.unsigned()
	n, isSame := head>>1, head&1 != 0
	if r.isBad = r.isBad || isSame && n != uint64(len(before)); n == 0 || !r.has(n) {
		return all
	}
	all = slices.Grow(all, int(n))
	for i := range n {
		var one sum
		if isSame {
			one.of = before[i].of
		} else {
			one.of = r.currency()
		}
		one.lines, one.amount = r.signed(), r.amount()
		all = append(all, one)
	}
	return all
}

func (r *bodyReader) currency() (of money.Currency) {
	if code := r.bytes(3); code != "\x00\x00\x00" {
		var ok bool
		of, ok = money.ParseCurrency([]byte(code))
		r.isBad = r.isBad || !ok
	}
	return of
}

// costOf is what some lines cost.
func costOf(lines store.Lines) (s Sums, err error) {
	for line, err := range lines.All() {
		if err != nil {
			return nil, err
		}
		_, cost := line.Cost()
		s = s.add(1, cost.Currency, cost.Amount)
	}
	return s, nil
}
