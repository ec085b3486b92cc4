package apply

import (
	"process-orders/records"
	"process-orders/store"
)

// delta is what records do to those of a store. Their positions in the source become
// versions.
func delta(source int64, all *records.Records) (d store.Delta, err error) {
	for c := range all.Customers.Placed() {
		customer := store.Customer{Phone: c.Phone, Name: c.Name, First: store.Version{Source: source, At: c.First}}
		if c.Named >= 0 {
			customer.Named = store.Version{Source: source, At: c.Named}
		}
		d.Customers = append(d.Customers, customer)
	}
	for i := range all.Items.Placed() {
		d.Items = append(d.Items, store.Item{
			Name: i.Name, Price: i.Price, Orders: i.Orders,
			First: store.Version{Source: source, At: i.First}, Priced: store.Version{Source: source, At: i.Priced},
		})
	}
	return d, all.Err()
}
