package storetest

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"process-orders/money"
	"process-orders/store"
)

// A model is the plainest way to know the records: the law, word by word. It keeps all that
// ever came in the order in which it came. When it is asked, it sorts the latest states by
// their versions and folds them. It shares no code with any store.
type model struct {
	all    []arrival
	erased map[orderKey]bool
	// bringers are the numbers of those that brought the latest states, or chance, if it was
	// not known what came first.
	bringers map[orderKey]int64
}

const chance = -1

// An arrival is a state that came, or an order without an id, which stands for ever.
type arrival struct {
	store.State
	system, shop string
	number       int64 // of its source or group
}

// An orderKey is what an order is known by. An order without an id has none.
type orderKey struct{ system, shop, id string }

func (a *arrival) key() orderKey { return orderKey{a.system, a.shop, a.ID} }

// add adds what came with a batch, and says what became of its states.
func (m *model) add(number int64, system, shop string, orders []store.State) (counts store.Counts) {
	counts, _, _ = m.addSurely(number, system, shop, orders)
	return counts
}

// addSurely is add, with the fates of the states, word by word. It returns false if the counts or
// the fates depend on what was not known.
func (m *model) addSurely(number int64, system, shop string, orders []store.State) (counts store.Counts, fates []store.Fate, isSure bool) {
	isSure = true
	if m.bringers == nil {
		m.bringers = map[orderKey]int64{}
	}
	before := m.orders()
	m.put(number, system, shop, orders)
	after := m.orders()
	seen := map[orderKey]bool{}
	for i := range orders {
		key := orderKey{system, shop, orders[i].ID}
		if key.id == "" {
			continue
		}
		latest := latestOf(after[key])
		same := sameStates(orders[i], latest.State)
		isNew := same && !seen[key]
		if old := before[key]; isNew && old != nil {
			last := latestOf(old)
			isNew = !sameStates(last.State, latest.State)
			switch {
			case !isNew:
			case m.bringers[key] == number: // in an earlier batch
				counts.Older++
				if last.Skipped {
					counts.Skipped--
				}
			case last.Updated == store.NoTime && last.number == number: // and another one
				counts.Repeated--
				counts.Older++
				counts.Replaced++
			default:
				counts.Replaced++
			}
			isSure = isSure && !(isNew && m.bringers[key] == chance)
		}
		if isNew {
			m.bringers[key] = number
			if latest.Skipped {
				counts.Skipped++
			}
		}
		seen[key] = seen[key] || same
		switch {
		case isNew && before[key] == nil:
			fates = append(fates, store.Brought)
		case isNew:
			fates = append(fates, store.Changed)
		case same:
			counts.Repeated++
			fates = append(fates, store.Repeated)
		default:
			counts.Older++
			fates = append(fates, store.Older)
		}
	}
	return counts, fates, isSure
}

// byChance says that it is not known which of these batches was the first.
func (m *model) byChance(system, shop string, orders []store.State) {
	for _, s := range orders {
		m.bringers[orderKey{system, shop, s.ID}] = chance
	}
}

// wantDropped checks that what a batch dropped is what it counts.
func wantDropped(o store.Outcome) error {
	n := int64(0)
	for of, k := range o.Dropped {
		n += k
		if k < 1 || of.Source < 1 || of.Reason != "" && of.NoPhone {
			return fmt.Errorf("%d states of the kind %+v were dropped", k, of)
		}
	}
	if n != o.Repeated+o.Older+o.Replaced {
		return fmt.Errorf("%d states were dropped, and the counts are %+v", n, o.Counts)
	}
	return nil
}

// put adds what came.
func (m *model) put(number int64, system, shop string, orders []store.State) {
	for _, s := range orders {
		m.all = append(m.all, arrival{s, system, shop, number})
	}
}

// erase forgets a customer, and reports whether there was one.
func (m *model) erase(e store.Erasure) (found bool) {
	if m.erased == nil {
		m.erased = map[orderKey]bool{}
	}
	found = slices.ContainsFunc(m.records().Customers, func(c store.Customer) bool { return c.Phone == e.Phone })
	for key, states := range m.orders() {
		if e.Phone != "" && ownerOf(states) == e.Phone {
			m.erased[key] = true
		}
	}
	for _, id := range e.IDs {
		m.erased[orderKey{e.System, e.Shop, id}] = true
	}
	for i := range m.all {
		if a := &m.all[i]; a.ID == "" && a.Phone == e.Phone {
			a.Phone, a.Name = "", ""
		}
	}
	return found
}

// orders returns the states of each order that has an id.
func (m *model) orders() map[orderKey][]arrival {
	all := map[orderKey][]arrival{}
	for _, a := range m.all {
		if a.ID != "" {
			all[a.key()] = append(all[a.key()], a)
		}
	}
	return all
}

func sameStates(s, t store.State) bool {
	return s.Updated == t.Updated && rank(s) == rank(t) && s.Digest == t.Digest
}

// rank is the greater, the more final a state is: of two states of one time.
func rank(s store.State) int {
	switch {
	case s.Skipped && (s.Reason == "hold" || s.Reason == "draft"):
		return 1
	case !s.Skipped:
		return 2
	}
	return 3
}

// latestOf returns the latest of an order's states.
func latestOf(states []arrival) arrival {
	return slices.MaxFunc(states, func(a, b arrival) int {
		switch {
		case a.Updated != b.Updated:
			return cmp.Compare(a.Updated, b.Updated)
		case a.Updated == store.NoTime:
			return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.At, b.At))
		}
		return cmp.Or(cmp.Compare(rank(a.State), rank(b.State)), cmp.Compare(a.Digest, b.Digest))
	})
}

// ownerOf returns the phone of the customer whose order it is: that of the latest state; if
// that is skipped and has none, that of the latest state before it came.
func ownerOf(states []arrival) (phone string) {
	latest := states[0]
	phone = latest.Phone
	for _, s := range states[1:] {
		if sameStates(s.State, latest.State) || sameStates(latestOf([]arrival{latest, s}).State, latest.State) {
			if s.Updated == store.NoTime && sameStates(s.State, latest.State) {
				latest = latestOf([]arrival{latest, s}) // it moves on
			}
			continue
		}
		if latest = s; !s.Skipped || s.Phone != "" {
			phone = s.Phone
		}
	}
	return phone
}

// A standing is an order that stands, in its latest state, and the position of its first
// one.
type standing struct {
	arrival
	source, at int64
}

// standing returns the orders that stand, sorted by their versions.
func (m *model) standing() (all []standing) {
	for key, states := range m.orders() {
		first := slices.MinFunc(states, func(a, b arrival) int {
			return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.At, b.At))
		})
		latest := latestOf(states)
		if m.erased[key] {
			latest.Phone, latest.Name = "", ""
		}
		if !latest.Skipped {
			all = append(all, standing{latest, first.number, first.At})
		}
	}
	for _, a := range m.all {
		if a.ID == "" {
			all = append(all, standing{a, a.number, a.At})
		}
	}
	slices.SortFunc(all, compareVersions)
	return all
}

// compareVersions says which order is later.
func compareVersions(a, b standing) int {
	if a.Time != b.Time {
		return cmp.Compare(a.Time, b.Time)
	}
	withID := a.ID != "" && a.Time != store.NoTime
	if other := b.ID != "" && b.Time != store.NoTime; withID != other {
		if withID {
			return 1
		}
		return -1
	}
	if !withID {
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.at, b.at))
	}
	return cmp.Or(cmp.Compare(a.shop, b.shop), cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID), cmp.Compare(a.system, b.system))
}

// version returns the version of a line of the order, as stores show it.
func (o *standing) version(line int) store.Version {
	if o.ID == "" {
		return store.PositionVersion(o.Time, o.source, o.at, int64(line))
	}
	return o.State.Version(o.system, o.shop, o.source, o.at, int64(line))
}

// records folds the orders that stand, in the order of their versions.
func (m *model) records() (d store.Delta) {
	customers, items, minutes := map[string]int{}, map[string]int{}, map[string]*store.Minute{}
	minuteOf := func(placed int64, shop string) *store.Minute {
		start := store.MinuteOf(placed)
		key := fmt.Sprint(start, " ", shop)
		if minutes[key] == nil {
			minutes[key] = &store.Minute{Start: start, Shop: shop}
		}
		return minutes[key]
	}
	for _, o := range m.standing() {
		c := new(store.Customer) // nobody, if the order makes no customer
		if o.Phone != "" {
			i, ok := customers[o.Phone]
			if !ok {
				i = len(d.Customers)
				customers[o.Phone] = i
				d.Customers = append(d.Customers, store.Customer{Phone: o.Phone, First: o.version(0), FirstPlaced: store.NoTime, LastPlaced: store.NoTime})
			}
			c = &d.Customers[i]
		}
		if o.Name != "" {
			c.Name, c.Named = o.Name, o.version(0)
		}
		c.Orders++
		if o.Placed != store.NoTime {
			if c.FirstPlaced == store.NoTime || o.Placed < c.FirstPlaced {
				c.FirstPlaced = o.Placed
			}
			c.LastPlaced = max(c.LastPlaced, o.Placed)
		}
		minute := minuteOf(o.Placed, o.shop)
		minute.Orders++
		for n, line := range linesOf(o.State) {
			i, ok := items[line.Item]
			if !ok {
				i = len(d.Items)
				items[line.Item] = i
				d.Items = append(d.Items, store.Item{Name: line.Item, First: o.version(n)})
			}
			item := &d.Items[i]
			item.Price, item.Priced = line.Price, o.version(n)
			if !line.Uncounted {
				item.Orders++
			}
			known := slices.ContainsFunc(item.Prices, func(p store.Price) bool { return p.Price == line.Price })
			if !known && len(item.Prices) < store.MostPrices {
				item.Prices = append(item.Prices, store.Price{Price: line.Price, First: o.version(n), Placed: o.Placed})
			}
			quantity, cost := line.Cost()
			item.Quantity = item.Quantity.Add(quantity).Trim(0)
			addSum(&item.Revenue, cost)
			addSum(&c.Spent, cost)
			at := slices.IndexFunc(minute.Sums, func(s store.MinuteSum) bool { return s.Currency == cost.Currency })
			if at < 0 {
				at = len(minute.Sums)
				minute.Sums = append(minute.Sums, store.MinuteSum{Sum: money.Sum{Currency: cost.Currency}})
			}
			minute.Sums[at].Amount = minute.Sums[at].Amount.Add(cost.Amount)
			minute.Sums[at].Lines++
		}
	}
	for _, c := range d.Customers {
		minuteOf(c.FirstPlaced, "").NewCustomers++
	}
	var all []store.Minute
	for _, minute := range minutes {
		slices.SortFunc(minute.Sums, func(a, b store.MinuteSum) int { return a.Currency.Compare(b.Currency) })
		all = append(all, *minute)
	}
	slices.SortFunc(all, store.Minute.Compare)
	d.Minutes = slices.Values(all)
	return d
}

// addSum adds an amount to sums, which are sorted by their currencies.
func addSum(to *[]money.Sum, more money.Sum) {
	at := slices.IndexFunc(*to, func(s money.Sum) bool { return s.Currency == more.Currency })
	if at >= 0 {
		(*to)[at].Amount = (*to)[at].Amount.Add(more.Amount)
		return
	}
	*to = append(*to, more)
	slices.SortFunc(*to, func(a, b money.Sum) int { return a.Currency.Compare(b.Currency) })
}

// linesOf returns the lines of a state that this package made.
func linesOf(s store.State) (lines []store.Line) {
	for line, err := range s.Lines.All() {
		if err != nil {
			panic(err)
		}
		lines = append(lines, line)
	}
	return lines
}

// batchOf returns the batch of a source that has these orders: those with an id are states,
// and the others are folded. Without an id of the batch it is the group of a feed, and the
// number is 0.
func batchOf(id string, number int64, orders ...store.State) store.Batch {
	b := store.Batch{ID: id, Source: number, Orders: int64(len(orders))}
	var others model
	for _, s := range orders {
		if s.ID != "" {
			b.States = append(b.States, s)
		} else {
			others.all = append(others.all, arrival{State: s, number: number})
		}
	}
	b.Delta = others.records()
	minutes := minutesOf(b.Delta)
	for i := range minutes {
		minutes[i].NewCustomers = 0
	}
	b.Delta.Minutes = onlyForNow(slices.DeleteFunc(minutes, func(m store.Minute) bool { return m.Orders == 0 }))
	return b
}

// onlyForNow yields minutes whose Sums become others when the next one comes.
func onlyForNow(all []store.Minute) iter.Seq[store.Minute] {
	return func(yield func(store.Minute) bool) {
		var sums []store.MinuteSum
		for _, m := range all {
			clear(sums)
			sums = append(sums[:0], m.Sums...)
			if m.Sums = sums; !yield(m) {
				return
			}
		}
		clear(sums)
	}
}

// minutesOf returns the minutes of a delta.
func minutesOf(d store.Delta) (all []store.Minute) {
	if d.Minutes == nil {
		return nil
	}
	for m := range d.Minutes {
		m.Sums = slices.Clone(m.Sums)
		all = append(all, m)
	}
	return all
}
