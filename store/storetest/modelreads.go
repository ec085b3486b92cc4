package storetest

import (
	"cmp"
	"slices"
	"strings"

	"process-orders/store"
)

// What the model says of single questions. It goes through all records and orders each time.

// digits are the digits of a phone from the last to the first.
func digits(phone string) (text string) {
	for _, r := range phone {
		if '0' <= r && r <= '9' {
			text = string(r) + text
		}
	}
	return text
}

// words are those of a name in small letters.
func words(name string) []string { return strings.Fields(strings.ToLower(name)) }

// startsOf are the texts by which a name is found: it from each of its first words on.
func startsOf(name string) (all []string) {
	for i := range min(4, len(words(name))) {
		all = append(all, strings.Join(words(name)[i:], " "))
	}
	return all
}

// first40 is the start of a text by which lists are sorted.
func first40(text string) string {
	for n := 40; len(text) > 40; n-- {
		if n == 0 || text[n]&0xc0 != 0x80 { // a character starts there
			return text[:n]
		}
	}
	return text
}

// customersBy are the customers that a search finds.
func (m *model) customersBy(s store.Search) []store.Customer {
	type found struct {
		word string
		store.Customer
	}
	var all []found
	search := strings.Join(words(s.Name), " ")
	for _, c := range m.records().Customers {
		f := found{Customer: c}
		if search != "" {
			starts := slices.DeleteFunc(startsOf(c.Name), func(start string) bool { return !strings.HasPrefix(start, search) })
			if len(starts) == 0 {
				continue
			}
			f.word = first40(slices.Min(starts))
		}
		if strings.HasPrefix(digits(c.Phone), digits(s.Ending)) {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b found) int {
		if search != "" {
			return cmp.Or(cmp.Compare(a.word, b.word), cmp.Compare(a.Phone, b.Phone))
		}
		return cmp.Or(cmp.Compare(digits(a.Phone), digits(b.Phone)), cmp.Compare(a.Phone, b.Phone))
	})
	var list []store.Customer
	for _, f := range all {
		list = append(list, f.Customer)
	}
	return list
}

// itemsBy are the items that a search finds, without their prices.
func (m *model) itemsBy(s store.Search) (all []store.Item) {
	search := strings.Join(words(s.Name), " ")
	folded := func(name string) string { return strings.Join(words(name), " ") }
	for _, i := range m.records().Items {
		if i.Prices = nil; strings.HasPrefix(folded(i.Name), search) {
			all = append(all, i)
		}
	}
	slices.SortFunc(all, func(a, b store.Item) int {
		if search != "" {
			return cmp.Or(cmp.Compare(folded(a.Name), folded(b.Name)), cmp.Compare(a.Name, b.Name))
		}
		return cmp.Or(cmp.Compare(b.Orders, a.Orders), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// A seenOrder is an order as it is read, with the position of its first state.
type seenOrder struct {
	store.Order
	source, at int64
}

// seenOrders are all orders that have an id, the latest first, and then those that are unseen.
func (m *model) seenOrders() (all []seenOrder) {
	states := m.orders()
	for key, of := range states {
		latest := latestOf(of)
		first := slices.MinFunc(of, func(a, b arrival) int {
			return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.At, b.At))
		})
		o := seenOrder{store.Order{System: key.system, Shop: key.shop, State: latest.State, Source: m.bringers[key], Erased: m.erased[key]}, first.number, first.At}
		o.At, o.Continues = 0, 0
		if o.Phone = ownerOf(of); o.Erased {
			o.Phone, o.Name = "", ""
		}
		if o.Skipped {
			o.Name, o.Lines = "", nil
		} else {
			o.Reason = ""
		}
		all = append(all, o)
	}
	for key := range m.erased {
		if states[key] == nil {
			none := store.State{ID: key.id, Updated: store.NoTime, Placed: store.NoTime, Time: store.NoTime}
			all = append(all, seenOrder{Order: store.Order{System: key.system, Shop: key.shop, State: none, Erased: true, Unseen: true}})
		}
	}
	slices.SortFunc(all, func(a, b seenOrder) int {
		return cmp.Or(cmp.Compare(b.Time, a.Time), cmp.Compare(b.source, a.source), cmp.Compare(b.at, a.at),
			cmp.Compare(a.System, b.System), cmp.Compare(a.Shop, b.Shop), cmp.Compare(a.ID, b.ID))
	})
	return all
}
