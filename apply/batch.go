package apply

import (
	"process-orders/internal/parts"
	"process-orders/store"
)

// forStore makes what a store takes of what a part has.
type forStore struct {
	byTime   bool  // the store goes by times
	hasTime  bool  // the mapping reads times: what has none is earliest
	source   int64 // the number of the source; 0 for a group of a feed
	base     int64 // the offset at which what was read starts
	received int64 // when that began, in milliseconds since 1970: the time of what could have none
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
	}
	return all
}

// delta is what the records of a part do to those of a store. Their positions in the
// source become versions.
func (f *forStore) delta(r *parts.Records) (d store.Delta) {
	for c := range r.Customers.All() {
		customer := store.Customer{Phone: string(c.Key(nil)), First: f.version(c.First())}
		if c.HasText() {
			customer.Name, customer.Named = string(c.Text(nil)), f.version(c.TextAt())
		}
		d.Customers = append(d.Customers, customer)
	}
	for i := range r.Items.All() {
		d.Items = append(d.Items, store.Item{
			Name: string(i.Key(nil)), Price: string(i.Text(nil)), Orders: i.Count(),
			First: f.version(i.First()), Priced: f.version(i.TextAt()),
		})
	}
	return d
}

// version is the version of a position in the source.
func (f *forStore) version(at int64) store.Version {
	return store.PositionVersion(f.time(store.NoTime), f.source, f.base+at, 0)
}
