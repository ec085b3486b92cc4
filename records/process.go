package records

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/internal/detail"
	"process-orders/internal/fold"
	"process-orders/orders"
)

// Options say how orders are processed. The zero value reads the default shape on all
// cores and accepts no rejects.
type Options struct {
	orders.Options
	// Workers is how many cores to use; 0 means all that the process may use. At most
	// 1,024 are used.
	Workers int
	// MemoryBytes is how much memory the records may take; 0 means no limit. Records that
	// do not fit go to a file in SpillFolder, and the result is the same. The file has no
	// name. It is gone when the records are closed or the process ends.
	MemoryBytes int64
	// SpillFolder is where records beyond MemoryBytes go; "" means the folder for
	// temporary files. The file grows with the input: a record is
	// written again each time that it comes back after it was spilled. It stays below the
	// size of the phones, names, items and prices of all orders.
	SpillFolder string
	// Detail says how much is kept of each customer and item. If it is more than
	// [DetailNone] and there is no Mapping, the orders are read by [orders.Detailed].
	Detail Detail
	// Count says what an item's Orders counts.
	Count Count
}

// check refuses values that mean nothing.
func (o *Options) check() error {
	switch {
	case o.MemoryBytes < 0:
		return fmt.Errorf("records: a memory of %d bytes: want 1 or more, or 0 for no limit", o.MemoryBytes)
	case o.Detail > DetailWritten:
		return fmt.Errorf("records: there is no Detail %d", o.Detail)
	case o.Count > CountQuantity:
		return fmt.Errorf("records: there is no Count %d", o.Count)
	}
	return nil
}

// Process folds all orders of the sources into records, on several cores. The
// result is the same for any number of workers and any size of blocks. If orders are rows and
// those of one order are apart, they are joined, see [orders.Join]. If an order comes again
// and has changed, all is read once more, see [orders.Joiner]. A source that can be read only
// once is copied to SpillFolder first if its orders are rows or have ids.
//
// If [orders.Options.Reject] is nil, Process reads on to the end after an order that
// cannot be accepted, and returns a [*RejectedError]. Input that is not JSON ends it
// with an [*orders.SyntaxError], a source that cannot be read with that source's
// error, and the end of ctx with ctx's. [errors.As] finds a *RejectedError beside any
// of them. With an error there are no records; the totals are of what was read.
func Process(ctx context.Context, sources []input.Source, o Options) (*Records, orders.Totals, error) {
	if err := o.check(); err != nil {
		return nil, orders.Totals{}, err
	}
	if o.Mapping == nil && o.keepsDetails() {
		detailed := orders.Detailed()
		o.Mapping = &detailed
	}
	p := newProcess(&o)
	totals, err := read(ctx, sources, &o, func() func(*columns.Orders) (func() error, error) {
		_ = p.all.Close() // what may be on disk of a reading before
		p = newProcess(&o)
		return func(c *columns.Orders) (func() error, error) { return p.settled(ctx, c) }
	})
	if err == nil {
		err = p.finish(ctx, cmp.Or(max(o.Workers, 0), runtime.GOMAXPROCS(0)))
	}
	if err != nil {
		_ = p.all.Close()
		return nil, totals, err
	}
	return p.all, totals, nil
}

// read reads all orders of the sources. It calls start, and reads from the start, once more
// if rows or states of one order are apart, see [orders.Joiner]. Rejects that nobody takes are an
// error.
func read(ctx context.Context, sources []input.Source, o *Options, start func() (settled func(*columns.Orders) (func() error, error))) (totals orders.Totals, err error) {
	joiner := orders.NewJoiner(sources)
	joiner.Workers, joiner.MemoryBytes, joiner.Folder = o.Workers, o.MemoryBytes, o.SpillFolder
	err = joiner.Read(ctx, o.Options, func(sources []input.Source, attempt orders.Options) (err error) {
		var rejected RejectedError
		rejected.collect(&attempt)
		totals, err = orders.Columns(ctx, sources, attempt, o.Workers, start())
		return rejected.join(err)
	})
	if failed := joiner.Close(); failed != nil {
		err = errors.Join(err, failed)
	}
	return totals, err
}

// Verify reads all orders of the sources, as [Process] does, and keeps nothing but their ids.
// Rejects and errors are as in Process.
func Verify(ctx context.Context, sources []input.Source, o Options) (orders.Totals, error) {
	if err := o.check(); err != nil {
		return orders.Totals{}, err
	}
	return read(ctx, sources, &o, func() func(*columns.Orders) (func() error, error) {
		return func(*columns.Orders) (func() error, error) { return nil, nil }
	})
}

// A process folds chunks into records, several at once.
type process struct {
	options *Options
	all     *Records // its tables are shared by all workers

	// These belong to the worker whose turn it is.
	ids          int64               // bytes that the ids, and the keys of rows, take
	accumulators []*fold.Accumulator // one for each chunk, which is filled again and again
}

func newProcess(o *Options) *process {
	p := &process{options: o, all: newRecords(o)}
	p.all.limit(o.MemoryBytes, o.SpillFolder)
	return p
}

// settled takes a chunk in its turn, and leaves the folding for later.
func (p *process) settled(ctx context.Context, c *columns.Orders) (func() error, error) {
	p.all.take(c.IDBytes + c.KeyBytes - p.ids)
	p.ids = c.IDBytes + c.KeyBytes
	p.all.end = max(p.all.end, c.End())
	a, ok := c.Scratch.(*fold.Accumulator)
	if !ok {
		a = p.newAccumulator()
		c.Scratch = a
	}
	return func() error {
		a.Fold(&p.all.Customers.table, &p.all.Items.table, c, 0, c.Len())
		grown := a.Grown
		a.Grown = 0
		return p.all.grew(ctx, grown)
	}, nil
}

func (p *process) newAccumulator() *fold.Accumulator {
	a := &fold.Accumulator{OncePerOrder: p.options.Count == CountOrders, KeepItems: true}
	if p.options.keepsDetails() {
		a.Details = &detail.Accumulator{Orders: new(Activity)}
	}
	p.accumulators = append(p.accumulators, a)
	return a
}

// finish puts together what the accumulators, and the disk, have of the records.
func (p *process) finish(ctx context.Context, workers int) error {
	for _, a := range p.accumulators {
		a.Flush(&p.all.Items.table)
		if err := p.all.grew(ctx, a.Grown); err != nil {
			return err
		}
		if d, ok := a.Details.(*detail.Accumulator); ok {
			p.all.activity.merge(d.Orders.(*Activity))
		}
	}
	return p.all.compact(ctx, workers)
}
