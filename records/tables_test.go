package records_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
)

// The tables behind the records, as far as one can see them from outside. The tests of
// internal/table have the rest.

func key(i int) []byte  { return fmt.Appendf(nil, "%d", 1_000_000+i) }
func name(i int) []byte { return fmt.Appendf(nil, "Name %d", i) }

// holdsKeys checks records of n keys, whose names and prices are those of round.
func holdsKeys(t *testing.T, all *records.Records, n, round int, orders int64) {
	t.Helper()
	if all.Customers.Len() != n || all.Items.Len() != n {
		t.Fatalf("%d customers, %d items", all.Customers.Len(), all.Items.Len())
	}
	i := 0
	for phone, found := range all.Customers.All() {
		if phone != string(key(i)) || found != string(name(i+round)) {
			t.Fatalf("customer %d is %s, %s", i, phone, found)
		}
		i++
	}
	i = 0
	for item, found := range all.Items.All() {
		if want := (records.Item{Price: string(key(i + round)), Orders: orders}); item != string(key(i)) || found != want {
			t.Fatalf("item %d is %s, %v, want %v", i, item, found, want)
		}
		i++
	}
	for i := 0; i < n; i += 7 {
		if found, ok := all.Customers.Name(string(key(i))); !ok || found != string(name(i+round)) {
			t.Fatalf("customer %d is %s, %v", i, found, ok)
		}
		if _, ok := all.Items.Item(string(key(n + i))); ok {
			t.Fatalf("item %d is there", n+i)
		}
	}
}

// Several workers fold into the same tables.
func TestManyKeysOfManyWorkers(t *testing.T) {
	n := 50_000
	if testing.Short() {
		n = 10_000
	}
	var text strings.Builder
	for round := range 2 {
		for i := range n {
			fmt.Fprintf(&text, `{"phone":%s,"name":"%s","items":[{"name":"%s","price":%s}]}`+"\n", key(i), name(i+round), key(i), key(i+round))
		}
	}
	for _, workers := range []int{1, 3, 8} {
		source := input.Reader("a.json", strings.NewReader(text.String()))
		all, totals, err := records.Process(context.Background(), []input.Source{source}, options(workers, 64<<10))
		if err != nil || totals.Orders != int64(2*n) {
			t.Fatal(totals, err)
		}
		holdsKeys(t, all, n, 1, 2)
	}
}

func TestLongKeysOfManyWorkers(t *testing.T) {
	n := 1 << 20
	if testing.Short() {
		n = 1 << 17
	}
	var texts []string
	var list []purchase
	for i := range 12 {
		p := purchase{strings.Repeat("k", n-i%5), strings.Repeat("n", n) + fmt.Sprint(i), []purchaseLine{{strings.Repeat("i", n/2+i%3), "1"}}}
		list, texts = append(list, p), append(texts, p.json())
	}
	want := newNaive(list...)
	for _, workers := range []int{1, 4} {
		sources := sourcesOf(documents("[" + strings.Join(texts, ",\n") + "]"))
		all, _, err := records.Process(context.Background(), sources, options(workers, 100_000))
		if err != nil {
			t.Fatal(err)
		}
		sameCustomers(t, &all.Customers, want)
		sameItems(t, &all.Items, want)
	}
}

func TestMissingKeys(t *testing.T) {
	var none records.Records
	full := some()
	for _, all := range []*records.Records{&none, full} {
		for _, key := range []string{"", "x", "1 ", "\x00", "Jo", strings.Repeat("1", 1000)} {
			if found, ok := all.Customers.Name(key); ok || found != "" {
				t.Errorf("customer %q: %q, %v", key, found, ok)
			}
			if found, ok := all.Items.Item(key); ok || found != (records.Item{}) {
				t.Errorf("item %q: %v, %v", key, found, ok)
			}
		}
	}
	if found, ok := full.Customers.Name("\"\\\n"); !ok || found != records.Unknown {
		t.Errorf("got %q, %v", found, ok)
	}
	for phone := range none.Customers.All() {
		t.Error(phone)
	}
	for item := range none.Items.All() {
		t.Error(item)
	}
}

func TestAllStopsEarly(t *testing.T) {
	all := large()
	for n := 1; n <= 3; n++ {
		seen := 0
		for range all.Customers.All() {
			if seen++; seen == n {
				break
			}
		}
		for range all.Items.All() {
			if seen++; seen == 2*n {
				break
			}
		}
		if seen != 2*n {
			t.Errorf("saw %d, want %d", seen, 2*n)
		}
	}
	again := all.Customers.All()
	for range 2 { // a sequence may be gone through again
		n := 0
		for range again {
			n++
		}
		if n != all.Customers.Len() {
			t.Errorf("saw %d of %d", n, all.Customers.Len())
		}
	}
}

// An order is its caller's, who uses its memory again.
func TestAddKeepsCopies(t *testing.T) {
	var all records.Records
	phone, name, item, price := []byte("123"), []byte("Jo"), []byte("Idli"), []byte("6.00")
	o := orders.Order{Phone: phone, Name: name, Lines: []orders.Line{{Item: item, Price: price}}}
	all.Add(o)
	for _, b := range [][]byte{phone, name, item, price} {
		for i := range b {
			b[i] = 'x'
		}
	}
	same(t, &all, newNaive(purchase{"123", "Jo", []purchaseLine{{"Idli", "6.00"}}}))
}

// heapOf returns how much more memory is in use while what make returns is alive.
func heapOf[T any](make func() T) int64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	made := make()
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(made)
	return int64(after.HeapAlloc) - int64(before.HeapAlloc)
}

// Records keep nothing of what they were made of: neither the memory of the
// orders nor the other workers' records.
func TestRecordsKeepNothingElse(t *testing.T) {
	taken := heapOf(func() *records.Records {
		var all records.Records
		input := make([]byte, 8<<20)
		copy(input, "123Jo")
		all.Add(orders.Order{Phone: input[:3], Name: input[3:5], Lines: []orders.Line{{Item: input[:3], Price: input[:3]}}})
		return &all
	})
	if taken > 1<<20 {
		t.Errorf("records of one order take %d bytes", taken)
	}

	text := strings.Repeat(good+"\n", 100_000)
	taken = heapOf(func() *records.Records { return processed(t, text, 8) })
	if taken > 1<<20 {
		t.Errorf("records of one customer take %d bytes after 8 workers", taken)
	}
}

// Many workers, who each have a record of the same customers, leave one of each.
func TestManyWorkersLeaveOneTable(t *testing.T) {
	var text strings.Builder
	for range 8 {
		for i := range 20_000 {
			fmt.Fprintf(&text, `{"phone":"%s","items":[]}`+"\n", key(i))
		}
	}
	one := heapOf(func() *records.Records { return processed(t, text.String(), 1) })
	many := heapOf(func() *records.Records { return processed(t, text.String(), 8) })
	if many > one+one/2+1<<20 {
		t.Errorf("records take %d bytes after 8 workers, %d after one", many, one)
	}
}

func processed(t *testing.T, text string, workers int) *records.Records {
	t.Helper()
	all, _, err := records.Process(context.Background(), []input.Source{input.Reader("a.json", strings.NewReader(text))}, options(workers, 32<<10))
	if err != nil {
		t.Fatal(err)
	}
	return all
}
