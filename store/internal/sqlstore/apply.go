package sqlstore

import (
	"errors"

	"process-orders/store"
)

// ErrApplied ends a transaction that finds its batch applied.
var ErrApplied = errors.New("the batch was applied before")

// Start takes note of a source or finds it, as [store.Store] says.
func Start(tx Transaction, s store.Source, again bool) (store.Progress, error) {
	w := newWork(tx)
	added, err := w.newRules(s.System, s.Rules, s.SystemRules)
	if err == nil {
		err = w.keepRules(added)
	}
	if err != nil {
		return store.Progress{}, err
	}
	p, found, err := w.NewestSource(s.ID)
	if err != nil || found && !(p.Done && again) {
		return p, err
	}
	shop, err := w.Shop(s.System, s.Shop)
	if err != nil {
		return store.Progress{}, err
	}
	number, err := w.takeNumber()
	if err != nil {
		return store.Progress{}, err
	}
	if err := w.InsertSource(number, shop, s); err != nil {
		return store.Progress{}, err
	}
	if p, _, err = w.NewestSource(s.ID); err != nil {
		return store.Progress{}, err
	}
	return p, w.end()
}

// The scopes of rules: all of the store, and one system, whose name follows.
const (
	StoreScope  = "store"
	SystemScope = "system "
)

// Apply applies a batch, as [store.Store] says. If it returns an error, the transaction must
// be rolled back; [ErrApplied] means that nothing is to be done.
//
// Orders come first, and then the records, in the order of the keys, so that each page of a
// table is visited once.
func Apply(tx Transaction, b store.Batch) (store.Outcome, error) {
	w := newWork(tx)
	apply := w.applyBatch
	if b.Feed != nil {
		apply = w.applyGroup
	}
	o, err := apply(&b)
	if err != nil {
		return o, err
	}
	return o, w.end()
}

// applyBatch applies a batch of a source.
func (w *work) applyBatch(b *store.Batch) (store.Outcome, error) {
	shop, done, err := w.FindSource(b.Source)
	if err != nil {
		return store.Outcome{}, err
	}
	known, err := w.insertBatches(b)
	switch {
	case err != nil:
		return store.Outcome{}, err
	case known > 0 && known <= len(b.Also):
		return store.Outcome{}, store.ErrSome
	case known > 0:
		return store.Outcome{Number: b.Source}, ErrApplied
	case done:
		return store.Outcome{}, store.ErrSourceDone
	}
	t, err := w.fold(shop, b.Source, b, b.Delta)
	if err != nil {
		return store.Outcome{}, err
	}
	counted, err := w.CountBatch(b, t.Counts)
	if err != nil || counted {
		o := t.outcome()
		o.Taken = t.taken
		return o, err
	}
	// Others may have changed the source since the first look at it.
	if _, done, err = w.FindSource(b.Source); err != nil {
		return store.Outcome{}, err
	}
	if done {
		return store.Outcome{}, store.ErrSourceDone
	}
	return store.Outcome{}, store.ErrMissing
}

// insertBatches takes note of the batches that are in one. It returns how many of them the store has.
func (w *work) insertBatches(b *store.Batch) (known int, err error) {
	for _, id := range b.IDs() {
		isNew, err := w.InsertBatch(id, b.Source)
		if err != nil {
			return 0, err
		}
		if !isNew {
			known++
		}
	}
	return known, nil
}

// applyGroup applies a group of a feed, which gets a number of its own. A group that is refused
// for its rules, or was applied before, changes nothing.
func (w *work) applyGroup(b *store.Batch) (store.Outcome, error) {
	f := b.Feed
	added, err := w.newRules(f.System, f.Rules, f.SystemRules)
	if err != nil {
		return store.Outcome{}, err
	}
	feed, err := w.feed(f.Name)
	if err != nil {
		return store.Outcome{}, err
	}
	if f.Offset != 0 && f.Offset <= feed.UpTo {
		return store.Outcome{}, ErrApplied
	}
	if err := w.keepRules(added); err != nil {
		return store.Outcome{}, err
	}
	shop := Shop{System: f.System, Name: f.Shop}
	if shop.Number, err = w.Shop(f.System, f.Shop); err != nil {
		return store.Outcome{}, err
	}
	number, err := w.takeNumber()
	if err != nil {
		return store.Outcome{}, err
	}
	t, err := w.fold(shop, number, b, b.Delta.Renumbered(number))
	if err != nil {
		return store.Outcome{}, err
	}
	w.countGroup(feed, shop.Number, b, t.Counts)
	o := t.outcome()
	o.Fates = t.fates
	return o, nil
}

// outcome is that of a batch that is applied.
func (t *tally) outcome() store.Outcome {
	return store.Outcome{Applied: true, Number: t.source, Counts: t.Counts, Dropped: t.dropped}
}

// fold applies the states and the delta of a batch.
func (w *work) fold(shop Shop, number int64, b *store.Batch, delta store.Delta) (tally, error) {
	c := newChanges(w)
	c.names.folder = b.Folder
	defer c.names.close()
	defer c.ahead.close()
	if err := c.startAhead(b); err != nil {
		return tally{}, err
	}
	t, err := c.keepStates(shop, number, b.States)
	if err != nil {
		return t, err
	}
	err = c.finish(shop.Number, &delta)
	t.taken = c.ahead.taken
	return t, err
}
