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
	for i := 0; i < n; i += 7 {
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

// Keys of any length, around the sizes of the pages that hold them, told apart by
// their first byte, by their last, by their length alone.
func TestLongKeys(t *testing.T) {
	var want []purchase
	lengths := []int{1, 100, 1<<10 - 1, 1 << 10, 1<<10 + 1, 1<<16 - 1, 1 << 16, 1<<16 + 1, 1 << 18, 1 << 20}
	if testing.Short() {
		lengths = lengths[:8]
	}
	for _, n := range lengths {
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

// Keys and texts of every length, short and long, that differ in one byte: short
// ones are kept in another way than long ones.
func TestEveryLength(t *testing.T) {
	var want []purchase
	for n := 1; n <= 64; n++ {
		for at := range min(n, 40) {
			text := []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")[:n]
			text[at] = '*'
			want = append(want, purchase{string(text), string(text) + "!", []purchaseLine{{string(text), "1" + strings.Repeat("0", n%40)}}})
		}
		same := strings.Repeat("a", n)
		want = append(want, purchase{same, same, []purchaseLine{{same, "1"}, {same + "\x01", "1"}, {strings.Repeat("\x01", n), "1"}}})
	}
	got, other := folded(want[:len(want)/2]), folded(want[len(want)/2:])
	got.Merge(other)
	same(t, got, newNaive(want...))
	got.Merge(got)
	same(t, got, newNaive(append(want, want...)...))
}

// A text of any length takes the place of one of any other, in a fold and in a
// merge.
func TestTextsOfAnyLengthAfterEachOther(t *testing.T) {
	var all, merged records.Records
	var list []purchase
	lengths := []int{0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 23, 24, 25, 26, 40, 2000, 70_000}
	if testing.Short() {
		lengths = lengths[:len(lengths)-1]
	}
	for _, before := range lengths {
		for _, after := range lengths {
			for i, n := range []int{before, after} {
				p := purchase{"1", strings.Repeat(string(rune('a'+i)), n), []purchaseLine{{"Idli", "1" + strings.Repeat("2", n%40)}}}
				list = append(list, p)
				all.Add(p.order())
				merged.Merge(folded([]purchase{p}))
				want := newNaive(list...)
				same(t, &all, want)
				same(t, &merged, want)
				list = []purchase{{"1", want.names["1"], nil}} // the rest is in the records
				list[0].name = strings.TrimPrefix(list[0].name, records.Unknown)
				for range want.orders["Idli"] {
					list[0].lines = append(list[0].lines, purchaseLine{"Idli", want.prices["Idli"]})
				}
			}
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
