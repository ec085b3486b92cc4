package records

import (
	"cmp"
	"encoding/binary"
	"slices"
	"time"

	"process-orders/internal/table"
	"process-orders/internal/timestamp"
	"process-orders/internal/version"
	"process-orders/money"
)

// A detail is what is kept of a customer or an item beyond its record, if that is asked
// for. Details fold like records: the order does not matter, as times, and positions or
// versions, say what is first or last.
type detail struct {
	quantity money.Amount
	sums     []money.Sum // by currency
	// first and last are the times of the orders, in milliseconds since 1970;
	// timestamp.None if none of them has a time that can be read.
	first, last int64
	// several reports whether there was more than one text.
	several bool
	// prices are the different prices of an item.
	prices []price
}

// price is a price, and where and when it came first.
type price struct {
	text  string
	first appearance
	time  int64 // of that order, in milliseconds since 1970
}

// An appearance is where something came: a position or, in records that keep versions, a
// version in the form of [version.Version.AppendKey].
type appearance struct {
	at  int64
	key string // empty if there is none
}

// compare compares by version. A position is the version of an order that has no time.
func (a appearance) compare(b appearance) int {
	if a.key == "" && b.key == "" {
		return cmp.Compare(a.at, b.at)
	}
	return cmp.Compare(a.asKey(), b.asKey())
}

func (a appearance) asKey() string {
	if a.key != "" {
		return a.key
	}
	return string(version.Position(nil, a.at).AppendKey(nil))
}

// before reports whether the appearance is earlier than one at a position or, if key is not
// empty, of a version.
func (a appearance) before(at int64, key []byte) bool {
	if a.key != "" && len(key) > 0 {
		return a.key < string(key)
	}
	return a.compare(appearance{at, string(key)}) < 0
}

// shifted is the appearance with its position moved by shift.
func (a appearance) shifted(shift int64) appearance {
	if a.key == "" {
		a.at += shift
	} else if shift != 0 {
		a.key = string(version.AppendShiftedKey(nil, []byte(a.key), shift))
	}
	return a
}

// maxPrices is how many different prices of an item are kept: more than anybody looks at.
const maxPrices = 64

// currencyBytes is how many bytes a currency takes on disk: its code.
const currencyBytes = 3

// About how many bytes these take.
const (
	detailBytes = 144
	sumBytes    = 40
	priceBytes  = 64
)

func newDetail() *detail { return &detail{first: timestamp.None, last: timestamp.None} }

// newTableDetail is newDetail for tables.
func newTableDetail() table.Detail { return newDetail() }

// detailOf returns a record's detail, which must not be changed: an empty one if none is
// kept.
func detailOf(r table.Record) *detail {
	if d, ok := r.Detail().(*detail); ok {
		return d
	}
	return newDetail()
}

// add adds an amount.
func (d *detail) add(c money.Currency, a money.Amount) {
	i, found := slices.BinarySearchFunc(d.sums, c, func(s money.Sum, c money.Currency) int { return s.Currency.Compare(c) })
	if found {
		d.sums[i].Amount = d.sums[i].Amount.Add(a)
	} else {
		d.sums = slices.Insert(d.sums, i, money.Sum{Currency: c, Amount: a})
	}
}

// addTimes adds the times of the first and of the last of some orders.
func (d *detail) addTimes(first, last int64) {
	if first != timestamp.None && (d.first == timestamp.None || first < d.first) {
		d.first = first
	}
	d.last = max(d.last, last)
}

// addPrice adds a price.
func (d *detail) addPrice(p price) {
	for i := range d.prices {
		if old := &d.prices[i]; old.text == p.text {
			if p.first.compare(old.first) < 0 {
				old.first, old.time = p.first, p.time
			}
			return
		}
	}
	d.prices = append(d.prices, p)
	if len(d.prices) > maxPrices { // those that came first stay
		slices.SortFunc(d.prices, comparePrices)
		d.prices = d.prices[:maxPrices]
	}
}

// comparePrices compares by first appearance.
func comparePrices(a, b price) int { return a.first.compare(b.first) }

// OtherText takes note that there was more than one text.
func (d *detail) OtherText() { d.several = true }

// Merge folds in another detail of the same key and moves its positions by shift.
func (d *detail) Merge(from table.Detail, shift int64) {
	other := from.(*detail)
	d.quantity = d.quantity.Add(other.quantity)
	for _, s := range other.sums {
		d.add(s.Currency, s.Amount)
	}
	d.addTimes(other.first, other.last)
	d.several = d.several || other.several
	for _, p := range other.prices {
		p.first = p.first.shifted(shift)
		d.addPrice(p)
	}
}

// Bytes returns about how much memory the detail takes.
func (d *detail) Bytes() int64 {
	n := int64(detailBytes + sumBytes*cap(d.sums) + priceBytes*cap(d.prices))
	for i := range d.prices {
		n += int64(len(d.prices[i].text) + len(d.prices[i].first.key))
	}
	return n
}

// Append appends the detail in the form that Decode reads.
func (d *detail) Append(dst []byte) []byte {
	flags := byte(0)
	if d.several {
		flags = 1
	}
	dst = append(dst, flags)
	dst = binary.AppendVarint(dst, d.first)
	dst = binary.AppendVarint(dst, d.last)
	dst = d.quantity.AppendBinary(dst)
	dst = binary.AppendUvarint(dst, uint64(len(d.sums)))
	for _, s := range d.sums {
		dst = append(dst, s.Currency.String()...)
		dst = s.Amount.AppendBinary(dst)
	}
	dst = binary.AppendUvarint(dst, uint64(len(d.prices)))
	for _, p := range d.prices {
		dst = binary.AppendVarint(dst, p.first.at)
		dst = binary.AppendVarint(dst, p.time)
		dst = appendText(dst, p.first.key)
		dst = appendText(dst, p.text)
	}
	return dst
}

// appendText appends a text and, before it, its length.
func appendText(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

// Decode reads what Append wrote. It checks nothing: this process wrote it.
func (d *detail) Decode(src []byte) {
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
	d.first, d.last = varint(), varint()
	d.quantity, src, _ = money.DecodeBinary(src)
	for range count() {
		var s money.Sum
		s.Currency, _ = money.ParseCurrency(src[:currencyBytes])
		s.Amount, src, _ = money.DecodeBinary(src[currencyBytes:])
		d.sums = append(d.sums, s)
	}
	for range count() {
		var p price
		p.first.at, p.time = varint(), varint()
		p.first.key, p.text = text(), text()
		d.prices = append(d.prices, p)
	}
}

// timeOf returns a time as the library gives it: in UTC, zero if there is none.
func timeOf(ms int64) time.Time {
	if ms == timestamp.None {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
