package storetest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"process-orders/store"
)

// testRandom does things at random to a store and to a model of it, for some
// thousands of steps, or with SOAK=1 for more than 100,000.
func testRandom(t *testing.T, o Opener) {
	checks := "60"
	if testing.Short() {
		checks = "10"
	}
	if soak() {
		checks = "2500" // of some 50 steps each
	}
	setFlag(t, "rapid.checks", checks)
	setFlag(t, "rapid.steps", "50")
	rapid.Check(t, func(rt *rapid.T) {
		m := &machine{o: o, t: t, s: o.Open(t), applied: map[string]bool{}, orders: map[string]bool{}, last: map[int64]bool{}}
		defer func() { m.s.Close() }()
		rt.Repeat(map[string]func(*rapid.T){
			"begin":   m.begin,
			"apply":   m.apply,
			"many":    m.applyAtOnce,
			"repeat":  m.repeat,
			"erase":   m.erase,
			"reopen":  m.reopen,
			"finish":  m.finish,
			"failing": m.failing,
			"":        m.check,
		})
	})
}

// setFlag gives a flag of rapid's another value, for this test.
func setFlag(t *testing.T, name, value string) {
	t.Helper()
	f := flag.Lookup(name)
	old := f.Value.String()
	if err := f.Value.Set(value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Value.Set(old) })
}

// A machine is a store and what should be in it.
type machine struct {
	o Opener
	t *testing.T
	s store.Store

	model   model
	states  []store.State
	applied map[string]bool // identities
	orders  map[string]bool // kind and id
	last    map[int64]bool  // sources that are done
	batches []store.Batch   // that were applied
	number  int64           // of things made
}

var kinds = []string{"shop", "till", ""}

func (m *machine) begin(t *rapid.T) {
	id, again := fmt.Sprint("source ", rapid.IntRange(0, 3).Draw(t, "source")), rapid.Bool().Draw(t, "again")
	want := -1
	for i, state := range m.states {
		if state.ID == id {
			want = i
		}
	}
	if want < 0 || again && m.states[want].Done {
		want = len(m.states)
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		m.states = append(m.states, store.State{Source: source(id, kind), Number: int64(want) + 1})
	}
	state, err := m.s.Begin(context.Background(), m.states[want].Source, again)
	if err != nil {
		t.Fatal(err)
	}
	if got := timeless(m.t, []store.State{state})[0]; got != m.states[want] {
		t.Fatalf("Begin tells %+v, want %+v", got, m.states[want])
	}
}

// open returns a source to which batches may be applied.
func (m *machine) open(t *rapid.T) *store.State {
	var open []int
	for i, state := range m.states {
		if !state.Done {
			open = append(open, i)
		}
	}
	if len(open) == 0 {
		t.Skip("no source is open")
	}
	return &m.states[rapid.SampledFrom(open).Draw(t, "source")]
}

// batch makes a batch, and enters in the model what it should do.
func (m *machine) batch(t *rapid.T, state *store.State, ids bool) store.Batch {
	m.number++
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	d := randomDelta(random, state.Number, m.number*1000, 15)
	b := store.Batch{ID: fmt.Sprint("batch ", m.number), Source: state.Number, Orders: random.Int64N(10), Rejected: random.Int64N(3)}
	state.Batches++
	state.Orders += b.Orders
	state.Rejected += b.Rejected
	b.Fold = fixed(d)
	if ids {
		b, d = m.withOrders(random, state, b, d)
	}
	m.applied[b.ID] = true
	m.model.merge(d)
	m.batches = append(m.batches, b)
	return b
}

// withOrders gives a batch orders with ids, each of which adds to an item of its own,
// and says what they should do.
func (m *machine) withOrders(random *rand.Rand, state *store.State, b store.Batch, d store.Delta) (store.Batch, store.Delta) {
	item := func(i int, id string) store.Item {
		v := at(state.Number, m.number*1000+500+int64(i))
		return store.Item{Name: "order " + id, Price: id, Priced: v, First: v, Orders: 1}
	}
	for _, i := range random.Perm(100)[:random.IntN(70)] {
		b.OrderIDs = append(b.OrderIDs, fmt.Sprint(i))
	}
	told := d
	items := make([]store.Item, len(b.OrderIDs))
	for i, id := range b.OrderIDs {
		items[i] = item(i, id)
		key := state.Kind + "/" + id
		if m.orders[key] {
			state.Repeated++
		} else {
			told.Items = append(told.Items[:len(told.Items):len(told.Items)], items[i])
		}
		m.orders[key] = true
	}
	b.Fold = func(repeated func(int) bool) (store.Delta, error) {
		all := store.Delta{Customers: d.Customers, Items: slices.Clone(d.Items)}
		for i := range items {
			if !repeated(i) {
				all.Items = append(all.Items, items[i])
			}
		}
		return all, nil
	}
	return b, told
}

func (m *machine) apply(t *rapid.T) {
	m.must(t, m.batch(t, m.open(t), true), true)
}

func (m *machine) must(t *rapid.T, b store.Batch, want bool) {
	applied, err := m.s.Apply(context.Background(), b)
	if err != nil || applied != want {
		t.Fatalf("%s: applied %v, %v; want %v", b.ID, applied, err, want)
	}
}

// finish applies a source's last batch, after which another is refused.
func (m *machine) finish(t *rapid.T) {
	if len(m.states) < 3 {
		t.Skip("too early")
	}
	state := m.open(t)
	b := m.batch(t, state, true)
	b.Last, state.Done = true, true
	m.must(t, b, true)
	b.ID += " and more"
	if _, err := m.s.Apply(context.Background(), b); !errors.Is(err, store.ErrSourceDone) {
		t.Fatalf("a batch after the last: %v, want ErrSourceDone", err)
	}
}

// applyAtOnce applies batches by several goroutines, some twice. Their orders have no
// ids: whose repeats another's would go by who is first.
func (m *machine) applyAtOnce(t *rapid.T) {
	var group sync.WaitGroup
	var mu sync.Mutex
	did := map[string]int{}
	var failed error
	batches := make([]store.Batch, rapid.IntRange(2, 5).Draw(t, "batches"))
	for i := range batches {
		batches[i] = m.batch(t, m.open(t), false)
	}
	for i := range len(batches) * 2 {
		b := batches[i%len(batches)]
		group.Go(func() {
			applied, err := m.s.Apply(context.Background(), b)
			mu.Lock()
			defer mu.Unlock()
			if applied {
				did[b.ID]++
			}
			failed = errors.Join(failed, err)
		})
	}
	group.Wait()
	for _, b := range batches {
		if did[b.ID] != 1 || failed != nil {
			t.Fatalf("%s was applied %d times, %v", b.ID, did[b.ID], failed)
		}
	}
}

func (m *machine) repeat(t *rapid.T) {
	if len(m.batches) == 0 {
		t.Skip("no batch yet")
	}
	m.must(t, m.batches[rapid.IntRange(0, len(m.batches)-1).Draw(t, "batch")], false)
}

// failing applies a batch whose Fold fails.
func (m *machine) failing(t *rapid.T) {
	wrong := errors.New("what Fold says")
	b := store.Batch{ID: "failing", Source: m.open(t).Number, Orders: 1, OrderIDs: []string{"0", "new"},
		Fold: func(func(int) bool) (store.Delta, error) { return store.Delta{}, wrong }}
	if _, err := m.s.Apply(context.Background(), b); !errors.Is(err, wrong) {
		t.Fatalf("%v, want Fold's error", err)
	}
}

func (m *machine) erase(t *rapid.T) {
	phones := slices.Sorted(maps.Keys(m.model.customers))
	phones = append(phones, "nobody's")
	phone := rapid.SampledFrom(phones).Draw(t, "phone")
	_, want := m.model.customers[phone]
	delete(m.model.customers, phone)
	if found, err := m.s.Erase(context.Background(), phone); err != nil || found != want {
		t.Fatalf("found %v, %v; want %v", found, err, want)
	}
}

func (m *machine) reopen(*rapid.T) {
	m.s = m.o.Reopen(m.t, m.s)
}

// check compares all after every step.
func (m *machine) check(t *rapid.T) {
	got, err := records(context.Background(), m.s)
	if err != nil {
		t.Fatal(err)
	}
	if diff := difference(got, m.model.records()); diff != "" {
		t.Fatal(diff)
	}
	states, err := m.s.States(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(timeless(m.t, states), m.states) {
		t.Fatalf("states %+v, want %+v", states, m.states)
	}
}
