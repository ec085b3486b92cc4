package postgres_test

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"process-orders/internal/pgtest"
	"process-orders/internal/soak"
	"process-orders/store"
)

// state returns the state of an order with all times, which has one line for each item. Its
// place among others follows from the time at which it was placed, and so do its name and
// its prices.
func state(id string, placed, updated int64, phone string, items ...string) store.State {
	s := store.State{ID: id, Placed: placed, Time: placed, Updated: updated, Digest: uint64(updated), At: placed, Phone: phone, Name: fmt.Sprint("name ", placed)}
	for _, item := range items {
		s.Lines = s.Lines.Append(store.Line{Item: item, Price: fmt.Sprint(placed)})
	}
	return s
}

// cancelled returns a later state of an order that does not stand.
func cancelled(s store.State) store.State {
	return store.State{ID: s.ID, Placed: s.Placed, Time: s.Time, Updated: s.Updated + 1, Skipped: true}
}

// started returns the number of a source that is started.
func started(t testing.TB, s store.Store, id string) int64 {
	t.Helper()
	p, err := s.Start(context.Background(), store.Source{ID: id}, false)
	if err != nil {
		t.Fatal(err)
	}
	return p.Number
}

// mustApply applies a batch of states.
func mustApply(t testing.TB, s store.Store, id string, source int64, states ...store.State) store.Outcome {
	t.Helper()
	o, err := s.Apply(context.Background(), store.Batch{ID: id, Source: source, States: states})
	if err != nil || !o.Applied {
		t.Errorf("batch %s: %+v, %v; want it applied", id, o, err)
	}
	return o
}

// recordsOf returns all records without details, by their phones and names.
func recordsOf(t testing.TB, s store.Store) (customers map[string]store.Customer, items map[string]store.Item) {
	t.Helper()
	return readAs(t, s, store.Reading{})
}

// detailsOf returns all records with all details.
func detailsOf(t testing.TB, s store.Store) (customers map[string]store.Customer, items map[string]store.Item) {
	t.Helper()
	return readAs(t, s, store.Reading{Details: true})
}

func readAs(t testing.TB, s store.Store, how store.Reading) (customers map[string]store.Customer, items map[string]store.Item) {
	t.Helper()
	customers, items = map[string]store.Customer{}, map[string]store.Item{}
	err := s.Records(context.Background(), how, func(c iter.Seq2[store.Customer, error], i iter.Seq2[store.Item, error]) error {
		for one, err := range c {
			if err != nil {
				return err
			}
			customers[one.Phone] = one
		}
		for one, err := range i {
			if err != nil {
				return err
			}
			items[one.Name] = one
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return customers, items
}

// atOnce calls do with each number below n, at the same time.
func atOnce(n int, do func(i int)) {
	var group sync.WaitGroup
	var ready sync.WaitGroup
	ready.Add(n)
	for i := range n {
		group.Go(func() {
			ready.Done()
			ready.Wait()
			do(i)
		})
	}
	group.Wait()
}

// TestNextBestAtOnce takes away the best orders of a customer and of an item by two
// transactions at once: one has every other. What shows is the next best, of all orders, and
// so do the first appearances. With the deepest take, the items lose more than their rows
// hold of what is next. In half of the rounds the two have customers of their own, who
// keep one order each, so that nothing but the items makes them wait for each other.
func TestNextBestAtOnce(t *testing.T) {
	t.Parallel()
	server, url := pgtest.Shared(t), newURL(t)
	stores := []store.Store{open(t, url), open(t, url)}
	source := started(t, stores[0], "a")
	for l := soak.NewLoop(t, "pairs of transactions", soak.Rounds{Short: 30, Default: 100, Soak: 10_000}); l.Next(); {
		depth := []int{1, 1, 20, 20, 1, 1}[l.Round%6] // how many best each of the two takes away
		ofLatest, ofFirst := 2*depth, 2*depth
		item := fmt.Sprint("item ", l.Round)
		phone := func(i int) string { return fmt.Sprint("phone ", l.Round, " ", i%2*(l.Round%2)) }
		var orders []store.State
		for i := range ofLatest + ofFirst + 2 {
			orders = append(orders, state(fmt.Sprint("order ", l.Round, " ", i), int64(l.Round*1000+i), 1, phone(i), item, "all"))
		}
		mustApply(t, stores[0], fmt.Sprint(l.Round), source, orders...)
		atOnce(2, func(me int) {
			var mine []store.State
			for i, o := range orders {
				if (i < ofFirst || i >= len(orders)-ofLatest) && i%2 == me {
					mine = append(mine, cancelled(o))
				}
			}
			mustApply(t, stores[me], fmt.Sprint(l.Round, " ", me), source, mine...)
		})
		first, latest := orders[ofFirst], orders[ofFirst+1]
		firstVersion, latestVersion := first.Version("", "", 0, 0, 0), latest.Version("", "", 0, 0, 0)
		want := []store.Customer{{Phone: phone(0), Name: latest.Name, Named: latestVersion, First: firstVersion, FirstPlaced: store.NoTime, LastPlaced: store.NoTime}}
		if l.Round%2 == 1 {
			want = []store.Customer{
				{Phone: phone(0), Name: first.Name, Named: firstVersion, First: firstVersion, FirstPlaced: store.NoTime, LastPlaced: store.NoTime},
				{Phone: phone(1), Name: latest.Name, Named: latestVersion, First: latestVersion, FirstPlaced: store.NoTime, LastPlaced: store.NoTime},
			}
		}
		customers, items := recordsOf(t, stores[0])
		for _, c := range want {
			if got := customers[c.Phone]; fmt.Sprint(got) != fmt.Sprint(c) {
				t.Fatalf("round %d: %+v, want %+v", l.Round, got, c)
			}
		}
		wantItem := store.Item{Name: item, Price: fmt.Sprint(latest.Placed), Priced: latestVersion, First: firstVersion, Orders: 2}
		if got := items[item]; fmt.Sprint(got) != fmt.Sprint(wantItem) {
			t.Fatalf("round %d: %+v, want %+v", l.Round, got, wantItem)
		}
		if got := items["all"]; got.Orders != int64(l.Round+1)*2 || got.Price != wantItem.Price {
			t.Fatalf("round %d: %+v", l.Round, got)
		}
	}
	wantNoDeadlock(t, server)
}

// TestLastOrderAtOnce takes away the last order of a customer and of an item, while another
// transaction brings one.
func TestLastOrderAtOnce(t *testing.T) {
	t.Parallel()
	server, url := pgtest.Shared(t), newURL(t)
	stores := []store.Store{open(t, url), open(t, url)}
	source := started(t, stores[0], "a")
	for l := soak.NewLoop(t, "pairs of transactions", soak.Rounds{Short: 30, Default: 100, Soak: 10_000}); l.Next(); {
		phone, item := fmt.Sprint("phone ", l.Round), fmt.Sprint("item ", l.Round)
		old := state(fmt.Sprint("old ", l.Round), 1, 1, phone, item)
		mustApply(t, stores[0], fmt.Sprint(l.Round), source, old)
		next := state(fmt.Sprint("new ", l.Round), 2, 1, phone, item)
		atOnce(2, func(me int) {
			mustApply(t, stores[me], fmt.Sprint(l.Round, " ", me), source, []store.State{cancelled(old), next}[me])
		})
		customers, items := recordsOf(t, stores[0])
		version := next.Version("", "", 0, 0, 0)
		if got, want := customers[phone], (store.Customer{Phone: phone, Name: "name 2", Named: version, First: version, FirstPlaced: store.NoTime, LastPlaced: store.NoTime}); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("round %d: %+v, want %+v", l.Round, got, want)
		}
		if got, want := items[item], (store.Item{Name: item, Price: "2", Priced: version, First: version, Orders: 1}); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("round %d: %+v, want %+v", l.Round, got, want)
		}
	}
	wantNoDeadlock(t, server)
}

// TestSameOrderAtOnce brings states of one order by several transactions at once: of one that
// is new, and then of one that is there. The latest of them stands, and each is counted.
func TestSameOrderAtOnce(t *testing.T) {
	t.Parallel()
	const writers = 4
	server, url := pgtest.Shared(t), newURL(t)
	var stores [writers]store.Store
	for i := range stores {
		stores[i] = open(t, url)
	}
	source := started(t, stores[0], "a")
	random := soak.Random(t)
	for l := soak.NewLoop(t, "states at once", soak.Rounds{Short: 20, Default: 60, Soak: 5000}); l.Next(); {
		id := fmt.Sprint("order ", l.Round)
		for edits := range 2 {
			var counts [writers]store.Counts
			updated := random.Perm(writers)
			atOnce(writers, func(me int) {
				u := int64(10*edits + updated[me])
				s := state(id, 5, u, fmt.Sprint("phone ", l.Round, " ", u), fmt.Sprint("item ", l.Round, " ", u))
				counts[me] = mustApply(t, stores[me], fmt.Sprint(id, edits, me), source, s).Counts
			})
			all := store.Counts{}
			for _, c := range counts {
				all.Repeated, all.Older, all.Replaced = all.Repeated+c.Repeated, all.Older+c.Older, all.Replaced+c.Replaced
			}
			if lost := all.Older + all.Replaced; all.Repeated != 0 || lost != int64(writers-1+edits) {
				t.Fatalf("round %d: counts %+v", l.Round, all)
			}
		}
		customers, items := recordsOf(t, stores[0])
		want := fmt.Sprint(l.Round, " ", 10+writers-1)
		if len(customers) != l.Round+1 || customers["phone "+want].Phone == "" {
			t.Fatalf("round %d: %d customers, want %d and phone %s", l.Round, len(customers), l.Round+1, want)
		}
		if len(items) != l.Round+1 || items["item "+want].Orders != 1 {
			t.Fatalf("round %d: %d items, want %d and item %s", l.Round, len(items), l.Round+1, want)
		}
	}
	wantNoDeadlock(t, server)
}

// TestEditsAtOnce applies shuffled states of few orders, customers and items by several
// transactions at once. The records are those of the same batches one after the other.
func TestEditsAtOnce(t *testing.T) {
	t.Parallel()
	const writers, batches = 4, 12
	server := pgtest.Shared(t)
	random := soak.Random(t)
	for l := soak.NewLoop(t, "stores", soak.Rounds{Short: 2, Default: 5, Soak: 300}); l.Next(); {
		var all []store.Batch
		for i := range writers * batches {
			all = append(all, store.Batch{ID: fmt.Sprint(i), Source: 1, States: randomStates(random), Delta: delta(random.IntN(8))})
		}
		serial, shared := open(t, newURL(t)), open(t, newURL(t))
		started(t, serial, "a")
		started(t, shared, "a")
		for _, b := range all {
			if applied, err := try(serial, b); !applied || err != nil {
				t.Fatalf("applied %v, %v", applied, err)
			}
		}
		atOnce(writers, func(me int) {
			for i := range batches {
				if applied, err := try(shared, all[i*writers+me]); !applied || err != nil {
					t.Errorf("applied %v, %v", applied, err)
				}
			}
		})
		wantSameRecords(t, shared, serial)
		serial.Close()
		shared.Close()
	}
	wantNoDeadlock(t, server)
}

func wantSameRecords(t testing.TB, got, want store.Store) {
	t.Helper()
	gotCustomers, gotItems := recordsOf(t, got)
	wantCustomers, wantItems := recordsOf(t, want)
	for phone, c := range wantCustomers {
		if fmt.Sprint(gotCustomers[phone]) != fmt.Sprint(c) {
			t.Errorf("%+v, want %+v", gotCustomers[phone], c)
		}
	}
	for name, i := range wantItems {
		if fmt.Sprint(gotItems[name]) != fmt.Sprint(i) {
			t.Errorf("%+v, want %+v", gotItems[name], i)
		}
	}
	if len(gotCustomers) != len(wantCustomers) || len(gotItems) != len(wantItems) {
		t.Errorf("%d customers and %d items, want %d and %d", len(gotCustomers), len(gotItems), len(wantCustomers), len(wantItems))
	}
}

// randomStates returns states of few orders, which move between few customers and items.
func randomStates(random *rand.Rand) (states []store.State) {
	for range 1 + random.IntN(12) {
		var items []string
		for range random.IntN(4) {
			items = append(items, fmt.Sprint("item ", random.IntN(6)))
		}
		s := state(fmt.Sprint("order ", random.IntN(30)), int64(random.IntN(5)), int64(random.IntN(1000)), fmt.Sprint("phone ", random.IntN(6)), items...)
		s.Digest = random.Uint64()
		s.Skipped = random.IntN(4) == 0
		states = append(states, s)
	}
	return states
}

// delta returns what orders without an id change: some customers and items that all have.
func delta(n int) (d store.Delta) {
	for i := range n {
		v := store.PositionVersion(int64(i%3), 1, int64(n*10+i), 0)
		d.Customers = append(d.Customers, store.Customer{Phone: fmt.Sprint("phone ", i), Name: fmt.Sprint("fixed ", n), Named: v, First: v})
		d.Items = append(d.Items, store.Item{Name: fmt.Sprint("item ", i), Price: fmt.Sprint(n), Priced: v, First: v, Orders: 1})
	}
	return d
}

// TestFeedsAtOnce applies the groups of two feeds, each of which two processes deliver. Each
// group is applied once, and has a number of its own.
func TestFeedsAtOnce(t *testing.T) {
	t.Parallel()
	const groups = 12
	server, url := pgtest.Shared(t), newURL(t)
	var numbers [4]map[int64]int64 // by offsets
	first := open(t, url)
	atOnce(len(numbers), func(me int) {
		numbers[me] = map[int64]int64{}
		s := open(t, url)
		for offset := int64(1); offset <= groups; offset++ {
			v := store.PositionVersion(store.NoTime, 0, offset, 0)
			b := store.Batch{
				Feed:   &store.Feed{Name: fmt.Sprint("feed ", me/2), Offset: offset, Rules: "count lines"},
				States: []store.State{state(fmt.Sprint(me/2, " ", offset), 1, 1, "phone", "item")},
				Delta:  store.Delta{Items: []store.Item{{Name: "fixed", Price: "1", Priced: v, First: v, Orders: 1}}},
				Orders: 2,
			}
			o, err := s.Apply(context.Background(), b)
			if err != nil {
				t.Error(err)
			}
			if o.Applied {
				numbers[me][offset] = o.Number
			}
		}
	})
	var all []int64
	for me, mine := range numbers {
		other := numbers[me^1]
		for offset, number := range mine {
			all = append(all, number)
			if other[offset] != 0 {
				t.Errorf("offset %d of feed %d was applied twice", offset, me/2)
			}
		}
		if len(mine)+len(other) != groups {
			t.Errorf("feed %d: %d groups were applied, want %d", me/2, len(mine)+len(other), groups)
		}
	}
	slices.Sort(all)
	for i, number := range all {
		if number != int64(i)+1 {
			t.Fatalf("numbers %v, want one after the other", all)
		}
	}
	_, items := recordsOf(t, first)
	if items["item"].Orders != 2*groups || items["fixed"].Orders != 2*groups {
		t.Errorf("%+v, want %d orders each", items, 2*groups)
	}
	if want := store.PositionVersion(store.NoTime, 1, 1, 0); items["fixed"].First != want {
		t.Errorf("the first appearance is %x, want that of the first number", items["fixed"].First)
	}
	if p, err := first.Start(context.Background(), store.Source{ID: "a", Rules: "count lines"}, false); err != nil || p.Number != int64(len(all))+1 {
		t.Errorf("a source after %d groups has the number %d, %v", len(all), p.Number, err)
	}
	wantNoDeadlock(t, server)
}

// TestEraseAtOnce erases a customer while others bring, edit and move orders of the customer.
// Whatever came first, the customer's row says how many orders there are, and an order that
// was erased stays so.
func TestEraseAtOnce(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	url := server.URL("postgres")
	s := open(t, url)
	source := started(t, s, "a")
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for l := soak.NewLoop(t, "erasures", soak.Rounds{Short: 10, Default: 30, Soak: 2000}); l.Next(); {
		phone := fmt.Sprint("phone ", l.Round)
		id := func(i int) string { return fmt.Sprint("order ", l.Round, " ", i) }
		mustApply(t, s, fmt.Sprint(l.Round), source, state(id(0), 1, 1, phone), state(id(1), 2, 1, phone), state(id(2), 3, 1, "another"))
		atOnce(4, func(me int) {
			batch := fmt.Sprint(l.Round, " ", me)
			switch me {
			case 0:
				if found, err := s.Erase(context.Background(), store.Erasure{Phone: phone, IDs: []string{id(2), id(9)}}); !found || err != nil {
					t.Errorf("found %v, %v", found, err)
				}
			case 1:
				mustApply(t, s, batch, source, state(id(3), 4, 1, phone), state(id(0), 1, 2, phone))
			case 2:
				mustApply(t, s, batch, source, state(id(1), 2, 2, "another"), state(id(2), 3, 2, phone))
			case 3:
				mustApply(t, s, batch, source, state(id(9), 3, 2, phone))
			}
		})
		rows, err := conn.Query(context.Background(), `SELECT convert_from(customer, 'UTF8'), count(*) FROM process_orders.orders WHERE customer IS NOT NULL GROUP BY customer`)
		if err != nil {
			t.Fatal(err)
		}
		want, got := map[string]int64{}, map[string]int64{}
		var key string
		var orders int64
		if _, err := pgx.ForEachRow(rows, []any{&key, &orders}, func() error { want[key] = orders; return nil }); err != nil {
			t.Fatal(err)
		}
		customers, _ := detailsOf(t, s)
		for phone, c := range customers {
			got[phone] = c.Orders
		}
		if !maps.Equal(got, want) {
			t.Fatalf("round %d: the rows of customers say that they have %v orders, and there are %v", l.Round, got, want)
		}
		var erased int
		err = conn.QueryRow(context.Background(), `SELECT count(*) FROM process_orders.orders WHERE customer IS NULL AND key = ANY($1)`,
			[][]byte{[]byte(id(0)), []byte(id(2)), []byte(id(9))}).Scan(&erased)
		if err != nil || erased != 3 {
			t.Fatalf("round %d: %d orders are erased that were there or named, want 3; %v", l.Round, erased, err)
		}
	}
	wantNoDeadlock(t, server)
}
