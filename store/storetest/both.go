package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"process-orders/store"
)

// A both is a store and a model of it. What is applied to one is applied to the other, and
// then both must say the same.
type both struct {
	t testing.TB
	o Opener
	s store.Store
	model
	sources map[int64]store.Source
	batches int
}

func newBoth(t testing.TB, o Opener) *both {
	return &both{t: t, o: o, s: o.Open(t), sources: map[int64]store.Source{}}
}

func (b *both) close() { b.s.Close() }

// start starts a source.
func (b *both) start(s store.Source) (number int64) {
	b.t.Helper()
	p, err := b.s.Start(context.Background(), s, false)
	if err != nil {
		b.t.Fatal(err)
	}
	b.sources[p.Number] = s
	return p.Number
}

// apply applies a batch of a source.
func (b *both) apply(source int64, orders ...store.State) store.Counts {
	b.t.Helper()
	b.batches++
	return b.applyBatch(batchOf(fmt.Sprint("batch ", b.batches), source, orders...), b.sources[source].System, b.sources[source].Shop, orders).Counts
}

// applyGroup applies a group of a feed.
func (b *both) applyGroup(f store.Feed, orders ...store.State) store.Outcome {
	b.t.Helper()
	batch := batchOf("", 0, orders...)
	batch.Feed = &f
	return b.applyBatch(batch, f.System, f.Shop, orders)
}

func (b *both) applyBatch(batch store.Batch, system, shop string, orders []store.State) store.Outcome {
	b.t.Helper()
	got, err := b.s.Apply(context.Background(), batch)
	if err != nil {
		b.t.Fatal(err)
	}
	b.took(got, batch, system, shop, orders)
	wantRecords(b.t, b.s, b.records())
	return got
}

// took enters a batch that was applied into the model, and checks what became of it.
func (b *both) took(got store.Outcome, batch store.Batch, system, shop string, orders []store.State) {
	b.t.Helper()
	if err := wantDropped(got); err != nil || !got.Applied {
		b.t.Fatalf("%+v, %v; want it applied", got, err)
	}
	want, fates, _ := b.addSurely(got.Number, system, shop, orders)
	if got.Counts != want {
		b.t.Fatalf("counts %+v, want %+v", got.Counts, want)
	}
	if err := wantFates(got, batch, fates); err != nil {
		b.t.Fatal(err)
	}
}

// wantFates checks the fates of a group. A batch of a source has none.
func wantFates(got store.Outcome, batch store.Batch, want []store.Fate) error {
	if batch.Feed == nil {
		want = nil
	}
	if !slices.Equal(got.Fates, want) {
		return fmt.Errorf("the fates are %v, want %v", got.Fates, want)
	}
	return nil
}

// forget erases a customer.
func (b *both) forget(e store.Erasure) (found bool) {
	b.t.Helper()
	want := b.erase(e)
	found, err := b.s.Erase(context.Background(), e)
	if err != nil || found != want {
		b.t.Fatalf("found %v, %v; want %v", found, err, want)
	}
	wantRecords(b.t, b.s, b.records())
	return found
}

// reopen opens the store again, which must not change what it says.
func (b *both) reopen() {
	b.t.Helper()
	b.s = b.o.Reopen(b.t, b.s)
	wantRecords(b.t, b.s, b.records())
}

// shows checks all records, as "phone name" and "item price orders", in their order.
func (b *both) shows(customers, items string) {
	b.t.Helper()
	var c, i []string
	d := read(b.t, b.s)
	for _, one := range d.Customers {
		c = append(c, strings.TrimSpace(one.Phone+" "+one.Name))
	}
	for _, one := range d.Items {
		i = append(i, fmt.Sprint(one.Name, " ", one.Price, " ", one.Orders))
	}
	if got := strings.Join(c, ", "); got != customers {
		b.t.Fatalf("customers %.300q, want %.300q", got, customers)
	}
	if got := strings.Join(i, ", "); got != items {
		b.t.Fatalf("items %.300q, want %.300q", got, items)
	}
}
