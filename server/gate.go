package server

import (
	"context"

	"process-orders/store"
)

// A gate is a store to which a file is applied while others write: each of its changes is a slice
// of bulk work, between transactions of requests. Apply reads on meanwhile, and has the next batch
// ready.
type gate struct {
	store.Store
	commits *committer
	upload  *upload
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

// Apply is that of the store.
func (g *gate) Apply(ctx context.Context, b store.Batch) (o store.Outcome, err error) {
	err = g.through(ctx, func() (err error) {
		o, err = g.Store.Apply(ctx, b)
		return err
	})
	if err == nil {
		g.upload.applied.Add(b.Orders)
	}
	return o, err
}

// Sources is that of the store.
func (g *gate) Sources(ctx context.Context) ([]store.Progress, error) {
	all, err := g.Store.Sources(ctx)
	if err != nil {
		err = &gateError{err}
	}
	return all, err
}
