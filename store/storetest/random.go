package storetest

import (
	"cmp"
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

	"process-orders/internal/soak"
	"process-orders/store"
)

// testRandom does things at random to a store and to a model of it, in checks of some 50
// steps each.
func testRandom(t *testing.T, o Opener) {
	const checks = 3
	setFlag(t, "rapid.checks", fmt.Sprint(checks))
	setFlag(t, "rapid.steps", "50")
	random := soak.Random(t)
	for l := soak.NewLoop(t, fmt.Sprint("times ", checks, " checks"), soak.Rounds{Short: 1, Default: 2, Soak: 800}); l.Next() && !t.Failed(); {
		setFlag(t, "rapid.seed", fmt.Sprint(random.Uint64()))
		rapid.Check(t, func(rt *rapid.T) { checkRandom(t, rt, o) })
	}
}

func checkRandom(t *testing.T, rt *rapid.T, o Opener) {
	m := &machine{o: o, t: t, s: o.Open(t), orders: map[string]bool{}}
	defer func() { m.s.Close() }()
	rt.Repeat(map[string]func(*rapid.T){
		"start":   m.start,
		"apply":   m.apply,
		"many":    m.applyAtOnce,
		"repeat":  m.repeat,
		"erase":   m.erase,
		"reopen":  m.reopen,
		"finish":  m.finish,
		"failing": m.failing,
		"":        m.check,
	})
}

// setFlag gives a flag of rapid another value, for this test.
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
	rules   string
	sources []store.Progress
	orders  map[string]bool // kind and id of those that were applied
	batches []store.Batch   // that were applied
	number  int64           // of batches made
}

var kinds = []string{"shop", "till", ""}

// start starts a source, with the store's rules, with others or with none.
func (m *machine) start(t *rapid.T) {
	id, again := fmt.Sprint("source ", rapid.IntRange(0, 3).Draw(t, "source")), rapid.Bool().Draw(t, "again")
	rules := rapid.SampledFrom([]string{"", "", "count lines", "count orders"}).Draw(t, "rules")
	s := source(id, rapid.SampledFrom(kinds).Draw(t, "kind"))
	s.Rules = rules
	if m.rules != "" && rules != "" && rules != m.rules {
		var wrong *store.RulesError
		if _, err := m.s.Start(context.Background(), s, again); !errors.As(err, &wrong) {
			t.Fatalf("Start with the rules %q: %v, want a RulesError", rules, err)
		}
		return
	}
	m.rules = cmp.Or(m.rules, rules)
	want := -1
	for i, p := range m.sources {
		if p.ID == id {
			want = i
		}
	}
	if want < 0 || again && m.sources[want].Done {
		want = len(m.sources)
		m.sources = append(m.sources, store.Progress{Source: s, Number: int64(want) + 1})
	}
	for i := range m.sources {
		m.sources[i].Rules = m.rules
	}
	p, err := m.s.Start(context.Background(), s, again)
	if err != nil {
		t.Fatal(err)
	}
	if got := timeless(m.t, p); got != m.sources[want] {
		t.Fatalf("Start returns %+v, want %+v", got, m.sources[want])
	}
}

// open returns a source to which batches may be applied.
func (m *machine) open(t *rapid.T) *store.Progress {
	var open []int
	for i, p := range m.sources {
		if !p.Done {
			open = append(open, i)
		}
	}
	if len(open) == 0 {
		t.Skip("no source is open")
	}
	return &m.sources[rapid.SampledFrom(open).Draw(t, "source")]
}

// batch makes a batch, and enters into the model what it should change.
func (m *machine) batch(t *rapid.T, p *store.Progress, ids bool) store.Batch {
	m.number++
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	d := randomDelta(random, p.Number, m.number*1000, 15)
	b := store.Batch{ID: fmt.Sprint("batch ", m.number), Source: p.Number, Orders: random.Int64N(10), Rejected: random.Int64N(3)}
	p.Batches++
	p.Orders += b.Orders
	p.Rejected += b.Rejected
	b.Fold = fixed(d)
	if ids {
		b, d = m.withOrders(random, p, b, d)
	}
	m.model.merge(d)
	m.batches = append(m.batches, b)
	return b
}

// withOrders gives a batch orders with ids, each of which adds to an item of its own. It
// returns the batch and what it should change.
func (m *machine) withOrders(random *rand.Rand, p *store.Progress, b store.Batch, d store.Delta) (store.Batch, store.Delta) {
	item := func(i int, id string) store.Item {
		v := at(p.Number, m.number*1000+500+int64(i))
		return store.Item{Name: "order " + id, Price: id, Priced: v, First: v, Orders: 1}
	}
	for _, i := range random.Perm(100)[:random.IntN(70)] {
		b.OrderIDs = append(b.OrderIDs, fmt.Sprint(i))
	}
	want := d
	items := make([]store.Item, len(b.OrderIDs))
	for i, id := range b.OrderIDs {
		items[i] = item(i, id)
		key := p.Kind + "/" + id
		if m.orders[key] {
			p.Repeated++
		} else {
			want.Items = append(want.Items[:len(want.Items):len(want.Items)], items[i])
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
	return b, want
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
	if len(m.sources) < 3 {
		t.Skip("too early")
	}
	p := m.open(t)
	b := m.batch(t, p, true)
	b.Last, p.Done = true, true
	m.must(t, b, true)
	b.ID += " and more"
	if _, err := m.s.Apply(context.Background(), b); !errors.Is(err, store.ErrSourceDone) {
		t.Fatalf("a batch after the last: %v, want ErrSourceDone", err)
	}
}

// applyAtOnce applies batches by several goroutines, each batch twice. Their orders have
// no ids, as it would depend on chance which of two batches repeats an order.
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
	phones = append(phones, "unknown")
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

// check compares all records and sources after every step.
func (m *machine) check(t *rapid.T) {
	got, err := records(context.Background(), m.s)
	if err != nil {
		t.Fatal(err)
	}
	if diff := difference(got, m.model.records()); diff != "" {
		t.Fatal(diff)
	}
	if got := sources(m.t, m.s); !slices.Equal(got, m.sources) {
		t.Fatalf("sources %+v, want %+v", got, m.sources)
	}
}
