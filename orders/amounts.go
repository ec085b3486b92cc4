package orders

import (
	"bytes"
	"strconv"

	"process-orders/internal/columns"
	"process-orders/money"
)

// amounts are what the price of a line is computed from when the currency of its order is
// known. Each is 0 if the line has none.
type amounts struct{ total, paid, divisor columns.Span }

// quantityOf resolves how many pieces a line has: 0 if that is missing, as for one.
func (r *resolver) quantityOf(f *lineFields) (columns.Span, bool) {
	p, d := r.program, r.draft
	s, ok := r.decimalOf(f.quantity, roleQuantity, d.lines)
	if s == 0 || p.quantityPlaces == 0 {
		return s, ok
	}
	given, _ := money.Parse(d.out.Text(s))
	var buf [maxDigits + 32]byte
	number := given.Mul(money.FromInt(p.quantityFactor)).Append(buf[:0])
	scaled, ok := money.Parse(appendExponent(number, -p.quantityPlaces))
	if !ok {
		r.rejectField(f.quantity, roleQuantity, d.lines, reasonDigits)
		return 0, false
	}
	scaled = scaled.Trim(0)
	return d.append(scaled.Append), true
}

// amountOf resolves an amount that may be missing.
func (r *resolver) amountOf(f field) (columns.Span, bool) {
	if len(f) == 0 {
		return 0, true
	}
	s, ok := r.decimalOf(f, rolePrice, r.draft.lines)
	if s != 0 && !r.isWhole(s) {
		r.rejectField(f, rolePrice, r.draft.lines, reasonMinor)
		return 0, false
	}
	return s, ok
}

// writtenCurrency is the currency of a line in whose amounts one is written, as in 5.00 EUR.
func (r *resolver) writtenCurrency(f *lineFields, given columns.Span) columns.Span {
	d := r.draft
	if given == 0 {
		return d.append(func(arena []byte) []byte { return append(arena, d.written.String()...) })
	}
	if c, _ := money.ParseCurrency(d.out.Text(given)); c != d.written {
		r.rejectField(f.currency, roleNone, d.lines, reasonOtherCurrency)
	}
	return given
}

// isWhole reports whether an amount can be one of the currency's smallest unit, if it is
// to be one.
func (r *resolver) isWhole(s columns.Span) bool {
	return r.program.mapping.PriceUnit != Minor || judgeMinor(r.draft.out.Text(s)) == reasonNone
}

// priceOf resolves the price of one piece, with all that is added to it.
func (r *resolver) priceOf(f *lineFields, at int) columns.Span {
	d, wanted := r.draft, f.priceOrTotal()
	price, ok := r.amountOf(f.price)
	if price == 0 && ok {
		_, slot, blank := r.pickFrom(wanted, false)
		r.rejectAbsent(wanted, slot, blank, at, d.lines)
	}
	if len(f.add) == 0 {
		return price
	}
	sum, isMore := r.added(f)
	if price == 0 || !isMore {
		return price
	}
	one, _ := money.Parse(d.out.Text(price))
	return d.append(one.Add(sum).Append)
}

// added is the sum of all that is added to a price, if there is anything.
func (r *resolver) added(f *lineFields) (sum money.Amount, isMore bool) {
	add := func(s columns.Span) reason {
		s, why := r.judgeAdded(s)
		if s != 0 {
			amount, _ := money.Parse(r.draft.out.Text(s))
			sum, isMore = sum.Add(amount), true
		}
		return why
	}
	for _, joined := range f.add {
		for _, slot := range joined {
			s := r.value(slot)
			if s == 0 {
				continue
			}
			if why := add(s); why != reasonNone {
				r.rejectAt(slot, rolePrice, r.draft.lines, why)
			}
			for _, m := range r.more {
				if m.slot != slot {
					continue
				}
				if why := add(m.span); why != reasonNone {
					r.rejectMore(m, why)
				}
			}
		}
	}
	return sum, isMore
}

// judgeAdded judges an amount that is added. It is 0 if it is blank.
func (r *resolver) judgeAdded(s columns.Span) (columns.Span, reason) {
	if r.isText(s) && isBlank(r.draft.out.Text(s)) {
		return 0, reasonNone
	}
	s, why := r.judgeDecimal(s)
	if why == reasonNone && !r.isWhole(s) {
		return 0, reasonMinor
	}
	return s, why
}

// rejectMore notes what is wrong with one of several values of a slot.
func (r *resolver) rejectMore(m moreValue, why reason) {
	first, offset := r.found[m.slot], r.offsets[m.slot]
	r.found[m.slot], r.offsets[m.slot] = m.span, m.offset
	r.rejectAt(m.slot, rolePrice, r.draft.lines, why)
	r.found[m.slot], r.offsets[m.slot] = first, offset
}

// divisorOf resolves by how much the prices of a line are too large: 0 if the mapping has
// no divisor.
func (r *resolver) divisorOf(f *lineFields, at int) columns.Span {
	if len(f.divisor) == 0 {
		return 0
	}
	line := r.draft.lines
	s, ok := r.decimalOf(f.divisor, rolePrice, line)
	switch {
	case s == 0 && ok:
		_, slot, blank := r.pickFrom(f.divisor, false)
		r.rejectAbsent(f.divisor, slot, blank, at, line)
	case s != 0 && (isZero(r.draft.out.Text(s)) || isNegative(r.draft.out.Text(s))):
		r.rejectField(f.divisor, rolePrice, line, reasonDivisor)
	}
	return s
}

// computePrices turns the prices of the order's lines into those of one piece, in major
// units, and their totals into what they add to sums.
func (r *resolver) computePrices() {
	d, b := r.draft, r.draft.out
	b.FillLineDetails(len(b.AllLines))
	for i := range d.amounts {
		a, j := &d.amounts[i], d.firstLine()+i
		line, detail := &b.AllLines[j], &b.LineDetails[j]
		text := b.Text(d.details.Currency)
		if detail.Currency != 0 {
			text = b.Text(detail.Currency)
		}
		code, _ := money.ParseCurrency(text)
		isRefund := isNegative(b.Text(detail.Quantity))
		if a.total != 0 {
			detail.Total = r.inMajor(a.total, a.divisor, code, isRefund)
			quantity := []byte("1")
			if detail.Quantity != 0 {
				quantity = b.Text(detail.Quantity)
			}
			line.Price = d.append(func(arena []byte) []byte {
				arena, _ = money.Unit(arena, b.Text(detail.Total), quantity, code)
				return arena
			})
		} else {
			line.Price = r.inMajor(line.Price, a.divisor, code, false)
		}
		if a.paid != 0 {
			detail.Total = r.inMajor(a.paid, a.divisor, code, isRefund)
		}
	}
}

// inMajor is an amount in major units. What was given back is made negative, however the
// source writes it.
func (r *resolver) inMajor(s, divisor columns.Span, code money.Currency, isRefund bool) columns.Span {
	d, b := r.draft, r.draft.out
	if isRefund && !isNegative(b.Text(s)) && !isZero(b.Text(s)) {
		amount := b.Text(s)
		s = d.append(func(arena []byte) []byte { return append(append(arena, '-'), amount...) })
	}
	if divisor != 0 {
		amount, by := b.Text(s), b.Text(divisor)
		s = d.append(func(arena []byte) []byte { return divide(arena, amount, by, code) })
	}
	if r.program.mapping.PriceUnit != Minor {
		return s
	}
	amount := b.Text(s)
	return d.append(func(arena []byte) []byte {
		arena, _ = money.FromMinor(arena, amount, code)
		return arena
	})
}

// divide appends an amount divided by a divisor, which is above 0. A power of ten moves
// the point and keeps all digits: 1250 by 100 is 12.50.
func divide(dst, amount, divisor []byte, code money.Currency) []byte {
	whole, fraction, _ := bytes.Cut(divisor, []byte("."))
	if whole[0] == '1' && len(bytes.Trim(whole[1:], "0")) == 0 && len(bytes.Trim(fraction, "0")) == 0 {
		var buf [2*maxDigits + 32]byte
		number := appendExponent(append(buf[:0], amount...), 1-len(whole))
		dst, _ = money.WriteOut(dst, number, 2*maxDigits+2)
		return dst
	}
	dst, _ = money.Unit(dst, amount, divisor, code)
	return dst
}

// appendExponent appends an exponent to a number.
func appendExponent(number []byte, exponent int) []byte {
	return strconv.AppendInt(append(number, 'e'), int64(exponent), 10)
}

// isZero reports whether a number without exponent is zero. No text is not.
func isZero(number []byte) bool {
	return len(number) > 0 && !bytes.ContainsAny(number, "123456789")
}

// isNegative reports whether a number without exponent is below zero.
func isNegative(number []byte) bool {
	return len(number) > 0 && number[0] == '-' && !isZero(number)
}
