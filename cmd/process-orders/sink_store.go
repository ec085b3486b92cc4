package main

import (
	"context"
	"errors"
	"io"
	"iter"
	"slices"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/internal/finding"
	"process-orders/internal/report"
	"process-orders/internal/top"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
)

// storeSink adds the orders of a run to a store and has the store's records.
type storeSink struct {
	store   store.Service
	flags   *recordFlags
	folder  string // for temporary files
	run     *run   // nil: nothing is read
	options apply.Options

	goesAhead        bool               // the records are written while the store takes the last source
	results          []apply.Result     // of the sources that were applied
	ahead            *ahead             // nil if the store's records are read
	customers, items int                // that were written
	oddPrices        *records.OddPrices // nil if no records were written
	best             top.List[records.TopItem]
	report           *reporting       // nil until all records were read, or if there is no report
	sources          []store.Progress // of the report
}

func (r *run) openStoreSink(ctx context.Context, o records.Options) (sink, error) {
	s, err := r.openStore(ctx, r.store, storeUse{cacheBytes: int64(r.cache)})
	if err != nil {
		return nil, err
	}
	r.storing.Store(true)
	if o.Count == records.CountQuantity { // a store has the quantities too, whatever it counts
		if o.Count, err = storeCount(ctx, s); err != nil {
			return nil, withCleanup(err, s.Close())
		}
	}
	sink := &storeSink{store: s, flags: &r.recordFlags, folder: o.SpillFolder, run: r, options: apply.Options{
		Options: o.Options, Workers: o.Workers, MemoryBytes: o.MemoryBytes, Count: o.Count,
		System: r.system(), IDs: r.ids(), Included: r.include, PhoneForm: r.phoneForm(), Again: r.again, SpoolFolder: o.SpillFolder,
	}}
	if err := sink.options.CheckRules(ctx, s); err != nil {
		return nil, withCleanup(err, s.Close())
	}
	// A report shows more than records, and with little memory the store needs it.
	sink.goesAhead = r.report == "" && r.memory >= aheadMemory
	return sink, nil
}

// aheadMemory is how much --memory outputs need that are made while the store works.
const aheadMemory = 256 << 20

func (s *storeSink) bytesToRead(source input.Source) int64 { return s.options.BytesToRead(source) }

// read applies one source after the other.
func (s *storeSink) read(ctx context.Context, sources []input.Source) (totals orders.Totals, err error) {
	for i, source := range sources {
		if s.goesAhead && i == len(sources)-1 {
			s.options.Ahead = s.takeAhead(ctx)
		}
		result, err := apply.Apply(ctx, s.store, source, s.options)
		if err != nil || !result.Taken {
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

// write writes the store's records to two files, or to one document.
func (s *storeSink) write(ctx context.Context, to ...io.Writer) error {
	if ahead := s.ahead; ahead != nil {
		s.ahead = nil
		return ahead.finish(to...)
	}
	return s.records(ctx, s.writeTo(to))
}

// takeAhead asks the store for what it will hold, and starts to write that when it is given.
func (s *storeSink) takeAhead(ctx context.Context) *store.Ahead {
	how := s.reading()
	return &store.Ahead{Reading: how, Take: func(all store.All) {
		s.dropAhead()
		texts := 2
		if s.flags.out == "-" {
			texts = 1
		}
		s.ahead = startAhead(texts, func(to []io.Writer) error {
			err := apply.Taken(ctx, all, how, s.counting(nil, s.writeTo(to)))
			return errors.Join(err, all.Close())
		})
	}}
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

// writeTo returns what writes records.
func (s *storeSink) writeTo(to []io.Writer) func(storedCustomers, storedItems) error {
	return func(customers storedCustomers, items storedItems) error {
		if len(to) == 1 {
			_, err := records.WriteDocument(to[0], customers, items, s.flags.form())
			return err
		}
		if _, err := records.WriteCustomers(to[0], customers, s.flags.form()); err != nil {
			return err
		}
		_, err := records.WriteItems(to[1], items, s.flags.form())
		return err
	}
}

// details reports whether more is written than names, prices and numbers.
func (s *storeSink) details() bool {
	return s.flags.detail || s.flags.report != "" || s.flags.count == "quantity"
}

// records reads the store's records as they are at one moment, counts them, and gathers what
// the report and the table of items show of them.
func (s *storeSink) records(ctx context.Context, write func(storedCustomers, storedItems) error) error {
	var report *reporting
	if s.flags.report != "" {
		var err error
		if report, err = s.startReport(ctx); err != nil {
			return err
		}
	}
	err := apply.Records(ctx, s.store, s.reading(), s.counting(report, write))
	s.report = report
	return err
}

// reportOnly reads what the report shows of the store's records.
func (s *storeSink) reportOnly(ctx context.Context) error {
	report, err := s.startReport(ctx)
	if err != nil {
		return err
	}
	how := s.reading()
	how.Customers = report.choice()
	if err := apply.Records(ctx, s.store, how, s.counting(report, readAll)); err != nil {
		return err
	}
	s.customers, report.data.Customers = int(how.Customers.Of), how.Customers.Of
	s.report = report
	return nil
}

// readAll takes all records.
func readAll(customers storedCustomers, items storedItems) error {
	for _, err := range customers {
		if err != nil {
			return err
		}
	}
	for _, err := range items {
		if err != nil {
			return err
		}
	}
	return nil
}

// reading says how the store's records are read.
func (s *storeSink) reading() store.Reading {
	return store.Reading{Folder: s.folder, MemoryBytes: s.options.MemoryBytes / readingShare, Details: s.details()}
}

// readingShare is which part of the memory of a run the records of a store take that are
// sorted: batches are gone by then.
const readingShare = 4

// counting returns what counts the records that it writes, and adds them to a report if there
// is one.
func (s *storeSink) counting(report *reporting, write func(storedCustomers, storedItems) error) func(storedCustomers, storedItems) error {
	return func(customers storedCustomers, items storedItems) error {
		s.customers, s.items, s.oddPrices = 0, 0, new(records.OddPrices)
		s.best = top.List[records.TopItem]{N: shownTop, Compare: func(a, b records.TopItem) int { return b.Orders.Cmp(a.Orders) }}
		return write(
			each(customers, func(c records.Customer) {
				s.customers++
				if report != nil {
					report.addCustomer(c)
				}
			}),
			each(items, func(i records.NamedItem) {
				s.items++
				s.oddPrices.Look(i.Name, i.Price)
				if report != nil {
					report.addItem(i)
				}
				s.best.Add(records.TopItem{Name: i.Name, Price: i.Price, Orders: itemOrders(i, s.flags.count)})
			}),
		)
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

// startReport starts the report with what the store knows of all orders.
func (s *storeSink) startReport(ctx context.Context) (*reporting, error) {
	activity, err := apply.Activity(ctx, s.store)
	if err != nil {
		return nil, err
	}
	if s.sources, err = s.store.Sources(ctx); err != nil {
		return nil, err
	}
	names, totals := storeTotals(s.sources, activity.Orders())
	return s.flags.startReport(names, totals, activity), nil
}

func (s *storeSink) page(ctx context.Context, totals orders.Totals) (*report.Data, error) {
	if s.report == nil { // no records were written
		if err := s.reportOnly(ctx); err != nil {
			return nil, err
		}
	}
	if s.hasAll(totals) {
		s.report.leftOut(totals)
	}
	return s.report.page(), nil
}

// hasAll reports whether this run brought all that the store has: then it knows why orders were
// left out, which a store does not keep. Groups of feeds leave a gap in the numbers of the sources,
// or orders that the run did not bring.
func (s *storeSink) hasAll(totals orders.Totals) bool {
	if s.options.Again || s.report.data.Orders != totals.Orders {
		return false
	}
	for i, p := range s.sources {
		if p.Number != int64(i)+1 || !slices.ContainsFunc(s.results, func(r apply.Result) bool { return r.Number == p.Number && !r.Known && !r.Resumed && !r.Grown }) {
			return false
		}
	}
	return len(s.results) > 0
}

func (s *storeSink) summarize(to *summary) {
	to.Customers, to.Items, to.Store = s.customers, s.items, shownStore(s.run.store)
	if s.oddPrices != nil {
		to.AddOddPrices(s.oddPrices, s.run.open())
	}
	for i, result := range s.results {
		to.BytesRead += result.BytesRead
		system, shop := s.options.System, s.run.sources[i].Shop
		to.Applied = append(to.Applied, appliedFile{finding.Applied{
			File: s.run.names[i], Known: result.Known, Resumed: result.Resumed, Refused: result.Refused,
			Grown: result.Grown, Torn: result.Torn, LeftOut: result.LeftOut,
			Orders: result.Totals.Orders, Replaced: result.Replaced,
			As: finding.AppliedAs{System: result.System, Shop: result.Shop, OfShop: shop, IsOther: result.System != system || result.Shop != shop},
		}, s.run.sources[i].Name})
	}
}

func (s *storeSink) top(int) []records.TopItem { return s.best.Best }

func (s *storeSink) close() error {
	s.dropAhead() // if the run ended before it came to write
	return s.store.Close()
}
