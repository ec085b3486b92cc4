package sqlite_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"process-orders/store"
	"process-orders/store/sqlite"
)

// TestErasedBytes erases customers from a store that grew in small batches, with names that
// changed, so that its pages were split and their rows moved. Then SQLite's secure_delete
// alone leaves copies of some of them; those are the ones that are erased. No file of the
// store has a byte of theirs afterwards, even while the store is still open.
func TestErasedBytes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "orders.db")
	write(grownStore(t))(t, name)
	victims := append([]int{0, 100}, copiedOnes(t)[:5]...) // two with long names
	s := open(t, name)
	for _, i := range victims {
		if found, err := s.Erase(context.Background(), store.Erasure{Phone: phone(i)}); !found || err != nil {
			t.Fatalf("found %v, %v", found, err)
		}
	}
	if n, err := s.Scrub(context.Background()); int(n) != len(victims) || err != nil {
		t.Fatalf("%d erasures were scrubbed, %v; want %d", n, err, len(victims))
	}
	noTraces(t, dir, victims)
	if !strings.Contains(all(t, dir), phone(200)) {
		t.Error("a customer who was not erased is gone")
	}
	var lines, scrubbed int
	err := db(t, name).QueryRow("SELECT count(*), count(scrubbed) FROM erasures").Scan(&lines, &scrubbed)
	if err != nil || lines != len(victims) || scrubbed != lines {
		t.Errorf("the log has %d lines, %d of them done, %v; want %d", lines, scrubbed, err, len(victims))
	}
}

// noTraces checks that no file in a folder has a byte of customers.
func noTraces(t testing.TB, dir string, victims []int) {
	t.Helper()
	bytes := strings.ToLower(all(t, dir)) // names are found by their small letters
	for _, i := range victims {
		digits := []byte(fmt.Sprintf("49%05d", i))
		slices.Reverse(digits) // as customers are sorted
		for _, text := range []string{phone(i), nameOf(i), string(digits)} {
			if n := strings.Count(bytes, text); n > 0 {
				t.Errorf("%s is still in the files, %d times", text, n)
			}
		}
	}
}

// grown is how many customers grow applies.
const grown = 3000

func phone(i int) string  { return fmt.Sprintf("+49-%05d-phone", i) }
func nameOf(i int) string { return fmt.Sprintf("name-of-%05d", i) }

// copiedOnes returns customers of whom a grown store has more bytes than in their rows.
func copiedOnes(t *testing.T) []int {
	t.Helper()
	name := newName(t)
	write(grownStore(t))(t, name)
	clean := filepath.Join(t.TempDir(), "clean.db")
	do(t, db(t, name), "VACUUM INTO '"+clean+"'")
	bytes, rows := phonesIn(grownStore(t)), phonesIn(all(t, filepath.Dir(clean)))
	var copied []int
	for i := range grown {
		switch of := phone(i); {
		case rows[of] == 0:
			t.Fatalf("customer %d is not in the file", i)
		case bytes[of] > rows[of] && i%100 != 0:
			copied = append(copied, i)
		}
	}
	if len(copied) < 10 {
		t.Fatalf("%d customers are in the file more often than in its rows, so the test proves nothing", len(copied))
	}
	return copied
}

// phonesIn counts the phones of a grown store in some bytes.
func phonesIn(data string) map[string]int {
	counts, size := map[string]int{}, len(phone(0))
	for from := strings.Index(data, "+49-"); from >= 0 && from+size <= len(data); {
		counts[data[from:from+size]]++
		next := strings.Index(data[from+1:], "+49-")
		if next < 0 {
			break
		}
		from += 1 + next
	}
	return counts
}

// grownStore returns the file of a store that grow has filled, which is made once.
func grownStore(t *testing.T) string {
	t.Helper()
	once.Do(func() {
		name := newName(t)
		s := open(t, name)
		grow(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for _, data := range contents(t, filepath.Dir(name)) {
			once.grown = data
		}
	})
	if once.grown == "" {
		t.Fatal("the store could not be made")
	}
	return once.grown
}

var once struct {
	sync.Once
	grown string
}

func grow(t *testing.T, s store.Store) {
	t.Helper()
	ctx := context.Background()
	if _, err := s.Start(ctx, store.Source{ID: "a"}, false); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	shuffled := random.Perm(grown)
	for n, step := 0, 1; n < grown; n, step = n+step, 1+random.IntN(10) {
		in := map[int]bool{}
		for range 4 {
			in[shuffled[random.IntN(n+1)]] = true
		}
		for _, i := range shuffled[n:min(n+step, grown)] {
			in[i] = true
		}
		var d store.Delta
		for _, i := range slices.Sorted(maps.Keys(in)) {
			v := store.PositionVersion(store.NoTime, 1, int64(n+1), 0)
			name := nameOf(i) + strings.Repeat("x", random.IntN(300))
			if i%100 == 0 {
				name = strings.Repeat(nameOf(i), 1000) // pages of its own
			}
			d.Customers = append(d.Customers, store.Customer{Phone: phone(i), Name: name, Named: v, First: v})
		}
		// Half of them come with orders that have an id.
		b := store.Batch{ID: fmt.Sprint(n), Source: 1}
		for _, c := range d.Customers {
			if i := len(b.States); len(c.Phone)%2 == 0 || c.Phone[7]%2 == 0 {
				b.States = append(b.States, store.State{
					ID: fmt.Sprint("order ", n, " ", i), Updated: store.NoTime, Placed: store.NoTime, Time: store.NoTime,
					At: int64(n*100 + i), Phone: c.Phone, Name: c.Name, Lines: store.Lines(nil).Append(store.Line{Item: "Tea", Price: "1"}),
				})
			} else {
				b.Delta.Customers = append(b.Delta.Customers, c)
			}
		}
		apply(t, s, b)
	}
}

func all(t testing.TB, dir string) string {
	t.Helper()
	var text strings.Builder
	for _, data := range contents(t, dir) {
		text.WriteString(data)
	}
	return text.String()
}

func apply(t testing.TB, s store.Store, b store.Batch) {
	t.Helper()
	if o, err := s.Apply(context.Background(), b); !o.Applied || err != nil {
		t.Fatalf("applied %v, %v", o.Applied, err)
	}
}

// TestEraseWhileReading erases while a reader reads an older snapshot. The reader sees the
// customer to its end, and the bytes stay until then. The scrubbing that gave up is done by the
// next one.
func TestEraseWhileReading(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "orders.db"))
	ctx := context.Background()
	if _, err := s.Start(ctx, store.Source{ID: "a"}, false); err != nil {
		t.Fatal(err)
	}
	v := store.PositionVersion(store.NoTime, 1, 1, 0)
	apply(t, s, store.Batch{ID: "1", Source: 1, Delta: store.Delta{Customers: []store.Customer{{Phone: "the-phone", First: v}}}})
	reader, err := db(t, filepath.Join(dir, "orders.db")).Begin()
	if err != nil {
		t.Fatal(err)
	}
	look := func() (n int) {
		if err := reader.QueryRow("SELECT count(*) FROM customers WHERE instr(body, CAST('the-phone' AS BLOB))").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	look()
	// Longer than SQLite waits by itself, which then says that it did not empty the log.
	short, cancel := context.WithTimeout(ctx, 1500*time.Millisecond)
	defer cancel()
	if found, err := s.Erase(short, store.Erasure{Phone: "the-phone"}); !found || err != nil {
		t.Errorf("found %v, %v; want it erased at once", found, err)
	}
	if n, err := s.Scrub(short); n != 0 || err == nil {
		t.Errorf("%d erasures were scrubbed, %v; want an error that bytes stay", n, err)
	}
	if n := look(); n != 1 {
		t.Errorf("the reader sees %d customers, want the one as it was", n)
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	if found, err := s.Erase(ctx, store.Erasure{Phone: "the-phone"}); found || err != nil {
		t.Fatalf("found %v, %v; want it gone", found, err)
	}
	if totals, err := s.Totals(ctx); totals.Due != 1 || time.Since(totals.DueSince) > time.Minute || err != nil {
		t.Fatalf("%d erasures are due since %v, %v; want 1", totals.Due, totals.DueSince, err)
	}
	if n, err := s.Scrub(ctx); n != 1 || err != nil {
		t.Fatalf("%d erasures were scrubbed, %v; want 1", n, err)
	}
	if strings.Contains(all(t, dir), "the-phone") {
		t.Error("its bytes are still in the files")
	}
}

// TestScrubInFiles scrubs a store. What is temporary meanwhile is as large as the store, so it is in a
// file, and nothing else is.
func TestScrubInFiles(t *testing.T) {
	t.Parallel()
	var s *sqlite.Store
	isInFiles := map[string]bool{}
	s, err := sqlite.Open(t.Context(), newName(t), sqlite.Watched(func(statement string) {
		if s != nil {
			isInFiles[statement] = sqlite.IsTempInFiles(s)
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	order := store.State{ID: "1", Phone: "555-0100", Name: "Ann", Placed: store.NoTime, Time: store.NoTime, Updated: store.NoTime}
	group := store.Batch{Feed: &store.Feed{Name: "serve", System: "shop"}, Orders: 1, States: []store.State{order}}
	if _, err := s.Apply(t.Context(), group); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Erase(t.Context(), store.Erasure{Phone: order.Phone}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Scrub(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	for statement, is := range isInFiles {
		if is != (statement == "VACUUM") {
			t.Errorf("%s: what is temporary is in files: %v", statement, is)
		}
	}
	if _, is := isInFiles["VACUUM"]; !is {
		t.Error("there was no VACUUM")
	}
}
