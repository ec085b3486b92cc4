// Package apply brings sources of orders into a store, each exactly once.
//
// A source is known by its content. It is looked at as a whole first, as nothing of
// one that cannot be accepted may come into the store; then it is applied in
// batches. What was applied stays: a run that dies is finished by another one.
package apply

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/maphash"
	"io"
	"strings"

	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
)

// How much of a source is a batch, after decompression: much, as the records of a
// large batch are fewer than those of many small ones, and a source of one batch is
// read once; but no more than that the records of two, which may be as large as their
// orders and are there twice, take half of the memory. Less where the orders have ids,
// as such a batch stays in memory itself.
const (
	batchBytes       = 512 << 20
	batchBytesWithID = 32 << 20
	memoryPerBatch   = 8
)

// Options are how to apply sources.
type Options struct {
	records.Options
	// Kind names the system whose orders these are: ids of orders are told apart
	// within it. It is also what an unfinished source must be finished as.
	Kind string
	// Again applies a source also where the store has it already.
	Again bool
	// BatchBytes is how much of a source is a batch, 0 for the default. A source
	// that was begun stays with what it was begun with.
	BatchBytes int64
	// Spool keeps what can be read only once, as a pipe; it returns a source of
	// the same bytes that can be read twice.
	Spool func(ctx context.Context, s input.Source) (input.Source, error)
}

// A Result is what became of one source.
type Result struct {
	store.Progress
	// Known says that the store had all of the source before, and that nothing
	// was changed.
	Known bool
	// Resumed says that the store had a part of it before.
	Resumed bool
	// Totals are those of the source.
	Totals orders.Totals

	batches int64 // that were applied or known
}

// Source applies one source. Rejects and errors are as in records.Process: with an
// error in what the source holds, the store is unchanged.
func Source(ctx context.Context, s store.Store, source input.Source, o Options) (r Result, err error) {
	if source.Size < 0 {
		if source, err = o.Spool(ctx, source); err != nil {
			return r, err
		}
	}
	first, err := look(ctx, source, o)
	if err != nil {
		return r, err
	}
	r.Totals = first.totals
	name := strings.ToValidUTF8(source.Name, "\uFFFD") // of a file it may be any bytes
	r.Progress, err = s.Start(ctx, store.Source{ID: first.id, Name: name, Kind: o.Kind, Bytes: first.totals.Bytes, BatchBytes: o.batchBytes()}, o.Again)
	switch {
	case err != nil:
		return r, err
	case r.Done:
		r.Known = true
		return r, r.tellRejects(ctx, source, o)
	case r.Kind != o.Kind:
		return r, fmt.Errorf("%s: was begun as %s and must be finished as that", source.Name, kindName(r.Kind))
	case r.BatchBytes <= 0:
		return r, fmt.Errorf("%s: was begun by something that did not say how large its batches are, and must be finished by that", source.Name)
	}
	r.Resumed = r.Batches > 0
	if first.only != nil && r.BatchBytes == o.batchBytes() {
		return r, r.apply(ctx, s, source.Name, first.only)
	}
	return r, r.applyAll(ctx, s, source, o, &first.quick)
}

// ReadTwice says whether a source that is new is read twice, as far as can be told before
// it is decompressed.
func (o *Options) ReadTwice(s input.Source) bool { return s.Size > o.batchBytes() }

func (o *Options) batchBytes() int64 {
	switch {
	case o.BatchBytes > 0:
		return o.BatchBytes
	case o.Mapping != nil && len(o.Mapping.ID) > 0:
		return batchBytesWithID
	case o.MemoryBytes > 0:
		return min(batchBytes, max(1<<20, o.MemoryBytes/memoryPerBatch))
	}
	return batchBytes
}

func kindName(kind string) string {
	if kind == "" {
		return "the default shape"
	}
	return kind
}

// A glance is what a first look at a source tells.
type glance struct {
	id     string
	totals orders.Totals
	quick  maphash.Hash // another hash of the bytes, to know them again soon
	// only is the source's only batch, where it has no more and nothing was rejected:
	// then it need not be read again.
	only *records.Part
}

// look reads all of a source, to know its identity and that its orders can be
// accepted.
func look(ctx context.Context, source input.Source, o Options) (*glance, error) {
	if o.Reject != nil {
		o.Reject = func(*orders.Reject) error { return nil } // told when it is applied
	}
	g, sum := new(glance), sha256.New()
	beside := newBeside(io.MultiWriter(sum, &g.quick))
	all := read(source, beside)
	var err error
	if o.ReadTwice(source) {
		g.totals, err = records.Verify(ctx, []input.Source{all}, o.Options)
	} else {
		g.totals, err = records.EachPart(ctx, all, o.Options, o.batchBytes(), func(p *records.Part) error {
			if p.Last && p.First && p.Rejected == 0 {
				g.only = p
			}
			return nil
		})
	}
	beside.wait()
	g.id = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	return g, err
}

// read is the source with all its bytes, as they are read, written to sum. Whoever reads
// a source to its end reads all of them.
func read(source input.Source, sum io.Writer) input.Source {
	open := source.Open
	source.Open = func() (io.ReadCloser, error) {
		file, err := open()
		if err != nil {
			return nil, err
		}
		return &tee{file, sum}, nil
	}
	return source
}

// tee hashes what is read.
type tee struct {
	io.ReadCloser
	sum io.Writer
}

func (t *tee) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	_, _ = t.sum.Write(p[:n]) // a hash, which cannot fail
	return n, err
}

// tellRejects tells of the rejects of a source that is known: who asks for them again
// is to have them again.
func (r *Result) tellRejects(ctx context.Context, source input.Source, o Options) error {
	if o.Reject == nil || r.Totals.Rejected == 0 {
		return nil
	}
	_, err := records.Verify(ctx, []input.Source{source}, o.Options)
	return err
}

// applyAll applies a source that was begun, batch by batch.
func (r *Result) applyAll(ctx context.Context, s store.Store, source input.Source, o Options, seen *maphash.Hash) error {
	var sum maphash.Hash
	sum.SetSeed(seen.Seed())
	_, err := records.EachPart(ctx, read(source, &sum), o.Options, r.BatchBytes, func(p *records.Part) error {
		if p.Last && sum.Sum64() != seen.Sum64() {
			return fmt.Errorf("%s: changed while it was read; what was applied of it stays, and the rest is missing", source.Name)
		}
		return r.apply(ctx, s, source.Name, p)
	})
	return err
}

// apply applies a part of the source with the name as a batch.
func (r *Result) apply(ctx context.Context, s store.Store, name string, p *records.Part) error {
	r.batches++
	all := int64(0)
	if p.Last {
		all = r.batches
	}
	_, err := s.Apply(ctx, store.Batch{
		ID:     fmt.Sprintf("%s@%d/%d", r.ID, r.Number, p.Index),
		Source: r.Number, Last: p.Last, Batches: all,
		Orders: p.Orders, Rejected: p.Rejected,
		OrderIDs: p.IDs,
		Fold:     func(repeated func(int) bool) (store.Delta, error) { return delta(r.Number, p.Records(repeated)) },
	})
	if err != nil {
		err = fmt.Errorf("%s: %w; what was applied of it stays: run it again to finish", name, err)
	}
	return err
}

// delta is what records do to those of a store, with places as versions of the
// source.
func delta(source int64, all *records.Records) (d store.Delta, err error) {
	for c := range all.Customers.Placed() {
		customer := store.Customer{Phone: c.Phone, Name: c.Name, First: store.Version{Source: source, At: c.First}}
		if c.Named >= 0 {
			customer.Named = store.Version{Source: source, At: c.Named}
		}
		d.Customers = append(d.Customers, customer)
	}
	for i := range all.Items.Placed() {
		d.Items = append(d.Items, store.Item{
			Name: i.Name, Price: i.Price, Orders: i.Orders,
			First: store.Version{Source: source, At: i.First}, Priced: store.Version{Source: source, At: i.Priced},
		})
	}
	return d, all.Err()
}
