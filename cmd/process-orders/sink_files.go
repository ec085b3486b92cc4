package main

import (
	"context"
	"io"

	"process-orders/input"
	"process-orders/internal/report"
	"process-orders/orders"
	"process-orders/records"
)

// fileSink has the records of this run alone.
type fileSink struct {
	run     *run
	options records.Options
	all     *records.Records // after read
}

func (s *fileSink) bytesToRead(source input.Source) int64 { return source.Size }

func (s *fileSink) read(ctx context.Context, sources []input.Source) (totals orders.Totals, err error) {
	s.all, totals, err = records.Process(ctx, sources, s.options)
	return totals, err
}

func (s *fileSink) refused(t orders.Totals) bool { return t.AllRejected() }

func (s *fileSink) writeFiles(_ context.Context, customers, items io.Writer) error {
	if _, err := s.all.Customers.WriteTo(customers); err != nil {
		return err
	}
	_, err := s.all.Items.WriteTo(items)
	return err
}

func (s *fileSink) writeDocument(_ context.Context, w io.Writer) error {
	_, err := s.all.WriteTo(w)
	return err
}

func (s *fileSink) page(_ context.Context, totals orders.Totals) (*report.Data, error) {
	r := s.run.startReport(s.run.called(), totals, s.all.Activity())
	for name, d := range s.all.Items.Details() {
		r.addItem(records.NamedItem{Name: name, Item: d.Item, Quantity: d.Quantity, Revenue: d.Revenue, Prices: d.Prices})
	}
	for phone, d := range s.all.Customers.Details() {
		r.addCustomer(records.Customer{Phone: phone, Name: d.Name, Orders: d.Orders, Spent: d.Spent, First: d.First, Last: d.Last})
	}
	return r.page(), nil
}

func (s *fileSink) summarize(to *summary) {
	to.Customers, to.Items = s.all.Customers.Len(), s.all.Items.Len()
	to.AddOddPrices(s.all.Items.OddPrices(), s.run.open())
	to.BytesRead = s.run.read.Load()
}

func (s *fileSink) top(n int) []records.TopItem { return s.all.Items.Top(n) }

// close frees what is on disk. It has no name there, so an error harms nobody.
func (s *fileSink) close() error {
	if s.all != nil {
		_ = s.all.Close()
	}
	return nil
}
