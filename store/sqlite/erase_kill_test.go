package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"process-orders/internal/soak"
	"process-orders/store"
	"process-orders/store/sqlite"
	"process-orders/store/storetest"
)

func init() { jobs["forget"] = jobForget }

// jobForget erases customers and scrubs after each. It prints what it has done.
func jobForget(args []string) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, args[0], sqlite.Options{})
	if err != nil {
		return err
	}
	fmt.Println("opened")
	for _, arg := range args[1:] {
		i, err := strconv.Atoi(arg)
		if err != nil {
			return err
		}
		if found, err := s.Erase(ctx, store.Erasure{Phone: phone(i)}); !found || err != nil {
			return fmt.Errorf("found %v, %v", found, err)
		}
		fmt.Println("erased")
		if _, err := s.Scrub(ctx); err != nil {
			return err
		}
		fmt.Println("scrubbed")
	}
	return s.Close()
}

// A forgotten is what a process with the job forget said until it was killed, and how long it took
// for its first erasure and for all.
type forgotten struct {
	erased, scrubbed int
	first, all       time.Duration
}

// forget runs the job, and kills it some time after it has opened the store.
func forget(t *testing.T, name string, victims []int, after time.Duration) (f forgotten) {
	t.Helper()
	args := []string{name}
	for _, i := range victims {
		args = append(args, fmt.Sprint(i))
	}
	cmd := storetest.Command(t, "forget", args...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var begin time.Time
	for lines := bufio.NewScanner(out); lines.Scan(); {
		f.all = time.Since(begin)
		switch lines.Text() {
		case "opened":
			begin = time.Now()
			defer time.AfterFunc(after, func() { cmd.Process.Kill() }).Stop()
		case "erased":
			if f.erased++; f.erased == 1 {
				f.first = f.all
			}
		case "scrubbed":
			f.scrubbed++
		default:
			t.Errorf("the process says: %s", lines.Text())
		}
	}
	_ = cmd.Wait()
	return f
}

// TestKilledErasures kills processes at random moments while they erase customers and scrub, a
// third of them over their first erasure. Each customer is whole or gone afterwards. After the next scrubbing no file has a byte of
// those who are gone.
func TestKilledErasures(t *testing.T) {
	t.Parallel()
	template := grownStore(t)
	random := soak.Random(t)
	const each = 3
	copied := func() (name string, victims []int) {
		name = newName(t)
		write(template)(t, name)
		return name, random.Perm(grown)[:each]
	}
	name, victims := copied()
	before := readAll(t, open(t, name))
	whole := forget(t, name, victims, time.Minute)
	if whole.scrubbed != each {
		t.Fatalf("%+v, want %d scrubbed", whole, each)
	}
	at := map[string]int{}
	for l := soak.NewLoop(t, "killed erasures", soak.Rounds{Short: 4, Default: 8, Soak: 60}); l.Next(); {
		name, victims := copied()
		within := whole.all
		if l.Round%3 == 0 {
			within = whole.first + time.Millisecond
		}
		f := forget(t, name, victims, time.Duration(random.Int64N(int64(within))))
		at[[]string{"erasing", "scrubbing"}[f.erased-f.scrubbed]]++
		checkForgotten(t, name, before, victims, f)
		if t.Failed() {
			t.FailNow()
		}
	}
	t.Logf("%v", at)
}

// checkForgotten checks a store whose process was killed, and scrubs it.
func checkForgotten(t *testing.T, name string, before store.Delta, victims []int, f forgotten) {
	t.Helper()
	ctx, dir := context.Background(), filepath.Dir(name)
	noTraces(t, dir, victims[:f.scrubbed])
	s := open(t, name)
	after := readAll(t, s)
	gone := victims[:f.erased]
	if next := victims[f.erased:]; len(next) > 0 && !hasCustomer(after, next[0]) {
		gone = victims[:f.erased+1] // the process did not live to say so
	}
	want := before
	want.Customers = slices.DeleteFunc(slices.Clone(before.Customers), func(c store.Customer) bool {
		return slices.ContainsFunc(gone, func(i int) bool { return c.Phone == phone(i) })
	})
	if !reflect.DeepEqual(after, want) {
		t.Fatalf("%d customers and %d items are there, want %d and %d, each as it was", len(after.Customers), len(after.Items), len(want.Customers), len(want.Items))
	}
	totals, err := s.Totals(ctx)
	due := totals.Due
	if least := int64(len(gone) - f.scrubbed - 1); due < max(least, 0) || due > int64(len(gone)-f.scrubbed) || err != nil {
		t.Errorf("%d erasures are due, %v; %d customers are gone and %d were scrubbed", due, err, len(gone), f.scrubbed)
	}
	if n, err := s.Scrub(ctx); n != due || err != nil {
		t.Fatalf("%d erasures were scrubbed, %v; want %d", n, err, due)
	}
	noTraces(t, dir, gone)
	if got := readAll(t, s); !reflect.DeepEqual(got, want) {
		t.Fatal("scrubbing has changed the records")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	noTraces(t, dir, gone)
}

func hasCustomer(d store.Delta, i int) bool {
	return slices.ContainsFunc(d.Customers, func(c store.Customer) bool { return c.Phone == phone(i) })
}

// readAll reads all records of a store, with details.
func readAll(t testing.TB, s store.Store) (d store.Delta) {
	t.Helper()
	err := s.Records(context.Background(), store.Reading{Details: true}, func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
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
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}
