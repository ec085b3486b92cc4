package memory

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"process-orders/store"
)

// A documentID is what a document is known by.
type documentID struct{ kind, key string }

// note takes note of how to take back what is changed next.
func (m *Store) note(undo func()) {
	if m.isTransaction {
		m.undo = append(m.undo, undo)
	}
}

// keep takes note of a value in a map of the store that is changed next.
func keep[K comparable, V any](m *Store, in map[K]V, key K) {
	before, found := in[key]
	m.note(func() {
		if delete(in, key); found {
			in[key] = before
		}
	})
}

// set puts a value into a map of the store, and remove removes one.
func set[K comparable, V any](m *Store, in map[K]V, key K, value V) {
	keep(m, in, key)
	in[key] = value
}

func remove[K comparable, V any](m *Store, in map[K]V, key K) {
	keep(m, in, key)
	delete(in, key)
}

// addFixed adds what the orders without an id of a batch of a shop contribute.
func (m *Store) addFixed(shop string, d store.Delta) {
	for i := range d.Customers {
		keep(m, m.fixed.customers, d.Customers[i].Phone)
	}
	for i := range d.Items {
		keep(m, m.fixed.items, d.Items[i].Name)
	}
	if d.Minutes != nil {
		for minute := range d.Minutes {
			keep(m, m.fixed.minutes, minuteID{minute.Start, shop})
		}
	}
	m.fixed.add(shop, d)
}

// Commit commits what do has done, or takes it back.
func (m *Store) Commit(ctx context.Context, do func(store.Transaction) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.init()
	if err := ctx.Err(); err != nil {
		return err
	}
	tx := &transaction{m: m}
	m.isTransaction = true
	isCommitted := false
	defer func() { // also if do panics
		if !isCommitted {
			for _, undo := range slices.Backward(m.undo) {
				undo()
			}
		}
		m.undo, m.isTransaction, tx.failed = nil, false, errEnded
	}()
	if err := do(tx); err != nil {
		return err
	}
	if err := cmp.Or(tx.failed, ctx.Err()); err != nil {
		return err
	}
	isCommitted = true
	return nil
}

// Document returns a document.
func (m *Store) Document(ctx context.Context, kind, key string) (store.Document, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return store.Document{}, false, err
	}
	d, found := m.document(kind, key)
	return d, found, nil
}

// document returns a copy.
func (m *Store) document(kind, key string) (store.Document, bool) {
	d, found := m.documents[documentID{kind, key}]
	d.Value = bytes.Clone(d.Value)
	return d, found
}

// Documents lists documents.
func (m *Store) Documents(ctx context.Context, kind, after string, isBackward bool, limit int) ([]store.Document, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if limit < 1 || limit > store.MostListed {
		return nil, store.ErrLimit
	}
	all := m.documentsOf(kind, func(d *store.Document) bool {
		if isBackward {
			return d.Key != "" && (after == "" || d.Key < after)
		}
		return d.Key > after
	})
	slices.SortFunc(all, func(a, b store.Document) int { return strings.Compare(a.Key, b.Key) })
	if isBackward {
		slices.Reverse(all)
	}
	all = all[:min(limit, len(all))]
	for i := range all {
		all[i].Value = bytes.Clone(all[i].Value)
	}
	return all, nil
}

// documentsOf returns the documents of a kind that a function wants.
func (m *Store) documentsOf(kind string, wants func(*store.Document) bool) (all []store.Document) {
	for d := range maps.Values(m.documents) {
		if d.Kind == kind && wants(&d) {
			all = append(all, d)
		}
	}
	return all
}

// A transaction is a [store.Transaction]. It has the lock of its store.
type transaction struct {
	m      *Store
	failed error // the first error that has spoiled it
}

var errEnded = errors.New("the transaction has ended")

// fails takes note of an error.
func (tx *transaction) fails(err error) error {
	if refused := (*store.RulesError)(nil); tx.failed == nil && !errors.As(err, &refused) {
		tx.failed = err
	}
	return err
}

func (tx *transaction) Apply(b store.Batch) (o store.Outcome, err error) {
	switch {
	case tx.failed != nil:
		return o, tx.failed
	case b.Feed == nil:
		return o, tx.fails(errors.New("a batch of a source is applied in a transaction of its own"))
	}
	o, err = tx.m.applyGroup(b)
	return o, tx.fails(err)
}

func (tx *transaction) Erase(e store.Erasure) (found bool, err error) {
	if tx.failed != nil {
		return false, tx.failed
	}
	return tx.m.erase(e), nil
}

func (tx *transaction) Document(kind, key string) (d store.Document, found bool, err error) {
	if tx.failed != nil {
		return d, false, tx.failed
	}
	d, found = tx.m.document(kind, key)
	return d, found, nil
}

func (tx *transaction) Put(d store.Document) error {
	if tx.failed != nil {
		return tx.failed
	}
	if err := d.Check(); err != nil {
		return tx.fails(err)
	}
	d.Value = bytes.Clone(d.Value)
	set(tx.m, tx.m.documents, documentID{d.Kind, d.Key}, d)
	return nil
}

func (tx *transaction) Delete(kind, key string) error {
	if tx.failed != nil {
		return tx.failed
	}
	remove(tx.m, tx.m.documents, documentID{kind, key})
	return nil
}

func (tx *transaction) DeleteBefore(kind string, at int64, limit int) (removed int64, err error) {
	switch {
	case tx.failed != nil:
		return 0, tx.failed
	case limit < 0:
		return 0, tx.fails(store.ErrLimit)
	}
	all := tx.m.documentsOf(kind, func(d *store.Document) bool { return d.At < at })
	slices.SortFunc(all, func(a, b store.Document) int { return cmp.Or(cmp.Compare(a.At, b.At), strings.Compare(a.Key, b.Key)) })
	all = all[:min(limit, len(all))]
	for _, d := range all {
		remove(tx.m, tx.m.documents, documentID{kind, d.Key})
	}
	return int64(len(all)), nil
}
