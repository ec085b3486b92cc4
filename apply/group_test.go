package apply_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
	"process-orders/store/memory"
)

// body is the source of a request's body.
func body(text string) input.Source { return input.Reader("request", strings.NewReader(text)) }

// received is when live orders come in tests.
var received = time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)

func applyGroup(t *testing.T, s store.Store, f apply.Feed, o apply.Options, bodies ...string) store.Outcome {
	t.Helper()
	var sources []input.Source
	for _, text := range bodies {
		sources = append(sources, body(text))
	}
	f.Received = received
	g, err := apply.ReadGroup(context.Background(), sources, f, o)
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := g.Apply(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

// Live orders come in any shape, and are later than what came before: from a file, or from
// another feed.
func TestGroups(t *testing.T) {
	kept, o := memory.New(), withIDs()
	if _, err := apply.Apply(context.Background(), kept, file(t, "a", `[{"id":1,"phone":"1","name":"Ann","items":[{"name":"Tea","price":1}]}]`), o); err != nil {
		t.Fatal(err)
	}
	web, log := apply.Feed{Name: "web"}, apply.Feed{Name: "log", Offset: 10}
	for i, c := range []struct {
		outcome store.Outcome
		want    store.Outcome
	}{
		{applyGroup(t, kept, web, o, `{"id":2,"phone":"1","name":"Bea","items":[{"name":"Tea","price":2}]}`), store.Outcome{Applied: true, Number: 2, Fates: []store.Fate{store.Brought}}},
		{applyGroup(t, kept, log, o, `[{"phone":"2","name":"Cy","items":[{"name":"Tea","price":3}]}]`, `{"orders":[{"phone":"2","name":"Di","items":[{"name":"Cake","price":4}]}]}`), store.Outcome{Applied: true, Number: 3, Fates: []store.Fate{}}},
		{applyGroup(t, kept, log, o, `[{"phone":"2","name":"Ed","items":[{"name":"Tea","price":5}]}]`), store.Outcome{}},
		{applyGroup(t, kept, web, o, `{"id":2,"phone":"1","name":"Bea","items":[{"name":"Tea","price":2}]}`), store.Outcome{Applied: true, Number: 4, Counts: store.Counts{Repeated: 1}, Fates: []store.Fate{store.Repeated}, Dropped: map[store.Dropped]int64{{Source: 4}: 1}}},
		{applyGroup(t, kept, web, o, `{"id":2,"phone":"1","name":"Fay","items":[]}`), store.Outcome{Applied: true, Number: 5, Counts: store.Counts{Replaced: 1}, Fates: []store.Fate{store.Changed}, Dropped: map[store.Dropped]int64{{Source: 2}: 1}}},
	} {
		if !reflect.DeepEqual(c.outcome, c.want) {
			t.Errorf("group %d: got %+v, want %+v", i, c.outcome, c.want)
		}
	}
	if got, want := contents(t, kept), "1 Fay\n2 Di\nTea 3 2\nCake 4 1\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if sources, err := kept.Sources(context.Background()); err != nil || len(sources) != 1 {
		t.Errorf("groups have rows: %+v, %v", sources, err)
	}
}

// A group is applied whole or not at all, unless somebody takes the rejects.
func TestRejectsOfGroups(t *testing.T) {
	ctx, kept := context.Background(), memory.New()
	const text = `{"phone":"1","items":[]}` + "\n" + `{"items":[]}`
	var rejected *records.RejectedError
	if _, err := apply.ReadGroup(ctx, []input.Source{body(text)}, apply.Feed{Name: "web"}, apply.Options{}); !errors.As(err, &rejected) || rejected.Count != 1 {
		t.Errorf("got %v", err)
	}
	var syntax *orders.SyntaxError
	if _, err := apply.ReadGroup(ctx, []input.Source{body("[]"), body("{")}, apply.Feed{Name: "web"}, apply.Options{}); !errors.As(err, &syntax) {
		t.Errorf("got %v", err)
	}
	n := 0
	var o apply.Options
	o.Reject = func(*orders.Reject) error { n++; return nil }
	g, err := apply.ReadGroup(ctx, []input.Source{body(text)}, apply.Feed{Name: "web"}, o)
	if err != nil || n != 1 || g.Totals.Orders != 1 || g.Totals.Rejected != 1 {
		t.Fatalf("got %+v, %v, %d rejects", g, err, n)
	}
	if _, err := g.Apply(ctx, kept); err != nil || contents(t, kept) != "1 \n" {
		t.Errorf("got %v, %s", err, contents(t, kept))
	}
	for _, sources := range [][]input.Source{{{Name: "in"}}, {input.Reader("in", nil)}} {
		if _, err := apply.ReadGroup(ctx, sources, apply.Feed{Name: "web"}, o); err == nil {
			t.Error("a source that cannot be opened is no error")
		}
	}
}

// Orders whose mapping reads no time go into any store: in one that goes by times they have
// that of their receipt. Orders that have no time, but could, are earliest. A mapping that says
// what decides is refused by a store that was made with another rule.
func TestTimes(t *testing.T) {
	ctx := context.Background()
	mapping := func(time string, later orders.Later) apply.Options {
		m := orders.Default()
		if m.Later = later; time != "" {
			m.Time = orders.Field{time}
		}
		var o apply.Options
		o.Mapping, o.System = &m, "system"+time
		return o
	}
	plain, timed := mapping("", orders.LaterDefault), mapping("at", orders.LaterDefault)
	order := func(name, at string) string {
		return fmt.Sprintf(`{"phone":"1","name":%q,"at":%q,"items":[{"name":%[1]q,"price":1}]}`, name, at)
	}
	future := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	kept := memory.New()
	steps := []struct {
		text string
		o    apply.Options
		live bool
		want string
	}{
		{order("A", "2026-05-04T12:00:00Z"), timed, false, "A"},
		{order("B", "2026-05-04T11:00:00Z"), timed, true, "A"},
		{order("C", "never"), timed, false, "A"},
		{order("D", ""), plain, true, "A"},  // received at 10
		{order("E", ""), plain, false, "E"}, // now
		{order("F", future), timed, true, "F"},
		{order("G", ""), plain, false, "F"},
	}
	for i, c := range steps {
		if c.live {
			applyGroup(t, kept, apply.Feed{Name: "web"}, c.o, c.text)
		} else if _, err := apply.Apply(ctx, kept, file(t, "orders", c.text), c.o); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		if name, _, _ := strings.Cut(contents(t, kept), "\n"); name != "1 "+c.want {
			t.Errorf("step %d: got %s, want %s", i, name, c.want)
		}
	}
	got := strings.Split(contents(t, kept), "\n")[1:]
	want := []string{"C 1 1", "D 1 1", "B 1 1", "A 1 1", "E 1 1", "G 1 1", "F 1 1", ""}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := plain.CheckRules(ctx, kept); err != nil {
		t.Error(err)
	}
	byPosition := mapping("at", orders.LaterPosition)
	explicit := mapping("", orders.LaterPosition)
	for _, o := range []apply.Options{byPosition, explicit} {
		var refused *store.RulesError
		if err := o.CheckRules(ctx, kept); !errors.As(err, &refused) {
			t.Errorf("got %v", err)
		}
		if _, err := apply.Apply(ctx, kept, file(t, "orders", order("H", "")), o); !errors.As(err, &refused) {
			t.Errorf("got %v", err)
		}
		g, err := apply.ReadGroup(ctx, []input.Source{body(order("H", ""))}, apply.Feed{Name: "web"}, o)
		if err == nil {
			_, err = g.Apply(ctx, kept)
		}
		if !errors.As(err, &refused) || refused.Got != "count lines; phones as written; later position" || refused.Have != "count lines; phones as written; later time" {
			t.Errorf("got %v", err)
		}
	}
	positions := memory.New()
	if _, err := apply.Apply(ctx, positions, file(t, "orders", order("A", "2026-05-04T12:00:00Z")), plain); err != nil {
		t.Fatal(err)
	}
	for _, o := range []apply.Options{byPosition, explicit} {
		if err := o.CheckRules(ctx, positions); err != nil {
			t.Error(err)
		}
		applyGroup(t, positions, apply.Feed{Name: "web"}, o, order("B", "2026-05-04T11:00:00Z"))
	}
	if got := contents(t, positions); got != "1 B\nA 1 1\nB 1 2\n" {
		t.Errorf("got\n%s", got)
	}
	if err := timed.CheckRules(ctx, positions); err == nil {
		t.Error("a mapping with times fits a store that goes by positions")
	}
}

// What a source of one system must share with the others.
func TestSystemRules(t *testing.T) {
	ctx, kept := context.Background(), memory.New()
	const text = `{"id":1,"phone":"1","items":[]}`
	first := withIDs()
	first.Included = []string{"void", "test"}
	if _, err := apply.Apply(ctx, kept, file(t, "orders", text), first); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*apply.Options, *orders.Mapping){
		"": func(o *apply.Options, _ *orders.Mapping) { o.Included = []string{"test", "void", "test"} },
		"ids at name; without phone reject; include test, void": func(_ *apply.Options, m *orders.Mapping) { m.ID = orders.Field{"name"} },
		"ids at id; without phone items; include test, void":    func(_ *apply.Options, m *orders.Mapping) { m.NoPhone = orders.NoPhoneItems },
		"ids at id; without phone reject":                       func(o *apply.Options, _ *orders.Mapping) { o.Included = nil },
		"ids none; without phone reject; include test, void":    func(_ *apply.Options, m *orders.Mapping) { m.ID = nil },
	} {
		o, m := first, *first.Mapping
		o.Mapping = &m
		change(&o, &m)
		for range 2 { // before anything is read, and when the source is started
			var refused *store.RulesError
			_, err := apply.Apply(ctx, kept, file(t, "other", `{"id":2,"phone":"1","items":[]}`), o)
			if want == "" && err != nil || want != "" && (!errors.As(err, &refused) || refused.Got != want || refused.Have != "ids at id; without phone reject; include test, void") {
				t.Errorf("%q: got %v", want, err)
			}
		}
		o.System = "other" + want // another system may differ
		if _, err := apply.Apply(ctx, kept, file(t, "other", `{"id":2,"phone":"1","items":[]}`), o); err != nil {
			t.Error(err)
		}
	}
}

// Two feeds and a file at once give one of the results that they give one after the other. If
// orders have an id, a time and a time of their last change, all of those are the same.
func TestFeedsAndFileAtOnce(t *testing.T) {
	ctx := context.Background()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for round := range 8 {
		given := round%2 == 0
		m := orders.Default()
		if given {
			m.ID, m.Time, m.Updated = orders.Field{"id"}, orders.Field{"at"}, []string{"changed"}
			m.Skip = []orders.Condition{{Reason: "void", Path: "void", Values: []string{"true"}}}
		}
		var o apply.Options
		o.Mapping, o.System, o.BatchBytes, o.BlockBytes = &m, "test", 700, 1000
		order := func() string {
			n := random.IntN(12)
			return fmt.Sprintf(`{"id":%d,"at":%d,"changed":%d,"void":%t,"phone":"%d","name":"Name %d","items":[{"name":"Item %d","price":%d}]}`,
				n, 1777852800+n%5, 1777852800+random.IntN(6), random.IntN(5) == 0, random.IntN(4), random.IntN(100), random.IntN(4), random.IntN(90))
		}
		texts := make([][]string, 3) // of the two feeds, by group, and of the file
		for i := range texts {
			groups := 2
			if i == 2 {
				groups = 1
			}
			for range groups {
				var text strings.Builder
				for range 1 + random.IntN(6) {
					text.WriteString(order() + "\n")
				}
				texts[i] = append(texts[i], text.String())
			}
		}
		path := filepath.Join(t.TempDir(), "orders")
		step := func(s store.Store, i, n int) error {
			if i == 2 {
				_, err := apply.Apply(ctx, s, again(t, path, texts[2][0]), o)
				return err
			}
			g, err := apply.ReadGroup(ctx, []input.Source{body(texts[i][n])}, apply.Feed{Name: fmt.Sprint("feed ", i), Offset: int64(n + 1), Received: received}, o)
			if err == nil {
				_, err = g.Apply(ctx, s)
			}
			return err
		}
		serial := map[string]bool{}
		for _, way := range interleavings([]int{2, 2, 1}) {
			s, done := memory.New(), [3]int{}
			for _, i := range way {
				if err := step(s, i, done[i]); err != nil {
					t.Fatal(err)
				}
				done[i]++
			}
			serial[contents(t, s)] = true
		}
		if given && len(serial) != 1 {
			t.Errorf("round %d: %d results of one order after the other, want 1", round, len(serial))
		}
		for range 10 {
			s := memory.New()
			var group sync.WaitGroup
			for i := range texts {
				group.Go(func() {
					for n := range texts[i] {
						if err := step(s, i, n); err != nil {
							t.Error(err)
						}
					}
				})
			}
			group.Wait()
			if got := contents(t, s); !serial[got] {
				t.Fatalf("round %d: got\n%swhich is none of %d results of one after the other", round, got, len(serial))
			}
		}
	}
}

// interleavings are all orders in which so many steps of each of several can be taken.
func interleavings(steps []int) (all [][]int) {
	for i, n := range steps {
		if n == 0 {
			continue
		}
		left := slices.Clone(steps)
		left[i]--
		for _, rest := range interleavings(left) {
			all = append(all, append([]int{i}, rest...))
		}
	}
	if len(all) == 0 {
		return [][]int{nil}
	}
	return all
}

// An erasure finds an order that is cancelled, and one that was restored since makes no
// customer.
func TestEraseCancelled(t *testing.T) {
	kept, web, o := memory.New(), apply.Feed{Name: "web"}, withIDs()
	o.Mapping.Skip = []orders.Condition{{Reason: "cancelled", Path: "state", Values: []string{"cancelled"}}}
	const order = `{"id":1,"phone":"1","name":"Ann","items":[{"name":"Tea","price":1}]`
	applyGroup(t, kept, web, o, order+`}`)
	applyGroup(t, kept, web, o, order+`,"state":"cancelled"}`)
	if _, err := kept.Erase(context.Background(), store.Erasure{Phone: "1"}); err != nil {
		t.Fatal(err)
	}
	applyGroup(t, kept, web, o, order+`}`)
	if got, want := contents(t, kept), "Tea 1 1\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestCheckRulesOfFeeds compares the rules of a run with those of a store that has no sources, as
// live orders brought them.
func TestCheckRulesOfFeeds(t *testing.T) {
	ctx, kept := context.Background(), memory.New()
	byOrders := apply.Options{Count: records.CountOrders}
	if err := byOrders.CheckRules(ctx, kept); err != nil {
		t.Errorf("a store that has no rules: %v", err)
	}
	applyGroup(t, kept, apply.Feed{Name: "web"}, byOrders, `{"phone":"1","items":[]}`)
	if err := byOrders.CheckRules(ctx, kept); err != nil {
		t.Error(err)
	}
	var refused *store.RulesError
	if err := new(apply.Options).CheckRules(ctx, kept); !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
}
