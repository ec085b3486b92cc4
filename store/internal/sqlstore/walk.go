package sqlstore

import (
	"cmp"

	"process-orders/store"
)

// A walk goes along the orders by their versions until each of some lists, which are empty,
// has a line. Lists that are far apart take several walks, so that what is between them is not
// read.
type walk struct {
	c        *changes
	earliest bool
	waiting  []emptyList // those that the walk has not come to, in the order in which it does
	lists    map[listKey]*candidates
	empty    int // of the lists, those that are still empty
}

// An emptyList is a list for an item, and where the first line may be that it lacks.
type emptyList struct {
	key  listKey
	list *candidates
	from Place
}

// A listKey says of which lines a list is: of an item, or of one of its prices. A price may be
// empty.
type listKey struct {
	item, price string
	ofPrice     bool
}

// appendEmpty appends a list if it is empty.
func appendEmpty(all []emptyList, key listKey, l *candidates) []emptyList {
	if len(l.lines) > 0 {
		return all
	}
	return append(all, emptyList{key: key, list: l})
}

func (w *walk) add(l emptyList) (err error) {
	l.from, err = placeOf(l.list.limit, l.list.earliest)
	w.waiting = append(w.waiting, l)
	return err
}

// compare compares places by the way that the walk goes.
func (w *walk) compare(a, b Place) int {
	if !w.earliest {
		a, b = b, a
	}
	return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Source, b.Source), cmp.Compare(a.At, b.At))
}

// open makes the first list that waits one that takes lines.
func (w *walk) open() {
	one := w.waiting[0]
	w.waiting = w.waiting[1:]
	one.list.limit = "" // as there is nothing up to it
	w.lists[one.key] = one.list
	w.empty++
}

// walk fills the first list that waits, and others that it comes to. It goes twice as far as
// it must, as what it reads on the way may be needed soon. It ends between orders of
// different times, as those of one time come in no order.
func (w *walk) walk() error {
	from := w.waiting[0].from
	w.lists, w.empty = map[listKey]*candidates{}, 0
	w.open()
	var time int64
	walked, opened, enough := 0, 0, 0
	isFilled := false // since the last list was opened
	for o, err := range w.c.tx.OrdersFrom(from, !w.earliest) {
		if err != nil {
			return err
		}
		if walked > 0 && (o.Time != time || time == store.NoTime) && w.empty == 0 {
			if !isFilled {
				isFilled, enough = true, max(enough, 2*walked-opened)
			}
			if walked >= enough {
				break
			}
		}
		for len(w.waiting) > 0 && w.compare(w.waiting[0].from, Place{o.Time, o.Source, o.At}) <= 0 {
			w.open()
			isFilled, opened = false, walked
		}
		time = o.Time
		walked++
		if err := w.take(&o); err != nil {
			return err
		}
	}
	for _, l := range w.lists {
		if l.cut(); len(l.lines) > 0 {
			l.limit = l.lines[len(l.lines)-1].version
		}
	}
	return nil
}

// take adds the lines of an order.
func (w *walk) take(o *Order) error {
	if !o.stands() {
		return nil
	}
	_, lines, err := o.body()
	if err != nil {
		return err
	}
	shop, err := w.c.shop(o.Shop)
	if err != nil {
		return err
	}
	n := int64(-1)
	for line, err := range lines.All() {
		if err != nil {
			return err
		}
		n++
		for _, key := range [...]listKey{{item: line.Item}, {line.Item, line.Price, true}} {
			l := w.lists[key]
			if l == nil {
				continue
			}
			if len(l.lines) == 0 {
				w.empty--
			}
			l.add(candidate{o.version(shop, n), line.Price, o.Placed})
		}
	}
	return nil
}
