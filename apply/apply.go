// Package apply brings sources of orders into a store, each exactly once.
//
// A source is known by its content. It is read as a whole first, because nothing of a
// source that cannot be accepted may come into the store; then it is applied in batches.
// What was applied stays: if a run dies, another run finishes its source.
//
// [Apply] is the call that programs need.
package apply

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/maphash"
	"io"
	"strings"
	"sync/atomic"

	"process-orders/input"
	"process-orders/internal/parts"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
)

// A Result is what became of one source.
type Result struct {
	// Progress is that of the source in the store, after [Apply].
	store.Progress
	// Known reports whether the store had the whole source before, so that nothing was
	// changed.
	Known bool
	// Resumed reports whether the store had a part of it before.
	Resumed bool
	// Refused reports whether none of its orders could be accepted, so that nothing was
	// changed.
	Refused bool
	// Totals count what was read. An order whose id the store had from elsewhere is
	// repeated, unless the source is Known.
	Totals orders.Totals
	// BytesRead is how many bytes the source has, before decompression.
	BytesRead int64
}

// Apply applies one source. Rejects and errors are as in [records.Process]; with an error
// in what the source holds, the store is unchanged.
//
// A source that can be read only once is copied to a temporary file first (see
// [input.Spool]).
func Apply(ctx context.Context, s store.Store, source input.Source, o Options) (r Result, err error) {
	if err := o.check(s, source); err != nil {
		return Result{}, err
	}
	j := job{store: s, source: source, options: o}
	defer func() {
		if j.joiner != nil {
			if failed := j.joiner.Close(); failed != nil {
				err = errors.Join(err, failed)
			}
		}
	}()
	if !source.Reopens {
		if o.BytesRead != nil {
			source = copyingTo(source, adder{o.BytesRead}, new(int64))
		}
		copied, closer, err := input.Spool(ctx, source, o.SpoolFolder)
		if err != nil {
			return Result{}, err
		}
		defer func() {
			if failed := closer.Close(); failed != nil {
				err = errors.Join(err, failed)
			}
		}()
		j.source = copied
	}
	err = j.run(ctx)
	return j.result, err
}

// job is the application of one source. It belongs to one goroutine, but apply is called
// by that of eachPart, one call at a time.
type job struct {
	store   store.Store
	source  input.Source // which can be opened again
	joiner  *orders.Joiner
	options Options
	result  Result
	batches int64 // that the store has of the source
}

func (j *job) run(ctx context.Context) error {
	first, err := j.firstPass(ctx)
	j.result.Totals, j.result.BytesRead = first.totals, first.bytes
	if err != nil {
		return err
	}
	j.options.SourceDone = nil // it has accepted the source
	if j.result.Totals.AllRejected() {
		j.result.Refused = true
		return j.repeatRejects(ctx)
	}
	source := j.storeSource(first)
	progress, err := j.store.Start(ctx, source, j.options.Again)
	j.result.Progress = progress
	switch {
	case err != nil:
		return err
	case progress.Done:
		j.result.Known = true
		return j.repeatRejects(ctx)
	case progress.Kind != source.Kind:
		return fmt.Errorf("%s: cannot resume: it was started as %s; read it as that", j.source.Name, kindName(progress.Kind))
	case progress.BatchBytes <= 0:
		return fmt.Errorf("%s: cannot resume: the store has no batch size for it; finish it with the program that started it", j.source.Name)
	case progress.Bytes != first.totals.Bytes:
		return fmt.Errorf("%s: cannot resume: when it was started, its text had %d bytes and now %d; read it in the encoding of then", j.source.Name, progress.Bytes, first.totals.Bytes)
	}
	j.result.Resumed = progress.Batches > 0
	if first.only != nil && progress.BatchBytes == j.options.batchBytes() {
		err = j.apply(ctx, first.only)
	} else {
		err = j.secondPass(ctx, &first.fast)
	}
	if err != nil {
		return err
	}
	return j.finish(ctx, source)
}

// storeSource describes the source to the store.
func (j *job) storeSource(first *pass) store.Source {
	return store.Source{
		ID:    first.id,
		Name:  strings.ToValidUTF8(j.source.Name, "\uFFFD"), // the name of a file may be any bytes
		Kind:  j.options.KindOf(j.source),
		Bytes: first.totals.Bytes, BatchBytes: j.options.batchBytes(),
		Rules: j.options.rules(),
	}
}

// kindName is a kind in words.
func kindName(kind string) string {
	name, shop, _ := strings.Cut(kind, "/")
	if name == "" {
		name = "the default shape"
	}
	if shop != "" {
		name += " of the shop " + shop
	}
	return name
}

// A pass is what the first reading of a source found.
type pass struct {
	id     string
	totals orders.Totals
	bytes  int64        // before decompression
	fast   maphash.Hash // another hash of the bytes, to recognize them fast
	// only is the source's only batch, if it has no more and no order was rejected: then
	// the source need not be read again.
	only *parts.Part
}

// firstPass reads the whole source, to find its identity and whether its orders can be
// accepted.
func (j *job) firstPass(ctx context.Context) (*pass, error) {
	o := j.options.records()
	takesRejects := o.Reject != nil
	o.Reject = nil // the second pass calls it
	p := new(pass)
	hash := identity{pass: p, sum: sha256.New()}
	j.joiner = orders.NewJoiner([]input.Source{hash.of(j.source)})
	j.joiner.Workers, j.joiner.MemoryBytes, j.joiner.Folder = o.Workers, o.MemoryBytes, j.options.SpoolFolder
	err := j.joiner.Read(ctx, o.Options, func(sources []input.Source, attempt orders.Options) (err error) {
		if takesRejects {
			attempt.Reject = func(*orders.Reject) error { return nil }
		}
		p.only = nil
		if o := o; j.options.severalBatches(sources[0]) {
			o.Options = attempt
			p.totals, err = records.Verify(ctx, sources, o)
		} else {
			p.totals, err = j.eachPart(ctx, sources[0], attempt, j.options.batchBytes(), func(part *parts.Part) error {
				if part.Last && part.First && part.Rejected == 0 {
					p.only = part
				}
				return nil
			})
		}
		return err
	})
	hash.finish()
	if err == nil {
		err = j.addSheet(ctx, hash.sum)
	}
	p.id = hash.finish()
	if j.joiner.Joined() {
		j.source = j.joiner.Sources()[0]
	}
	return p, err
}

// identity finds out by what a source is known: the hash of its bytes. It starts
// again with every opening of the source, and the last one reads it to its end.
type identity struct {
	pass *pass
	sum  hash.Hash
	to   *asyncWriter
}

func (i *identity) of(source input.Source) input.Source {
	open := source.Open
	source.Open = func() (io.ReadCloser, error) {
		i.finish()
		i.sum.Reset()
		i.pass.fast.Reset()
		i.pass.bytes = 0
		i.to = newAsyncWriter(io.MultiWriter(i.sum, &i.pass.fast))
		file, err := open()
		if err != nil {
			return nil, err
		}
		return &copying{file, i.to, &i.pass.bytes}, nil
	}
	return source
}

// finish returns the identity when all that was read is in it.
func (i *identity) finish() string {
	if i.to != nil {
		i.to.wait()
		i.to = nil
	}
	return "sha256:" + hex.EncodeToString(i.sum.Sum(nil))
}

// addSheet adds the sheet that is read of a workbook to what identifies the source, if it is
// not the one that is read without a name: each sheet is a source of its own.
func (j *job) addSheet(ctx context.Context, sum io.Writer) error {
	source := j.source
	if j.options.Mapping != nil {
		source.Sheet = cmp.Or(source.Sheet, j.options.Mapping.Sheet)
	}
	sheet, err := input.OtherSheet(ctx, source)
	if sheet != "" {
		_, _ = io.WriteString(sum, "\x00sheet "+sheet) // a hash does not fail
	}
	return err
}

// secondPass applies the source, batch by batch.
func (j *job) secondPass(ctx context.Context, seen *maphash.Hash) error {
	var sum maphash.Hash
	sum.SetSeed(seen.Seed())
	source := copyingTo(j.source, &sum, new(int64))
	_, err := j.eachPart(ctx, source, j.options.Options, j.result.BatchBytes, func(part *parts.Part) error {
		if part.Last && sum.Sum64() != seen.Sum64() && source.Origin == nil {
			return fmt.Errorf("%s: changed while it was read; what was applied of it stays, and the rest is missing", j.source.Name)
		}
		return j.apply(ctx, part)
	})
	return err
}

// eachPart calls do with one part of a source after the other. If nobody takes the rejects,
// they are an error.
func (j *job) eachPart(ctx context.Context, source input.Source, o orders.Options, size int64, do func(*parts.Part) error) (orders.Totals, error) {
	var rejected records.RejectedError
	if o.Reject == nil {
		o.Reject = rejected.Add
	}
	totals, err := parts.Each(ctx, source, parts.Options{
		Options: o, Workers: j.options.Workers, OncePerOrder: j.options.Count == records.CountOrders,
		MemoryBytes: j.options.MemoryBytes, Bytes: size,
	}, do)
	if rejected.Count > 0 {
		err = errors.Join(&rejected, err)
	}
	return totals, err
}

// repeatRejects reports the rejects of a source that the store knows: whoever asks for
// them again gets them again.
func (j *job) repeatRejects(ctx context.Context) error {
	if j.options.Reject == nil || j.result.Totals.Rejected == 0 {
		return nil
	}
	_, err := records.Verify(ctx, []input.Source{j.source}, j.options.records())
	return err
}

// apply applies a part of the source as a batch.
func (j *job) apply(ctx context.Context, p *parts.Part) error {
	j.batches++
	all := int64(0)
	if p.Last {
		all = j.batches
	}
	number := j.result.Number
	_, err := j.store.Apply(ctx, store.Batch{
		ID:     fmt.Sprintf("%s@%d/%d", j.result.ID, number, p.Index),
		Source: number, Last: p.Last, Batches: all,
		Orders: p.Orders, Rejected: p.Rejected,
		OrderIDs: p.IDs,
		Fold: func(repeated func(int) bool) (store.Delta, error) {
			return delta(number, p.Records(repeated)), nil
		},
	})
	if err != nil {
		err = fmt.Errorf("%s: %w; what was applied of it stays: run it again to finish", j.source.Name, err)
	}
	return err
}

// finish asks the store for the source's progress now that all of it is applied. Only the
// store knows which orders it had from other sources.
func (j *job) finish(ctx context.Context, source store.Source) error {
	progress, err := j.store.Start(ctx, source, false)
	if err != nil {
		return fmt.Errorf("%s: all of it was applied, but its progress cannot be read: %w", j.source.Name, err)
	}
	if progress.Number == j.result.Number { // else another run has applied it once more
		j.result.Progress = progress
		j.result.Totals.Orders -= progress.Repeated
		j.result.Totals.Repeated += progress.Repeated
	}
	return nil
}

// copyingTo returns the source with a tee: all bytes read are counted and written to sum,
// which must not fail. Reading the source to its end reads all of them.
func copyingTo(source input.Source, sum io.Writer, count *int64) input.Source {
	open := source.Open
	source.Open = func() (io.ReadCloser, error) {
		file, err := open()
		if err != nil {
			return nil, err
		}
		return &copying{file, sum, count}, nil
	}
	return source
}

// adder counts what is written to it.
type adder struct{ *atomic.Int64 }

func (a adder) Write(p []byte) (int, error) {
	a.Add(int64(len(p)))
	return len(p), nil
}

type copying struct {
	io.ReadCloser
	sum   io.Writer
	count *int64
}

func (c *copying) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	_, _ = c.sum.Write(p[:n])
	*c.count += int64(n)
	return n, err
}
