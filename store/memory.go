package store

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Memory is a Store that lasts as long as the process. It is for tests, and it says
// in plain Go what every other store must do.
type Memory struct {
	mu        sync.Mutex // guards all below
	states    []State    // that with the number n at n-1
	batches   map[string]bool
	orders    map[orderID]bool
	customers map[string]Customer
	items     map[string]Item
}

// An orderID is an order's id and the kind of source within which it is told apart.
type orderID struct{ kind, id string }

// NewMemory makes an empty store.
func NewMemory() *Memory {
	return &Memory{
		batches:   map[string]bool{},
		orders:    map[orderID]bool{},
		customers: map[string]Customer{},
		items:     map[string]Item{},
	}
}

func (m *Memory) Begin(ctx context.Context, s Source, again bool) (State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return State{}, err
	}
	for _, state := range slices.Backward(m.states) {
		if state.ID != s.ID {
			continue
		}
		if state.Done && again {
			break
		}
		return state, nil
	}
	now := now()
	state := State{Source: s, Number: int64(len(m.states)) + 1, Begun: now, Changed: now}
	m.states = append(m.states, state)
	return state, nil
}

func (m *Memory) Apply(ctx context.Context, b Batch) (applied bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if m.batches[b.ID] {
		return false, nil
	}
	if b.Source < 1 || b.Source > int64(len(m.states)) {
		return false, ErrUnknownSource
	}
	state := &m.states[b.Source-1]
	if state.Done {
		return false, ErrSourceDone
	}
	if b.Batches > 0 && state.Batches+1 != b.Batches {
		return false, ErrMissing
	}

	// Fold is the last that can fail, and nothing is changed before it.
	repeated := func(i int) bool { return m.orders[orderID{state.Kind, b.OrderIDs[i]}] }
	delta, err := b.Fold(repeated)
	if err != nil {
		return false, err
	}
	m.batches[b.ID] = true
	for i, id := range b.OrderIDs {
		if repeated(i) {
			state.Repeated++
		}
		m.orders[orderID{state.Kind, id}] = true
	}
	for _, c := range delta.Customers {
		m.customers[c.Phone] = mergeCustomers(m.customers[c.Phone], c)
	}
	for _, i := range delta.Items {
		m.items[i.Name] = mergeItems(m.items[i.Name], i)
	}
	state.Batches++
	state.Orders += b.Orders
	state.Rejected += b.Rejected
	state.Done = b.Last
	state.Changed = now()
	return true, nil
}

// mergeCustomers takes what a batch tells into what is known, which is zero where
// nothing is.
func mergeCustomers(known, told Customer) Customer {
	if known == (Customer{}) {
		return told
	}
	if known.Named.Before(told.Named) {
		known.Name, known.Named = told.Name, told.Named
	}
	known.First = first(known.First, told.First)
	return known
}

func mergeItems(known, told Item) Item {
	if known == (Item{}) {
		return told
	}
	if known.Priced.Before(told.Priced) {
		known.Price, known.Priced = told.Price, told.Priced
	}
	known.First = first(known.First, told.First)
	known.Orders += told.Orders
	return known
}

func first(v, w Version) Version {
	if w.Before(v) {
		return w
	}
	return v
}

func (m *Memory) Records(ctx context.Context, read func(customers iter.Seq2[Customer, error], items iter.Seq2[Item, error]) error) error {
	m.mu.Lock()
	customers := slices.Collect(maps.Values(m.customers))
	items := slices.Collect(maps.Values(m.items))
	m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	slices.SortFunc(customers, func(a, b Customer) int {
		return cmp.Or(compare(a.First, b.First), strings.Compare(a.Phone, b.Phone))
	})
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(compare(a.First, b.First), strings.Compare(a.Name, b.Name))
	})
	return read(each(ctx, customers), each(ctx, items))
}

func compare(v, w Version) int {
	return cmp.Or(cmp.Compare(v.Source, w.Source), cmp.Compare(v.At, w.At))
}

// each gives the records one after the other, until the context ends.
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

func (m *Memory) States(ctx context.Context) ([]State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return slices.Clone(m.states), nil
}

// Erase forgets a customer. There is no log, as nothing here lasts.
func (m *Memory) Erase(ctx context.Context, phone string) (found bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return false, err
	}
	_, found = m.customers[phone]
	delete(m.customers, phone)
	return found, nil
}

func (m *Memory) Close() error { return nil }

// now is the time as stores keep it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
