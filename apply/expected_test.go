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

// writtenExpected is what is expected, as a document.
func writtenExpected(t *testing.T, e *apply.Expected, details bool) string {
	t.Helper()
	return written(t, details, func(write func(iter.Seq2[records.Customer, error], iter.Seq2[records.NamedItem, error]) error) error {
		return e.Records(details, write)
	})
}

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

// What is expected is what the store then has, whatever decides what is later and what is
// counted.
func TestExpected(t *testing.T) {
	random := soak.Random(t)
	once := byTime(orders.LaterTime)
	once.Count = records.CountOrders
	for _, o := range []apply.Options{{}, byTime(orders.LaterTime), byTime(orders.LaterPosition), once} {
		for i := range 40 {
			details := i%2 == 0
			kept, expected := memory.New(), ""
			o.Expect = func(e *apply.Expected) {
				if expected != "" {
					t.Error("it was called twice")
				}
				expected = writtenExpected(t, e, details)
			}
			result, err := apply.Apply(context.Background(), kept, file(t, "a", datedOrders(random)), o)
			if err != nil {
				t.Fatal(err)
			}
			if got := writtenStore(t, kept, details); !result.AsExpected || expected != got {
				t.Fatalf("as expected: %t, the store has\n%s\nexpected was\n%s", result.AsExpected, got, expected)
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

// Nothing is expected if other orders are there, or are to come. If others come first, or the
// store refuses the batch, it is not as expected.
func TestNotExpected(t *testing.T) {
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
		name           string
		first          func(store.Store) error // before the run
		meanwhile      func(store.Store) error // between what is expected and the batch
		options        apply.Options
		called, become bool
	}{
		{"alone", nothing, nothing, apply.Options{}, true, true},
		{"another source is there", apply1, nothing, apply.Options{}, false, false},
		{"a group is there", group1, nothing, apply.Options{}, false, false},
		{"another source comes first", nothing, apply1, apply.Options{}, true, false},
		{"a group comes first", nothing, group1, apply.Options{}, true, false},
		{"the store refuses", nothing, func(store.Store) error { return errFull }, apply.Options{}, true, false},
		{"several batches", nothing, nothing, small, false, false},
		{"ids", nothing, nothing, withIDs(), false, false},
	} {
		kept, called := memory.New(), false
		if err := c.first(kept); err != nil {
			t.Fatal(err)
		}
		c.options.Expect = func(*apply.Expected) { called = true }
		result, err := apply.Apply(ctx, before{kept, c.meanwhile}, file(t, "a", two+two), c.options)
		if err != nil && !errors.Is(err, errFull) {
			t.Fatal(err)
		}
		if called != c.called || result.AsExpected != c.become {
			t.Errorf("%s: expected %t, as expected %t", c.name, called, result.AsExpected)
		}
	}
}

// A source that was started and of which nothing was applied is expected again. One that has
// grown since is not.
func TestExpectedAgain(t *testing.T) {
	for _, more := range []string{"", `{"phone":"3","items":[]}` + "\n"} {
		const text = `{"phone":"1","items":[{"name":"Tea","price":2}]}` + "\n"
		ctx, kept := context.Background(), memory.New()
		if _, err := apply.Apply(ctx, &mortal{kept, 2, false}, file(t, "a", text), apply.Options{}); !errors.Is(err, errDied) {
			t.Fatal(err)
		}
		expected, details := "", true
		o := apply.Options{Expect: func(e *apply.Expected) { expected = writtenExpected(t, e, details) }}
		result, err := apply.Apply(ctx, kept, file(t, "a", text+more), o)
		if err != nil {
			t.Fatal(err)
		}
		got := writtenStore(t, kept, details)
		if result.AsExpected != (more == "") || result.AsExpected && got != expected {
			t.Errorf("more %q: as expected %t, the store has\n%s\nexpected was\n%s", more, result.AsExpected, got, expected)
		}
	}
}

// A delta comes in any order.
func TestExpectedOfAnyOrder(t *testing.T) {
	random := soak.Random(t)
	for n := range 50 {
		kept, d := memory.New(), store.Delta{}
		for i := range n {
			v := store.PositionVersion(store.NoTime, 1, int64(i), 0)
			d.Customers = append(d.Customers, store.Customer{Phone: fmt.Sprint(i * 7 % 100), First: v})
			d.Items = append(d.Items, store.Item{Name: fmt.Sprint(i * 7 % 100), Price: "1", Priced: v, First: v, Orders: 1})
		}
		random.Shuffle(n, func(i, j int) { d.Customers[i], d.Customers[j] = d.Customers[j], d.Customers[i] })
		random.Shuffle(n, func(i, j int) { d.Items[i], d.Items[j] = d.Items[j], d.Items[i] })
		if _, err := kept.Start(context.Background(), store.Source{ID: "a"}, false); err != nil {
			t.Fatal(err)
		}
		if _, err := kept.Apply(context.Background(), store.Batch{ID: "a", Source: 1, Delta: d}); err != nil {
			t.Fatal(err)
		}
		if got, want := writtenExpected(t, apply.NewExpected(&d), false), writtenStore(t, kept, false); got != want {
			t.Fatalf("expected\n%s\nthe store has\n%s", got, want)
		}
	}
}
