package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"process-orders/internal/soak"
	"process-orders/store"
)

func testCancelled(t *testing.T, o Opener) {
	s := o.Open(t)
	n := start(t, s, "a", "")
	customer := store.Delta{Customers: []store.Customer{{Phone: "1", First: at(n, 1)}}}
	apply(t, s, store.Batch{ID: "1", Source: n, Delta: customer})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	check := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want context.Canceled", what, err)
		}
	}
	_, err := s.Start(ctx, source("b", ""), false)
	check("Start", err)
	_, err = s.Apply(ctx, store.Batch{ID: "2", Source: n})
	check("Apply", err)
	_, err = s.Sources(ctx)
	check("Sources", err)
	_, err = records(ctx, s)
	check("Records", err)
	_, err = s.Erase(ctx, store.Erasure{Phone: "1"})
	check("Erase", err)
	wantRecords(t, s, customer)
	wantSources(t, s, store.Progress{Source: source("a", ""), Number: n, Batches: 1})
}

// testCancelledAtOnce ends the context while a batch is applied. The batch is applied or
// not, and the same call made again settles it.
func testCancelledAtOnce(t *testing.T, o Opener) {
	random := rand.New(rand.NewPCG(5, 6))
	for l := soak.NewLoop(t, "batches", soak.Rounds{Short: 3, Default: 10, Soak: 1000}); l.Next(); {
		s := o.Open(t)
		n := start(t, s, "a", "")
		var orders []store.State
		for i := range int64(2000) {
			orders = append(orders, order([]string{"", fmt.Sprint(i)}[i%2], i, fmt.Sprint(i), "", "Dosa 1"))
		}
		b := batchOf("1", n, orders...)
		ctx, cancel := context.WithCancel(context.Background())
		timer := time.AfterFunc(time.Duration(random.Int64N(int64(20*time.Millisecond))), cancel)
		before, err := try(ctx, s, b)
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatalf("%v, want context.Canceled or nothing", err)
		}
		timer.Stop()
		cancel()
		after, err := try(context.Background(), s, b)
		if err != nil || before && after {
			t.Fatalf("applied %v and %v, %v", before, after, err)
		}
		var m model
		m.add(n, "", "shop of a", orders)
		wantRecords(t, s, m.records())
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func testTexts(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer b.close()
	long := strings.Repeat("10 kB \u2713 ", 1000)
	texts := []string{"'", `"`, `'; DROP TABLE customers; --`, `\`, "%_*?$1:a@b", "\n\r\t\x01\x7f", "😀👩‍👩‍👧‍👦", "é", "e\u0301",
		" x", "x ", "X", "x", "1e3", "0010.50", "10.50", "10.5", "-0", "9223372036854775808", "null", "true", "\ufeff", "\u2028", "\U0010ffff",
		strings.Repeat("9", 40) + ".0", long, long + "x", "x" + long}
	a := source(long, long)
	a.Shop = "x" + long
	n := b.start(a)
	var fixed, live []store.State
	for i, text := range texts {
		s := order("", int64(i), text, text)
		s.Lines = s.Lines.Append(store.Line{Item: text, Price: text, Quantity: text, Total: text, Currency: text})
		fixed = append(fixed, s)
		s.ID, s.At, s.Name = text, s.At+1000, "x"+text
		live = append(live, sealed(s))
	}
	batch := batchOf(long, n, append(fixed, live...)...)
	b.applyBatch(batch, a.System, a.Shop, append(fixed, live...))
	b.reopen()
	if applied, err := try(context.Background(), b.s, batch); applied || err != nil {
		t.Fatalf("again: applied %v, %v", applied, err)
	}
	if counts := b.apply(n, live...); counts != (store.Counts{Repeated: int64(len(texts))}) {
		t.Fatalf("counts %+v", counts)
	}
	for i := range live {
		live[i].Skipped = i%2 == 0
		live[i].Name, live[i].At = "xx"+texts[i], live[i].At+1000
		live[i] = sealed(live[i])
	}
	b.apply(n, live...)
	b.applyGroup(store.Feed{Name: long, System: long, Shop: long, Offset: 1}, append(fixed, live...)...)
	b.reopen()
	for _, text := range texts {
		b.forget(store.Erasure{Phone: text, System: long, Shop: long, IDs: texts})
	}
	b.reopen()
	if customers := read(t, b.s).Customers; len(customers) > 0 {
		t.Fatalf("%d customers are left", len(customers))
	}
}

// testLargeBatch applies many shuffled orders in batches that overlap.
func testLargeBatch(t *testing.T, o Opener) {
	const customers = 20_000
	b := newBoth(t, o)
	defer b.close()
	n := b.start(source("a", ""))
	random := rand.New(rand.NewPCG(1, 2))
	for batch := range int64(2) {
		var orders []store.State
		for j, i := range random.Perm(customers * 3 / 2)[:customers] {
			s := order("", batch*10*customers+int64(j), fmt.Sprintf("732-%07d", i), fmt.Sprint(i), fmt.Sprint(i, " 1.50"))
			if i%2 == 0 {
				s.ID, s.Name = fmt.Sprint("order ", i), fmt.Sprint(batch, " ", i)
				s = sealed(s)
			}
			orders = append(orders, s)
		}
		b.apply(n, orders...)
	}
}

// testOneMoment writes while it reads. All that is read is of one moment.
func testOneMoment(t *testing.T, o Opener) {
	s := o.Open(t)
	n := start(t, s, "a", "")
	one := func(i int64) store.Batch {
		v := at(n, i)
		return store.Batch{ID: fmt.Sprint(i), Source: n, Delta: store.Delta{
			Customers: []store.Customer{{Phone: fmt.Sprint(i), First: v}},
			Items:     []store.Item{{Name: fmt.Sprint(i), Price: "1", Priced: v, First: v, Orders: 1}},
		}}
	}
	apply(t, s, one(1))
	err := s.Records(context.Background(), store.Reading{}, func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
		apply(t, s, one(2))
		seen := 0
		for _, err := range customers {
			if err != nil {
				return err
			}
			seen++
		}
		apply(t, s, one(3))
		for _, err := range items {
			if err != nil {
				return err
			}
			seen++
		}
		if seen != 2 {
			t.Errorf("%d records were read, want 2", seen)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := read(t, s); len(d.Customers) != 3 || len(d.Items) != 3 {
		t.Fatalf("records %+v, want 3 and 3", d)
	}
}

// testReadingStops stops reading in all ways. The store goes on working.
func testReadingStops(t *testing.T, o Opener) {
	ctx, s := context.Background(), o.Open(t)
	n := start(t, s, "a", "")
	var orders []store.State
	for i := range int64(100) {
		orders = append(orders, order("", i, fmt.Sprint(i), "", fmt.Sprint(i, " 1")))
	}
	var model model
	model.add(n, "", "shop of a", orders)
	apply(t, s, batchOf("1", n, orders...))
	enough := errors.New("enough")
	for range 20 { // more than there may be connections
		err := s.Records(ctx, store.Reading{}, func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
			for range customers {
				break
			}
			for i, err := range items {
				if err != nil || i.Name != "0" {
					t.Errorf("the first item is %+v, %v", i, err)
				}
				break
			}
			return enough
		})
		if !errors.Is(err, enough) {
			t.Fatalf("%v, want the reader's error", err)
		}
		if err := s.Records(ctx, store.Reading{}, func(iter.Seq2[store.Customer, error], iter.Seq2[store.Item, error]) error { return nil }); err != nil {
			t.Fatal(err)
		}
		short, cancel := context.WithCancel(ctx)
		err = s.Records(short, store.Reading{}, func(customers iter.Seq2[store.Customer, error], _ iter.Seq2[store.Item, error]) error {
			failed := false
			for _, err := range customers {
				if failed {
					t.Error("there is something after an error")
				}
				if err != nil {
					failed = true
				}
				cancel()
			}
			for _, err := range customers {
				if err == nil {
					t.Error("read after the context ended")
				}
				return err
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("%v, want context.Canceled", err)
		}
	}
	wantRecords(t, s, model.records())
}
