package apply

import (
	"context"
	"fmt"
	"iter"
	"math"
	"time"

	"process-orders/money"
	"process-orders/records"
	"process-orders/store"
)

// Records reads a store's records as they are at one moment, in the form in which
// [records.WriteCustomers], [records.WriteItems] and [records.WriteDocument] write them. It
// calls write with the customers and the items, each sorted by first appearance. They are
// used one after the other, before write returns. Without [store.Reading].Details they have
// only what a [records.Form] without details writes. Records returns write's error, or that of
// [store.Store.Records].
func Records(ctx context.Context, s store.Store, how store.Reading, write func(customers iter.Seq2[records.Customer, error], items iter.Seq2[records.NamedItem, error]) error) error {
	return s.Records(ctx, how, func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
		return writeRecords(customers, items, how.Details, write)
	})
}

// Taken is Records of what [Options].Ahead took, read as that says.
func Taken(ctx context.Context, all store.All, how store.Reading, write func(customers iter.Seq2[records.Customer, error], items iter.Seq2[records.NamedItem, error]) error) error {
	return all.Read(ctx, func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
		return writeRecords(customers, items, how.Details, write)
	})
}

// writeRecords calls write with records of a store.
func writeRecords(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error], details bool,
	write func(customers iter.Seq2[records.Customer, error], items iter.Seq2[records.NamedItem, error]) error) error {
	items = priced(items)
	if details {
		return write(convert(customers, Customer), convert(items, Item))
	}
	return write(convert(customers, plainCustomer), convert(items, plainItem))
}

// errPrice says that a price of a store is none.
var errPrice = fmt.Errorf("the price of an item is no number: %w", store.ErrDamaged)

// priced yields items as long as their prices are numbers, as they are written as they are.
func priced(items iter.Seq2[store.Item, error]) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		for i, err := range items {
			if err == nil {
				if _, ok := money.Parse([]byte(i.Price)); !ok {
					i, err = store.Item{}, errPrice
				}
			}
			if !yield(i, err) || err != nil {
				return
			}
		}
	}
}

// Activity reads what the orders of a store say as a whole. The times of the first and of the
// last order are those of their minutes, and nothing is known of what orders have
// ([records.Activity].With).
func Activity(ctx context.Context, s store.Reader) (*records.Activity, error) {
	minutes, err := s.Minutes(ctx, store.NoTime, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	all := &records.Activity{}
	for _, minute := range minutes {
		if minute.Orders > 0 {
			all.AddOrders(timeOf(minute.Start), minute.Orders)
		}
		for _, sum := range minute.Sums {
			all.AddSum(sum.Lines, sum.Sum)
		}
	}
	return all, nil
}

// Customer is a customer of a store, with all that is known, as package records writes it.
func Customer(c store.Customer) records.Customer {
	return records.Customer{
		Phone: c.Phone, Name: c.Name, Orders: c.Orders, Spent: c.Spent,
		First: timeOf(c.FirstPlaced), Last: timeOf(c.LastPlaced),
	}
}

// Item is an item of a store, with all that is known, as package records writes it.
func Item(i store.Item) records.NamedItem {
	item := plainItem(i)
	item.Quantity, item.Revenue = i.Quantity, i.Revenue
	for _, p := range i.Prices {
		item.Prices = append(item.Prices, records.DatedPrice{Price: p.Price, Since: timeOf(p.Placed)})
	}
	return item
}

func plainCustomer(c store.Customer) records.Customer {
	return records.Customer{Phone: c.Phone, Name: c.Name}
}

func plainItem(i store.Item) records.NamedItem {
	return records.NamedItem{Name: i.Name, Item: records.Item{Price: i.Price, Orders: i.Orders}}
}

// timeOf is a time of a store as package records gives it: in UTC, zero if there is none.
func timeOf(placed int64) time.Time {
	if placed == store.NoTime {
		return time.Time{}
	}
	return time.UnixMilli(placed).UTC()
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
