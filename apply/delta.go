package apply

import (
	"process-orders/internal/parts"
	"process-orders/store"
)

// delta is what the records of a part do to those of a store. Their positions in the
// source become versions.
func delta(source int64, r *parts.Records) (d store.Delta) {
	for c := range r.Customers.All() {
		customer := store.Customer{Phone: string(c.Key(nil)), First: store.Version{Source: source, At: c.First()}}
		if c.HasText() {
			customer.Name, customer.Named = string(c.Text(nil)), store.Version{Source: source, At: c.TextAt()}
		}
		d.Customers = append(d.Customers, customer)
	}
	for i := range r.Items.All() {
		d.Items = append(d.Items, store.Item{
			Name: string(i.Key(nil)), Price: string(i.Text(nil)), Orders: i.Count(),
			First: store.Version{Source: source, At: i.First()}, Priced: store.Version{Source: source, At: i.TextAt()},
		})
	}
	return d
}
