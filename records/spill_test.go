package records_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
)

// manyOrders are orders of many customers for many items, with names and prices
// that change, names that are long, and keys that are.
func manyOrders(n int) string {
	r := rand.New(rand.NewPCG(3, 4))
	var text strings.Builder
	for range n {
		customer, item := r.IntN(n/2), r.IntN(n/4)
		fmt.Fprintf(&text, `{"phone": "%s%d"`, strings.Repeat("9", customer%40), customer)
		if r.IntN(3) > 0 {
			fmt.Fprintf(&text, `, "name": "Somebody %s%d"`, strings.Repeat("é", r.IntN(20)), r.IntN(10))
		}
		fmt.Fprintf(&text, `, "items": [{"name": "%s%d", "price": %d.%d}]}`+"\n", strings.Repeat("dosa ", item%9), item, r.IntN(100), r.IntN(100))
	}
	return text.String()
}

// Records that do not fit into memory are the same, byte for byte, and nothing is
// left in the folder that they went to.
func TestSpill(t *testing.T) {
	const n = 20_000
	ds := documents(manyOrders(n))
	all, _, err := records.Process(context.Background(), sourcesOf(ds), options(1, 0))
	if err != nil {
		t.Fatal(err)
	}
	want := written(all)
	for _, limit := range []int64{1, 64 << 10, 1 << 20, 3 << 20} {
		for _, workers := range []int{1, 2, 8} {
			o := options(workers, 16<<10)
			o.MemoryBytes, o.SpillFolder = limit, t.TempDir()
			if limit == 1 {
				o.BlockBytes = 512 << 10
			}
			got, totals, err := records.Process(context.Background(), sourcesOf(ds), o)
			if err != nil || totals.Orders != n {
				t.Fatalf("%d workers, %d bytes: %+v, %v", workers, limit, totals, err)
			}
			if text := written(got); text != want {
				t.Fatalf("%d workers, %d bytes: %d bytes of records, want %d", workers, limit, len(text), len(want))
			}
			sameRecords(t, got, all)
			if left, err := os.ReadDir(o.SpillFolder); err != nil || len(left) > 0 {
				t.Fatalf("left behind: %v, %v", left, err)
			}
			if err := errors.Join(got.Err(), got.Close()); err != nil {
				t.Error(err)
			}
		}
	}
}

// sameRecords compares what the methods of records return.
func sameRecords(t *testing.T, got, want *records.Records) {
	t.Helper()
	if got.Customers.Len() != want.Customers.Len() || got.Items.Len() != want.Items.Len() {
		t.Fatalf("%d customers, %d items, want %d, %d", got.Customers.Len(), got.Items.Len(), want.Customers.Len(), want.Items.Len())
	}
	i := 0
	for phone, name := range got.Customers.All() {
		if i++; i%2000 != 1 {
			continue
		}
		if found, ok := got.Customers.Name(phone); !ok || found != name {
			t.Errorf("%q is %q, %v, want %q", phone, found, ok, name)
		}
		if right, ok := want.Customers.Name(phone); !ok || right != name {
			t.Errorf("%q is %q, want %q, %v", phone, name, right, ok)
		}
	}
	if i != want.Customers.Len() {
		t.Errorf("%d customers, want %d", i, want.Customers.Len())
	}
	for name, item := range got.Items.All() {
		if right, ok := want.Items.Item(name); !ok || right != item {
			t.Fatalf("%q is %v, want %v", name, item, right)
		}
		if found, ok := got.Items.Item(name); !ok || found != item {
			t.Fatalf("%q is found as %v, want %v", name, found, item)
		}
		break
	}
	if _, ok := got.Customers.Name("nobody's"); ok {
		t.Error("somebody has a phone that nobody has")
	}
}

// Spilled records can be merged, as the later and as the earlier ones, and added
// to.
func TestSpilledMerge(t *testing.T) {
	texts := []string{manyOrders(3000), strings.ReplaceAll(manyOrders(2000), "dosa", "vada")}
	all, _, err := records.Process(context.Background(), sourcesOf(documents(texts...)), options(1, 0))
	if err != nil {
		t.Fatal(err)
	}
	last := orders.Order{Phone: []byte("1"), Name: []byte("The last"), Lines: []orders.Line{{Item: []byte("vada"), Price: []byte("1.20")}}}
	all.Add(last)
	want := written(all)
	for spilled := range 4 {
		var parts [2]*records.Records
		for i := range parts {
			o := options(2, 4096)
			if spilled>>i&1 == 1 {
				o.MemoryBytes, o.SpillFolder = 100_000, t.TempDir()
			}
			if parts[i], _, err = records.Process(context.Background(), sourcesOf(documents(texts[i])), o); err != nil {
				t.Fatal(err)
			}
		}
		parts[0].Merge(parts[1])
		parts[0].Add(last)
		if got := written(parts[0]); got != want || parts[0].Err() != nil {
			t.Fatalf("%b: %d bytes of records, want %d; %v", spilled, len(got), len(want), parts[0].Err())
		}
		if parts[0].Customers.Len() != all.Customers.Len() {
			t.Errorf("%d customers, want %d", parts[0].Customers.Len(), all.Customers.Len())
		}
	}
}

// Records on disk that cannot be read any more are an error, and not fewer
// records.
func TestSpilledAndLost(t *testing.T) {
	o := options(1, 4096)
	o.MemoryBytes, o.SpillFolder = 100_000, t.TempDir()
	all, _, err := records.Process(context.Background(), sourcesOf(documents(manyOrders(3000))), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := all.Close(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := all.WriteTo(&b); !errors.Is(err, os.ErrClosed) {
		t.Errorf("written all the same: %v, %d bytes", err, b.Len())
	}
	for range all.Items.All() {
		t.Error("read all the same")
	}
	if !errors.Is(all.Err(), os.ErrClosed) {
		t.Errorf("no error: %v", all.Err())
	}
}

// The end of ctx ends a run also while records are merged on disk.
func TestSpillIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	text := manyOrders(3000)
	source := documents(text)[0].source(0)
	o := options(1, 4096)
	o.MemoryBytes, o.SpillFolder = 10_000, t.TempDir()
	o.Reject = func(*orders.Reject) error { cancel(); return nil } // the last of all orders
	bad := input.Reader("bad", strings.NewReader(`{"items":[]}`))
	all, _, err := records.Process(ctx, []input.Source{source, bad}, o)
	if all != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v", all, err)
	}
}

// A writer that fails ends the writing, whatever it is that was to be written.
func TestLongNamesAndAWriterThatFails(t *testing.T) {
	var text strings.Builder
	for i := range 60 {
		fmt.Fprintf(&text, `{"phone": "%d", "name": "%s", "items": []}`+"\n", i, strings.Repeat("x", 100_000))
	}
	for _, limit := range []int64{0, 1 << 20} {
		o := options(2, 0)
		o.MemoryBytes, o.SpillFolder = limit, t.TempDir()
		all, _, err := records.Process(context.Background(), sourcesOf(documents(text.String())), o)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(written(all)); n < 60*100_000 {
			t.Errorf("%d bytes written", n)
		}
		for _, room := range []int{0, 10, 1 << 20, 3 << 20} {
			if _, err := all.WriteTo(&smallWriter{room}); !errors.Is(err, errFull) {
				t.Errorf("room for %d bytes: %v", room, err)
			}
		}
	}
}

var errFull = errors.New("full")

// smallWriter takes so many bytes.
type smallWriter struct{ room int }

func (w *smallWriter) Write(p []byte) (int, error) {
	if len(p) > w.room {
		return 0, errFull
	}
	w.room -= len(p)
	return len(p), nil
}

// Process returns records that several goroutines may read at once, even if they are on
// disk: nothing is left to be merged.
func TestSpilledIsReadAtOnce(t *testing.T) {
	o := options(2, 4096)
	o.MemoryBytes, o.SpillFolder = 100_000, t.TempDir()
	all, _, err := records.Process(context.Background(), sourcesOf(documents(manyOrders(3000))), o)
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	want := written(all)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			n := 0
			for phone, name := range all.Customers.All() {
				if n++; n%500 != 1 {
					continue
				}
				if found, ok := all.Customers.Name(phone); !ok || found != name {
					t.Errorf("%s is %q, want %q", phone, found, name)
				}
			}
			if n != all.Customers.Len() || written(all) != want {
				t.Errorf("%d customers, or other records", n)
			}
		})
	}
	group.Wait()
	if err := all.Err(); err != nil {
		t.Error(err)
	}
}
