package apply

import "process-orders/store"

// merged puts together what several parts change, but for the minutes.
type merged struct {
	customers, items map[string]int // the indexes of what is in all
	all              store.Delta
}

func newMerged() *merged {
	return &merged{customers: map[string]int{}, items: map[string]int{}}
}

func (m *merged) delta() store.Delta { return m.all }

func (m *merged) add(d store.Delta) {
	for _, c := range d.Customers {
		if have := found(m.customers, c.Phone, &m.all.Customers, c); have != nil {
			have.Merge(c)
		}
	}
	for _, i := range d.Items {
		if have := found(m.items, i.Name, &m.all.Items, i); have != nil {
			have.Merge(i)
		}
	}
}

// found returns what all has with a key. If there is none, it adds one, and returns nil.
func found[T any](indexes map[string]int, key string, all *[]T, one T) *T {
	if i, known := indexes[key]; known {
		return &(*all)[i]
	}
	indexes[key] = len(*all)
	*all = append(*all, one)
	return nil
}
