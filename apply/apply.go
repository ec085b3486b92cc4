// Package apply brings orders into a store, each exactly once: whole sources with [Apply],
// and live orders with a [Group].
//
// A source is known by its content. It is read as a whole first, because nothing of a
// source that cannot be accepted may come into the store; then it is applied in batches.
// What was applied stays: if a run dies, another run finishes its source. If a source has
// grown since it was applied, what is new in it is a source of its own.
//
// [Apply] is the call that programs need.
package apply

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
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
	// Refused reports whether none of its orders could be accepted or was skipped, so that
	// nothing was changed.
	Refused bool
	// Grown reports whether the source has grown since it was applied: only what is new in it
	// counts.
	Grown bool
	// Torn reports whether the last line of a source that has grown, or was growing, had no
	// end. It is left for the next time.
	Torn bool
	// LeftOut counts orders without an id that were applied before the source has grown, and
	// to which lines were added then. These do not count: what such an order contributed
	// cannot be taken back.
	LeftOut int64
	// Totals count what became of the source's states, each once. Orders are those that the
	// source brought or changed, and Skipped those of them that do not stand. States that the
	// store had are Repeated, and those that are older than what it has are Superseded.
	// What the store had and the source replaced is counted in Replaced alone. All else is as
	// the source has it, in all states of its orders. If a part of the source was applied
	// before, several reasons of Skipped may be one, as in "hold or void", and NoPhone may
	// count states that were dropped then.
	Totals orders.Totals
	// Dropped are the states that were dropped in this run: see [store.Outcome].
	Dropped map[store.Dropped]int64
	// Taken reports whether the records that [Options].Ahead took last were those of the store
	// right after all of the source was applied. If it is false, they are void.
	Taken bool
	// BytesRead is how many bytes the source has, before decompression.
	BytesRead int64
}

// Apply applies one source. Rejects and errors are as in [records.Process]; with an error
// in what the source holds, the store is unchanged.
//
// A source that can be read only once is copied to a temporary file first (see
// [input.Spool]).
//
// A source has grown if its text starts with all of one of the same system and shop that was
// applied, up to the end of the last order in that, and if it has the name of that source or
// more than 4 KiB of its text. Only orders that end behind it count then; an order that
// has an id and to which rows were added is among them, whole. See also [Result].LeftOut and
// [Options].Again.
func Apply(ctx context.Context, s store.Store, source input.Source, o Options) (r Result, err error) {
	if err := o.check(s, source); err != nil {
		return Result{}, err
	}
	j := job{store: s, source: source, options: o}
	defer func() {
		if failed := j.close(); failed != nil {
			err = errors.Join(err, failed)
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
		j.closers = append(j.closers, closer)
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
	options Options
	rules   string           // of the store, "" if it has none yet
	known   []store.Progress // the sources of the store
	result  Result
	closers []io.Closer

	first   input.Source // as the first reading read it: with joined rows, if they were apart
	byTime  bool         // the store goes by times
	leftOut int64        // so far, of what is applied
	batches int64        // so far
}

func (j *job) close() (err error) {
	for _, c := range j.closers {
		err = errors.Join(err, c.Close())
	}
	return err
}

func (j *job) run(ctx context.Context) (err error) {
	if j.rules, err = j.store.Rules(ctx); err != nil {
		return err
	}
	if j.known, err = j.store.Sources(ctx); err != nil {
		return err
	}
	if err := j.options.checkRules(j.rules, j.known); err != nil {
		return err
	}
	first, err := j.firstPass(ctx)
	j.result.Totals, j.result.BytesRead, j.result.LeftOut = first.totals, first.content.bytes, first.leftOut
	j.result.Totals.Orders -= first.leftOut
	if err == nil && j.options.SourceDone != nil {
		err = j.options.SourceDone(j.source.Name, j.result.Totals)
		j.options.SourceDone = nil // it has accepted the source
	}
	if err != nil {
		return err
	}
	// What is skipped is a state too: the order that the store has may be cancelled by it.
	if t := &j.result.Totals; t.AllRejected() && len(t.Skipped) == 0 {
		j.result.Refused = true
		return j.repeatRejects(ctx)
	}
	return j.add(ctx, first)
}

// add adds a source that was accepted to the store.
func (j *job) add(ctx context.Context, first *pass) error {
	if first.grownFrom != nil && !first.grownFrom.Done {
		if err := j.finishOld(ctx, first.grownFrom); err != nil {
			return err
		}
	}
	source := j.storeSource(first)
	progress, err := j.start(ctx, &source)
	j.result.Progress = progress
	j.result.Grown = progress.From > 0
	switch {
	case err != nil:
		return err
	case progress.Done:
		j.result.Known = true
		j.count(progress)
		return j.repeatRejects(ctx)
	case progress.System != source.System || progress.Shop != source.Shop:
		return j.cannotResume("it was started as %s; read it as that", ordersOf(progress.System, progress.Shop))
	case progress.BatchBytes <= 0:
		return j.cannotResume("the store has no batch size for it; finish it with the program that started it")
	case progress.Bytes != first.totals.Bytes:
		return j.cannotResume("when it was started, its text had %d bytes and now %d; read it in the encoding of then", progress.Bytes, first.totals.Bytes)
	}
	j.result.Resumed = progress.Batches > 0
	if first.only != nil && progress.BatchBytes == first.batchBytes && progress.From == source.From {
		if j.options.BytesRead != nil && j.options.mayBeReadTwice(j.source) {
			j.options.BytesRead.Add(first.content.bytes) // as whoever shows progress counts with two readings
		}
		err = j.apply(ctx, progress, first.only)
	} else {
		err = j.secondPass(ctx, progress, first.content)
	}
	if err != nil {
		return err
	}
	return j.finish(ctx)
}

// A ResumeError says why a source that was applied in part cannot be finished as it is read now.
type ResumeError struct{ Source, Reason string }

func (e *ResumeError) Error() string { return e.Source + ": " + e.Reason }

func (j *job) cannotResume(format string, args ...any) error {
	return &ResumeError{j.source.Name, "cannot resume: " + fmt.Sprintf(format, args...)}
}

// start starts the source by rules that the store takes.
func (j *job) start(ctx context.Context, source *store.Source) (progress store.Progress, err error) {
	laters := j.options.laters(j.rules)
	for i, later := range laters {
		source.Rules, j.byTime = j.options.rules(later), later == laterTime
		progress, err = j.store.Start(ctx, *source, j.options.Again)
		var refused *store.RulesError
		if i+1 == len(laters) || !errors.As(err, &refused) || refused.Have != j.options.rules(laters[i+1]) {
			break
		}
	}
	return progress, err
}

// storeSource describes the source to the store.
func (j *job) storeSource(first *pass) store.Source {
	return store.Source{
		ID:     first.id,
		Name:   shownName(j.source.Name),
		System: j.options.System, Shop: j.source.Shop,
		Bytes: first.totals.Bytes, BatchBytes: first.batchBytes,
		From: first.from, Head: first.head, HeadHash: first.headHash,
		SystemRules: j.options.systemRules(),
	}
}

// shownName is a name as a store keeps it: the name of a file may be any bytes.
func shownName(name string) string { return strings.ToValidUTF8(name, "\uFFFD") }

// ordersOf is a system and a shop in words.
func ordersOf(system, shop string) string {
	text := cmp.Or(system, "the default shape")
	if shop != "" {
		text += " of the shop " + shop
	}
	return text
}

// secondPass applies the source, batch by batch.
func (j *job) secondPass(ctx context.Context, to store.Progress, seen *content) error {
	sum, want := seen.again()
	source := copyingTo(j.first, sum, new(int64))
	source.From = to.From
	j.batches, j.leftOut = 0, 0
	_, err := j.eachPart(ctx, source, parts.Options{Options: j.options.toRead(), Bytes: to.BatchBytes}, func(part *parts.Part) error {
		if part.Last && source.Origin == nil && !bytes.Equal(sum.Sum(nil), want) {
			return fmt.Errorf("%s: changed while it was read; what was applied of it stays, and the rest is missing", j.source.Name)
		}
		return j.apply(ctx, to, part)
	})
	j.result.LeftOut = j.leftOut
	return err
}

// finishOld finishes a source that was applied in part and has grown since.
func (j *job) finishOld(ctx context.Context, old *store.Progress) error {
	if j.first.Origin != nil || old.BatchBytes <= 0 {
		return &ResumeError{j.source.Name, fmt.Sprintf("has grown, and what it was before was applied only in part; apply its first %d bytes of text first, as head -c %[1]d cuts them", old.Bytes)}
	}
	j.byTime = isByTime(old.Rules)
	source := j.first
	source.From = old.From
	o := parts.Options{Options: j.options.toRead(), Bytes: old.BatchBytes, Until: old.Head}
	o.Reject, o.BytesRead = func(*orders.Reject) error { return nil }, nil // whoever wanted these had them
	j.batches = 0
	_, err := j.eachPart(ctx, source, o, func(part *parts.Part) error { return j.apply(ctx, *old, part) })
	j.batches, j.leftOut, j.result.Dropped = 0, 0, nil
	return err
}

// eachPart calls do with one part of a source after the other. If nobody takes the rejects,
// they are an error.
func (j *job) eachPart(ctx context.Context, source input.Source, o parts.Options, do func(*parts.Part) error) (orders.Totals, error) {
	var rejected records.RejectedError
	if o.Reject == nil {
		o.Reject = rejected.Add
	}
	o.Workers, o.OncePerOrder = j.options.Workers, j.options.Count == records.CountOrders
	totals, err := parts.Each(ctx, source, o, do)
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
	_, _, _, err := parts.Verify(ctx, j.first, parts.Options{Options: j.options.toRead(), Workers: j.options.Workers}, parts.Keep{})
	return err
}

// rowsGoOnFrom is the number of the source that has grown into another one, if orders are rows:
// then rows may have come to an order of it. It is 0 if there is none.
func (j *job) rowsGoOnFrom(to store.Progress) (number int64) {
	if to.From == 0 || j.options.Mapping == nil || len(j.options.Mapping.Group) == 0 {
		return 0
	}
	for i := range j.known {
		if p := &j.known[i]; p.Head == to.From && p.System == to.System && p.Shop == to.Shop && p.Number < to.Number {
			number = p.Number
		}
	}
	return number
}

// apply applies a part of a source as a batch.
func (j *job) apply(ctx context.Context, to store.Progress, p *parts.Part) error {
	j.batches++
	j.leftOut += p.LeftOut
	all := int64(0)
	if p.Last {
		all = j.batches
	}
	c := forStore{byTime: j.byTime, hasTime: j.options.hasTime(), source: to.Number, grown: j.rowsGoOnFrom(to), received: to.Started.UnixMilli()}
	b := store.Batch{
		ID:     fmt.Sprintf("%s@%d/%d", to.ID, to.Number, p.Index),
		Source: to.Number, Last: p.Last, Batches: all,
		Orders: p.Orders, Rejected: p.Rejected,
		States: c.states(p.States()),
		Delta:  c.delta(p.Records()),
		Folder: j.options.SpoolFolder,
	}
	if p.Last {
		b.Ahead = j.options.Ahead
	}
	b.Delta.Minutes = p.Records().Minutes.All()
	p.Release()
	outcome, err := j.store.Apply(ctx, b)
	j.result.Taken = outcome.Taken && err == nil
	switch {
	case errors.Is(err, store.ErrDamaged): // running it again helps nothing
		err = fmt.Errorf("%s: %w", j.source.Name, err)
	case err != nil:
		err = fmt.Errorf("%s: %w; what was applied of it stays: run it again to finish", j.source.Name, err)
	}
	for of, n := range outcome.Dropped {
		if j.result.Dropped == nil {
			j.result.Dropped = map[store.Dropped]int64{}
		}
		j.result.Dropped[of] += n
	}
	return err
}

// finish asks the store for the source's progress now that all of it is applied. Only the
// store knows which states it had from other sources.
func (j *job) finish(ctx context.Context) error {
	all, err := j.store.Sources(ctx)
	if err != nil {
		return fmt.Errorf("%s: all of it was applied, but its progress cannot be read: %w", j.source.Name, err)
	}
	for _, p := range all {
		if p.Number == j.result.Number {
			j.result.Progress = p
			j.count(p)
		}
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
