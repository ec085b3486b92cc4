package server

import (
	"context"
	"errors"
	"maps"
	"runtime/debug"

	"process-orders/apply"
	"process-orders/store"
)

// A gate is a store to which a file is applied while others write: each of its changes is a slice
// of bulk work, between transactions of requests. Apply reads on meanwhile, and has the next batch
// ready.
//
// A batch of a file is small, so that nobody waits long for it. But many small ones take a store
// several times as long as a large one, as each writes all over the tables. So batches wait here,
// and come to the store together, four times as many each time, as long as no request comes. If one
// comes, what runs is given up, as nothing of it is committed; and the batches go one by one until
// there was quiet for a while.
type gate struct {
	store.Store
	commits *committer
	upload  *upload

	waiting []store.Batch // brought, and not applied yet
	bytes   int64         // of those, about
	most    int           // how many go together
}

// mostTogetherBytes is how much memory batches take that go together, about: twice as much text, which
// is then as much as the command applies at once. The store takes several times as much beside it, so
// it is less if the process is to have little memory.
func mostTogetherBytes() int64 {
	const most, least = 96 << 20, 4 << 20
	return min(most, max(debug.SetMemoryLimit(-1)/16, least)) // -1 reads the limit, and sets none
}

// A gateError is an error of the store, and not of what a file holds.
type gateError struct{ error }

func (e *gateError) Unwrap() error { return e.error }

func (g *gate) through(ctx context.Context, do func() error) error {
	if err := g.commits.bulk(ctx, do); err != nil {
		return &gateError{err}
	}
	return nil
}

// Start is that of the store.
func (g *gate) Start(ctx context.Context, source store.Source, again bool) (p store.Progress, err error) {
	err = g.through(ctx, func() (err error) {
		p, err = g.Store.Start(ctx, source, again)
		return err
	})
	return p, err
}

// Apply is that of the store, but for the time: a batch that is not the last one of its source may
// be applied with a later one. The outcome is that of those which were applied.
func (g *gate) Apply(ctx context.Context, b store.Batch) (o store.Outcome, err error) {
	g.waiting = append(g.waiting, b)
	g.bytes += bytesOf(&b)
	isAlone := !apply.CanGoTogether(&b)
	for len(g.waiting) > 0 && (b.Last || isAlone || len(g.waiting) >= g.most || g.bytes >= mostTogetherBytes()) {
		some, err := g.applySome(ctx)
		if err != nil {
			return store.Outcome{}, err
		}
		some.Dropped = sumOf(o.Dropped, some.Dropped)
		o = some
	}
	return o, nil
}

// sumOf adds up what was dropped.
func sumOf(a, b map[store.Dropped]int64) map[store.Dropped]int64 {
	if len(a) == 0 {
		return b
	}
	sum := maps.Clone(a)
	for of, n := range b {
		sum[of] += n
	}
	return sum
}

// applySome applies the first of the batches that wait, or none if it was given up.
func (g *gate) applySome(ctx context.Context) (o store.Outcome, err error) {
	some := g.waiting[:g.together()]
	b := apply.Together(some)
	isGivenUp := false
	err = g.through(ctx, func() (err error) {
		if len(some) == 1 {
			o, err = g.Store.Apply(ctx, b)
			return err
		}
		isGivenUp, err = g.commits.unlessWanted(ctx, func(ctx context.Context) (err error) {
			o, err = g.Store.Apply(ctx, b)
			return err
		})
		return err
	})
	switch {
	case isGivenUp, errors.Is(err, store.ErrSome):
		g.most = 1
		return store.Outcome{}, nil
	case err != nil:
		return store.Outcome{}, err
	}
	for i := range some {
		g.bytes -= bytesOf(&some[i])
	}
	clear(some) // their memory is for the next ones
	g.waiting = g.waiting[len(some):]
	g.upload.applied.Add(b.Orders)
	if g.most = 1; g.commits.isQuiet() {
		g.most = 4 * len(some)
	}
	return o, nil
}

// together is how many of the first batches that wait go together.
func (g *gate) together() (n int) {
	for n < min(len(g.waiting), max(g.most, 1)) && apply.CanGoTogether(&g.waiting[n]) {
		n++
	}
	return max(n, 1)
}

// bytesOf is about how much memory a batch takes.
func bytesOf(b *store.Batch) (n int64) {
	const each = 256 // of a state, with its texts
	for i := range b.States {
		n += each + int64(len(b.States[i].Lines))
	}
	return n
}

// Sources is that of the store.
func (g *gate) Sources(ctx context.Context) ([]store.Progress, error) {
	all, err := g.Store.Sources(ctx)
	if err != nil {
		err = &gateError{err}
	}
	return all, err
}
