// Package memory keeps records in memory, for as long as the process lives.
//
// It is for tests and for programs that want the rules of a store without its files. It
// also says in plain Go what every other store must do.
package memory

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"process-orders/store"
)

// A Store is a [store.Store] that is gone with the process. The zero value is an empty
// store.
type Store struct {
	mu        sync.Mutex // guards all below
	rules     string
	sources   []store.Progress // number n is at n-1
	batches   map[string]bool
	orders    map[orderID]bool
	customers map[string]store.Customer
	items     map[string]store.Item
}

var _ store.Store = (*Store)(nil)

// An orderID is an order's id and the kind of source within which it is unique.
type orderID struct{ kind, id string }

// New returns an empty store.
func New() *Store { return new(Store) }

// init makes what the zero value lacks.
func (m *Store) init() {
	if m.batches == nil {
		m.batches, m.orders = map[string]bool{}, map[orderID]bool{}
		m.customers, m.items = map[string]store.Customer{}, map[string]store.Item{}
	}
}

// Start takes note of a source or finds it.
func (m *Store) Start(ctx context.Context, s store.Source, again bool) (store.Progress, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.init()
	if err := ctx.Err(); err != nil {
		return store.Progress{}, err
	}
	switch {
	case m.rules == "":
		m.rules = s.Rules
	case s.Rules != "" && s.Rules != m.rules:
		return store.Progress{}, &store.RulesError{Have: m.rules, Got: s.Rules}
	}
	for _, p := range slices.Backward(m.sources) {
		if p.ID != s.ID {
			continue
		}
		if p.Done && again {
			break
		}
		return m.withRules(p), nil
	}
	now := now()
	p := store.Progress{Source: s, Number: int64(len(m.sources)) + 1, Started: now, Changed: now}
	m.sources = append(m.sources, p)
	return m.withRules(p), nil
}

// withRules returns the progress of a source with the rules of the store.
func (m *Store) withRules(p store.Progress) store.Progress {
	p.Rules = m.rules
	return p
}

// Apply applies a batch. Nothing can fail after its fold, and nothing is changed before.
func (m *Store) Apply(ctx context.Context, b store.Batch) (applied bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if m.batches[b.ID] {
		return false, nil
	}
	if b.Source < 1 || b.Source > int64(len(m.sources)) {
		return false, store.ErrUnknownSource
	}
	source := &m.sources[b.Source-1]
	if source.Done {
		return false, store.ErrSourceDone
	}
	if b.Batches > 0 && source.Batches+1 != b.Batches {
		return false, store.ErrMissing
	}
	repeated := func(i int) bool { return m.orders[orderID{source.Kind, b.OrderIDs[i]}] }
	delta, err := b.Fold(repeated)
	if err != nil {
		return false, err
	}
	m.batches[b.ID] = true
	for i, id := range b.OrderIDs {
		if repeated(i) {
			source.Repeated++
		}
		m.orders[orderID{source.Kind, id}] = true
	}
	m.merge(delta)
	source.Batches++
	source.Orders += b.Orders
	source.Rejected += b.Rejected
	source.Done = b.Last
	source.Changed = now()
	return true, nil
}

func (m *Store) merge(d store.Delta) {
	for _, c := range d.Customers {
		known, ok := m.customers[c.Phone]
		if ok {
			c = mergeCustomers(known, c)
		}
		m.customers[c.Phone] = c
	}
	for _, i := range d.Items {
		known, ok := m.items[i.Name]
		if ok {
			i = mergeItems(known, i)
		}
		m.items[i.Name] = i
	}
}

// mergeCustomers returns what is known of a customer after a batch that holds c.
func mergeCustomers(known, c store.Customer) store.Customer {
	if known.Named.Before(c.Named) {
		known.Name, known.Named = c.Name, c.Named
	}
	known.First = first(known.First, c.First)
	return known
}

// mergeItems returns what is known of an item after a batch that holds i.
func mergeItems(known, i store.Item) store.Item {
	if known.Priced.Before(i.Priced) {
		known.Price, known.Priced = i.Price, i.Priced
	}
	known.First = first(known.First, i.First)
	known.Orders += i.Orders
	return known
}

// first returns the earlier version.
func first(v, w store.Version) store.Version {
	if w.Before(v) {
		return w
	}
	return v
}

// Records reads a copy of the records, so that others may write meanwhile.
func (m *Store) Records(ctx context.Context, read func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error) error {
	m.mu.Lock()
	customers := slices.Collect(maps.Values(m.customers))
	items := slices.Collect(maps.Values(m.items))
	m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	slices.SortFunc(customers, func(a, b store.Customer) int {
		return cmp.Or(a.First.Compare(b.First), strings.Compare(a.Phone, b.Phone))
	})
	slices.SortFunc(items, func(a, b store.Item) int {
		return cmp.Or(a.First.Compare(b.First), strings.Compare(a.Name, b.Name))
	})
	return read(each(ctx, customers), each(ctx, items))
}

// each yields the records one after the other, until the context ends.
func each[T any](ctx context.Context, all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, one := range all {
			if err := ctx.Err(); err != nil {
				var none T
				yield(none, err)
				return
			}
			if !yield(one, nil) {
				return
			}
		}
	}
}

// Sources returns how far each source was applied.
func (m *Store) Sources(ctx context.Context) ([]store.Progress, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	all := slices.Clone(m.sources)
	for i := range all {
		all[i] = m.withRules(all[i])
	}
	return all, nil
}

// Erase forgets a customer. There is no log of it, as nothing here lasts.
func (m *Store) Erase(ctx context.Context, phone string) (found bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return false, err
	}
	_, found = m.customers[phone]
	delete(m.customers, phone)
	return found, nil
}

// Close does nothing.
func (m *Store) Close() error { return nil }

// now is the time as stores keep it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
