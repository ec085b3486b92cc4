package records_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"strings"
	"testing"
	"time"

	"process-orders/input"
	"process-orders/internal/soak"
	"process-orders/records"
)

// customersOf and itemsOf yield records as a store would.
func customersOf(all *records.Records) iter.Seq2[records.Customer, error] {
	return func(yield func(records.Customer, error) bool) {
		for phone, d := range all.Customers.Details() {
			if !yield(records.Customer{Phone: phone, Name: d.Name, Orders: d.Orders, Spent: d.Spent, First: d.First, Last: d.Last}, nil) {
				return
			}
		}
	}
}

func itemsOf(all *records.Records) iter.Seq2[records.NamedItem, error] {
	return func(yield func(records.NamedItem, error) bool) {
		for name, d := range all.Items.Details() {
			if !yield(records.NamedItem{Name: name, Item: d.Item, Quantity: d.Quantity, Revenue: d.Revenue}, nil) {
				return
			}
		}
	}
}

// What is written from a sequence is what the records themselves write, in every form.
func TestWriteSequences(t *testing.T) {
	for _, text := range []string{
		`[]`,
		`[{"phone":"1","items":[]}]`,
		`[{"phone":"1","name":"A \"quote\" \u0001 ü","items":[{"name":"Tea\\","price":1.50},{"name":"Cake","price":"2"}]},{"phone":"2","items":[{"name":"Cake","price":3}]}]`,
		`[{"phone":"1","time":"2026-05-04T10:00:00.5Z","currency":"USD","items":[{"name":"Tea","price":1.50,"quantity":2.50},{"name":"Tea","price":1,"quantity":-1,"currency":"EUR"}]}]`,
		"[" + strings.TrimSuffix(strings.ReplaceAll(manyOrders(5000), "\n", ","), ",") + "]",
	} {
		for _, form := range []records.Form{{}, {Detail: true}, {Count: records.CountQuantity}, {Detail: true, Count: records.CountQuantity}} {
			o := records.Options{Detail: records.DetailKept, Count: form.Count}
			if form.Detail {
				o.Detail = records.DetailWritten
			}
			all, _, err := records.Process(context.Background(), []input.Source{source(text)}, o)
			if err != nil {
				t.Fatal(err)
			}
			for name, of := range map[string]struct {
				sequence func(io.Writer) (int64, error)
				all      io.WriterTo
			}{
				"customers": {func(w io.Writer) (int64, error) { return records.WriteCustomers(w, customersOf(all), form) }, &all.Customers},
				"items":     {func(w io.Writer) (int64, error) { return records.WriteItems(w, itemsOf(all), form) }, &all.Items},
				"both": {func(w io.Writer) (int64, error) {
					return records.WriteDocument(w, customersOf(all), itemsOf(all), form)
				}, all},
			} {
				var got, want bytes.Buffer
				if _, err := of.all.WriteTo(&want); err != nil {
					t.Fatal(err)
				}
				if n, err := of.sequence(&got); err != nil || n != int64(got.Len()) || got.String() != want.String() {
					t.Errorf("%.200s: %s of %+v: %d bytes, %v:\n%.1000s\nwant\n%.1000s", text, name, form, n, err, got.String(), want.String())
				}
			}
		}
	}
	var b bytes.Buffer
	one := func(yield func(records.Customer, error) bool) { yield(records.Customer{Phone: "1"}, nil) }
	if _, err := records.WriteCustomers(&b, one, records.Form{}); err != nil || b.String() != "{\n    \"1\": \"Unknown\"\n}\n" {
		t.Errorf("without a name: %s, %v", b.String(), err)
	}
}

var errLost = errors.New("the connection is lost")

// failingAfter yields some values and then an error, and fails the test if it is asked for more.
func failingAfter[T any](t *testing.T, n int, value T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for range n {
			if !yield(value, nil) {
				return
			}
		}
		var none T
		if yield(none, errLost) {
			t.Error("asked for more after an error")
		}
	}
}

// An error among the values ends the writing, and is what is returned.
func TestSequencesThatFail(t *testing.T) {
	customer := records.Customer{Phone: "1", Name: "Ann"}
	item := records.NamedItem{Name: "Tea", Item: records.Item{Price: "1", Orders: 1}}
	for _, n := range []int{0, 1, 100_000} {
		if _, err := records.WriteCustomers(io.Discard, failingAfter(t, n, customer), records.Form{}); err != errLost {
			t.Errorf("%d customers: %v", n, err)
		}
		if _, err := records.WriteItems(io.Discard, failingAfter(t, n, item), records.Form{}); err != errLost {
			t.Errorf("%d items: %v", n, err)
		}
		none := func(func(records.NamedItem, error) bool) { t.Error("asked for items after an error") }
		if _, err := records.WriteDocument(io.Discard, failingAfter(t, n, customer), none, records.Form{}); err != errLost {
			t.Errorf("%d customers of both: %v", n, err)
		}
		customers := func(yield func(records.Customer, error) bool) { yield(customer, nil) }
		var b bytes.Buffer
		if _, err := records.WriteDocument(&b, customers, failingAfter(t, n, item), records.Form{}); err != errLost {
			t.Errorf("%d items of both: %v", n, err)
		}
		if strings.HasSuffix(b.String(), "}\n}\n") {
			t.Errorf("%d items of both: a whole document was written", n)
		}
	}
}

// A writer that fails is not given more, and the values are not read to their end.
func TestSequencesToAWriterThatFails(t *testing.T) {
	n := 0
	endless := func(yield func(records.Customer, error) bool) {
		for yield(records.Customer{Phone: "1", Name: "Ann"}, nil) {
			n++
		}
	}
	if _, err := records.WriteCustomers(&smallWriter{100}, endless, records.Form{}); !errors.Is(err, errFull) {
		t.Error(err)
	}
	if n > 1_000_000 {
		t.Errorf("%d values were read", n)
	}
}

// Times are written as Go writes them, of any year and with any part of a second.
func TestTimesOfCustomers(t *testing.T) {
	random := soak.Random(t)
	for range 2000 {
		first := time.UnixMilli(random.Int64N(4e14) - 1e14).UTC()
		if random.IntN(2) == 0 {
			first = time.Unix(random.Int64N(1e10)-2e9, 0).UTC()
		}
		c := records.Customer{Phone: "1", Name: "Ann", Orders: 1, First: first}
		var out strings.Builder
		one := func(yield func(records.Customer, error) bool) { yield(c, nil) }
		if _, err := records.WriteCustomers(&out, one, records.Form{Detail: true}); err != nil {
			t.Fatal(err)
		}
		if want := `"first": "` + first.Format(time.RFC3339Nano) + `"`; !strings.Contains(out.String(), want) {
			t.Fatalf("got %s, want %s", out.String(), want)
		}
	}
}
