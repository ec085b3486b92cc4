package postgres_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"reflect"
	"testing"

	"process-orders/internal/soak"
	"process-orders/store"
	"process-orders/store/memory"
	"process-orders/store/postgres"
)

// TestCustomersInOrder applies batches of few customers, of most of them and of those next to each
// other, in spans of a few customers. The store has then what one in memory has. It says so ahead
// if the batch has most customers.
func TestCustomersInOrder(t *testing.T) {
	t.Parallel()
	random := soak.Random(t)
	for round, atOnce := range []int{4, 30} {
		s, err := postgres.Open(context.Background(), newURL(t), postgres.Options{}.WithAtOnce(atOnce))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		want := memory.New()
		started(t, want, "a")
		source, isLong := started(t, s, "a"), round == 1
		for i := range 12 {
			id, states := fmt.Sprint(i), drawCustomers(random, i, isLong && i/2 == 2)
			mustApply(t, want, id, source, states...)
			wanted, _ := detailsOf(t, want)
			var taken map[string]store.Customer
			o, err := s.Apply(context.Background(), store.Batch{ID: id, Source: source, States: states, Ahead: takenTo(t, &taken)})
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := detailsOf(t, s); !reflect.DeepEqual(got, wanted) {
				t.Fatalf("batch %d: customers\n%v\nwant\n%v", i, got, wanted)
			}
			if o.Taken && !reflect.DeepEqual(taken, wanted) {
				t.Fatalf("batch %d: ahead\n%v\nwant\n%v", i, taken, wanted)
			}
			if areMost := i == 0 || 2*len(states) > len(wanted) && !(isLong && i/2 == 2); areMost && !o.Taken {
				t.Errorf("batch %d of %d customers of %d: it was not said ahead", i, len(states), len(wanted))
			}
		}
	}
}

// drawCustomers returns states of some customers of a few hundred: of any, or of neighbours.
func drawCustomers(random *rand.Rand, batch int, isLong bool) (states []store.State) {
	from, n, most := random.IntN(300), 1+random.IntN(250), 1+random.IntN(300)
	for _, i := range random.Perm(most)[:min(n, most)] {
		phone := fmt.Sprintf("%03d", (from+i)%300)
		if isLong && i%2 == 0 {
			phone = fmt.Sprintf("%d%0300d", i, 0) // whose keys are not sorted as they are
		}
		s := state(fmt.Sprint(batch, " ", phone), int64(1000*batch+i), 1, phone, "tea")
		if random.IntN(10) == 0 && batch > 0 { // an order before is cancelled
			s = cancelled(state(fmt.Sprint(batch-1, " ", phone), 0, 1, phone))
		}
		states = append(states, s)
	}
	return states
}

// takenTo asks for all customers ahead.
func takenTo(t *testing.T, taken *map[string]store.Customer) *store.Ahead {
	return &store.Ahead{Reading: store.Reading{Details: true}, Take: func(all store.All) {
		defer all.Close()
		*taken = map[string]store.Customer{}
		n := 0
		err := all.Read(context.Background(), func(customers iter.Seq2[store.Customer, error], _ iter.Seq2[store.Item, error]) error {
			for c, err := range customers {
				if err != nil {
					return err
				}
				(*taken)[c.Phone] = c
				n++
			}
			return nil
		})
		if err != nil || n != len(*taken) {
			t.Errorf("%d customers, %d phones, %v", n, len(*taken), err)
		}
	}}
}
