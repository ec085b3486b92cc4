package orders

import (
	"bytes"
	"slices"

	"process-orders/internal/columns"
)

// The usual line: an item, a price and mostly a quantity, each at its first path and written
// plainly. It has no currency of its own. Nothing of it need be computed, and nothing is wrong
// with it. All other lines are left to resolveLine, which judges one field after the other.

// usualFields are the slots of a usual line's fields.
type usualFields struct {
	isKnown               bool // else no line is usual
	hasQuantity           bool
	item, price, quantity uint8
	// currencies are the slots of the currency, and quantities those of the quantity.
	currencies, quantities []uint8
}

// findUsual finds the fields of usual lines, if all other fields are missing.
func (f *lineFields) findUsual(p *program) {
	m := p.mapping
	others := len(f.total) + len(f.paid) + len(f.add) + len(f.divisor)
	if others > 0 || m.HTML || m.Decimal == DecimalComma || p.quantityPlaces > 0 {
		return
	}
	u := &f.usual
	isKnown := true
	slot := func(f field) (slot uint8) {
		if len(f) == 0 || len(f[0]) != 1 || f[0][0] >= maxSlots {
			isKnown = false
			return 0
		}
		return f[0][0]
	}
	u.item, u.price = slot(f.item), slot(f.price)
	if u.hasQuantity = len(f.quantity) > 0; u.hasQuantity {
		u.quantity = slot(f.quantity)
	}
	slots := func(f field) (all []uint8) {
		for _, one := range slices.Concat(f...) {
			isKnown = isKnown && one < maxSlots // else it is a constant
			all = append(all, one)
		}
		return all
	}
	u.currencies, u.quantities = slots(f.currency), slots(f.quantity)
	u.isKnown = isKnown && !p.computes // as it does if prices are in another unit
}

// hasNone reports whether there is a value in none of the slots.
func (r *resolver) hasNone(slots []uint8) bool {
	for _, slot := range slots {
		if r.found[slot%maxSlots] != 0 {
			return false
		}
	}
	return true
}

// usualLine adds the line that was read if it is a usual one, and reports whether it is.
func (r *resolver) usualLine(f *lineFields, position int) bool {
	d, u := r.draft, &f.usual
	if !u.isKnown || !d.isGood() || !r.hasNone(u.currencies) {
		return false
	}
	out := d.out
	item, price := r.found[u.item%maxSlots], r.found[u.price%maxSlots]
	text := out.Text(item)
	if !startsASCII(text) || !d.isText(item) || !isPlainDecimal(out.Text(price)) {
		return false
	}
	if (uint32(item)&columns.InArena != 0 || r.program.mapping.CSV) && bytes.IndexByte(text, 0) >= 0 {
		return false
	}
	var quantity columns.Span
	if u.hasQuantity {
		quantity = r.found[u.quantity%maxSlots]
		if quantity == 0 {
			if !r.hasNone(u.quantities) {
				return false
			}
		} else if number := out.Text(quantity); !isPlainDecimal(number) || number[0] == '0' { // it may be zero
			return false
		}
	}
	out.AddLine(columns.Line{Item: item, Price: price, At: uint32(position)}, columns.LineDetail{Quantity: quantity})
	return true
}
