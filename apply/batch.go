package apply

import (
	"process-orders/internal/detail"
	"process-orders/internal/parts"
	"process-orders/internal/version"
	"process-orders/store"
)

// forStore makes what a store takes of what a part has.
type forStore struct {
	byTime   bool  // the store goes by times
	grown    int64 // the number of the source that the rows of orders may go on from, 0 if there is none
	hasTime  bool  // the mapping reads times: what has none is earliest
	source   int64 // the number of the source; 0 for a group of a feed
	base     int64 // the offset at which what was read starts
	received int64 // when that was started or came, in milliseconds since 1970: the time of what could have none
}

// time is the time that decides what is later of an order that was placed then.
func (f *forStore) time(placed int64) int64 {
	switch {
	case !f.byTime:
		return store.NoTime
	case !f.hasTime:
		return f.received
	}
	return placed
}

// states sets the times and the offsets of states that are as they were read.
func (f *forStore) states(all []store.State) []store.State {
	for i := range all {
		all[i].Time = f.time(all[i].Placed)
		all[i].At += f.base
		all[i].Continues = f.grown
	}
	return all
}

// delta is what the records of a part do to those of a store, but for the minutes, which have
// nothing that is the store's. Their positions in the source become versions.
func (f *forStore) delta(r *parts.Records) (d store.Delta) {
	versionOf := f.version
	if r.Customers.HasVersions() {
		versionOf = f.renumbered
	}
	for c := range r.Customers.All() {
		known := detail.Of(c)
		customer := store.Customer{
			Phone: string(c.Key()), First: versionOf(c.FirstVersion()), Orders: c.Count(), Spent: known.Sums(),
		}
		customer.FirstPlaced, customer.LastPlaced = known.Times()
		if c.HasText() {
			customer.Name, customer.Named = string(c.Text()), versionOf(c.TextVersion())
		}
		d.Customers = append(d.Customers, customer)
	}
	for i := range r.Items.All() {
		known := detail.Of(i)
		item := store.Item{
			Name: string(i.Key()), Price: string(i.Text()), Orders: i.Count(),
			First: versionOf(i.FirstVersion()), Priced: versionOf(i.TextVersion()),
			Quantity: known.Quantity(), Revenue: known.Sums(),
		}
		for _, p := range known.Prices() {
			item.Prices = append(item.Prices, store.Price{Price: p.Text, First: f.versionAt(p.First), Placed: p.Time})
		}
		d.Items = append(d.Items, item)
	}
	return d
}

// version makes a store's version of a position.
func (f *forStore) version(v version.Version) store.Version {
	return store.PositionVersion(f.time(v.Time), f.source, f.base+v.Line, 0)
}

// renumbered makes a store's version of one of a run, whose sources all have the number 0.
func (f *forStore) renumbered(v version.Version) store.Version {
	v.Time = f.time(v.Time)
	return f.renumberedKey(v.AppendKey(nil))
}

// versionAt makes a store's version of where a price came first.
func (f *forStore) versionAt(a detail.Appearance) store.Version {
	if a.Key == "" {
		return f.version(version.Version{Time: store.NoTime, Line: a.At})
	}
	return f.renumberedKey(version.WithTime([]byte(a.Key), f.time))
}

// renumberedKey makes a store's version of the key of one of a run.
func (f *forStore) renumberedKey(key []byte) store.Version {
	if f.base > 0 {
		key = version.AppendShiftedKey(nil, key, f.base)
	}
	return store.Renumber(store.Version(key), f.source)
}

// What a run keeps of an item's prices is what a store lists.
var _ = [1]struct{}{}[store.MostPrices-detail.MostPrices]
