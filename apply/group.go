package apply

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"process-orders/input"
	"process-orders/internal/parts"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
)

// A Feed says where live orders are from.
type Feed struct {
	// Name is what the store calls the feed. It must hold no personal data.
	Name string
	// Shop is that of the orders; their system is that of the [Options].
	Shop string
	// Offset is how far the feed is applied with the group: if the store has that already,
	// nothing is changed. 0 applies the group in any case. Then orders without an id that
	// are sent again are added again.
	Offset int64
	// Received is when the orders came. It is the time of orders whose mapping reads none,
	// if the store goes by times.
	Received time.Time
}

// A Group is live orders that were read and are not yet in a store. It belongs to one
// goroutine at a time.
type Group struct {
	// Totals count what was read: all states, also those that the store has.
	Totals orders.Totals

	feed    Feed
	options Options
	parts   []groupPart
	bytes   int64 // of all that was read
	kind    kind
}

// groupPart is what was read of one source. Its positions start at the offset from.
type groupPart struct {
	part *parts.Part
	from int64
}

// ReadGroup reads live orders, in any shape that the mapping reads: the body of a request, or
// some messages of a log. They are in memory, so they should be few. Rejects are as in
// [Apply]: if nobody takes them, the group is refused as a whole, with a
// [*records.RejectedError]. One core reads, unless the options say more. Options that are for
// whole sources mean nothing here.
func ReadGroup(ctx context.Context, sources []input.Source, f Feed, o Options) (*Group, error) {
	if err := o.checkValues(f.Shop); err != nil {
		return nil, err
	}
	g := &Group{feed: f, options: o, kind: kindOf(&f, &o)}
	for _, source := range sources {
		if source.Open == nil {
			return nil, fmt.Errorf("%s: the source has no Open function", source.Name)
		}
		source.Shop = f.Shop
		if err := g.read(ctx, inMemory(source)); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// inMemory is a source that is read once, and can be read again from memory.
func inMemory(source input.Source) input.Source {
	if source.Reopens {
		return source
	}
	var kept bytes.Buffer
	var isKept bool
	open := source.Open
	source.Open = func() (io.ReadCloser, error) {
		if isKept {
			return io.NopCloser(bytes.NewReader(kept.Bytes())), nil
		}
		file, err := open()
		if err != nil {
			return nil, err
		}
		_, err = kept.ReadFrom(file)
		if isKept = true; err != nil {
			_ = file.Close()
			return nil, err
		}
		return io.NopCloser(bytes.NewReader(kept.Bytes())), file.Close()
	}
	source.Reopens = true
	return source
}

// groupBlockBytes is how much of a group is read at a time: mostly it is little, and another
// one follows soon.
const groupBlockBytes = 32 << 10

// read reads one source into the group.
func (g *Group) read(ctx context.Context, source input.Source) (err error) {
	joiner := orders.NewJoiner([]input.Source{source})
	joiner.Workers, joiner.MemoryBytes, joiner.Folder = g.options.Workers, g.options.MemoryBytes, g.options.SpoolFolder
	joiner.AllStates = true
	defer func() {
		if failed := joiner.Close(); failed != nil {
			err = errors.Join(err, failed)
		}
	}()
	var rejected records.RejectedError
	var totals orders.Totals
	var whole *parts.Part
	o := g.options.toRead()
	if o.BlockBytes == 0 {
		o.BlockBytes = groupBlockBytes
		if source.Size >= 0 {
			o.BlockBytes = int(min(source.Size+1, groupBlockBytes)) // all at once, with its end
		}
	}
	if o.Reject == nil {
		o.Reject = rejected.Add
	}
	err = joiner.Read(ctx, o, func(sources []input.Source, attempt orders.Options) (err error) {
		totals, err = parts.Each(ctx, sources[0], parts.Options{
			Options: attempt, Workers: cmp.Or(g.options.Workers, 1), OncePerOrder: g.options.Count == records.CountOrders,
			Bytes: 1 << 62, // all is one part
		}, func(p *parts.Part) error { whole = p; return nil })
		return err
	})
	if rejected.Count > 0 {
		err = errors.Join(&rejected, err)
	}
	if err != nil {
		return err
	}
	g.parts = append(g.parts, groupPart{whole, g.bytes})
	g.bytes += totals.Bytes
	g.Totals.Add(totals)
	return nil
}

// Release gives memory back for other groups, once nobody applies the group any more. It must not
// be used afterwards.
func (g *Group) Release() {
	for _, p := range g.parts {
		p.part.Release()
	}
	g.parts = nil
}

// HasUnnamed reports whether some of the orders have no id. Such orders are added again if they
// are sent again.
func (g *Group) HasUnnamed() bool {
	for _, p := range g.parts {
		if p.part.Orders > int64(p.part.StateCount()) {
			return true
		}
	}
	return false
}

// Apply applies the group in one transaction. The outcome reports whether it was applied, or
// was before, and says what became of the states of orders that have an id. With an error it may
// have been applied or not; a group whose feed has offsets is settled by applying it again.
//
// A group has no row of its own in the store, and its orders are later than all that the
// store had of sources and feeds before, as far as positions decide.
func (g *Group) Apply(ctx context.Context, s store.Store) (outcome store.Outcome, err error) {
	return g.options.applyBatch(func(later string) store.Batch { return batchOf([]*Group{g}, later) },
		func(b store.Batch) (store.Outcome, error) { return s.Apply(ctx, b) })
}

// An applier applies a batch: [store.Store].Apply with a context, or [store.Transaction].Apply of
// a transaction in which more is to be done.
type applier = func(store.Batch) (store.Outcome, error)

// applyBatch applies what batch makes by rules that the store takes.
func (o *Options) applyBatch(batch func(later string) store.Batch, apply applier) (outcome store.Outcome, err error) {
	laters := o.laters("")
	for i, later := range laters {
		outcome, err = apply(batch(later))
		var refused *store.RulesError
		if i+1 == len(laters) || !errors.As(err, &refused) || refused.Have != o.rules(laters[i+1]) {
			break
		}
	}
	return outcome, err
}
