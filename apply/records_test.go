package apply_test

import (
	"errors"
	"iter"
	"testing"

	"process-orders/apply"
	"process-orders/records"
	"process-orders/store"
	"process-orders/store/memory"
)

// A price that is no number is an error, and is not written as JSON.
func TestPriceOfDamagedStore(t *testing.T) {
	for price, want := range map[string]error{"1.50": nil, "": store.ErrDamaged, "1.5e": store.ErrDamaged, `1}, "x": {`: store.ErrDamaged} {
		s := memory.New()
		p, err := s.Start(t.Context(), store.Source{ID: "a"}, false)
		if err != nil {
			t.Fatal(err)
		}
		v := store.PositionVersion(store.NoTime, p.Number, 1, 0)
		delta := store.Delta{Items: []store.Item{{Name: "Tea", Price: price, Priced: v, First: v, Orders: 1}}}
		if _, err := s.Apply(t.Context(), store.Batch{ID: "b", Source: p.Number, Last: true, Delta: delta}); err != nil {
			t.Fatal(err)
		}
		for _, details := range []bool{false, true} {
			n := 0
			err := apply.Records(t.Context(), s, store.Reading{Details: details},
				func(_ iter.Seq2[records.Customer, error], items iter.Seq2[records.NamedItem, error]) error {
					for _, err := range items {
						if err != nil {
							return err
						}
						n++
					}
					return nil
				})
			if !errors.Is(err, want) || want == nil && n != 1 {
				t.Errorf("%q: %d items, %v; want %v", price, n, err, want)
			}
		}
	}
}
