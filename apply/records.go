package apply

import (
	"context"
	"iter"

	"process-orders/records"
	"process-orders/store"
)

// Records reads a store's records as they are at one moment, in the form in which
// [records.WriteCustomers], [records.WriteItems] and [records.WriteDocument] write them. It
// calls write with the customers and the items, each sorted by first appearance. They are
// used one after the other, before write returns. Records returns write's error, or that of
// [store.Store.Records].
func Records(ctx context.Context, s store.Store, how store.Reading, write func(customers iter.Seq2[records.Customer, error], items iter.Seq2[records.NamedItem, error]) error) error {
	return s.Records(ctx, how, func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
		return write(
			convert(customers, recordsCustomer),
			convert(items, recordsItem),
		)
	})
}

func recordsCustomer(c store.Customer) records.Customer {
	return records.Customer{Phone: c.Phone, Name: c.Name}
}

func recordsItem(i store.Item) records.NamedItem {
	return records.NamedItem{Name: i.Name, Item: records.Item{Price: i.Price, Orders: i.Orders}}
}

// convert yields what to makes of each value. An error ends it.
func convert[T, U any](all iter.Seq2[T, error], to func(T) U) iter.Seq2[U, error] {
	return func(yield func(U, error) bool) {
		for v, err := range all {
			if !yield(to(v), err) || err != nil {
				return
			}
		}
	}
}
