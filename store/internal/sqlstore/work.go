package sqlstore

import (
	"maps"
	"time"

	"process-orders/store"
)

// A work is what is done in one transaction: batches, groups and erasures, one after the other.
// All of them change the same few rows of small tables. So a work reads each of these once, and
// writes it at the end.
type work struct {
	Transaction

	rules  map[string]string // lines by their scopes
	shops  map[Shop]int64    // numbers of shops, which are known by their names
	feeds  map[string]*FeedRow
	totals map[string]Total
	number int64 // the last one that was taken; 0 if it was not read

	numberIsTaken bool
	changedFeeds  map[string]bool
	changedTotals map[string]bool
}

func newWork(tx Transaction) *work {
	return &work{
		Transaction: tx, rules: map[string]string{}, shops: map[Shop]int64{}, feeds: map[string]*FeedRow{},
		changedFeeds: map[string]bool{}, changedTotals: map[string]bool{},
	}
}

// end writes what was kept.
func (w *work) end() error {
	if w.numberIsTaken {
		if err := w.PutNumber(w.number); err != nil {
			return err
		}
	}
	for name := range w.changedFeeds {
		if err := w.PutFeed(w.feeds[name]); err != nil {
			return err
		}
	}
	if len(w.changedTotals) == 0 {
		return nil
	}
	var changed []Total
	for _, table := range totalTables {
		if w.changedTotals[table] {
			t := w.totals[table]
			t.Table = table
			t.seal()
			changed = append(changed, t)
		}
	}
	return w.PutTotals(changed)
}

// A scopedLine is a line of rules, and for what it is.
type scopedLine struct{ scope, line string }

// newRules returns those of some lines of rules of which the store has none in their scopes. It
// refuses lines that are others than the store has, and changes nothing.
func (w *work) newRules(system, rules, systemRules string) (added []scopedLine, err error) {
	var asked []string
	given := []scopedLine{{StoreScope, rules}, {SystemScope + system, systemRules}}
	for _, r := range given {
		if r.line != "" && w.rules[r.scope] == "" {
			asked = append(asked, r.scope)
		}
	}
	if len(asked) > 0 {
		found, err := w.Rules(asked)
		if err != nil {
			return nil, err
		}
		maps.Copy(w.rules, found)
	}
	for _, r := range given {
		switch have := w.rules[r.scope]; {
		case r.line == "" || have == r.line:
		case have == "":
			added = append(added, r)
		default:
			return nil, &store.RulesError{Have: have, Got: r.line}
		}
	}
	return added, nil
}

// keepRules keeps lines that the store did not have.
func (w *work) keepRules(added []scopedLine) error {
	for _, r := range added {
		if err := w.InsertRules(r.scope, r.line); err != nil {
			return err
		}
		w.rules[r.scope] = r.line
	}
	return nil
}

// Shop returns the number of a shop, which it makes if there is none.
func (w *work) Shop(system, name string) (number int64, err error) {
	key := Shop{System: system, Name: name}
	if w.shops[key] == 0 {
		if w.shops[key], err = w.Transaction.Shop(system, name); err != nil {
			return 0, err
		}
	}
	return w.shops[key], nil
}

// takeNumber returns a number for a source or a group of a feed. It is greater than all that
// were taken before.
func (w *work) takeNumber() (number int64, err error) {
	if !w.numberIsTaken {
		if w.number, err = w.LastNumber(); err != nil {
			return 0, err
		}
		w.numberIsTaken = true
	}
	w.number++
	return w.number, nil
}

// feed returns what is kept of a feed. It is not in the store yet if it has no number of a shop.
func (w *work) feed(name string) (*FeedRow, error) {
	if w.feeds[name] == nil {
		f, found, err := w.Feed(name)
		if err != nil {
			return nil, err
		}
		if !found {
			f = FeedRow{Name: name, Started: time.Now().UnixMicro()}
		}
		w.feeds[name] = &f
	}
	return w.feeds[name], nil
}

// countGroup adds a group of a shop to what is kept of its feed.
func (w *work) countGroup(f *FeedRow, shop int64, b *store.Batch, c store.Counts) {
	f.Shop = shop
	f.Count(b, c)
	w.changedFeeds[f.Name] = true
}

// allTotals returns the totals of tables, with what was added so far.
func (w *work) allTotals() (map[string]Total, error) {
	if w.totals == nil {
		found, err := w.Totals()
		if err != nil {
			return nil, err
		}
		w.totals = maps.Clone(found)
	}
	return w.totals, nil
}

// addTotals adds to the totals of tables.
func (w *work) addTotals(all []Total) error {
	if _, err := w.allTotals(); err != nil {
		return err
	}
	for _, t := range all {
		have := w.totals[t.Table]
		have.Rows += t.Rows
		have.Sum += t.Sum
		w.totals[t.Table] = have
		w.changedTotals[t.Table] = true
	}
	return nil
}
