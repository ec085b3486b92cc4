package storetest

import (
	"context"
	"fmt"
	"hash/fnv"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"process-orders/store"
)

// start starts a source whose name and size follow from its identity.
func start(t testing.TB, s store.Store, id, system string) (number int64) {
	t.Helper()
	p, err := s.Start(context.Background(), source(id, system), false)
	if err != nil {
		t.Fatal(err)
	}
	return p.Number
}

// source returns a source of a system. All else follows from its identity.
func source(id, system string) store.Source {
	n := int64(len(id))
	return store.Source{ID: id, Name: id + ".json", System: system, Shop: "shop of " + id, Bytes: n * 1000, BatchBytes: n,
		From: n * 10, Head: n * 900, HeadHash: "hash of " + id}
}

func apply(t testing.TB, s store.Store, b store.Batch) {
	t.Helper()
	if got, err := s.Apply(context.Background(), b); err != nil || !got.Applied || got.Number != b.Source {
		t.Fatalf("batch %s: %+v, %v; want it applied", b.ID, got, err)
	}
}

// read returns all records.
func read(t testing.TB, s store.Store) (d store.Delta) {
	t.Helper()
	d, err := records(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func records(ctx context.Context, s store.Store) (d store.Delta, err error) {
	err = s.Records(ctx, store.Reading{Details: true}, adding(&d))
	if err != nil {
		return d, err
	}
	minutes, err := s.(store.Reader).Minutes(ctx, store.NoTime, math.MaxInt64)
	d.Minutes = slices.Values(minutes)
	return d, err
}

// adding returns what adds records to a delta.
func adding(d *store.Delta) func(iter.Seq2[store.Customer, error], iter.Seq2[store.Item, error]) error {
	return func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
		for c, err := range customers {
			if err != nil {
				return err
			}
			d.Customers = append(d.Customers, c)
		}
		for i, err := range items {
			if err != nil {
				return err
			}
			d.Items = append(d.Items, i)
		}
		return nil
	}
}

func wantRecords(t testing.TB, s store.Store, want store.Delta) {
	t.Helper()
	got := read(t, s)
	if want.Minutes == nil { // it was made by hand, without details
		got, want = brief(got), brief(want)
	}
	if diff := difference(got, want); diff != "" {
		t.Fatal(diff)
	}
}

// brief returns records without details.
func brief(d store.Delta) (b store.Delta) {
	for _, c := range d.Customers {
		b.Customers = append(b.Customers, store.Customer{Phone: c.Phone, Name: c.Name, Named: c.Named, First: c.First})
	}
	for _, i := range d.Items {
		b.Items = append(b.Items, store.Item{Name: i.Name, Price: i.Price, Priced: i.Priced, First: i.First, Orders: i.Orders})
	}
	return b
}

// difference returns a line on the first record that is not as wanted, or nothing.
func difference(got, want store.Delta) string {
	for _, diff := range []string{
		firstDifference("customer", got.Customers, want.Customers),
		firstDifference("item", got.Items, want.Items),
		firstDifference("minute", minutesOf(got), minutesOf(want)),
	} {
		if diff != "" {
			return diff
		}
	}
	return ""
}

// firstDifference compares records as texts: amounts have one form, and lists that are empty are
// the same as none.
func firstDifference[T any](what string, got, want []T) string {
	for i := range min(len(got), len(want)) {
		if g, w := fmt.Sprintf("%+v", got[i]), fmt.Sprintf("%+v", want[i]); g != w {
			return fmt.Sprintf("%s %d is\n%.1000s, want\n%.1000s", what, i, g, w)
		}
	}
	if len(got) != len(want) {
		return fmt.Sprintf("%d of kind %s, want %d", len(got), what, len(want))
	}
	return ""
}

func wantSources(t testing.TB, s store.Store, want ...store.Progress) {
	t.Helper()
	if got := sources(t, s); !slices.Equal(got, want) {
		t.Fatalf("sources %+v, want %+v", got, want)
	}
}

// sources returns all sources without their times.
func sources(t testing.TB, s store.Store) []store.Progress {
	t.Helper()
	all, err := s.Sources(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i] = timeless(t, all[i])
	}
	return all
}

// timeless checks the times, and returns the rest.
func timeless(t testing.TB, p store.Progress) store.Progress {
	t.Helper()
	now := time.Now()
	if p.Started.Before(now.Add(-time.Hour)) || p.Changed.Before(p.Started) || p.Changed.After(now.Add(time.Hour)) {
		t.Fatalf("source %d was started %v and changed %v, and now it is %v", p.Number, p.Started, p.Changed, now)
	}
	if p.Started.Location() != time.UTC || p.Changed.Location() != time.UTC {
		t.Fatalf("source %d was started %v and changed %v, want UTC", p.Number, p.Started, p.Changed)
	}
	p.Started, p.Changed = time.Time{}, time.Time{}
	return p
}

// at returns the version of an order without an id and time.
func at(source, at int64) store.Version { return store.PositionVersion(store.NoTime, source, at, 0) }

// order returns a state of an order that stands, without times; without an id it is an order
// that has none. A line is an item and its price, with a minus before it if it is not
// counted.
func order(id string, at int64, phone, name string, lines ...string) store.State {
	s := store.State{ID: id, At: at, Updated: store.NoTime, Placed: store.NoTime, Time: store.NoTime, Phone: phone, Name: name}
	for _, text := range lines {
		text, uncounted := strings.CutPrefix(text, "-")
		i := strings.LastIndexByte(text, ' ')
		s.Lines = s.Lines.Append(store.Line{Item: text[:i], Price: text[i+1:], Uncounted: uncounted})
	}
	return sealed(s)
}

// skipped returns a state of an order that does not stand.
func skipped(id string, at int64) store.State {
	s := order(id, at, "", "")
	s.Skipped = true
	return s
}

// held returns a state of an order that is not yet final.
func held(id string, at int64) store.State {
	s := skipped(id, at)
	s.Reason = "hold"
	return s
}

// timed returns a state with the time when the order was placed, which decides what is
// later, and when it was updated.
func timed(s store.State, placed, updated int64) store.State {
	s.Placed, s.Time, s.Updated = placed, placed, updated
	return sealed(s)
}

// updated returns a state with the time when it was updated.
func updated(s store.State, updated int64) store.State {
	s.Updated = updated
	return s
}

// sealed returns a state with the digest of what it says.
func sealed(s store.State) store.State {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%q %q %q %d %d", s.Phone, s.Name, s.Lines, s.Placed, s.Time)
	s.Digest = hash.Sum64()
	return s
}

// try applies a batch, and reports whether it was applied now.
func try(ctx context.Context, s store.Store, b store.Batch) (applied bool, err error) {
	o, err := s.Apply(ctx, b)
	return o.Applied, err
}
