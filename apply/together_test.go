package apply_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/orders"
	"process-orders/store"
	"process-orders/store/sqlite"
)

// openSQLite opens an empty store that says what became of states.
func openSQLite(t *testing.T) store.Service {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "shop.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func readGroup(t *testing.T, text string, f apply.Feed, o apply.Options) *apply.Group {
	t.Helper()
	f.Received = received
	g, err := apply.ReadGroup(t.Context(), []input.Source{body(text)}, f, o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// together applies groups in one transaction of a store, twice: the first one is not committed.
func together(t *testing.T, s store.Service, groups []*apply.Group) (settled []apply.Settled) {
	t.Helper()
	no := errors.New("no")
	for _, last := range []error{no, nil} {
		err := s.Commit(t.Context(), func(tx store.Transaction) (err error) {
			if settled, err = apply.ApplyGroups(groups, tx.Apply); err != nil {
				return err
			}
			return last
		})
		if !errors.Is(err, last) {
			t.Fatal(err)
		}
	}
	return settled
}

// Groups of several callers are applied in one transaction as if they came one after the
// other.
func TestGroupsTogether(t *testing.T) {
	for _, ids := range []bool{false, true} {
		m := orders.Default()
		if ids {
			m.ID = orders.Field{"id"}
		}
		var o apply.Options
		o.Mapping, o.System = &m, "test"
		one, other := openSQLite(t), openSQLite(t)
		var groups []*apply.Group
		for i := range 9 {
			id := ""
			if ids && i%3 > 0 {
				id = fmt.Sprint("id ", i%4)
			}
			text := jsonOrder(i, id) + "\n" + jsonOrder(i+1, "")
			groups = append(groups, readGroup(t, text, apply.Feed{Name: "web"}, o))
			if !groups[i].HasUnnamed() {
				t.Error("an order without an id is not found")
			}
			if _, err := readGroup(t, text, apply.Feed{Name: "web"}, o).Apply(context.Background(), one); err != nil {
				t.Fatal(err)
			}
		}
		for i, s := range together(t, other, groups) {
			if s.Number != 1 || !s.Applied || s.Err != nil {
				t.Errorf("group %d: %+v", i, s)
			}
		}
		if got, want := contents(t, other), contents(t, one); got != want {
			t.Errorf("ids %t: got\n%swant\n%s", ids, got, want)
		}
	}
}

// Each group gets its own counts, whatever became of it, and one of other rules keeps none of
// the others.
func TestFatesOfGroups(t *testing.T) {
	s, o := openSQLite(t), withIDs()
	o.Mapping.Updated = []string{"at"}
	o.Mapping.Skip = []orders.Condition{{Reason: "cancelled", Path: "state", Values: []string{"cancelled"}}}
	order := func(id, at int, name, state string) string {
		return fmt.Sprintf(`{"id":%d,"at":"2026-05-0%dT10:00:00Z","phone":"1","name":%q,"state":%q,"items":[{"name":"Tea","price":1}]}`+"\n", id, at, name, state)
	}
	other := withIDs()
	other.Mapping.NoPhone = orders.NoPhoneSkip
	web := apply.Feed{Name: "web"}
	together(t, s, []*apply.Group{readGroup(t, order(1, 5, "Ann", ""), web, o)})
	groups := []*apply.Group{
		readGroup(t, order(1, 6, "Bob", "")+order(2, 1, "Ann", ""), web, o),
		readGroup(t, order(3, 1, "Cy", ""), web, other),
		readGroup(t, order(1, 4, "Cy", "")+order(2, 1, "Ann", "")+order(4, 1, "Di", "cancelled"), web, o),
		readGroup(t, order(1, 3, "Di", "cancelled")+order(5, 1, "Di", ""), apply.Feed{Name: "web", Shop: "b"}, o),
		readGroup(t, order(2, 0, "Di", "cancelled"), web, o),
	}
	type counts struct {
		orders, changed, repeated, superseded int64
		skipped                               map[string]int64
		isRefused                             bool
	}
	want := []counts{
		{orders: 2, changed: 1},
		{isRefused: true},
		{repeated: 1, superseded: 1, skipped: map[string]int64{"cancelled": 1}},
		{orders: 1, skipped: map[string]int64{"cancelled": 1}},
		{superseded: 1, skipped: map[string]int64{}},
	}
	for i, settled := range together(t, s, groups) {
		var refused *store.RulesError
		got := counts{settled.Totals.Orders, settled.Changed, settled.Totals.Repeated, settled.Totals.Superseded, settled.Totals.Skipped, errors.As(settled.Err, &refused)}
		if !reflect.DeepEqual(got, want[i]) {
			t.Errorf("group %d: got %+v, want %+v", i, got, want[i])
		}
	}
	if c, _, err := s.Customer(t.Context(), "1"); err != nil || c.Orders != 3 {
		t.Errorf("got %+v, %v", c, err)
	}
}

// Groups whose feed has offsets are applied one by one: each may be known.
func TestOffsetsTogether(t *testing.T) {
	s, o := openSQLite(t), withIDs()
	group := func(id int, offset int64) *apply.Group {
		return readGroup(t, jsonOrder(1, fmt.Sprint(id)), apply.Feed{Name: "log", Offset: offset}, o)
	}
	together(t, s, []*apply.Group{group(1, 5)})
	settled := together(t, s, []*apply.Group{group(1, 5), group(2, 6), group(3, 6)})
	for i, want := range []bool{false, true, false} {
		if settled[i].Applied != want || (settled[i].Totals.Orders == 1) != want {
			t.Errorf("group %d: %+v", i, settled[i])
		}
	}
}

// Orders that go by their receipt make a store that goes by times, and go into one that goes by
// positions.
func TestByReceipt(t *testing.T) {
	const text = `{"phone":"1","name":"Ann","created_at":"2020-01-01T00:00:00Z","items":[{"name":"Tea","price":1}]}`
	m := orders.Detailed()
	live, byTime := apply.Options{ByReceipt: true}, withIDs()
	live.Mapping = &m
	byTime.Mapping.Time = orders.Field{"at"}
	positions := openSQLite(t)
	if _, err := apply.Apply(t.Context(), positions, file(t, "a", text), apply.Options{}); err != nil {
		t.Fatal(err)
	}
	times := openSQLite(t)
	if _, err := apply.Apply(t.Context(), times, file(t, "a", `{"id":1,"phone":"1","name":"Bob","at":"2021-01-01T00:00:00Z","items":[]}`), byTime); err != nil {
		t.Fatal(err)
	}
	for i, s := range []store.Service{positions, times, openSQLite(t)} {
		if settled := together(t, s, []*apply.Group{readGroup(t, text, apply.Feed{Name: "web"}, live)}); settled[0].Err != nil || settled[0].Totals.Orders != 1 {
			t.Errorf("store %d: %+v", i, settled[0])
		}
		if c, _, err := s.Customer(t.Context(), "1"); err != nil || c.Name != "Ann" { // who came last
			t.Errorf("store %d: %+v, %v", i, c, err)
		}
		settled := together(t, s, []*apply.Group{readGroup(t, `{"id":7,"phone":"2","items":[]}`, apply.Feed{Name: "timed"}, byTime)})
		if goesByTime := settled[0].Err == nil; goesByTime != (i > 0) {
			t.Errorf("store %d goes by times: %t", i, goesByTime)
		}
	}
}
