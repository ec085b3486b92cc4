package sqlstore

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strconv"

	"process-orders/money"
	"process-orders/store"
)

// An Hour is the row of the minutes of an hour in which a shop had orders. Minutes are
// kept by the hour, as orders of years are in more minutes than rows are good for.
type Hour struct {
	HourKey
	Row Sealed // its body has the minutes, sorted
}

// An HourKey says which hour a row is of.
type HourKey struct {
	// Start is when the hour starts, in milliseconds since 1970, or [store.NoTime].
	Start int64
	// Shop is the number of the shop, or 0 for new customers, who are those of all shops.
	Shop int64
}

func (k HourKey) compare(o HourKey) int {
	return cmp.Or(cmp.Compare(k.Start, o.Start), cmp.Compare(k.Shop, o.Shop))
}

// columns are what the checksum of an hour is made of beside its body.
func (k HourKey) columns() []string {
	return []string{strconv.FormatInt(k.Start, 10), strconv.FormatInt(k.Shop, 10)}
}

// A Minute is what the orders say as a whole that were placed in a minute.
type Minute struct {
	Start                int64
	shop                 int64 // its number; in the row of an hour it is that of the row
	Orders, NewCustomers int64
	Sums                 Sums
}

const hourMilliseconds = 60 * store.MinuteMilliseconds

// HourOf returns the start of the hour of a minute.
func HourOf(minute int64) int64 {
	if minute == store.NoTime {
		return minute
	}
	hour := minute / hourMilliseconds
	if minute%hourMilliseconds < 0 {
		hour--
	}
	return hour * hourMilliseconds
}

// minute is the minute of a shop as it is read. Its sums are in the memory of some, if they fit.
func (m *Minute) minute(shop string, sums []store.MinuteSum) store.Minute {
	r := store.Minute{Start: m.Start, Shop: shop, Orders: m.Orders, NewCustomers: m.NewCustomers}
	if len(m.Sums) > 0 {
		r.Sums = sums[:0:min(cap(sums), len(m.Sums))]
	}
	for _, s := range m.Sums {
		last := len(r.Sums) - 1
		if last < 0 || r.Sums[last].Currency != s.of {
			r.Sums = append(r.Sums, store.MinuteSum{Sum: money.Sum{Currency: s.of}})
			last++
		}
		to := &r.Sums[last]
		to.Amount = to.Amount.Add(s.amount)
		to.Lines += s.lines
	}
	r.Sums = slices.Clip(r.Sums) // what is behind them is of the next minute
	return r
}

func (m *Minute) isEmpty() bool { return m.Orders == 0 && m.NewCustomers == 0 && len(m.Sums) == 0 }

// mostMinutes is how many minutes an hour has.
const mostMinutes = 60

// A minuteBuffer is memory of minutes and of their sums, which serves one hour after the other.
type minuteBuffer struct {
	minutes []Minute
	sums    Sums
}

func (r *minuteBuffer) clear() { r.minutes, r.sums = r.minutes[:0], r.sums[:0] }

// appendMinutes appends minutes of an hour, in the form that minuteBuffer.read reads. Mostly they
// have the same currencies, which are said once.
func appendMinutes(dst []byte, hour int64, minutes []Minute) []byte {
	var before Sums
	for i := range minutes {
		m := &minutes[i]
		dst, before = m.append(dst, hour, before), m.Sums
	}
	return dst
}

// append appends a minute of an hour. Before are the sums of the minute before it, nil if there is
// none.
func (m *Minute) append(dst []byte, hour int64, before Sums) []byte {
	minute := int64(0)
	if hour != store.NoTime {
		minute = (m.Start - hour) / store.MinuteMilliseconds
	}
	dst = binary.AppendUvarint(dst, uint64(minute))
	dst = binary.AppendUvarint(binary.AppendUvarint(dst, uint64(m.Orders)), uint64(m.NewCustomers))
	return m.Sums.appendAfter(before, dst)
}

// read returns the minutes that appendMinutes appended. They last until the next ones are read.
func (r *minuteBuffer) read(hour int64, body []byte) ([]Minute, error) {
	r.clear()
	in := newSharingReader(body)
	var before Sums
	for next := uint64(0); len(in.rest) > 0 && !in.isBad; {
		m, minute := Minute{Start: hour}, in.unsigned()
		in.isBad = in.isBad || minute < next || minute >= mostMinutes || hour == store.NoTime && minute > 0
		if next = minute + 1; hour != store.NoTime {
			m.Start += int64(minute) * store.MinuteMilliseconds
		}
		m.Orders, m.NewCustomers = int64(in.unsigned()), int64(in.unsigned())
		from := len(r.sums)
		r.sums = in.appendSums(r.sums, before)
		m.Sums = r.sums[from:len(r.sums):len(r.sums)]
		r.minutes, before = append(r.minutes, m), m.Sums
	}
	return r.minutes, in.err()
}

// seal sets the row to what appendMinutes appended to a body from an offset on. It returns the body
// with the checksum of the row.
func (h *Hour) seal(body []byte, from int) []byte {
	body, h.Row.sum = seal(body, from, HoursTable, h.columns()...)
	h.Row.Body = body[from:len(body):len(body)]
	return body
}

// ScanHour reads a row with the columns of HourColumns, and checks it.
func ScanHour(r Row) (h Hour, err error) {
	if err := r.Scan(&h.Start, &h.Shop, &h.Row.Body); err != nil {
		return Hour{}, err
	}
	_, h.Row.sum, err = unseal(h.Row.Body, HoursTable, h.columns()...)
	return h, err
}

// minutes returns the minutes of a row that was checked, in a buffer.
func (h *Hour) minutes(buf *minuteBuffer) ([]Minute, error) {
	return buf.read(h.Start, h.Row.Body[:len(h.Row.Body)-sumBytes])
}

// FirstHour is the first hour that has minutes at or after a time. No hour starts between
// NoTime and the first hour of all times.
func FirstHour(from int64) int64 {
	if from < store.NoTime+hourMilliseconds {
		return store.NoTime
	}
	return HourOf(from)
}
