package sqlstore

import (
	"errors"

	"process-orders/store"
)

// A Transaction is a transaction of a store in which a batch is applied. A Kind is how the
// store keeps the kind of a source.
type Transaction[Kind any] interface {
	// FindSource returns the kind of a source and whether all of it was applied, or
	// [store.ErrUnknownSource].
	FindSource(number int64) (kind Kind, done bool, err error)
	// InsertBatch takes note of a batch. It returns false if the store has it.
	InsertBatch(b store.Batch) (isNew bool, err error)
	// InsertOrders takes note of the ids of orders, and reports by their indexes those that
	// were there before.
	InsertOrders(kind Kind, ids []string) (repeated map[int]bool, err error)
	// Merge merges records with those of the store.
	Merge(d store.Delta) error
	// Count adds a batch to the progress of its source. It returns false, and adds nothing,
	// if the source is done or lacks batches before its last one.
	Count(b store.Batch, repeated int64) (counted bool, err error)
}

// ErrApplied ends a transaction that finds its batch applied.
var ErrApplied = errors.New("the batch was applied before")

// Apply applies a batch. If it returns an error, the transaction must be rolled back.
//
// It changes what others may change too always in the same sequence, so that no two wait for
// each other: the batch, its orders, customers, items, the source. Within each, the store
// goes by the order of the keys. What many change comes last, as it is then locked for the
// shortest time.
func Apply[Kind any](tx Transaction[Kind], b store.Batch) error {
	kind, done, err := tx.FindSource(b.Source)
	if err != nil {
		return err
	}
	isNew, err := tx.InsertBatch(b)
	switch {
	case err != nil:
		return err
	case !isNew:
		return ErrApplied
	case done:
		return store.ErrSourceDone
	}
	repeated, err := tx.InsertOrders(kind, b.OrderIDs)
	if err != nil {
		return err
	}
	delta, err := b.Fold(func(i int) bool { return repeated[i] })
	if err != nil {
		return err
	}
	if err := tx.Merge(delta); err != nil {
		return err
	}
	counted, err := tx.Count(b, int64(len(repeated)))
	if err != nil || counted {
		return err
	}
	// Others may have changed the source since the first look at it.
	if _, done, err = tx.FindSource(b.Source); err != nil {
		return err
	}
	if done {
		return store.ErrSourceDone
	}
	return store.ErrMissing
}
