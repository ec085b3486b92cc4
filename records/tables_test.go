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

// The tables behind the records, as far as one can see them from outside.

func TestManyKeys(t *testing.T) {
	n := 300_000
	if testing.Short() {
		n = 40_000
	}
	var all records.Records
	for round := range 2 {
		for i := range n {
			all.Add(orders.Order{Phone: key(i), Name: name(i + round), Lines: []orders.Line{{Item: key(i), Price: key(i + round)}}})
		}
	}
	holdsKeys(t, &all, n, 1, 2)

	// A merge meets each key once more, the other way round.
	var other records.Records
	for i := n - 1; i >= 0; i-- {
		other.Add(orders.Order{Phone: key(i), Name: name(i + 2), Lines: []orders.Line{{Item: key(i), Price: key(i + 2)}}})
	}
	all.Merge(&other)
	holdsKeys(t, &all, n, 2, 3)
}

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
	for i := range n {
		if found, ok := all.Customers.Name(string(key(i))); !ok || found != string(name(i+round)) {
			t.Fatalf("customer %d is %s, %v", i, found, ok)
		}
		if _, ok := all.Items.Item(string(key(n + i))); ok {
			t.Fatalf("item %d is there", n+i)
		}
	}
}

// The same by way of Process, where several workers' tables are merged.
func TestManyKeysOfManyWorkers(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 20_000
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

// Keys of any length, around the sizes of the pages that hold them, told apart by
// their first byte, by their last, by their length alone.
func TestLongKeys(t *testing.T) {
	var want []purchase
	for _, n := range []int{1, 100, 4094, 4095, 4096, 4097, 1<<18 - 1, 1 << 18, 1<<18 + 1, 1 << 20} {
		body := strings.Repeat("k", n-1)
		for i, key := range []string{"a" + body, "b" + body, body + "b", "a" + body + "b"} {
			want = append(want, purchase{key, body + fmt.Sprint(i), []purchaseLine{{key, fmt.Sprint(n)}, {body + "\x01", fmt.Sprint(i)}}})
		}
	}
	var got, other records.Records
	for i, p := range want {
		if i < len(want)/2 {
			got.Add(p.order())
		} else {
			other.Add(p.order())
		}
	}
	got.Merge(&other)
	same(t, &got, newNaive(want...))
}

func TestLongKeysOfManyWorkers(t *testing.T) {
	var texts []string
	var want []purchase
	for i := range 12 {
		p := purchase{strings.Repeat("k", 1<<20-i%5), strings.Repeat("n", 1<<20) + fmt.Sprint(i), []purchaseLine{{strings.Repeat("i", 1<<19+i%3), "1"}}}
		want, texts = append(want, p), append(texts, p.json())
	}
	for _, workers := range []int{1, 4} {
		out := outcomeOf(documents("["+strings.Join(texts, ",\n")+"]"), options(workers, 100_000))
		if out.err != "" || out.both != newNaive(want...).recordsJSON() {
			t.Fatalf("%d workers: %d bytes, %s", workers, len(out.both), out.err)
		}
	}
}

// 100,000 keys that differ in few bits, and one that is the begin of all others.
func TestKeysThatAreAlike(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 20_000
	}
	alike := func(i int) []byte {
		b := []byte(strings.Repeat("a", 40))
		for bit := range 17 {
			b[2*bit] |= byte(i>>bit&1) << 1
		}
		return b
	}
	var all records.Records
	for i := range n {
		all.Add(orders.Order{Phone: alike(i), Lines: []orders.Line{{Item: alike(i)[:40-i%3], Price: []byte("1")}}})
	}
	if all.Customers.Len() != n {
		t.Errorf("%d customers, want %d", all.Customers.Len(), n)
	}
	for i := range n {
		if _, ok := all.Customers.Name(string(alike(i))); !ok {
			t.Fatalf("no customer %s", alike(i))
		}
		if item, ok := all.Items.Item(string(alike(i)[:40-i%3])); !ok || item.Orders != 1 {
			t.Fatalf("item %s: %v", alike(i), item)
		}
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

// heapOf is how much more memory is in use while what make returns is alive.
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

// A customer's name and an item's price take the memory of the longest they ever
// were, and not that of all they were.
func TestChangesTakeNoMemory(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 100_000
	}
	long := func(i int) []byte { return []byte(strings.Repeat("long ", 10+i)) }
	changing := []orders.Order{
		{Phone: []byte("1"), Name: []byte("Jo"), Lines: []orders.Line{{Item: []byte("Tea"), Price: []byte("1")}}},
		{Phone: []byte("1"), Name: long(0), Lines: []orders.Line{{Item: []byte("Tea"), Price: []byte("1.00000000000000000")}}},
		{Phone: []byte("2"), Name: []byte("P")},
		{Phone: []byte("1"), Name: long(3), Lines: []orders.Line{{Item: []byte("Tea"), Price: []byte("12345.6")}}},
		{Phone: []byte("2"), Name: long(5)},
	}
	taken := heapOf(func() *records.Records {
		var all records.Records
		for i := range n {
			all.Add(changing[i%len(changing)])
		}
		return &all
	})
	if taken > 1<<20 {
		t.Errorf("%d orders of 2 customers take %d bytes", n, taken)
	}

	part := folded(nil)
	for _, o := range changing {
		part.Add(o)
	}
	taken = heapOf(func() *records.Records {
		var all records.Records
		for range n / 10 {
			all.Merge(part)
		}
		return &all
	})
	if taken > 1<<20 {
		t.Errorf("%d merges of 2 customers take %d bytes", n/10, taken)
	}
}

// Names that become longer bit by bit leave not much behind.
func TestGrowingNamesTakeLittleMemory(t *testing.T) {
	const n = 100_000
	long := []byte(strings.Repeat("n", n))
	taken := heapOf(func() *records.Records {
		var all records.Records
		for i := 1; i <= n; i += 10 {
			all.Add(orders.Order{Phone: []byte("1"), Name: long[:i]})
		}
		return &all
	})
	if taken > 2<<20 {
		t.Errorf("a name that grew to %d bytes takes %d", n, taken)
	}
}

// Few records take little, so that many of them can be kept.
func TestFewRecordsTakeLittleMemory(t *testing.T) {
	taken := heapOf(func() []*records.Records {
		var kept []*records.Records
		for range 100 {
			kept = append(kept, some())
		}
		return kept
	})
	if taken > 100*32<<10 {
		t.Errorf("records of 3 customers take %d bytes", taken/100)
	}
}
