package server

import (
	"context"

	"process-orders/store"
)

// A watchedStore says when its records may have changed.
type watchedStore struct {
	store.Service
	changed func()
}

func (w *watchedStore) Apply(ctx context.Context, b store.Batch) (store.Outcome, error) {
	defer w.changed() // also with an error, as nobody knows then
	return w.Service.Apply(ctx, b)
}

func (w *watchedStore) Commit(ctx context.Context, do func(store.Transaction) error) error {
	defer w.changed()
	return w.Service.Commit(ctx, do)
}

func (w *watchedStore) Erase(ctx context.Context, e store.Erasure) (bool, error) {
	defer w.changed()
	return w.Service.Erase(ctx, e)
}

func (w *watchedStore) Scrub(ctx context.Context) (int64, error) {
	defer w.changed()
	return w.Service.Scrub(ctx)
}
