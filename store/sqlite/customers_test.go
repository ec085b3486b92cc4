package sqlite_test

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"strings"
	"testing"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
	"process-orders/store/memory"
	"process-orders/store/sqlite"
)

// TestManyCustomers applies batches of so many customers that old rows are read while others
// are put: first from one to the last, and in the last batch one by one, as there are many others
// then. It does so again with a store that has no other connection to read them in.
func TestManyCustomers(t *testing.T) {
	t.Parallel()
	const customers = 20_100
	for _, beside := range []bool{true, false} {
		t.Run(fmt.Sprint(beside), func(t *testing.T) {
			t.Parallel()
			name := newName(t)
			s, want := open(t, name), memory.New()
			if !beside {
				sqlite.CloseBeside(s)
			}
			for n, customers := range []int{customers, customers, 67_000, customers} {
				b := store.Batch{ID: fmt.Sprint(n), Source: int64(n) + 1}
				for i := range customers {
					c := i + n*7000
					v := store.PositionVersion(store.NoTime, b.Source, int64(i)+1, 0)
					one := store.Customer{Phone: fmt.Sprintf("%d-%d", c%100, c), First: v, Orders: 1, FirstPlaced: int64(i), LastPlaced: int64(i)}
					if i%4 != n {
						one.Name, one.Named = fmt.Sprintf("Ann %d Lee", (c+n)%1000), v
					}
					b.Delta.Customers = append(b.Delta.Customers, one)
				}
				for _, to := range []store.Store{s, want} {
					if _, err := to.Start(t.Context(), store.Source{ID: fmt.Sprint(n)}, false); err != nil {
						t.Fatal(err)
					}
				}
				var taken store.All
				b.Ahead = &store.Ahead{Reading: store.Reading{Details: true}, Take: func(all store.All) { taken = all }}
				o, err := s.Apply(t.Context(), b)
				if err != nil {
					t.Fatal(err)
				}
				b.Ahead = nil
				if _, err := want.Apply(t.Context(), b); err != nil {
					t.Fatal(err)
				}
				// The first store is empty, and where many are changed all are read.
				if isTaken := n == 0 || beside && n < 3; o.Taken != isTaken {
					t.Fatalf("batch %d: records were taken ahead: %v", n, o.Taken)
				}
				if o.Taken && !reflect.DeepEqual(customersOf(t, taken.Read), customersOf(t, allOf(want))) {
					t.Fatalf("batch %d: ahead the customers are not those of the store in memory", n)
				}
			}
			all := customersOf(t, allOf(want))
			if got := customersOf(t, allOf(s)); !reflect.DeepEqual(got, all) {
				t.Error("the customers are not those of the store in memory")
			}
			checkNames(t, name, all)
			if got := sqlite.HasBeside(s); got != beside {
				t.Errorf("rows were read in another connection: %v", got)
			}
		})
	}
}

// A reading reads all records.
type reading func(context.Context, func(iter.Seq2[store.Customer, error], iter.Seq2[store.Item, error]) error) error

func allOf(s store.Store) reading {
	return func(ctx context.Context, read func(iter.Seq2[store.Customer, error], iter.Seq2[store.Item, error]) error) error {
		return s.Records(ctx, store.Reading{Details: true}, read)
	}
}

func customersOf(t *testing.T, read reading) (all []store.Customer) {
	t.Helper()
	err := read(t.Context(), func(customers iter.Seq2[store.Customer, error], _ iter.Seq2[store.Item, error]) error {
		for c, err := range customers {
			if err != nil {
				return err
			}
			all = append(all, c)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// checkNames checks that customers are found by the starts of the words of their names, and by
// nothing else.
func checkNames(t *testing.T, file string, customers []store.Customer) {
	t.Helper()
	want := map[[2]string]bool{}
	for _, c := range customers {
		words := strings.Fields(strings.ToLower(c.Name))
		for i := range words {
			want[[2]string{strings.Join(words[i:], " "), c.Phone}] = true
		}
	}
	rows, err := db(t, file).Query("SELECT first, body FROM names")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	got := map[[2]string]bool{}
	for rows.Next() {
		b, err := sqlstore.ScanNameBlock(rows)
		if err == nil {
			err = b.Keys(func(name, phone string) bool { got[[2]string{name, phone}] = true; return true })
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil || !maps.Equal(got, want) {
		t.Errorf("%d keys, %v; want %d", len(got), err, len(want))
	}
}
