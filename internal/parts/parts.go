// Package parts deals the orders of a source out to parts, of which each becomes one batch
// of a store. [Each] is the call.
package parts

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/internal/fold"
	"process-orders/internal/table"
	"process-orders/orders"
)

// Options say how a source is read and folded.
type Options struct {
	orders.Options
	// Workers is how many cores to use; 0 means all that the process may use.
	Workers int
	// OncePerOrder counts an item once for each order, however often the order lists it.
	OncePerOrder bool
	// Bytes is the size of a part, at least 1: so many bytes of the source, after
	// decompression.
	Bytes int64
}

// A Part holds the orders of a source that start within one range of its bytes. The source
// and the size of parts decide which orders these are, and not how the source is read.
type Part struct {
	// Index is the number of the range, from 0. A range in which no order starts is left
	// out, unless there are no orders at all.
	Index int64
	// First and Last mark the first and the last part of the source.
	First, Last bool
	// Orders and Rejected count the orders.
	Orders, Rejected int64
	// IDs are the ids of those orders that have one.
	IDs []string

	oncePerOrder bool
	// all are the records of all orders, if no order has an id. They are complete when
	// folding is done.
	all     *Records
	folding sync.WaitGroup
	// shares are the orders, if the mapping has ids.
	shares []share
}

// Records are the records of a part. Positions are offsets in the source, after
// decompression.
type Records struct{ Customers, Items table.Table }

func newRecords() *Records {
	r := new(Records)
	r.Items.KeepCounts()
	return r
}

// A share is some orders of a chunk that follow each other, and the number in IDs of the
// first id among them.
type share struct {
	orders   *columns.Orders
	from, to int
	firstID  int
}

// Records returns the records of the part's orders, without those orders whose id is
// repeated; i is the number of the id in IDs. Nil means that none is. It may be called
// again, also at once with calls for other parts.
func (p *Part) Records(repeated func(i int) bool) *Records {
	if p.all != nil {
		return p.all
	}
	r := newRecords()
	a := fold.Accumulator{OncePerOrder: p.oncePerOrder}
	for _, s := range p.shares {
		c, id, from := s.orders, s.firstID, s.from
		for i := s.from; i < s.to; i++ {
			if len(c.ID(i)) == 0 {
				continue
			}
			if repeated != nil && repeated(id) {
				a.Fold(&r.Customers, &r.Items, c, from, i)
				from = i + 1
			}
			id++
		}
		a.Fold(&r.Customers, &r.Items, c, from, s.to)
	}
	return r
}

// Each reads a source and calls do with one part after the other, in the order of the
// source. It reads on while do is at work, so two parts are in memory. The part is do's
// until do returns; the last one stays as it is. An error of do ends the reading.
//
// Rejects and errors are as in [orders.Columns], but earlier parts may have come before an
// error. The totals are of all that was read.
func Each(ctx context.Context, source input.Source, o Options, do func(*Part) error) (orders.Totals, error) {
	if o.Bytes <= 0 {
		return orders.Totals{}, fmt.Errorf("a part of %d bytes: want at least 1", o.Bytes)
	}
	d := &dealer{size: o.Bytes, oncePerOrder: o.OncePerOrder, do: do, done: make(chan error, 1)}
	if reject := o.Reject; reject != nil {
		o.Reject = func(r *orders.Reject) error { d.rejected++; return reject(r) }
	}
	totals, err := orders.Columns(ctx, []input.Source{source}, o.Options, o.Workers, d.settled)
	if err == nil {
		err = d.finish()
	}
	return totals, errors.Join(err, d.wait())
}

// A dealer deals the orders of a source out to parts. It belongs to the
// worker whose turn it is.
type dealer struct {
	size         int64
	oncePerOrder bool
	do           func(*Part) error

	part     *Part // that orders are added to
	rejected int64 // since orders were last added to a part
	parts    int   // handed to do so far
	doing    *Part // that do has
	done     chan error
}

// settled adds the orders of a chunk to the parts, in its turn. Folding its last share is
// left for later; most chunks have no other.
func (d *dealer) settled(c *columns.Orders) (later func() error, err error) {
	for from := 0; from < c.Len(); {
		index := c.Position(from) / d.size
		to := from + 1
		for to < c.Len() && c.Position(to)/d.size == index {
			to++
		}
		if err := d.open(index); err != nil {
			return nil, err
		}
		work := d.add(share{c, from, to, len(d.part.IDs)})
		switch {
		case work == nil:
		case to < c.Len():
			work()
		default:
			later = func() error { work(); return nil }
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
	d.part = &Part{Index: index, oncePerOrder: d.oncePerOrder}
	return nil
}

// add adds orders to the part. It returns the work of folding them, or nil if they wait for
// the store to say which ids are known.
func (d *dealer) add(s share) (work func()) {
	p := d.part
	p.Orders += int64(s.to - s.from)
	if s.orders.HasIDs {
		s.orders.Retain()
		p.shares = append(p.shares, s)
		for i := s.from; i < s.to; i++ {
			if id := s.orders.ID(i); len(id) > 0 {
				p.IDs = append(p.IDs, string(id))
			}
		}
		return nil
	}
	if p.all == nil {
		p.all = newRecords()
	}
	p.folding.Add(1)
	return func() {
		defer p.folding.Done()
		a, ok := s.orders.Scratch.(*fold.Accumulator)
		if !ok {
			a = &fold.Accumulator{OncePerOrder: d.oncePerOrder}
			s.orders.Scratch = a
		}
		a.Fold(&p.all.Customers, &p.all.Items, s.orders, s.from, s.to)
	}
}

// hand hands the part to do, once do has returned from the one before.
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
	for _, s := range d.doing.shares {
		s.orders.Release()
	}
	d.doing = nil
	return err
}

// finish hands on the last part.
func (d *dealer) finish() error {
	if d.part == nil {
		d.part = &Part{Rejected: d.rejected, all: newRecords()}
	}
	return d.hand(true)
}
