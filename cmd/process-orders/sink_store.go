package main

import (
	"context"
	"errors"
	"io"
	"iter"
	"slices"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/internal/report"
	"process-orders/internal/top"
	"process-orders/money"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
)

// storeSink adds the orders of a run to a store and has the store's records.
type storeSink struct {
	store   store.Store
	run     *run // nil: nothing is read
	options apply.Options

	results          []apply.Result // of the sources that were applied
	customers, items int            // that were written
	best             *top.List[records.TopItem]
}

func (r *run) openStoreSink(ctx context.Context, o records.Options) (sink, error) {
	s, err := r.openStore(ctx, r.store, storeUse{spoolFolder: o.SpillFolder, cacheBytes: int64(r.cache)})
	if err != nil {
		return nil, err
	}
	r.storing.Store(true)
	sink := &storeSink{store: s, run: r, options: apply.Options{
		Options: o.Options, Workers: o.Workers, MemoryBytes: o.MemoryBytes, Count: o.Count,
		System: r.system(), IDs: r.ids(), Included: r.include, PhoneForm: r.phoneForm(), Again: r.again, SpoolFolder: o.SpillFolder,
	}}
	if err := sink.options.CheckRules(ctx, s); err != nil {
		return nil, withCleanup(err, s.Close())
	}
	if r.showsTop() {
		sink.best = &top.List[records.TopItem]{N: shownTop, Compare: func(a, b records.TopItem) int { return b.Orders.Cmp(a.Orders) }}
	}
	return sink, nil
}

func (s *storeSink) bytesToRead(source input.Source) int64 { return s.options.BytesToRead(source) }

// read applies one source after the other.
func (s *storeSink) read(ctx context.Context, sources []input.Source) (totals orders.Totals, err error) {
	for _, source := range sources {
		result, err := apply.Apply(ctx, s.store, source, s.options)
		totals.Add(result.Totals)
		if err != nil {
			return totals, err
		}
		for i := range s.results {
			result.Replaced -= result.TakeBack(&totals, &s.results[i])
		}
		s.results = append(s.results, result)
	}
	return totals, nil
}

// refused reports whether the store took nothing of any source.
func (s *storeSink) refused(orders.Totals) bool {
	return len(s.results) > 0 && !slices.ContainsFunc(s.results, func(r apply.Result) bool { return !r.Refused })
}

func (s *storeSink) writeFiles(ctx context.Context, customers, items io.Writer) error {
	return s.records(ctx, func(c storedCustomers, i storedItems) error {
		if _, err := records.WriteCustomers(customers, c); err != nil {
			return err
		}
		_, err := records.WriteItems(items, i)
		return err
	})
}

func (s *storeSink) writeDocument(ctx context.Context, w io.Writer) error {
	return s.records(ctx, func(c storedCustomers, i storedItems) error {
		_, err := records.WriteDocument(w, c, i)
		return err
	})
}

// What a store has, as package records writes it.
type (
	storedCustomers = iter.Seq2[records.Customer, error]
	storedItems     = iter.Seq2[records.NamedItem, error]
)

// records reads the store's records as they are at one moment, and counts them.
func (s *storeSink) records(ctx context.Context, write func(storedCustomers, storedItems) error) error {
	return apply.Records(ctx, s.store, store.Reading{}, func(customers storedCustomers, items storedItems) error {
		return write(
			each(customers, func(records.Customer) { s.customers++ }),
			each(items, func(i records.NamedItem) {
				s.items++
				if s.best != nil {
					s.best.Add(records.TopItem{Name: i.Name, Price: i.Price, Orders: money.FromInt(i.Orders)})
				}
			}),
		)
	})
}

// each calls do with all values that are taken.
func each[T any](all iter.Seq2[T, error], do func(T)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v, err := range all {
			if err == nil {
				do(v)
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

func (s *storeSink) page(orders.Totals) (*report.Data, error) {
	return nil, errors.New("a store does not keep what a report shows")
}

func (s *storeSink) summarize(to *summary) {
	to.Customers, to.Items, to.Store = s.customers, s.items, shownStore(s.run.store)
	for i, result := range s.results {
		to.BytesRead += result.BytesRead
		system, shop := s.options.System, s.run.sources[i].Shop
		to.Applied = append(to.Applied, appliedSource{
			File: s.run.names[i], Known: result.Known, Resumed: result.Resumed, Refused: result.Refused,
			Grown: result.Grown, Torn: result.Torn, LeftOut: result.LeftOut,
			Orders: result.Totals.Orders, Replaced: result.Replaced,
			name: s.run.sources[i].Name, system: result.System, shop: result.Shop,
			ofShop: shop, asOther: result.System != system || result.Shop != shop,
		})
	}
}

func (s *storeSink) top(int) []records.TopItem { return s.best.Best }

func (s *storeSink) close() error { return s.store.Close() }
