package detail

import (
	"encoding/binary"

	"process-orders/money"
)

// currencyBytes is how many bytes a currency takes on disk: its code.
const currencyBytes = 3

// Append appends the detail in the form that Decode reads.
func (d *Detail) Append(dst []byte) []byte {
	flags := byte(0)
	if d.several {
		flags = 1
	}
	dst = append(dst, flags)
	dst = binary.AppendVarint(dst, d.first.ms())
	dst = binary.AppendVarint(dst, d.last.ms())
	sums := d.Sums()
	dst = binary.AppendUvarint(dst, uint64(len(sums)))
	for _, s := range sums {
		dst = append(dst, s.Currency.String()...)
		dst = s.Amount.AppendBinary(dst)
	}
	quantity := d.Quantity()
	dst = quantity.AppendBinary(dst)
	var list []Price
	if d.more != nil {
		list = d.more.list
	}
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	for _, p := range list {
		dst = binary.AppendVarint(dst, p.First.At)
		dst = binary.AppendVarint(dst, p.Time)
		dst = appendText(dst, p.First.Key)
		dst = appendText(dst, p.Text)
	}
	return dst
}

// appendText appends a text and, before it, its length.
func appendText(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

// Decode reads what Append wrote. It checks nothing: this process wrote it.
func (d *Detail) Decode(src []byte) {
	d.several = src[0] == 1
	src = src[1:]
	varint := func() (v int64) {
		v, n := binary.Varint(src)
		src = src[n:]
		return v
	}
	count := func() int {
		v, n := binary.Uvarint(src)
		src = src[n:]
		return int(v)
	}
	text := func() string {
		n := count()
		v := string(src[:n])
		src = src[n:]
		return v
	}
	d.first, d.last = momentOf(varint()), momentOf(varint())
	for range count() {
		c, _ := money.ParseCurrency(src[:currencyBytes])
		var amount money.Amount
		amount, src, _ = money.DecodeBinary(src[currencyBytes:])
		n := numberOf(amount)
		d.add(c, &n)
	}
	quantity, src, _ := money.DecodeBinary(src)
	if quantity.Sign() != 0 || quantity.Places() > 0 {
		d.extra().quantity = quantity
	}
	for range count() {
		var p Price
		p.First.At, p.Time = varint(), varint()
		p.First.Key, p.Text = text(), text()
		d.extra().put(p)
	}
}
