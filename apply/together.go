package apply

import (
	"errors"
	"fmt"
	"strings"

	"process-orders/internal/parts"
	"process-orders/orders"
	"process-orders/store"
)

// Settled is what became of a group that was applied with others.
type Settled struct {
	// Applied and Number are as in [store.Outcome]. Groups that were applied as one have one
	// number.
	Applied bool
	Number  int64
	// Totals count what became of the group's states, each once, as those of a [Result] do:
	// Orders are those that the group brought or changed, and Skipped those that it brought or
	// changed and that do not stand. All is 0 if the group was applied before.
	Totals orders.Totals
	// Changed are those of Orders and Skipped that took the place of a state that the store had.
	Changed int64
	// Err is a [*store.RulesError] if the store keeps other rules than the group was read by.
	// Then nothing of the group was applied.
	Err error
}

// ApplyGroups applies groups as if they came one after the other, and says what became of each.
// Apply is that of a [store.Transaction], so that all groups are applied or none. Groups of the
// same feed, system, shop and rules become one batch. A group whose store has other rules keeps
// none of the others: see [Settled].Err. With another error nothing is known, and the
// transaction must not be committed.
//
// The groups are as they were afterwards, so they can be applied again if the transaction was not
// committed.
func ApplyGroups(groups []*Group, apply func(store.Batch) (store.Outcome, error)) ([]Settled, error) {
	settled := make([]Settled, len(groups))
	for _, alike := range byKind(groups) {
		some := make([]*Group, len(alike))
		for i, at := range alike {
			some[i] = groups[at]
		}
		outcome, err := some[0].options.applyBatch(func(later string) store.Batch { return batchOf(some, later) }, apply)
		var refused *store.RulesError
		if err != nil && !errors.As(err, &refused) {
			return nil, err
		}
		fates := outcome.Fates
		for i, at := range alike {
			to := &settled[at]
			if refused != nil {
				to.Err = refused
				continue
			}
			to.Applied, to.Number = outcome.Applied, outcome.Number
			if !outcome.Applied {
				continue
			}
			if to.Totals, to.Changed, fates, err = some[i].settle(fates); err != nil {
				return nil, err
			}
		}
	}
	return settled, nil
}

// A kind is what groups must have in common to be one batch.
type kind struct{ name, system, shop, rules string }

func kindOf(f *Feed, o *Options) kind {
	rules := []string{o.systemRules()}
	for _, later := range o.laters("") {
		rules = append(rules, o.rules(later))
	}
	return kind{f.Name, o.System, f.Shop, strings.Join(rules, "\n")}
}

// byKind returns the indexes of groups that can be one batch. A group whose feed has offsets is
// alone, as it may have been applied before.
func byKind(groups []*Group) (all [][]int) {
	of := map[kind]int{}
	for i, g := range groups {
		at, known := of[g.kind]
		if !known || g.feed.Offset != 0 {
			at = len(all)
			all = append(all, nil)
		}
		if g.feed.Offset == 0 {
			of[g.kind] = at
		}
		all[at] = append(all[at], i)
	}
	return all
}

// batchOf is one batch of groups, as a store takes it that goes by time or by position.
func batchOf(groups []*Group, later string) store.Batch {
	first, deltas, base := groups[0], newMerged(), int64(0)
	feed := store.Feed{
		Name: first.feed.Name, System: first.options.System, Shop: first.feed.Shop, Offset: first.feed.Offset,
		Rules: first.options.rules(later), SystemRules: first.options.systemRules(),
	}
	b := store.Batch{Feed: &feed, Folder: first.options.SpoolFolder}
	var minutes parts.Minutes
	for _, g := range groups {
		received := g.feed.Received.UnixMilli()
		feed.Received = max(feed.Received, received)
		for _, p := range g.parts {
			c := forStore{byTime: later == laterTime, hasTime: g.options.hasTime(), base: base + p.from, received: received}
			b.Orders += p.part.Orders
			b.Rejected += p.part.Rejected
			b.States = append(b.States, c.states(p.part.States())...)
			if p.part.HasRecords() {
				deltas.add(c.delta(p.part.Records()))
				minutes.Merge(p.part.Records().Minutes)
			}
		}
		base += g.bytes
	}
	b.Delta = deltas.delta()
	b.Delta.Minutes = minutes.All()
	return b
}

// settle counts what became of the group's states. The fates start with those of the group; it
// returns the rest of them.
func (g *Group) settle(fates []store.Fate) (t orders.Totals, changed int64, rest []store.Fate, err error) {
	t.Add(g.Totals) // which shares no map that is changed
	for _, p := range g.parts {
		for s := range p.part.AllStates() {
			if len(fates) == 0 {
				return t, 0, nil, fmt.Errorf("apply: the store does not say what became of the states of a group")
			}
			switch fates[0] {
			case store.Changed:
				changed++
			case store.Repeated:
				t.Repeated++
				take(&t, s)
			case store.Older:
				t.Superseded++
				take(&t, s)
			}
			fates = fates[1:]
		}
	}
	return t, changed, fates, nil
}

// take takes a state from totals that is not the latest one of its order.
func take(t *orders.Totals, s *store.State) {
	if s.Skipped {
		unskip(t, s.Reason, 1)
		return
	}
	if t.Orders--; s.Phone == "" {
		t.NoPhone--
	}
}

// CanGoTogether reports whether a batch of a source can be brought to a store together with others of
// it: it has orders with an id alone.
func CanGoTogether(b *store.Batch) bool {
	if len(b.Delta.Customers)+len(b.Delta.Items) > 0 {
		return false
	}
	if b.Delta.Minutes != nil {
		for range b.Delta.Minutes {
			return false
		}
	}
	return true
}

// Together is one batch of several that follow each other in a source, of which each
// [CanGoTogether], or of one.
func Together(all []store.Batch) store.Batch {
	if len(all) == 1 {
		return all[0]
	}
	last := all[len(all)-1]
	b := store.Batch{ID: all[0].ID, Source: last.Source, Last: last.Last, Batches: last.Batches, Folder: last.Folder}
	states := 0
	for i := range all {
		states += len(all[i].States)
	}
	b.States = make([]store.State, 0, states)
	for i := range all {
		if i > 0 {
			b.Also = append(b.Also, all[i].ID)
		}
		b.Orders += all[i].Orders
		b.Rejected += all[i].Rejected
		b.States = append(b.States, all[i].States...)
	}
	return b
}
