package sqlstore

import (
	"slices"

	"process-orders/store"
)

// MinutesOf returns the minutes of hours that are at or after one time and before another, as
// [store.Reader] says. The hours are sorted by their starts, and shops has those of all numbers.
func MinutesOf(hours []Hour, shops map[int64]Shop, from, to int64) ([]store.Minute, error) {
	r := minutesReader{shops: shops, from: from, to: to}
	for i := range hours {
		r.bytesLeft += len(hours[i].Row.Body)
	}
	for len(hours) > 0 {
		n := 1
		for n < len(hours) && hours[n].Start == hours[0].Start {
			n++
		}
		if err := r.add(hours[:n]); err != nil {
			return nil, err
		}
		hours = hours[n:]
	}
	return r.all, nil
}

// A minutesReader reads one hour after the other. A store of years has millions of minutes, so it
// takes no memory for each, and sorts only those that are not sorted yet.
type minutesReader struct {
	shops    map[int64]Shop
	from, to int64

	all                  []store.Minute
	sums                 []store.MinuteSum // memory for the sums of the next minutes; it is empty
	bytesRead, bytesLeft int               // of the bodies of hours

	// The rows of an hour that follow each other and are of one name: mostly all, as orders
	// without a shop and new customers have the name "". Each row is read in a buffer of its own.
	shop           string
	minutes, other []Minute
	buffers        []*minuteBuffer
}

// add adds an hour, of which there are some rows.
func (r *minutesReader) add(rows []Hour) error {
	first, names := len(r.all), 0
	for i := range rows {
		shop, found := r.shops[rows[i].Shop]
		if !found && rows[i].Shop != 0 {
			return errNoShop
		}
		if i == len(r.buffers) {
			r.buffers = append(r.buffers, new(minuteBuffer))
		}
		minutes, err := rows[i].minutes(r.buffers[i])
		if err != nil {
			return err
		}
		if i > 0 && shop.Name != r.shop {
			r.take()
			names++
		}
		r.shop = shop.Name
		r.minutes, r.other = mergeMinutes(r.other[:0], r.minutes, minutes), r.minutes
		r.bytesRead += len(rows[i].Row.Body)
		r.bytesLeft -= len(rows[i].Row.Body)
	}
	r.take()
	if names > 0 {
		r.all = append(r.all[:first], store.AddMinutes(r.all[first:])...)
	}
	return nil
}

// take takes the minutes of a name that are wanted.
func (r *minutesReader) take() {
	some := r.minutes
	for len(some) > 0 && some[0].Start < r.from {
		some = some[1:]
	}
	for len(some) > 0 && some[len(some)-1].Start >= r.to {
		some = some[:len(some)-1]
	}
	if n := len(some); cap(r.all)-len(r.all) < n {
		left := float64(len(r.all)+n) / float64(max(r.bytesRead, 1)) * float64(r.bytesLeft) // if they take as many bytes
		r.all = slices.Grow(r.all, n+int(min(left, float64(1000+4*len(r.all)))))
	}
	for i := range some {
		if cap(r.sums) < len(some[i].Sums) {
			r.sums = make([]store.MinuteSum, 0, len(some[i].Sums)+minuteSumsAtOnce)
		}
		one := some[i].minute(r.shop, r.sums)
		r.sums = r.sums[:len(one.Sums)][len(one.Sums):]
		r.all = append(r.all, one)
	}
	r.minutes = r.minutes[:0]
}

// minuteSumsAtOnce is how many sums of minutes share memory.
const minuteSumsAtOnce = 1000
