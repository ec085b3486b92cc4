package memory

import (
	"maps"

	"process-orders/store"
)

// records are customers by their phones and items by their names.
type records struct {
	customers map[string]store.Customer
	items     map[string]store.Item
}

func newRecords() records {
	return records{map[string]store.Customer{}, map[string]store.Item{}}
}

// clone returns a copy. That of a store's zero value can be added to, too.
func (r records) clone() records {
	all := newRecords()
	maps.Copy(all.customers, r.customers)
	maps.Copy(all.items, r.items)
	return all
}

// addOrder adds what an order contributes.
func (r records) addOrder(id orderID, o *order) error {
	if o.state == nil || o.state.Skipped {
		return nil
	}
	s := o.state
	version := func(line int64) store.Version {
		return s.Version(id.system, id.shop, o.first.source, o.first.at, line)
	}
	if s.Phone != "" {
		c := store.Customer{Phone: s.Phone, First: version(0)}
		if s.Name != "" {
			c.Name, c.Named = s.Name, c.First
		}
		r.addCustomer(c)
	}
	n := int64(0)
	for line, err := range s.Lines.All() {
		if err != nil {
			return err
		}
		item := store.Item{Name: line.Item, Price: line.Price, Priced: version(n), First: version(n), Orders: 1}
		if line.Uncounted {
			item.Orders = 0
		}
		r.addItem(item)
		n++
	}
	return nil
}

// add adds what the orders without an id of a batch contribute.
func (r records) add(d store.Delta) {
	for _, c := range d.Customers {
		r.addCustomer(c)
	}
	for _, i := range d.Items {
		r.addItem(i)
	}
}

func (r records) addCustomer(c store.Customer) {
	if known, ok := r.customers[c.Phone]; ok {
		if known.Named > c.Named {
			c.Name, c.Named = known.Name, known.Named
		}
		c.First = min(c.First, known.First)
	}
	r.customers[c.Phone] = c
}

func (r records) addItem(i store.Item) {
	if known, ok := r.items[i.Name]; ok {
		if known.Priced > i.Priced {
			i.Price, i.Priced = known.Price, known.Priced
		}
		i.First = min(i.First, known.First)
		i.Orders += known.Orders
	}
	r.items[i.Name] = i
}
