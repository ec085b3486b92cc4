package records

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/orders"
)

// A Part holds the orders of a source that start within one range of its bytes. The
// source and the size of parts decide which orders these are, and not how the source
// is read.
type Part struct {
	// Index is the number of the range, from 0. A range in which no order starts is
	// left out, unless there are no orders at all.
	Index int64
	// First and Last mark the first and the last part of the source.
	First, Last bool
	// Orders and Rejected count the orders.
	Orders, Rejected int64
	// IDs are the ids of those orders that have one.
	IDs []string

	count Count
	// all are the records of all orders, if no order has an id. They are complete
	// when folding is done.
	all     *Records
	folding sync.WaitGroup
	// runs are the orders, if the mapping has ids.
	runs []run
}

// A run is some orders of a batch that follow each other, and the number in IDs of
// the first id in it.
type run struct {
	batch    *columns.Orders
	from, to int
	firstID  int
}

// Records are the records of the part's orders, without those orders whose id is
// repeated; i is the number of the id in IDs. Positions are offsets in the source,
// after decompression.
func (p *Part) Records(repeated func(i int) bool) *Records {
	if p.all != nil {
		return p.all
	}
	all := newRecords(&Options{Count: p.count})
	var f accumulator
	for _, r := range p.runs {
		b, id, from := r.batch, r.firstID, r.from
		for i := r.from; i < r.to; i++ {
			if len(b.ID(i)) == 0 {
				continue
			}
			if repeated != nil && repeated(id) {
				f.foldRange(all, b, from, i)
				from = i + 1
			}
			id++
		}
		f.foldRange(all, b, from, r.to)
	}
	return all
}

// EachPart reads a source and calls do with one part of partBytes after the other, in
// the order of the source. It reads on while do is at work, so two parts are in
// memory. The part is do's until do returns; the last one stays as it is. An error of
// do ends the reading.
//
// Rejects and errors are as in [Process], but earlier parts may have come before an
// error. Detail, MemoryBytes and CountQuantity are not for parts.
func EachPart(ctx context.Context, source input.Source, o Options, partBytes int64, do func(*Part) error) (orders.Totals, error) {
	var rejected RejectedError
	rejected.collect(&o.Options)
	if partBytes <= 0 {
		return orders.Totals{}, fmt.Errorf("a part of %d bytes: want at least 1", partBytes)
	}
	if o.Mapping == nil && o.Count == CountQuantity {
		detailed := orders.Detailed()
		o.Mapping = &detailed
	}
	d := &dealer{size: partBytes, count: o.Count, do: do, done: make(chan error, 1)}
	reject := o.Reject
	o.Reject = func(r *orders.Reject) error { d.rejected++; return reject(r) }
	totals, err := orders.Columns(ctx, []input.Source{source}, o.Options, o.Workers, d.settled)
	if err == nil {
		err = d.finish()
	}
	err = errors.Join(err, d.wait())
	return totals, rejected.join(err)
}

// A dealer deals the orders of a source out to parts. All of it but idle belongs to
// the worker whose turn it is.
type dealer struct {
	size  int64
	count Count
	do    func(*Part) error

	part     *Part // that orders are added to
	rejected int64 // since they were last added to a part
	parts    int   // handed to do so far
	doing    *Part // that do has
	done     chan error

	idle accumulators
}

// settled adds a batch to the parts in its turn. Folding its last run is left for
// later; most batches have no other.
func (d *dealer) settled(b *columns.Orders) (later func() error, err error) {
	for from := 0; from < b.Len(); {
		index := b.Position(from) / d.size
		to := from + 1
		for to < b.Len() && b.Position(to)/d.size == index {
			to++
		}
		if err := d.open(index); err != nil {
			return nil, err
		}
		if fold := d.add(run{b, from, to, len(d.part.IDs)}); fold != nil && to < b.Len() {
			fold()
		} else if fold != nil {
			later = func() error { fold(); return nil }
		}
		from = to
	}
	if d.part != nil {
		d.part.Rejected += d.rejected
		d.rejected = 0
	}
	return later, nil
}

// open makes the part of that index the one that orders are added to.
func (d *dealer) open(index int64) error {
	if d.part != nil && d.part.Index == index {
		return nil
	}
	if err := d.hand(false); err != nil {
		return err
	}
	d.part = &Part{Index: index, count: d.count}
	return nil
}

// add adds orders to the part. If they are to be folded at once, it returns how.
func (d *dealer) add(r run) (fold func()) {
	p := d.part
	p.Orders += int64(r.to - r.from)
	if r.batch.HasIDs {
		r.batch.Retain()
		p.runs = append(p.runs, r)
		for i := r.from; i < r.to; i++ {
			if id := r.batch.ID(i); len(id) > 0 {
				p.IDs = append(p.IDs, string(id))
			}
		}
		return nil
	}
	if p.all == nil {
		p.all = newRecords(&Options{Count: p.count})
	}
	p.folding.Add(1)
	return func() {
		defer p.folding.Done()
		f := d.idle.take()
		f.foldRange(p.all, r.batch, r.from, r.to)
		d.idle.put(f)
	}
}

// hand hands the part to do, when do has returned from the one before.
func (d *dealer) hand(last bool) error {
	p := d.part
	if p == nil {
		return nil
	}
	if err := d.wait(); err != nil {
		return err
	}
	p.First, p.Last = d.parts == 0, last
	d.parts++
	d.doing = p
	go func() {
		p.folding.Wait()
		d.done <- d.do(p)
	}()
	return nil
}

// wait waits for the part that do has.
func (d *dealer) wait() error {
	if d.doing == nil {
		return nil
	}
	err := <-d.done
	for _, r := range d.doing.runs {
		r.batch.Release()
	}
	d.doing = nil
	return err
}

// finish hands on the last part.
func (d *dealer) finish() error {
	if d.part == nil {
		d.part = &Part{Rejected: d.rejected, all: newRecords(&Options{Count: d.count})}
	}
	return d.hand(true)
}
