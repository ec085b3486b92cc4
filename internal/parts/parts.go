// Package parts deals the orders of a source out to parts, of which each becomes one batch
// of a store. [Each] is the call.
package parts

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/internal/detail"
	"process-orders/internal/table"
	"process-orders/orders"
	"process-orders/store"
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
	// Until leaves out orders that end behind this offset, and rejects that come after
	// them. 0 leaves out nothing.
	Until int64
	// Ended, if not nil, is called in the order of the source, again and again: the last
	// order so far ends at the offset last, 0 if there is none, and all before the offset
	// all was looked at.
	Ended func(last, all int64)
}

// A Part holds the orders of a source that start within one range of its bytes. The source
// and the size of parts decide which orders these are, and not how the source is read.
type Part struct {
	// Index is the number of the range, from 0. A range in which no order starts is left
	// out, unless there are no orders at all.
	Index int64
	// First and Last mark the first and the last part of the source.
	First, Last bool
	// Orders and Rejected count the orders: all states of those with an id are among them.
	Orders, Rejected int64
	// LeftOut counts orders without an id that start before [input.Source].From and end
	// behind it: rows were added to them since they were counted. They are not among Orders.
	LeftOut int64

	pieces  []*piece
	records *Records
	folding sync.WaitGroup // do is called when it is done, and what was folded is collected
	folders folders
}

// Records are the records of those orders of a part that have no id. Positions are offsets
// in the source, after decompression, also those in versions. Both tables keep a
// [detail.Detail] of each key.
type Records struct {
	Customers, Items table.Table
	Minutes          Minutes
}

// spareRecords are records that are empty, those without versions and those with. The tables are
// large beside what a small part has of orders.
var spareRecords [2]sync.Pool

func spareFor(versioned bool) *sync.Pool {
	if versioned {
		return &spareRecords[1]
	}
	return &spareRecords[0]
}

// leave leaves the memory of records that nobody needs any more.
func (r *Records) leave() {
	if r.Customers.Reset() && r.Items.Reset() {
		r.Minutes = Minutes{}
		spareFor(r.Customers.HasVersions()).Put(r)
	}
}

func newRecords(versioned bool) *Records {
	if r, ok := spareFor(versioned).Get().(*Records); ok {
		return r
	}
	r := new(Records)
	detail.Keep(&r.Customers)
	detail.Keep(&r.Items)
	if versioned {
		r.Customers.KeepVersions()
		r.Items.KeepVersions()
	}
	return r
}

// A piece has the states of some orders that follow each other.
type piece struct{ states []store.State }

// HasRecords reports whether Records are of any order. If not, making them is not worth it.
func (p *Part) HasRecords() bool { return p.records != nil }

// Records returns the records of those orders that have no id.
func (p *Part) Records() *Records {
	if p.records == nil {
		return newRecords(false)
	}
	return p.records
}

// Release drops what Records and States return, so that its memory is free while a store works
// with what was made of it. What was returned must not be used afterwards, but for Minutes.
func (p *Part) Release() {
	if p.records != nil {
		p.records.leave()
	}
	p.records, p.pieces = nil, nil
}

// bytes is about how much memory the records take. It may be called while orders are folded.
func (p *Part) bytes() int64 {
	if p.records == nil {
		return 0
	}
	return p.folders.bytes.Load() + p.records.Customers.Bytes() + p.records.Items.Bytes()
}

// StateCount is how many states States returns.
func (p *Part) StateCount() (n int) {
	for _, s := range p.pieces {
		n += len(s.states)
	}
	return n
}

// AllStates yields the states that States returns. They are not to be changed.
func (p *Part) AllStates() iter.Seq[*store.State] {
	return func(yield func(*store.State) bool) {
		for _, s := range p.pieces {
			for i := range s.states {
				if !yield(&s.states[i]) {
					return
				}
			}
		}
	}
}

// States returns the states of orders that have an id, in the order of the source. Their
// Time is that of Placed. The states are the caller's, and share their texts.
func (p *Part) States() []store.State {
	n := p.StateCount()
	if n == 0 {
		return nil
	}
	all := make([]store.State, 0, n)
	for _, s := range p.pieces {
		all = append(all, s.states...)
	}
	return all
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
	d := newDealer(source, &o)
	d.do, d.done = do, make(chan error, 1)
	totals, err := orders.States(ctx, []input.Source{source}, o.Options, o.Workers, d.settled)
	if err == nil {
		err = d.finish()
	}
	return totals, errors.Join(err, d.wait())
}

// Keep says when the only part of a source is kept: if it has no more than about Sure bytes of the
// source, or if it has no states and its records take no more than Memory bytes. States are kept
// only if it is sure, as what a store makes of them may take many times the memory that they take. The
// zero value keeps no part.
type Keep struct{ Sure, Memory int64 }

// Verify reads a source as [Each] does. It returns its only part, or nil if there are several or it
// is not to be kept, and how many orders are left out, see [Part.LeftOut].
func Verify(ctx context.Context, source input.Source, o Options, keep Keep) (only *Part, totals orders.Totals, leftOut int64, err error) {
	d := newDealer(source, &o)
	d.keep, d.lookAt = keep, keep.Sure
	d.isDropped = keep == Keep{}
	totals, err = orders.States(ctx, []input.Source{source}, o.Options, o.Workers, d.settled)
	if err == nil && !d.isDropped {
		only = d.only()
	}
	return only, totals, d.allLeftOut, err
}

// grown returns what reports whether the row at an offset of the source was there before it
// grew; nil if the source did not grow.
func grown(source input.Source) func(at int64) bool {
	if source.From == 0 {
		return nil
	}
	if joined, ok := source.Origin.(interface{ IsOld(at int64) bool }); ok {
		return joined.IsOld
	}
	return func(at int64) bool { return at < source.From }
}

// A dealer deals the orders of a source out to parts. It belongs to the
// worker whose turn it is.
type dealer struct {
	options *Options
	grown   func(at int64) bool
	do      func(*Part) error // if nil, the only part is kept or none
	keep    Keep

	last     int64 // the offset at which the last order so far ends, or one that was rejected
	ended    bool  // Options.Until has been passed
	part     *Part // that orders are added to
	rejected int64 // since orders were last added to a part
	leftOut  int64 // in the same way
	parts    int   // handed to do so far
	lookAt   int64 // the offset at which to look next how large the part is

	allLeftOut int64 // of the whole source
	isDropped  bool  // no part is kept
	doing      *Part // that do has
	done       chan error
}

// newDealer makes a dealer of the options, which it changes.
func newDealer(source input.Source, o *Options) *dealer {
	d := &dealer{options: o, grown: grown(source)}
	if reject := o.Reject; reject != nil {
		o.Reject = func(r *orders.Reject) error {
			if !d.ended {
				d.rejected++
			}
			return reject(r)
		}
	}
	return d
}

// note notes how far the source was looked at.
func (d *dealer) note(c *columns.Orders) {
	if n := c.Len(); n > 0 {
		d.last = c.From + int64(endOf(c, n-1))
	}
	if c.RejectsEnd > 0 {
		d.last = max(d.last, c.From+int64(c.RejectsEnd))
	}
	if d.options.Ended != nil {
		d.options.Ended(d.last, c.From+int64(len(c.Data)))
	}
}

// endOf is the offset in the data at which an order ends, without the end of its line.
func endOf(c *columns.Orders, i int) int {
	end, start := int(c.All[i].End), int(c.All[i].Start)
	for end > start && end <= len(c.Data) && (c.Data[end-1] == '\n' || c.Data[end-1] == '\r') {
		end--
	}
	return end
}

// leavesOut reports whether the i-th order is one of [Part.LeftOut].
func (d *dealer) leavesOut(c *columns.Orders, i int) bool {
	return d.grown != nil && len(c.ID(i)) == 0 && d.grown(c.Position(i))
}

// settled adds the orders of a chunk to the parts, in its turn. Folding its last share is
// left for later; most chunks have no other.
func (d *dealer) settled(c *columns.Orders) (later func() error, err error) {
	d.note(c)
	end := c.Len()
	if until := d.options.Until; until > 0 {
		for end > 0 && c.From+int64(endOf(c, end-1)) > until {
			end--
			d.ended = true
		}
	}
	d.dropLarge(c)
	for from := 0; from < end; {
		if d.leavesOut(c, from) {
			d.leftOut++
			d.allLeftOut++
			from++
			continue
		}
		if d.isDropped {
			from++
			continue
		}
		index := c.Position(from) / d.options.Bytes
		to := from + 1
		for to < end && c.Position(to)/d.options.Bytes == index && !d.leavesOut(c, to) {
			to++
		}
		if err := d.open(index); err != nil {
			return nil, err
		}
		if d.isDropped {
			continue
		}
		work := d.add(c, from, to)
		if to < end {
			work()
		} else {
			later = func() error { work(); return nil }
		}
		from = to
	}
	if d.part != nil {
		d.part.Rejected += d.rejected
		d.part.LeftOut += d.leftOut
		d.rejected, d.leftOut = 0, 0
	}
	return later, nil
}

// open makes the part of that index the one that orders are added to.
func (d *dealer) open(index int64) error {
	if d.part != nil && d.part.Index == index {
		return nil
	}
	if d.do == nil && d.part != nil {
		d.drop()
		return nil
	}
	if err := d.hand(false); err != nil {
		return err
	}
	d.part = &Part{Index: index}
	return nil
}

// drop keeps no part any more. Orders that are being folded are dropped when that is done.
func (d *dealer) drop() { d.part, d.isDropped = nil, true }

// dropLarge drops the part if it takes too much memory. It looks now and then, as that takes some time.
func (d *dealer) dropLarge(c *columns.Orders) {
	if d.do != nil || d.part == nil || c.From < d.lookAt {
		return
	}
	d.lookAt = c.From + d.keep.Sure/8
	if len(d.part.pieces) > 0 || d.part.bytes() > d.keep.Memory {
		d.drop()
	}
}

// add adds the orders i with from <= i < to to the part. It returns the work of keeping them.
func (d *dealer) add(c *columns.Orders, from, to int) (work func()) {
	p, once := d.part, d.options.OncePerOrder
	p.Orders += int64(to - from)
	isFolded := hasUnnamed(c, from, to)
	if isFolded && p.records == nil { // its records keep versions if those of the orders need them
		p.records = newRecords(c.Versioned)
	}
	p.folding.Add(1)
	var keep *piece
	if c.HasIDs {
		keep = new(piece)
		p.pieces = append(p.pieces, keep)
	}
	return func() {
		defer p.folding.Done()
		if keep != nil {
			keep.states = appendStates(c, from, to, once)
		}
		if !isFolded {
			return
		}
		a := p.folders.take(once)
		defer p.folders.giveBack(a)
		if keep == nil {
			a.Fold(&p.records.Customers, &p.records.Items, c, from, to)
			return
		}
		for i := from; i < to; i++ { // between two with an id are some without
			if len(c.ID(i)) > 0 {
				a.Fold(&p.records.Customers, &p.records.Items, c, from, i)
				from = i + 1
			}
		}
		a.Fold(&p.records.Customers, &p.records.Items, c, from, to)
	}
}

// hasUnnamed reports whether some of the orders i with from <= i < to have no id.
func hasUnnamed(c *columns.Orders, from, to int) bool {
	for i := from; i < to; i++ {
		if !c.HasIDs || len(c.ID(i)) == 0 {
			return true
		}
	}
	return false
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
	do := func() {
		p.finish()
		d.done <- d.do(p)
	}
	if last { // nothing is left to do meanwhile
		do()
	} else {
		go do()
	}
	return nil
}

// finish waits until all orders of the part are folded, and collects what was.
func (p *Part) finish() {
	p.folding.Wait()
	if p.records != nil {
		p.folders.collect(p.records)
	}
}

// wait waits for the part that do has.
func (d *dealer) wait() error {
	if d.doing == nil {
		return nil
	}
	d.doing = nil
	return <-d.done
}

// finish hands on the last part.
func (d *dealer) finish() error {
	d.openLast()
	return d.hand(true)
}

// openLast makes a part if there was no order.
func (d *dealer) openLast() {
	if d.part == nil {
		d.part = &Part{Rejected: d.rejected, LeftOut: d.leftOut}
	}
}

// only returns the only part.
func (d *dealer) only() *Part {
	d.openLast()
	d.part.First, d.part.Last = true, true
	d.part.finish()
	return d.part
}
