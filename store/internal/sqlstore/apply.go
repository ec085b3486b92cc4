package sqlstore

import (
	"errors"
	"slices"

	"process-orders/store"
)

// ErrApplied ends a transaction that finds its batch applied.
var ErrApplied = errors.New("the batch was applied before")

// Start takes note of a source or finds it, as [store.Store] says.
func Start(tx Transaction, s store.Source, again bool) (store.Progress, error) {
	if err := keepRules(tx, s.System, s.Rules, s.SystemRules); err != nil {
		return store.Progress{}, err
	}
	p, found, err := tx.NewestSource(s.ID)
	if err != nil || found && !(p.Done && again) {
		return p, err
	}
	shop, err := tx.Shop(s.System, s.Shop)
	if err != nil {
		return store.Progress{}, err
	}
	number, err := tx.TakeNumber()
	if err != nil {
		return store.Progress{}, err
	}
	if err := tx.InsertSource(number, shop, s); err != nil {
		return store.Progress{}, err
	}
	p, _, err = tx.NewestSource(s.ID)
	return p, err
}

// The scopes of rules: all of the store, and one system, whose name follows.
const (
	StoreScope  = "store"
	SystemScope = "system "
)

// keepRules keeps the first rules that are given, and refuses others.
func keepRules(tx Transaction, system, rules, systemRules string) error {
	for _, r := range []struct{ scope, line string }{{StoreScope, rules}, {SystemScope + system, systemRules}} {
		if r.line == "" {
			continue
		}
		have, err := tx.KeepRules(r.scope, r.line)
		if err != nil {
			return err
		}
		if have != r.line {
			return &store.RulesError{Have: have, Got: r.line}
		}
	}
	return nil
}

// Apply applies a batch, as [store.Store] says. If it returns an error, the transaction must
// be rolled back; [ErrApplied] means that nothing is to be done.
//
// Orders come first, and then the records, in the order of the keys, so that each page of a
// table is visited once.
func Apply(tx Transaction, b store.Batch) (store.Outcome, error) {
	if b.Feed != nil {
		return applyGroup(tx, &b)
	}
	shop, done, err := tx.FindSource(b.Source)
	if err != nil {
		return store.Outcome{}, err
	}
	isNew, err := tx.InsertBatch(&b)
	switch {
	case err != nil:
		return store.Outcome{}, err
	case !isNew:
		return store.Outcome{Number: b.Source}, ErrApplied
	case done:
		return store.Outcome{}, store.ErrSourceDone
	}
	t, err := fold(tx, shop, b.Source, &b, b.Delta)
	if err != nil {
		return store.Outcome{}, err
	}
	counted, err := tx.CountBatch(&b, t.Counts)
	if err != nil || counted {
		o := t.outcome()
		o.WasEmpty = t.wasEmpty
		return o, err
	}
	// Others may have changed the source since the first look at it.
	if _, done, err = tx.FindSource(b.Source); err != nil {
		return store.Outcome{}, err
	}
	if done {
		return store.Outcome{}, store.ErrSourceDone
	}
	return store.Outcome{}, store.ErrMissing
}

// applyGroup applies a group of a feed, which gets a number of its own.
func applyGroup(tx Transaction, b *store.Batch) (store.Outcome, error) {
	f := b.Feed
	if err := keepRules(tx, f.System, f.Rules, f.SystemRules); err != nil {
		return store.Outcome{}, err
	}
	shop := Shop{System: f.System, Name: f.Shop}
	var err error
	if shop.Number, err = tx.Shop(f.System, f.Shop); err != nil {
		return store.Outcome{}, err
	}
	offset, err := tx.Feed(f, shop.Number)
	if err != nil {
		return store.Outcome{}, err
	}
	if f.Offset != 0 && f.Offset <= offset {
		return store.Outcome{}, ErrApplied
	}
	number, err := tx.TakeNumber()
	if err != nil {
		return store.Outcome{}, err
	}
	t, err := fold(tx, shop, number, b, renumbered(b.Delta, number))
	if err != nil {
		return store.Outcome{}, err
	}
	o := t.outcome()
	o.Fates = t.allFates(b.States)
	return o, tx.CountGroup(b, t.Counts)
}

// outcome is that of a batch that is applied.
func (t *tally) outcome() store.Outcome {
	return store.Outcome{Applied: true, Number: t.source, Counts: t.Counts, Dropped: t.dropped}
}

// renumbered returns a copy of a delta with another number of the source in its versions.
func renumbered(d store.Delta, number int64) store.Delta {
	d.Customers, d.Items = slices.Clone(d.Customers), slices.Clone(d.Items)
	for i := range d.Customers {
		c := &d.Customers[i]
		c.Named, c.First = store.Renumber(c.Named, number), store.Renumber(c.First, number)
	}
	for i := range d.Items {
		item := &d.Items[i]
		item.Priced, item.First = store.Renumber(item.Priced, number), store.Renumber(item.First, number)
		item.Prices = slices.Clone(item.Prices)
		for j := range item.Prices {
			item.Prices[j].First = store.Renumber(item.Prices[j].First, number)
		}
	}
	return d
}

// fold applies the states and the delta of a batch.
func fold(tx Transaction, shop Shop, number int64, b *store.Batch, delta store.Delta) (tally, error) {
	c := newChanges(tx)
	t, err := c.keepStates(shop, number, b.States, b.Feed != nil)
	if err != nil {
		return t, err
	}
	err = c.finish(&delta)
	t.wasEmpty = c.wasEmpty
	return t, err
}
