// Package memory keeps records in memory, for as long as the process lives.
//
// It is for tests and for programs that want the rules of a store without its files. It
// also says in plain Go what every other store must do. It keeps what the records are made
// of, and folds that each time that they are read.
package memory

import (
	"bytes"
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"process-orders/store"
)

// A Store is a [store.Store] that is gone with the process. The zero value is an empty
// store.
type Store struct {
	mu          sync.Mutex // guards all below
	rules       string
	systemRules map[string]string // of each system
	number      int64             // the last that a source or the group of a feed was given
	sources     []store.Progress  // sorted by their numbers
	feeds       map[string]int64  // the offset of each feed
	batches     map[string]bool   // those that were applied
	shops       map[store.Shop]bool
	orders      map[orderID]order
	fixed       records // of the orders without an id
	documents   map[documentID]store.Document
	changes     uint64 // how often records may have changed

	// undo takes back what a transaction has changed, from the last on. Outside of one nothing is
	// taken back.
	undo          []func()
	isTransaction bool
}

var _ store.Service = (*Store)(nil)

// New returns an empty store.
func New() *Store { return new(Store) }

// init makes what the zero value lacks.
func (m *Store) init() {
	if m.systemRules == nil {
		m.systemRules, m.feeds, m.batches = map[string]string{}, map[string]int64{}, map[string]bool{}
		m.orders, m.fixed, m.documents = map[orderID]order{}, newRecords(), map[documentID]store.Document{}
		m.shops = map[store.Shop]bool{}
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
	if err := m.refusesRules(s.Rules, s.System, s.SystemRules); err != nil {
		return store.Progress{}, err
	}
	m.keepRules(s.Rules, s.System, s.SystemRules)
	set(m, m.shops, store.Shop{System: s.System, Name: s.Shop}, true)
	for _, p := range slices.Backward(m.sources) {
		if p.ID != s.ID {
			continue
		}
		if p.Done && again {
			break
		}
		return m.withRules(p), nil
	}
	m.number++
	now := now()
	p := store.Progress{Source: s, Number: m.number, Started: now, Changed: now}
	m.sources = append(m.sources, p)
	return m.withRules(p), nil
}

// refusesRules returns an error if the store has other rules than a source or feed.
func (m *Store) refusesRules(rules, system, systemRules string) error {
	if have := m.rules; have != "" && rules != "" && have != rules {
		return &store.RulesError{Have: have, Got: rules}
	}
	if have := m.systemRules[system]; have != "" && systemRules != "" && have != systemRules {
		return &store.RulesError{Have: have, Got: systemRules}
	}
	return nil
}

// keepRules keeps the rules of a source or feed.
func (m *Store) keepRules(rules, system, systemRules string) {
	if rules != "" {
		before := m.rules
		m.note(func() { m.rules = before })
		m.rules = rules
	}
	if systemRules != "" {
		set(m, m.systemRules, system, systemRules)
	}
}

// withRules returns the progress of a source with the rules of the store.
func (m *Store) withRules(p store.Progress) store.Progress {
	p.Rules, p.SystemRules = m.rules, m.systemRules[p.System]
	return p
}

// Apply applies a batch. It changes nothing before all is checked.
func (m *Store) Apply(ctx context.Context, b store.Batch) (store.Outcome, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.init()
	if err := ctx.Err(); err != nil {
		return store.Outcome{}, err
	}
	if b.Feed != nil {
		return m.applyGroup(b)
	}
	return m.applyBatch(b)
}

// checkLines returns an error if the lines of a batch cannot be read.
func checkLines(b *store.Batch) error {
	for i := range b.States {
		for _, err := range b.States[i].Lines.All() {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// applyBatch applies a batch of a source.
func (m *Store) applyBatch(b store.Batch) (store.Outcome, error) {
	m.changes++
	if err := checkLines(&b); err != nil {
		return store.Outcome{}, err
	}
	switch known := m.knownBatches(&b); {
	case known > len(b.Also):
		return store.Outcome{Number: b.Source}, nil
	case known > 0:
		return store.Outcome{}, store.ErrSome
	}
	at := slices.IndexFunc(m.sources, func(p store.Progress) bool { return p.Number == b.Source })
	if at < 0 {
		return store.Outcome{}, store.ErrUnknownSource
	}
	source := &m.sources[at]
	if source.Done {
		return store.Outcome{}, store.ErrSourceDone
	}
	if b.Batches > 0 && source.Batches+int64(1+len(b.Also)) != b.Batches {
		return store.Outcome{}, store.ErrMissing
	}
	for _, id := range b.IDs() {
		m.batches[id] = true
	}
	taken := b.Ahead != nil && m.isEmpty() && len(b.States) == 0
	if taken {
		b.Ahead.Take(b.Delta.Alone(b.Ahead.Reading.Details))
	}
	counts, dropped, _ := m.addStates(source.Number, source.System, source.Shop, b.States)
	m.addFixed(source.Shop, b.Delta)
	source.Batches += int64(1 + len(b.Also))
	source.Orders += b.Orders
	source.Rejected += b.Rejected
	source.Skipped += counts.Skipped
	source.Repeated += counts.Repeated
	source.Older += counts.Older
	source.Replaced += counts.Replaced
	source.Done = b.Last
	source.Changed = now()
	return store.Outcome{Applied: true, Number: source.Number, Counts: counts, Dropped: dropped, Taken: taken}, nil
}

// knownBatches is how many of the batches that are in one were applied before.
func (m *Store) knownBatches(b *store.Batch) (n int) {
	for _, id := range b.IDs() {
		if m.batches[id] {
			n++
		}
	}
	return n
}

// isEmpty reports whether there are no records and no orders.
func (m *Store) isEmpty() bool {
	return len(m.orders) == 0 && len(m.fixed.customers) == 0 && len(m.fixed.items) == 0 && len(m.fixed.minutes) == 0
}

// applyGroup applies a group of a feed, under a number of its own.
func (m *Store) applyGroup(b store.Batch) (store.Outcome, error) {
	m.changes++
	if err := checkLines(&b); err != nil {
		return store.Outcome{}, err
	}
	feed := b.Feed
	if err := m.refusesRules(feed.Rules, feed.System, feed.SystemRules); err != nil {
		return store.Outcome{}, err
	}
	if feed.Offset != 0 {
		if feed.Offset <= m.feeds[feed.Name] {
			return store.Outcome{}, nil
		}
		set(m, m.feeds, feed.Name, feed.Offset)
	}
	m.keepRules(feed.Rules, feed.System, feed.SystemRules)
	set(m, m.shops, store.Shop{System: feed.System, Name: feed.Shop}, true)
	m.number++
	m.note(func() { m.number-- })
	counts, dropped, fates := m.addStates(m.number, feed.System, feed.Shop, b.States)
	m.addFixed(feed.Shop, b.Delta.Renumbered(m.number))
	return store.Outcome{Applied: true, Number: m.number, Counts: counts, Dropped: dropped, Fates: fates}, nil
}

// Records reads records that are made for this call, so that others may write meanwhile.
func (m *Store) Records(ctx context.Context, how store.Reading, read func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	all, err := m.records()
	if err != nil {
		return err
	}
	customers, items := all.sortedCustomers(), all.sortedItems()
	if !how.Details {
		for i, c := range customers {
			customers[i] = store.Customer{
				Phone: c.Phone, Name: c.Name, Named: c.Named, First: c.First, FirstPlaced: store.NoTime, LastPlaced: store.NoTime,
			}
		}
		for i, one := range items {
			items[i] = store.Item{Name: one.Name, Price: one.Price, Priced: one.Priced, First: one.First, Orders: one.Orders}
		}
	}
	if how.Customers != nil {
		customers = chosen(customers, how.Customers)
	}
	return read(each(ctx, customers), each(ctx, items))
}

// chosen returns those customers who are wanted, in the same order. All are sorted by their first
// appearance.
func chosen(all []store.Customer, c *store.Choice) []store.Customer {
	c.Of = int64(len(all))
	some := slices.Clone(all)
	slices.SortStableFunc(some, c.Compare)
	some = some[:min(len(some), max(c.N, 0))]
	slices.SortFunc(some, func(a, b store.Customer) int { return cmp.Compare(a.First, b.First) })
	return some
}

// records folds the orders that stand, and those without an id.
func (m *Store) records() (records, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.fixed.clone()
	for id, o := range m.orders {
		if err := all.addOrder(id, o); err != nil {
			return records{}, err
		}
	}
	return all, nil
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

// Minutes returns the minutes between two times.
func (m *Store) Minutes(ctx context.Context, from, to int64) (found []store.Minute, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	all, err := m.records()
	if err != nil {
		return nil, err
	}
	for _, minute := range all.sortedMinutes() {
		if minute.Start >= from && minute.Start < to {
			found = append(found, minute)
		}
	}
	return found, nil
}

// Shops returns all shops.
func (m *Store) Shops(ctx context.Context) ([]store.Shop, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.SortedFunc(maps.Keys(m.shops), func(a, b store.Shop) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.System, b.System))
	}), ctx.Err()
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

// Rules returns the rules of all orders.
func (m *Store) Rules(ctx context.Context) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rules, ctx.Err()
}

// Erase forgets a customer. There is no log of it, as nothing here lasts.
func (m *Store) Erase(ctx context.Context, e store.Erasure) (found bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.init()
	if err := ctx.Err(); err != nil {
		return false, err
	}
	return m.erase(e), nil
}

func (m *Store) erase(e store.Erasure) (found bool) {
	m.changes++
	if e.Phone != "" {
		_, found = m.fixed.customers[e.Phone]
		remove(m, m.fixed.customers, e.Phone)
		for id, o := range m.orders {
			if o.state != nil && o.state.Phone == e.Phone {
				found = found || !o.state.Skipped
				set(m, m.orders, id, o.erase())
			}
		}
	}
	if len(e.IDs) > 0 {
		set(m, m.shops, store.Shop{System: e.System, Name: e.Shop}, true)
	}
	for _, id := range e.IDs {
		key := orderID{e.System, e.Shop, id}
		set(m, m.orders, key, m.orders[key].erase())
	}
	return found
}

// Scrub does nothing, as nothing of an erased customer is left.
func (m *Store) Scrub(ctx context.Context) (int64, error) { return 0, ctx.Err() }

// Close does nothing.
func (m *Store) Close() error { return nil }

// now is the time as stores keep it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// clone returns a copy of a state that shares nothing with its batch.
func clone(s *store.State) *store.State {
	own := *s
	own.Lines = bytes.Clone(s.Lines)
	return &own
}
