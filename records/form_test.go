package records_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/records"
)

// customersOf and itemsOf yield records as a store would.
func customersOf(all *records.Records) iter.Seq2[records.Customer, error] {
	return func(yield func(records.Customer, error) bool) {
		for phone, name := range all.Customers.All() {
			if !yield(records.Customer{Phone: phone, Name: name}, nil) {
				return
			}
		}
	}
}

func itemsOf(all *records.Records) iter.Seq2[records.NamedItem, error] {
	return func(yield func(records.NamedItem, error) bool) {
		for name, item := range all.Items.All() {
			if !yield(records.NamedItem{Name: name, Item: item}, nil) {
				return
			}
		}
	}
}

// What is written from a sequence is what the records themselves write.
func TestWriteSequences(t *testing.T) {
	for _, text := range []string{
		`[]`,
		`[{"phone":"1","items":[]}]`,
		`[{"phone":"1","name":"A \"quote\" \u0001 ü","items":[{"name":"Tea\\","price":1.50},{"name":"Cake","price":"2"}]},{"phone":"2","items":[{"name":"Cake","price":3}]}]`,
		"[" + strings.TrimSuffix(strings.ReplaceAll(manyOrders(5000), "\n", ","), ",") + "]",
	} {
		out := outcomeOf(documents(text), options(1, 0))
		all, _, err := records.Process(context.Background(), []input.Source{source(text)}, records.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for name, write := range map[string]struct {
			to   func(io.Writer) (int64, error)
			want string
		}{
			"customers": {func(w io.Writer) (int64, error) { return records.WriteCustomers(w, customersOf(all)) }, out.customers},
			"items":     {func(w io.Writer) (int64, error) { return records.WriteItems(w, itemsOf(all)) }, out.items},
			"both": {func(w io.Writer) (int64, error) {
				return records.WriteDocument(w, customersOf(all), itemsOf(all))
			}, out.both},
		} {
			var b bytes.Buffer
			if n, err := write.to(&b); err != nil || n != int64(b.Len()) || b.String() != write.want {
				t.Errorf("%.200s: %s: %d bytes, %v:\n%.1000s\nwant\n%.1000s", text, name, n, err, b.String(), write.want)
			}
		}
	}
	var b bytes.Buffer
	one := func(yield func(records.Customer, error) bool) { yield(records.Customer{Phone: "1"}, nil) }
	if _, err := records.WriteCustomers(&b, one); err != nil || b.String() != "{\n    \"1\": \"Unknown\"\n}\n" {
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
		if _, err := records.WriteCustomers(io.Discard, failingAfter(t, n, customer)); err != errLost {
			t.Errorf("%d customers: %v", n, err)
		}
		if _, err := records.WriteItems(io.Discard, failingAfter(t, n, item)); err != errLost {
			t.Errorf("%d items: %v", n, err)
		}
		none := func(func(records.NamedItem, error) bool) { t.Error("asked for items after an error") }
		if _, err := records.WriteDocument(io.Discard, failingAfter(t, n, customer), none); err != errLost {
			t.Errorf("%d customers of both: %v", n, err)
		}
		customers := func(yield func(records.Customer, error) bool) { yield(customer, nil) }
		var b bytes.Buffer
		if _, err := records.WriteDocument(&b, customers, failingAfter(t, n, item)); err != errLost {
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
	if _, err := records.WriteCustomers(&smallWriter{100}, endless); !errors.Is(err, errFull) {
		t.Error(err)
	}
	if n > 1_000_000 {
		t.Errorf("%d values were read", n)
	}
}
