package sqlstore_test

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

var errPut = errors.New("no room")

// failing are tables of which one cannot be changed after some calls.
type failing struct {
	*tables
	table  string
	calls  int
	failed chan struct{} // is closed at the failure
}

func (f *failing) fail(table string) error {
	if table != f.table {
		return nil
	}
	if f.calls--; f.calls >= 0 {
		return nil
	}
	close(f.failed)
	return errPut
}

func (f *failing) PutCustomers(rows []sqlstore.Change[sqlstore.Customer]) error {
	return errors.Join(f.fail(sqlstore.CustomersTable), f.tables.PutCustomers(rows))
}

func (f *failing) PutNameBlocks(rows []sqlstore.Change[sqlstore.NameBlock]) error {
	return errors.Join(f.fail(sqlstore.NamesTable), f.tables.PutNameBlocks(rows))
}

func (f *failing) PutHours(rows []sqlstore.Change[sqlstore.Hour]) error {
	return errors.Join(f.fail(sqlstore.HoursTable), f.tables.PutHours(rows))
}

func (f *failing) Hours(keys []sqlstore.HourKey) ([]sqlstore.Hour, error) {
	found, err := f.tables.Hours(keys)
	return found, errors.Join(f.fail("hours that are read"), err)
}

// someBatch is a batch of some customers, each with a minute in an hour of its own.
func someBatch(source int64, n int) store.Batch {
	b := store.Batch{ID: fmt.Sprint("batch ", source), Source: source}
	var minutes []store.Minute
	for i := range n {
		at := int64(i) * 60 * store.MinuteMilliseconds
		v := store.PositionVersion(store.NoTime, source, int64(i), 0)
		b.Delta.Customers = append(b.Delta.Customers, store.Customer{
			Phone: fmt.Sprint(i), Name: fmt.Sprint("Ann ", i), Named: v, First: v, Orders: 1, FirstPlaced: at, LastPlaced: at,
		})
		minutes = append(minutes, store.Minute{Start: at, Orders: 1})
	}
	b.Delta.Minutes = slices.Values(minutes)
	return b
}

// TestAsideEnds fails at each put of some tables. Apply returns the error, and minutes are not read
// any more then.
func TestAsideEnds(t *testing.T) {
	const customers, hours = 4, 2500 // the tables find two customers at a time; hours are changed 1000 at a time
	for _, test := range []struct {
		table string
		calls int
	}{
		{sqlstore.CustomersTable, 0}, {sqlstore.CustomersTable, 1}, {sqlstore.NamesTable, 0},
		{sqlstore.HoursTable, 0}, {sqlstore.HoursTable, 1}, {sqlstore.HoursTable, 2},
		{"hours that are read", 0}, {"hours that are read", 1}, {"hours that are read", 2},
	} {
		f := &failing{newTables(t), test.table, test.calls, make(chan struct{})}
		if _, err := sqlstore.Start(f, store.Source{ID: "a"}, false); err != nil {
			t.Fatal(err)
		}
		b := someBatch(1, hours)
		b.Delta.Customers = b.Delta.Customers[:customers]
		minutes := b.Delta.Minutes
		var isRead atomic.Bool
		b.Delta.Minutes = func(yield func(store.Minute) bool) {
			if test.table == sqlstore.CustomersTable || test.table == sqlstore.NamesTable {
				<-f.failed // which is before minutes are wanted
				time.Sleep(10 * time.Millisecond)
			}
			minutes(yield)
			isRead.Store(true)
		}
		if _, err := sqlstore.Apply(f, b); !errors.Is(err, errPut) {
			t.Errorf("%+v: %v", test, err)
		}
		if !isRead.Load() {
			t.Errorf("%+v: minutes are still read", test)
		}
	}
}

// TestAsideIsPut applies the same twice: all that is made is put, the last rows too.
func TestAsideIsPut(t *testing.T) {
	for _, n := range []int{1, 2, 3, 1000, 1001, 2500} {
		d := newTables(t)
		for source := range int64(2) {
			if _, err := sqlstore.Start(d, store.Source{ID: fmt.Sprint(source)}, false); err != nil {
				t.Fatal(err)
			}
			if _, err := sqlstore.Apply(d, someBatch(source+1, n)); err != nil {
				t.Fatal(err)
			}
		}
		have := d.records()
		if len(have.Customers) != n || len(have.Minutes) != n {
			t.Fatalf("%d customers and minutes, %d wanted", len(have.Customers), n)
		}
		for i := range n {
			if m := have.Minutes[i]; have.Customers[i].Orders != 2 || m.Orders != 2 || m.NewCustomers != 1 {
				t.Fatalf("%d: %+v, %+v", n, have.Customers[i], m)
			}
		}
	}
}

// TestMinutesWithoutSense applies minutes that no batch has.
func TestMinutesWithoutSense(t *testing.T) {
	for name, minutes := range map[string][]store.Minute{
		"taken back": {{Start: 0, Orders: -1}}, "not sorted": {{Start: 120_000, Orders: 1}, {Start: 60_000, Orders: 1}}, "twice": {{Orders: 1}, {Orders: 1}},
	} {
		d := newTables(t)
		if _, err := sqlstore.Start(d, store.Source{ID: "a"}, false); err != nil {
			t.Fatal(err)
		}
		b := someBatch(1, 0)
		b.Delta.Minutes = slices.Values(minutes)
		if _, err := sqlstore.Apply(d, b); err == nil {
			t.Errorf("minutes %s were taken", name)
		}
	}
}
