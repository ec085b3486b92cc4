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
	ahead            *ahead         // nil if the store's records are read
	customers, items int            // that were written
	best             top.List[records.TopItem]
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
	if len(r.sources) == 1 {
		sink.options.Expect = sink.writeAhead
	}
	return sink, nil
}

func (s *storeSink) bytesToRead(source input.Source) int64 { return s.options.BytesToRead(source) }

// read applies one source after the other.
func (s *storeSink) read(ctx context.Context, sources []input.Source) (totals orders.Totals, err error) {
	for _, source := range sources {
		result, err := apply.Apply(ctx, s.store, source, s.options)
		if err != nil || !result.AsExpected {
			s.dropAhead()
		}
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
	return s.write(ctx, customers, items)
}

func (s *storeSink) writeDocument(ctx context.Context, w io.Writer) error { return s.write(ctx, w) }

// write writes the store's records as they are at one moment, to two files or to one document.
func (s *storeSink) write(ctx context.Context, to ...io.Writer) error {
	if ahead := s.ahead; ahead != nil {
		s.ahead = nil
		return ahead.finish(to...)
	}
	return apply.Records(ctx, s.store, store.Reading{}, s.writeTo(to))
}

// writeAhead starts to write what the store will hold.
func (s *storeSink) writeAhead(expected *apply.Expected) {
	texts := 2
	if s.run.out == "-" {
		texts = 1
	}
	s.ahead = startAhead(texts, func(to []io.Writer) error { return expected.Records(s.writeTo(to)) })
}

// dropAhead drops what was written ahead, if there is something.
func (s *storeSink) dropAhead() {
	if s.ahead != nil {
		s.ahead.drop()
		s.ahead = nil
	}
}

// What a store has, as package records writes it.
type (
	storedCustomers = iter.Seq2[records.Customer, error]
	storedItems     = iter.Seq2[records.NamedItem, error]
)

// writeTo returns what writes records, and counts them.
func (s *storeSink) writeTo(to []io.Writer) func(storedCustomers, storedItems) error {
	return func(customers storedCustomers, items storedItems) error {
		s.customers, s.items = 0, 0
		s.best = top.List[records.TopItem]{N: shownTop, Compare: func(a, b records.TopItem) int { return b.Orders.Cmp(a.Orders) }}
		customers = each(customers, func(records.Customer) { s.customers++ })
		items = each(items, func(i records.NamedItem) {
			s.items++
			s.best.Add(records.TopItem{Name: i.Name, Price: i.Price, Orders: money.FromInt(i.Orders)})
		})
		if len(to) == 1 {
			_, err := records.WriteDocument(to[0], customers, items)
			return err
		}
		if _, err := records.WriteCustomers(to[0], customers); err != nil {
			return err
		}
		_, err := records.WriteItems(to[1], items)
		return err
	}
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

func (s *storeSink) close() error {
	s.dropAhead() // if the run ended before it came to write
	return s.store.Close()
}
