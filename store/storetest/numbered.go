package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"process-orders/store"
)

// Numbered batches have customers and orders of their own, and some that all of them have.
// They edit, cancel, move and restore orders of the batches before them.
const (
	perBatch   = 300 // orders without an id
	inAll      = 50
	idsOfEach  = 48
	eraseEvery = 3
)

// Numbered returns the i-th of a source's numbered batches.
func Numbered(source int64, i int) store.Batch {
	b := batchOf(fmt.Sprint("batch ", source, " ", i), source, numberedOrders(source, i)...)
	b.Orders = perBatch
	return b
}

func numberedOrders(source int64, i int) (orders []store.State) {
	at := int64(i) * 1000
	for j := range perBatch {
		phone, lines := own(source, i, j), []string(nil)
		if j < inAll {
			phone, lines = fmt.Sprint("in all ", j), []string{fmt.Sprint("item ", j, " ", i, ".50")}
		}
		orders = append(orders, order("", at+int64(j), phone, fmt.Sprint("a name that takes some space ", i), lines...))
	}
	for j := range idsOfEach {
		orders = append(orders, liveOrder(source, i, j, 0))
		if i > 0 && j%4 != 3 {
			orders = append(orders, liveOrder(source, i-1, j, 1))
		}
		if i > 1 && j%4 == 1 {
			orders = append(orders, liveOrder(source, i-2, j, 2))
		}
	}
	for k := perBatch; k < len(orders); k++ {
		orders[k].At = at + int64(k)
	}
	return orders
}

// liveOrder returns the j-th order with an id that comes first in the i-th batch, as it is
// after some edits. Of four orders two have all times, and two have none.
func liveOrder(source int64, i, j, edits int) store.State {
	id := fmt.Sprint("order ", source, " ", i, " ", j)
	phone := fmt.Sprint("live ", j)
	switch {
	case j == 0:
		phone = own(source, i, perBatch-1)
	case j%4 == 2 && edits > 0:
		phone = fmt.Sprint("moved ", j)
	}
	s := order(id, 0, phone, fmt.Sprint("name ", i, " ", edits), fmt.Sprint("live item ", j, " ", i, ".", edits), fmt.Sprint("all ", i, ".", j))
	s.Skipped = j%4 == 1 && edits == 1
	if j%2 == 0 {
		s = timed(s, int64(i*1000+j), int64(i*1000+edits))
	}
	return s
}

// numberedGroup returns the group of a feed that comes after the i-th batch. It has orders
// of its own, and edits some of the batch's.
func numberedGroup(i int) store.Batch {
	b := batchOf("", 0, groupOrders(i)...)
	b.Feed = &store.Feed{Name: "feed", Offset: int64(i) + 1, Received: int64(i), Rules: numberedRules}
	return b
}

func groupOrders(i int) (orders []store.State) {
	for j := range 5 {
		orders = append(orders, order("", 0, fmt.Sprint("of the feed ", i, " ", j), "", fmt.Sprint("feed ", i, ".", j)))
	}
	for j := 0; j < idsOfEach; j += 3 {
		orders = append(orders, liveOrder(1, i, j, 3))
		orders = append(orders, order(fmt.Sprint("live ", i, " ", j), 0, "live 1", "by feed", fmt.Sprint("all 1.", i)))
	}
	for k := range orders {
		orders[k].At = int64(k)
	}
	return orders
}

// Own returns the phone of a customer who has orders of the i-th batch of source 1 alone, one
// without an id and one with, which comes again.
func Own(i int) string { return own(1, i, perBatch-1) }

// own returns the phone of a customer who is in one batch alone.
func own(source int64, i, j int) string { return fmt.Sprintf("%d-%06d-%d", j, i, source) }

// Counted returns how often the items were ordered that are in all numbered batches.
func Counted(t testing.TB, s store.Store) int64 {
	t.Helper()
	items := slices.DeleteFunc(read(t, s).Items, func(i store.Item) bool { return !strings.HasPrefix(i.Name, "item ") })
	if len(items) == 0 {
		return 0
	}
	for _, item := range items {
		if item.Orders != items[0].Orders {
			t.Errorf("%s was ordered %d times, and %s %d", item.Name, item.Orders, items[0].Name, items[0].Orders)
		}
	}
	return items[0].Orders
}

// CheckNumbered returns an error unless a store holds exactly the batches 0 to n-1 of a
// source, but for a number of customers with an [Own] phone who were erased.
func CheckNumbered(s store.Store, source int64, n, erased int) error {
	return checkNumbered(s, source, n, 0, erased)
}

// checkNumbered checks also that a store holds the groups 0 to groups-1.
func checkNumbered(s store.Store, source int64, n, groups, erased int) error {
	var m model
	for i := range n {
		m.put(source, "", "", numberedOrders(source, i))
	}
	for i := range groups {
		m.put(source+1+int64(i), "", "", groupOrders(i)) // all after the source
	}
	got, err := records(context.Background(), s)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, c := range got.Customers {
		there[c.Phone] = true
	}
	missing := 0
	for i := range n {
		if phone := own(source, i, perBatch-1); !there[phone] {
			m.erase(store.Erasure{Phone: phone})
			missing++
		}
	}
	if missing != erased {
		return fmt.Errorf("%d customers are not there, want %d", missing, erased)
	}
	want := m.records()
	if diff := difference(unversioned(got), unversioned(want)); diff != "" {
		return fmt.Errorf("%s", diff)
	}
	return nil
}

// unversioned returns records without their versions: which numbers groups have is up to the
// store.
func unversioned(d store.Delta) store.Delta {
	for i := range d.Customers {
		d.Customers[i].Named, d.Customers[i].First = "", ""
	}
	for i := range d.Items {
		d.Items[i].Priced, d.Items[i].First = "", ""
	}
	return d
}

// numberedRules are those of the source of numbered batches.
const numberedRules = "numbered"

// Start starts the source of numbered batches, the only one of a store, and returns how
// many of them the store has.
func Start(s store.Store) (batches int, err error) {
	p, err := s.Start(context.Background(), store.Source{ID: "source", Rules: numberedRules}, false)
	if err == nil && (p.Number != 1 || p.Rules != numberedRules) {
		err = fmt.Errorf("the source has the number %d and the rules %q", p.Number, p.Rules)
	}
	return int(p.Batches), err
}
