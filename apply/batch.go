package apply

import (
	"bytes"
	"strings"
	"sync"

	"process-orders/internal/detail"
	"process-orders/internal/parts"
	"process-orders/internal/table"
	"process-orders/internal/version"
	"process-orders/money"
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
	versionOf := f.appendVersion
	if r.Customers.HasVersions() {
		versionOf = f.appendRenumbered
	}
	d.Customers = f.customers(r, versionOf)
	for i := range r.Items.Unsorted() {
		known := detail.Of(i)
		item := store.Item{
			Name: string(i.Key()), Price: string(i.Text()), Orders: i.Count(),
			First: store.Version(versionOf(nil, i.FirstVersion())), Priced: store.Version(versionOf(nil, i.TextVersion())),
			Quantity: known.Quantity(), Revenue: known.Sums(),
		}
		for _, p := range known.Prices() {
			item.Prices = append(item.Prices, store.Price{Price: p.Text, First: f.versionAt(p.First), Placed: p.Time})
		}
		d.Items = append(d.Items, item)
	}
	return d
}

// customers makes what a store takes of the customers of a part. There are many, and nothing else is
// done meanwhile, so two cores make them.
func (f *forStore) customers(r *parts.Records, versionOf func(dst []byte, v version.Version) []byte) []store.Customer {
	all := make([]store.Customer, r.Customers.Len())
	halves := r.Customers.Parts(2)
	if len(halves) == 1 || len(all) < manyCustomers {
		return all[:makeCustomers(all, r.Customers.Parts(1)[0], versionOf)]
	}
	rest := all
	var makers sync.WaitGroup
	for _, part := range halves {
		some := rest[:part.Len()]
		rest = rest[len(some):]
		makers.Go(func() { makeCustomers(some, part, versionOf) })
	}
	makers.Wait()
	return all
}

// manyCustomers are worth another core.
const manyCustomers = 10_000

// makeCustomers makes the customers of a part, whose texts and sums share memory. It returns how many
// there are: less than there should be if the part cannot be read, which its table says.
func makeCustomers(all []store.Customer, of table.Part, versionOf func(dst []byte, v version.Version) []byte) (n int) {
	sums := make([]money.Sum, 0, len(all))
	var shared texts
	var first, named []byte
	for c := range of.All() {
		known := detail.Of(c)
		from := len(sums)
		sums = known.AppendSums(sums)
		first = versionOf(first[:0], c.FirstVersion())
		customer := &all[n]
		n++
		*customer = store.Customer{
			Phone: shared.text(c.Key()), First: store.Version(shared.text(first)),
			Orders: c.Count(), Spent: sums[from:len(sums):len(sums)],
		}
		customer.FirstPlaced, customer.LastPlaced = known.Times()
		if c.HasText() {
			customer.Name, customer.Named = shared.text(c.Text()), customer.First
			if named = versionOf(named[:0], c.TextVersion()); !bytes.Equal(named, first) {
				customer.Named = store.Version(shared.text(named))
			}
		}
	}
	return n
}

// texts makes texts that share memory, in which each is next to those that were made with it.
type texts struct{ all strings.Builder }

// The first memory of texts is for those of one order. Each next one is twice as large.
const firstTextBytes, mostTextBytes = 256, 16 << 10

// text returns a copy of bytes.
func (t *texts) text(b []byte) string {
	if t.all.Cap()-t.all.Len() < len(b) {
		size := min(max(2*t.all.Cap(), firstTextBytes), mostTextBytes)
		t.all.Reset()
		t.all.Grow(max(size, len(b)))
	}
	from := t.all.Len()
	t.all.Write(b)
	return t.all.String()[from:] // what is written later is behind it
}

// appendVersion appends a store's version of a position.
func (f *forStore) appendVersion(dst []byte, v version.Version) []byte {
	var order [32]byte
	v = version.Version{Time: f.time(v.Time), Order: version.AppendPosition(order[:0], f.source, f.base+v.Line)}
	return v.AppendKey(dst)
}

// appendRenumbered appends a store's version of one of a run, whose sources all have the number 0.
func (f *forStore) appendRenumbered(dst []byte, v version.Version) []byte {
	v.Time = f.time(v.Time)
	var key [64]byte
	return f.appendRenumberedKey(dst, v.AppendKey(key[:0]))
}

// versionAt makes a store's version of where a price came first.
func (f *forStore) versionAt(a detail.Appearance) store.Version {
	if a.Key == "" {
		return store.Version(f.appendVersion(nil, version.Version{Time: store.NoTime, Line: a.At}))
	}
	return store.Version(f.appendRenumberedKey(nil, version.WithTime([]byte(a.Key), f.time)))
}

// appendRenumberedKey appends a store's version of the key of one of a run.
func (f *forStore) appendRenumberedKey(dst, key []byte) []byte {
	if f.base > 0 {
		key = version.AppendShiftedKey(nil, key, f.base)
	}
	return version.AppendRenumbered(dst, key, f.source)
}

// What a run keeps of an item's prices is what a store lists.
var _ = [1]struct{}{}[store.MostPrices-detail.MostPrices]
