package server

import (
	"context"
	"errors"
	"maps"
	"runtime/debug"
	"slices"

	"process-orders/apply"
	"process-orders/store"
)

// A gate is a store to which a file is applied while others write: each of its changes is a slice
// of bulk work, between transactions of requests.
//
// A batch of a file is small, so that nobody waits long for it. But many small ones take a store
// several times as long as a large one, as each writes all over the tables. So batches wait here,
// and come to the store together, four times as many each time, as long as no request comes. The next
// ones are brought meanwhile. If a request comes, what runs is given up, as nothing of it is committed;
// and the batches go one by one until there was quiet for a while.
type gate struct {
	store.Store
	commits *committer
	upload  *upload

	waiting []store.Batch // brought, and not applied yet
	bytes   int64         // of those, about
	most    int           // how many go together
	running *togetherRun  // nil if nothing is being applied
}

// A togetherRun is the application of batches that go together, while the next ones are brought. What
// comes of it is there when done is closed.
type togetherRun struct {
	batches   []store.Batch
	done      chan struct{}
	outcome   store.Outcome
	isGivenUp bool
	err       error
}

// mostTogetherBytes is how much memory batches take that go together, about: twice as much text, which
// is then as much as the command applies at once. As much waits meanwhile, and the store takes several
// times as much beside it, so it is less if the process is to have little memory.
func mostTogetherBytes() int64 {
	const most, least = 96 << 20, 4 << 20
	return min(most, max(debug.SetMemoryLimit(-1)/24, least)) // -1 reads the limit, and sets none
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
// be applied later, as those are whose turn it is when Apply returns. The outcome is that of those
// which were applied, and so is the error. If it is not nil, or the last batch was not brought, wait
// for what is still being applied.
func (g *gate) Apply(ctx context.Context, b store.Batch) (o store.Outcome, err error) {
	g.waiting = append(g.waiting, b)
	g.bytes += bytesOf(&b)
	isNow := b.Last || !apply.CanGoTogether(&b)
	for g.running != nil && isNow || len(g.waiting) > 0 && (isNow || len(g.waiting) >= g.most || g.bytes >= mostTogetherBytes()) {
		if g.running == nil {
			g.start(ctx)
			continue
		}
		some, err := g.settle()
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

// start starts to apply the first of the batches that wait.
func (g *gate) start(ctx context.Context) {
	n := g.together()
	r := &togetherRun{batches: g.waiting[:n:n], done: make(chan struct{})}
	g.waiting, g.running = g.waiting[n:], r
	for i := range r.batches {
		g.bytes -= bytesOf(&r.batches[i])
	}
	go func() {
		defer close(r.done)
		r.err = g.through(ctx, func() error { return g.applyTogether(ctx, r) })
	}()
}

func (g *gate) applyTogether(ctx context.Context, r *togetherRun) (err error) {
	b := apply.Together(r.batches)
	do := func(ctx context.Context) (err error) {
		r.outcome, err = g.Store.Apply(ctx, b)
		return err
	}
	if len(r.batches) == 1 {
		err = do(ctx)
	} else {
		r.isGivenUp, err = g.commits.unlessWanted(ctx, do)
	}
	if err == nil {
		g.upload.applied.Add(b.Orders)
	}
	return err
}

// settle waits for the batches that are being applied. If they were given up, they wait again.
func (g *gate) settle() (store.Outcome, error) {
	r := g.wait()
	switch {
	case r.isGivenUp, errors.Is(r.err, store.ErrSome):
		g.most = 1
		g.waiting = slices.Concat(r.batches, g.waiting)
		for i := range r.batches {
			g.bytes += bytesOf(&r.batches[i])
		}
		return store.Outcome{}, nil
	case r.err != nil:
		return store.Outcome{}, r.err
	}
	if g.most = 1; g.commits.isQuiet() {
		g.most = 4 * len(r.batches)
	}
	clear(r.batches) // their memory is for the next ones
	return r.outcome, nil
}

// wait waits until nothing is being applied. It returns what was; nil if nothing was.
func (g *gate) wait() *togetherRun {
	r := g.running
	if g.running = nil; r != nil {
		<-r.done
	}
	return r
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
