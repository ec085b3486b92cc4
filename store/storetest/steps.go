package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"process-orders/store"
)

// A step is something that a transaction of a [machine] does, and what the model says to it.
type step struct {
	do    func(tx store.Transaction) error
	enter func(t *rapid.T)
}

var errOfCaller = errors.New("an error of the caller")

// commit does several things in one transaction, which may end with an error.
func (m *machine) commit(t *rapid.T) {
	var steps []step
	for range rapid.IntRange(0, 5).Draw(t, "steps") {
		switch rapid.IntRange(0, 5).Draw(t, "step") {
		case 0, 1:
			steps = append(steps, m.groupStep(t))
		case 2:
			steps = append(steps, m.eraseStep(t))
		default:
			steps = append(steps, m.documentStep(t))
		}
	}
	fails := rapid.IntRange(0, 3).Draw(t, "fails") == 0
	err := m.s.(store.Service).Commit(context.Background(), func(tx store.Transaction) error {
		for _, s := range steps {
			if err := s.do(tx); err != nil {
				return err
			}
		}
		if fails {
			return errOfCaller
		}
		return nil
	})
	if fails {
		if err != errOfCaller {
			t.Fatalf("%v, want the error as it is", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		s.enter(t)
	}
}

func (m *machine) groupStep(t *rapid.T) step {
	b := m.group(t)
	isRefused := m.rules != "" && rapid.IntRange(0, 3).Draw(t, "is refused") == 0
	if isRefused {
		b.Feed.Rules = m.rules + " "
	}
	var got store.Outcome
	return step{
		func(tx store.Transaction) (err error) {
			got, err = tx.Apply(b.Batch)
			if refused := (*store.RulesError)(nil); isRefused && errors.As(err, &refused) {
				return nil
			}
			return err
		},
		func(t *rapid.T) {
			f := b.Feed
			if want := !isRefused && (f.Offset == 0 || f.Offset > m.feeds[f.Name]); got.Applied != want {
				t.Fatalf("%+v, want applied: %v", got, want)
			}
			if got.Applied {
				m.took(t, got.Number)
				m.enter(t, b, got, false)
			}
		},
	}
}

func (m *machine) eraseStep(t *rapid.T) step {
	e := drawErasure(t)
	found := false
	return step{
		func(tx store.Transaction) (err error) { found, err = tx.Erase(e); return err },
		func(t *rapid.T) {
			if want := m.erase(e); found != want {
				t.Fatalf("found %v, want %v", found, want)
			}
		},
	}
}

var documentKinds = []string{"a", "b-2"}

func (m *machine) documentStep(t *rapid.T) step {
	d := document(rapid.SampledFrom(documentKinds).Draw(t, "kind"), rapid.SampledFrom([]string{"", "a", "é", "b", "ba"}).Draw(t, "key"),
		rapid.Int64Range(0, 3).Draw(t, "at"), rapid.IntRange(0, 9).Draw(t, "value"))
	key := documentKey{d.Kind, d.Key}
	switch rapid.IntRange(0, 5).Draw(t, "what") {
	case 0:
		return step{func(tx store.Transaction) error { return tx.Delete(d.Kind, d.Key) }, func(*rapid.T) { delete(m.documents, key) }}
	case 1:
		limit, removed := rapid.IntRange(0, 3).Draw(t, "limit"), int64(0)
		return step{
			func(tx store.Transaction) (err error) {
				removed, err = tx.DeleteBefore(d.Kind, d.At, limit)
				return err
			},
			func(t *rapid.T) {
				if n := m.deleteDocuments(d.Kind, d.At, limit); removed != n {
					t.Fatalf("%d documents were removed, want %d", removed, n)
				}
			},
		}
	case 2:
		var got store.Document
		var found bool
		return step{
			func(tx store.Transaction) (err error) { got, found, err = tx.Document(d.Kind, d.Key); return err },
			func(t *rapid.T) {
				if want, has := m.documents[key]; found != has || !sameDocument(got, want) {
					t.Fatalf("%v, %v; want %v, %v", got, found, want, has)
				}
			},
		}
	}
	return step{func(tx store.Transaction) error { return tx.Put(d) }, func(*rapid.T) { m.documents[key] = d }}
}

// deleteDocuments removes the first documents of a kind, as a sorted list has them.
func (m *machine) deleteDocuments(kind string, at int64, limit int) (removed int64) {
	var old []string
	for d := range maps.Values(m.documents) {
		if d.Kind == kind && d.At < at {
			old = append(old, fmt.Sprintf("%d %s", d.At, d.Key)) // times of one digit
		}
	}
	slices.Sort(old)
	for _, text := range old[:min(limit, len(old))] {
		delete(m.documents, documentKey{kind, text[2:]})
		removed++
	}
	return removed
}
