package records

import (
	"encoding/binary"
	"slices"
	"time"

	"process-orders/money"
)

// keeps says what a table keeps of a key beside its text.
type keeps uint8

const (
	keepText keeps = iota
	keepTimes
	keepDetails // and how often
)

// A detail is what is known of a customer or an item beyond its record, where that
// is asked for. Details fold like records: in any order, as what is first or last
// is told by times and places.
type detail struct {
	quantity money.Amount
	sums     []sum // by currency
	// first and last are the times of the orders, in milliseconds since 1970;
	// noTime where none of them has one that can be read.
	first, last int64
	// several says that there was more than one text.
	several bool
	// told are the different texts, by their places, of an item: its prices.
	told []told
}

const noTime = -1 << 63

// A sum is an amount in one currency.
type sum struct {
	currency money.Currency
	amount   money.Amount
}

// told is a text and where and when it came first.
type told struct {
	text     string
	at, time int64
}

// maxTold is how many different texts of a key are kept: more prices than anybody
// looks at.
const maxTold = 64

// currencyBytes is how many bytes a currency takes on disk: its code.
const currencyBytes = 3

// About how many bytes these take.
const (
	detailBytes = 144
	sumBytes    = 40
	toldBytes   = 48
)

func newDetail() *detail { return &detail{first: noTime, last: noTime} }

// add adds an amount.
func (d *detail) add(c money.Currency, a money.Amount) {
	i, found := slices.BinarySearchFunc(d.sums, c, func(s sum, c money.Currency) int { return s.currency.Compare(c) })
	if found {
		d.sums[i].amount = d.sums[i].amount.Add(a)
	} else {
		d.sums = slices.Insert(d.sums, i, sum{c, a})
	}
}

// when takes note of an order's time.
func (d *detail) when(first, last int64) {
	if first != noTime && (d.first == noTime || first < d.first) {
		d.first = first
	}
	d.last = max(d.last, last)
}

// tell takes note of a text.
func (d *detail) tell(t told) {
	for i := range d.told {
		if old := &d.told[i]; old.text == t.text {
			if t.at < old.at {
				old.at, old.time = t.at, t.time
			}
			return
		}
	}
	d.told = append(d.told, t)
	if len(d.told) > maxTold { // those that came first stay
		slices.SortFunc(d.told, func(a, b told) int { return int(min(1, max(-1, a.at-b.at))) })
		d.told = d.told[:maxTold]
	}
}

// fold folds in another detail of the same key, whose places are shift further
// along.
func (d *detail) fold(other *detail, shift int64) {
	d.quantity = d.quantity.Add(other.quantity)
	for _, s := range other.sums {
		d.add(s.currency, s.amount)
	}
	d.when(other.first, other.last)
	d.several = d.several || other.several
	for _, t := range other.told {
		t.at += shift
		d.tell(t)
	}
}

func (d *detail) bytes() int64 {
	n := int64(detailBytes + sumBytes*cap(d.sums) + toldBytes*cap(d.told))
	for i := range d.told {
		n += int64(len(d.told[i].text))
	}
	return n
}

// append appends a detail as it stands on disk.
func (d *detail) append(dst []byte) []byte {
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
		dst = append(dst, s.currency.String()...)
		dst = s.amount.AppendBinary(dst)
	}
	dst = binary.AppendUvarint(dst, uint64(len(d.told)))
	for _, t := range d.told {
		dst = binary.AppendVarint(dst, t.at)
		dst = binary.AppendVarint(dst, t.time)
		dst = binary.AppendUvarint(dst, uint64(len(t.text)))
		dst = append(dst, t.text...)
	}
	return dst
}

// readDetail reads what append wrote. The disk is ours: what is there was written
// by this process.
func readDetail(src []byte) *detail {
	d := &detail{several: src[0] == 1}
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
	d.first, d.last = varint(), varint()
	d.quantity, src, _ = money.DecodeBinary(src)
	for range count() {
		var s sum
		s.currency, _ = money.ParseCurrency(src[:currencyBytes])
		s.amount, src, _ = money.DecodeBinary(src[currencyBytes:])
		d.sums = append(d.sums, s)
	}
	for range count() {
		t := told{at: varint(), time: varint()}
		n := count()
		t.text, src = string(src[:n]), src[n:]
		d.told = append(d.told, t)
	}
	return d
}

func (d *detail) money() []money.Sum {
	all := make([]money.Sum, len(d.sums))
	for i, s := range d.sums {
		all[i] = money.Sum{Currency: s.currency, Amount: s.amount}
	}
	return all
}

// timeOf is a time as the library gives it: in UTC, zero where there is none.
func timeOf(ms int64) time.Time {
	if ms == noTime {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
