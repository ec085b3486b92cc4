package apply_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"testing"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/internal/soak"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
	"process-orders/store/memory"
)

// written is the document that records are written as.
func written(t *testing.T, details bool, read func(func(iter.Seq2[records.Customer, error], iter.Seq2[records.NamedItem, error]) error) error) string {
	t.Helper()
	var b bytes.Buffer
	err := read(func(customers iter.Seq2[records.Customer, error], items iter.Seq2[records.NamedItem, error]) error {
		_, err := records.WriteDocument(&b, customers, items, records.Form{Detail: details})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func writtenStore(t *testing.T, s store.Store, details bool) string {
	t.Helper()
	return written(t, details, func(write func(iter.Seq2[records.Customer, error], iter.Seq2[records.NamedItem, error]) error) error {
		return apply.Records(context.Background(), s, store.Reading{Details: details}, write)
	})
}

// byTime reads times, by which it says what is later, or by which it does not.
func byTime(later orders.Later) (o apply.Options) {
	m := orders.Default()
	m.Time, m.Later = orders.Field{"at"}, later
	o.Mapping, o.System = &m, "test"
	return o
}

// datedOrders are some orders without an id, in no order of their times.
func datedOrders(random *rand.Rand) string {
	var b strings.Builder
	for range 1 + random.IntN(200) {
		at := ""
		if random.IntN(5) > 0 {
			at = fmt.Sprintf(`"at":"2026-05-%02dT10:00:00Z",`, 1+random.IntN(28))
		}
		fmt.Fprintf(&b, `{%s"phone":"%d","name":"Name %d","items":[{"name":"Item %d","price":%d.50},{"name":"Item %d","price":1}]}`+"\n",
			at, random.IntN(90), random.IntN(3), random.IntN(30), random.IntN(90), random.IntN(30))
	}
	return b.String()
}

// expecting asks a store ahead for its records, and writes them as a document when they are taken.
func expecting(t *testing.T, details bool, expected *string) *store.Ahead {
	how := store.Reading{Details: details}
	return &store.Ahead{Reading: how, Take: func(all store.All) {
		*expected = written(t, details, func(write func(iter.Seq2[records.Customer, error], iter.Seq2[records.NamedItem, error]) error) error {
			return errors.Join(apply.Taken(context.Background(), all, how, write), all.Close())
		})
	}}
}

// What is taken ahead is what the store then has, whatever decides what is later and what is
// counted.
func TestAhead(t *testing.T) {
	random := soak.Random(t)
	once := byTime(orders.LaterTime)
	once.Count = records.CountOrders
	for _, o := range []apply.Options{{}, byTime(orders.LaterTime), byTime(orders.LaterPosition), once} {
		for i := range 40 {
			details := i%2 == 0
			kept, expected := memory.New(), ""
			o.Ahead = expecting(t, details, &expected)
			result, err := apply.Apply(context.Background(), kept, file(t, "a", datedOrders(random)), o)
			if err != nil {
				t.Fatal(err)
			}
			if got := writtenStore(t, kept, details); !result.Taken || expected != got {
				t.Fatalf("taken: %t, the store has\n%s\nahead it said\n%s", result.Taken, got, expected)
			}
		}
	}
}

// before is a store to which something is done before a batch is applied.
type before struct {
	store.Store
	do func(store.Store) error
}

func (b before) Apply(ctx context.Context, batch store.Batch) (store.Outcome, error) {
	if err := b.do(b.Store); err != nil {
		return store.Outcome{}, err
	}
	return b.Store.Apply(ctx, batch)
}

// A store in memory takes nothing ahead if other orders are there, or have an id. If it refuses the
// batch, nothing was taken. Of several batches the last one alone asks.
func TestNotAhead(t *testing.T) {
	const one, two = `{"id":1,"phone":"1","items":[]}` + "\n", `{"id":2,"phone":"2","items":[{"name":"Tea","price":2}]}` + "\n"
	ctx, errFull := context.Background(), errors.New("the disk is full")
	apply1 := func(s store.Store) error {
		_, err := apply.Apply(ctx, s, input.Reader("first", strings.NewReader(one)), apply.Options{})
		return err
	}
	group1 := func(s store.Store) error {
		g, err := apply.ReadGroup(ctx, []input.Source{body(one)}, apply.Feed{Name: "web"}, apply.Options{})
		if err == nil {
			_, err = g.Apply(ctx, s)
		}
		return err
	}
	nothing := func(store.Store) error { return nil }
	small := apply.Options{BatchBytes: 10}
	for _, c := range []struct {
		name          string
		first         func(store.Store) error // before the run
		meanwhile     func(store.Store) error // before the batch
		options       apply.Options
		called, taken bool
	}{
		{"alone", nothing, nothing, apply.Options{}, true, true},
		{"another source is there", apply1, nothing, apply.Options{}, false, false},
		{"a group is there", group1, nothing, apply.Options{}, false, false},
		{"another source comes first", nothing, apply1, apply.Options{}, false, false},
		{"a group comes first", nothing, group1, apply.Options{}, false, false},
		{"the store refuses", nothing, func(store.Store) error { return errFull }, apply.Options{}, false, false},
		{"several batches", nothing, nothing, small, false, false},
		{"ids", nothing, nothing, withIDs(), false, false},
	} {
		kept, called := memory.New(), false
		if err := c.first(kept); err != nil {
			t.Fatal(err)
		}
		c.options.Ahead = &store.Ahead{Take: func(store.All) { called = true }}
		result, err := apply.Apply(ctx, before{kept, c.meanwhile}, file(t, "a", two+two), c.options)
		if err != nil && !errors.Is(err, errFull) {
			t.Fatal(err)
		}
		if called != c.called || result.Taken != c.taken {
			t.Errorf("%s: called %t, taken %t", c.name, called, result.Taken)
		}
	}
}

// A source that was started and of which nothing was applied takes records ahead. So does one
// that has grown since.
func TestAheadAgain(t *testing.T) {
	for _, more := range []string{"", `{"phone":"3","items":[]}` + "\n"} {
		const text = `{"phone":"1","items":[{"name":"Tea","price":2}]}` + "\n"
		ctx, kept := context.Background(), memory.New()
		if _, err := apply.Apply(ctx, &mortal{kept, 2, false}, file(t, "a", text), apply.Options{}); !errors.Is(err, errDied) {
			t.Fatal(err)
		}
		expected, details := "", true
		o := apply.Options{Ahead: expecting(t, details, &expected)}
		result, err := apply.Apply(ctx, kept, file(t, "a", text+more), o)
		if err != nil {
			t.Fatal(err)
		}
		got := writtenStore(t, kept, details)
		if !result.Taken || got != expected {
			t.Errorf("more %q: taken %t, the store has\n%s\nahead it said\n%s", more, result.Taken, got, expected)
		}
	}
}
