package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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
	rapidly(t, soak.Rounds{Short: 1, Default: 2, Soak: 800}, 3, 50, func(rt *rapid.T) { checkRandom(t, rt, o) })
}

func checkRandom(t *testing.T, rt *rapid.T, o Opener) {
	m := &machine{o: o, t: t, s: o.Open(t), systemRules: map[string]string{}, feeds: map[string]int64{}, before: map[place]store.State{}, documents: map[documentKey]store.Document{}}
	defer func() { m.s.Close() }()
	rt.Repeat(map[string]func(*rapid.T){
		"start":   m.start,
		"apply":   m.apply,
		"group":   m.applyGroup,
		"many":    m.applyAtOnce,
		"repeat":  m.repeat,
		"refused": m.refused,
		"erase":   m.eraseOne,
		"commit":  m.commit,
		"reopen":  m.reopen,
		"finish":  m.finish,
		"":        m.check,
	})
}

// A machine is a store and what should be in it.
type machine struct {
	o Opener
	t *testing.T
	s store.Store

	model
	rules       string
	systemRules map[string]string
	sources     []store.Progress
	last        int64 // the greatest number that a source or group has
	feeds       map[string]int64
	batches     []store.Batch         // those of sources that were applied
	number      int64                 // of batches that were made
	before      map[place]store.State // the last state of the batch before
	states      int64                 // that were applied
	counts      store.Counts          // what became of them
	documents   map[documentKey]store.Document
}

// start starts a source, with the store's rules, with others or with none.
func (m *machine) start(t *rapid.T) {
	i, again := rapid.IntRange(0, 3).Draw(t, "source"), rapid.Bool().Draw(t, "again")
	s := source(fmt.Sprint("source ", i), places[i].system)
	s.Shop = places[i].shop
	s.Rules = rapid.SampledFrom([]string{"", "", "count lines", "count orders"}).Draw(t, "rules")
	s.SystemRules = rapid.SampledFrom([]string{"", "", "id name", "id number"}).Draw(t, "rules of the system")
	if m.disagree(m.rules, s.Rules) || m.disagree(m.systemRules[s.System], s.SystemRules) {
		var wrong *store.RulesError
		if _, err := m.s.Start(context.Background(), s, again); !errors.As(err, &wrong) {
			t.Fatalf("Start with the rules %q and %q: %v, want a RulesError", s.Rules, s.SystemRules, err)
		}
		return
	}
	m.keepRules(s.Rules, s.System, s.SystemRules)
	p, err := m.s.Start(context.Background(), s, again)
	if err != nil {
		t.Fatal(err)
	}
	want := -1
	for i, known := range m.sources {
		if known.ID == s.ID {
			want = i
		}
	}
	if want < 0 || again && m.sources[want].Done {
		want = len(m.sources)
		m.sources = append(m.sources, store.Progress{Source: s, Number: p.Number})
		m.took(t, p.Number)
	}
	m.keepRules("", "", "")
	if got := timeless(m.t, p); got != m.sources[want] {
		t.Fatalf("Start returns %+v, want %+v", got, m.sources[want])
	}
}

func (m *machine) disagree(have, got string) bool { return have != "" && got != "" && have != got }

// keepRules keeps rules, and shows them with the sources.
func (m *machine) keepRules(rules, system, systemRules string) {
	m.rules = cmp.Or(m.rules, rules)
	m.systemRules[system] = cmp.Or(m.systemRules[system], systemRules)
	for i := range m.sources {
		m.sources[i].Rules, m.sources[i].SystemRules = m.rules, m.systemRules[m.sources[i].System]
	}
}

// took takes note of a number that a source or a group was given.
func (m *machine) took(t *rapid.T, number int64) {
	if number <= m.last {
		t.Fatalf("the number %d comes after %d", number, m.last)
	}
	m.last = number
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

// A batch of a machine is one with all its orders.
type batch struct {
	store.Batch
	place
	progress *store.Progress // nil if it is a group
	orders   []store.State
}

// draw draws the orders of a batch. The first may meet the last one of the batch before, of its place.
func (m *machine) draw(t *rapid.T, where place) []store.State {
	m.number++
	orders := drawStates(t, 0, 12)
	for i := range orders {
		if orders[i].Updated != store.NoTime { // time goes on, or the first states would stay the latest
			orders[i].Updated += m.number / 8
		}
		// Some batches come before the ones that were applied.
		orders[i].At = (m.number*7919%1000)*1000 + int64(i)
	}
	if n := len(orders); n > 0 {
		if before, ok := m.before[where]; ok {
			meet(t, &orders[0], &before)
		}
		m.before[where] = orders[n-1]
	}
	return orders
}

// batch makes a batch of a source.
func (m *machine) batch(t *rapid.T) batch {
	p := m.open(t)
	where := place{p.System, p.Shop}
	orders := m.draw(t, where)
	b := batch{batchOf(fmt.Sprint("batch ", m.number), p.Number, orders...), where, p, orders}
	b.Rejected = m.number % 3
	return b
}

// group makes a group of a feed.
func (m *machine) group(t *rapid.T) batch {
	where := rapid.SampledFrom(places).Draw(t, "place")
	orders := m.draw(t, where)
	b := batch{batchOf("", 0, orders...), where, nil, orders}
	f := store.Feed{Name: rapid.SampledFrom([]string{"feed", "other"}).Draw(t, "feed"), System: where.system, Shop: where.shop}
	f.Offset = max(0, m.feeds[f.Name]+rapid.Int64Range(-2, 3).Draw(t, "offset"))
	b.Feed = &f
	return b
}

// enter enters a batch into the model, as what was applied. The counts are those that the
// store says if it depended on chance what came first.
func (m *machine) enter(t *rapid.T, b batch, got store.Outcome, byChance bool) {
	counts, fates, isSure := m.addSurely(got.Number, b.system, b.shop, b.orders)
	if byChance {
		m.byChance(b.system, b.shop, b.orders)
	}
	if byChance || !isSure {
		counts, fates = got.Counts, got.Fates
	}
	if err := wantFates(got, b.Batch, fates); err != nil {
		t.Fatal(err)
	}
	if err := wantDropped(got); err != nil {
		t.Fatal(err)
	}
	if got.Counts != counts {
		t.Fatalf("%+v, want the counts %+v", got, counts)
	}
	m.counts = plus(m.counts, counts)
	m.states += int64(len(b.States))
	if p := b.progress; p != nil {
		p.Batches++
		p.Orders += b.Orders
		p.Rejected += b.Rejected
		p.Counts = plus(p.Counts, counts)
		m.batches = append(m.batches, b.Batch)
		return
	}
	m.feeds[b.Feed.Name] = max(m.feeds[b.Feed.Name], b.Feed.Offset)
}

func (m *machine) apply(t *rapid.T) { m.must(t, m.batch(t)) }

func (m *machine) must(t *rapid.T, b batch) {
	got, err := m.s.Apply(context.Background(), b.Batch)
	if err != nil || !got.Applied || b.progress != nil && got.Number != b.Source {
		t.Fatalf("%q: %+v, %v; want it applied", b.ID, got, err)
	}
	if b.progress == nil {
		m.took(t, got.Number)
	}
	m.enter(t, b, got, false)
}

// applyGroup applies a group of a feed, or finds that it was applied.
func (m *machine) applyGroup(t *rapid.T) {
	b := m.group(t)
	if f := b.Feed; f.Offset == 0 || f.Offset > m.feeds[f.Name] {
		m.must(t, b)
		return
	}
	m.mustNot(t, b.Batch)
}

func (m *machine) mustNot(t *rapid.T, b store.Batch) {
	if got, err := m.s.Apply(context.Background(), b); err != nil || got.Applied || got.Counts != (store.Counts{}) {
		t.Fatalf("%q: %+v, %v; want nothing done", b.ID, got, err)
	}
}

// finish applies a source's last batch, after which another is refused.
func (m *machine) finish(t *rapid.T) {
	if len(m.sources) < 3 {
		t.Skip("too early")
	}
	b := m.batch(t)
	b.Last = true
	b.Batches = b.progress.Batches + 1
	m.must(t, b)
	b.progress.Done = true
	b.ID += " and more"
	if _, err := m.s.Apply(context.Background(), b.Batch); !errors.Is(err, store.ErrSourceDone) {
		t.Fatalf("a batch after the last: %v, want ErrSourceDone", err)
	}
}

// refused applies what a store refuses: it changes nothing.
func (m *machine) refused(t *rapid.T) {
	b := m.batch(t)
	lacking, unknown := b.Batch, b.Batch
	lacking.Last, lacking.Batches = true, b.progress.Batches+2
	if _, err := m.s.Apply(context.Background(), lacking); !errors.Is(err, store.ErrMissing) {
		t.Fatalf("%v, want ErrMissing", err)
	}
	unknown.Source = m.last + 5
	if _, err := m.s.Apply(context.Background(), unknown); !errors.Is(err, store.ErrUnknownSource) {
		t.Fatalf("%v, want ErrUnknownSource", err)
	}
	if m.rules != "" {
		b := m.group(t)
		b.Feed.Offset, b.Feed.Rules = m.feeds[b.Feed.Name]+1, m.rules+" "
		var wrong *store.RulesError
		if _, err := m.s.Apply(context.Background(), b.Batch); !errors.As(err, &wrong) {
			t.Fatalf("%v, want a RulesError", err)
		}
	}
}

// applyAtOnce applies batches and groups by several goroutines, each batch twice. What
// becomes of states depends on chance, and the records do not: they follow from the numbers.
func (m *machine) applyAtOnce(t *rapid.T) {
	batches := make([]batch, rapid.IntRange(2, 5).Draw(t, "batches"))
	for i := range batches {
		if rapid.Bool().Draw(t, "group") {
			batches[i] = m.group(t)
			batches[i].Feed.Name, batches[i].Feed.Offset = fmt.Sprint("of its own ", m.number), 1
		} else {
			batches[i] = m.batch(t)
		}
	}
	var group sync.WaitGroup
	outcomes, failed := make([]store.Outcome, len(batches)*2), make([]error, len(batches)*2)
	for i := range outcomes {
		group.Go(func() { outcomes[i], failed[i] = m.s.Apply(context.Background(), batches[i%len(batches)].Batch) })
	}
	group.Wait()
	last := m.last
	numbers := map[int64]bool{}
	for i, b := range batches {
		got, other := outcomes[i], outcomes[i+len(batches)]
		if other.Applied {
			got, other = other, got
		}
		if err := errors.Join(failed...); err != nil || !got.Applied || other.Applied {
			t.Fatalf("%q: %+v and %+v, %v; want it applied once", b.ID, got, other, err)
		}
		if b.progress == nil {
			if got.Number <= m.last || numbers[got.Number] {
				t.Fatalf("a group has the number %d, and there was one before", got.Number)
			}
			numbers[got.Number] = true
			last = max(last, got.Number)
		}
		m.enter(t, b, got, true)
	}
	m.last = last
}

func (m *machine) repeat(t *rapid.T) {
	if len(m.batches) == 0 {
		t.Skip("no batch yet")
	}
	m.mustNot(t, m.batches[rapid.IntRange(0, len(m.batches)-1).Draw(t, "batch")])
}

func drawErasure(t *rapid.T) store.Erasure {
	where := rapid.SampledFrom(places).Draw(t, "place")
	e := store.Erasure{Phone: rapid.SampledFrom([]string{"1", "2", "3", "unknown", ""}).Draw(t, "phone"), System: where.system, Shop: where.shop}
	e.IDs = rapid.SampledFrom([][]string{nil, nil, {"1"}, {"é", "unknown", "é"}}).Draw(t, "ids")
	return e
}

func (m *machine) eraseOne(t *rapid.T) {
	e := drawErasure(t)
	want := m.erase(e)
	if found, err := m.s.Erase(context.Background(), e); err != nil || found != want {
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
	if diff := difference(got, m.records()); diff != "" {
		t.Fatal(diff)
	}
	limit := rapid.SampledFrom([]int{1, 2, 5, store.MostListed}).Draw(t, "limit")
	if err := wantReads(m.s, &m.model, limit, rapid.SampledFrom(searches).Draw(t, "search")); err != nil {
		t.Fatal(err)
	}
	if err := wantDocuments(m.s, m.documents, limit, documentKinds...); err != nil {
		t.Fatal(err)
	}
	if got := sources(m.t, m.s); !slices.Equal(got, m.sources) {
		t.Fatalf("sources %+v, want %+v", got, m.sources)
	}
	if known := int64(len(m.orders())); m.states != known+m.counts.Repeated+m.counts.Older+m.counts.Replaced {
		t.Fatalf("%d states of %d orders, and the counts %+v", m.states, known, m.counts)
	}
}
