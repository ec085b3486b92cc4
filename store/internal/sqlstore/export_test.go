package sqlstore

import "process-orders/store"

// SetMostCandidates sets how many lines a list of candidates holds.
func SetMostCandidates(n int) { mostCandidates = n }

// SetItemsAtOnce sets how many items are changed at once.
func SetItemsAtOnce(n int) { itemsAtOnce = n }

// SetNameChangeBytes sets how much memory changes of keys of names take. It returns how much that was.
func SetNameChangeBytes(n int64) (before int64) {
	before, nameChangeBytes = nameChangeBytes, n
	return before
}

// MostBlockBytes is how large a block of keys is at most.
const MostBlockBytes = mostBlockBytes

// ChangeNames changes by what customers are found.
func ChangeNames(tx Transaction, rows []Change[Customer]) error {
	w := newWork(tx)
	c := newChanges(w)
	defer c.names.close()
	for _, row := range rows {
		if err := c.changeName(row); err != nil {
			return err
		}
	}
	if err := c.changeNames(); err != nil {
		return err
	}
	if err := c.changeTotals(); err != nil {
		return err
	}
	return w.end()
}

// NewHour returns the row of some minutes of an hour, which are sorted.
func NewHour(key HourKey, minutes []store.Minute) Hour {
	h := Hour{HourKey: key}
	var all []Minute
	for _, m := range minutes {
		one := Minute{Start: m.Start, Orders: m.Orders, NewCustomers: m.NewCustomers}
		for _, s := range m.Sums {
			one.Sums = one.Sums.add(s.Lines, s.Currency, s.Amount)
		}
		all = append(all, one)
	}
	h.seal(appendMinutes(nil, key.Start, all), 0)
	return h
}
