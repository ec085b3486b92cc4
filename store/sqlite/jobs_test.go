package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"process-orders/store"
	"process-orders/store/sqlite"
)

// TestMain lets the tests run this binary as another process that has a job with a
// store.
func TestMain(m *testing.M) {
	if job := os.Getenv("STORE_JOB"); job != "" {
		if err := jobs[job](os.Args[1]); err != nil {
			fmt.Println(err)
		}
		return
	}
	os.Exit(m.Run())
}

var jobs = map[string]func(name string) error{"open": jobOpen, "fill": jobFill, "refill": jobRefill, "apply": jobApply, "some": jobSome}

func jobOpen(name string) error {
	s, err := sqlite.Open(context.Background(), name)
	if err == nil {
		fmt.Println("opened")
		err = s.Close()
	}
	return err
}

// Numbered batches: each has customers and orders of its own, and some that all have.
const (
	perBatch  = 300
	shared    = 50
	idsPerJob = 20
)

func numbered(source int64, i int) store.Batch {
	b := store.Batch{ID: fmt.Sprint("batch ", source, " ", i), Source: source, Orders: perBatch}
	var d store.Delta
	for j := range perBatch {
		v := store.Version{Source: source, At: int64(i*perBatch + j + 1)}
		phone := fmt.Sprintf("%d-%06d-%d", j, i, source)
		if j < shared {
			phone = fmt.Sprint("shared ", j)
		}
		d.Customers = append(d.Customers, store.Customer{Phone: phone, Name: fmt.Sprint("a name that takes some room ", i), Named: v, First: v})
		if j < shared {
			d.Items = append(d.Items, store.Item{Name: fmt.Sprint("item ", j), Price: fmt.Sprint(i, ".50"), Priced: v, First: v, Orders: 1})
		}
		if j < idsPerJob {
			b.OrderIDs = append(b.OrderIDs, fmt.Sprint("order ", source, " ", i, " ", j))
		}
	}
	b.Fold = func(repeated func(int) bool) (store.Delta, error) {
		for j := range idsPerJob {
			if repeated(j) {
				return d, fmt.Errorf("order %d of batch %d is known, and the batch is not", j, i)
			}
		}
		return d, nil
	}
	return b
}

// checkNumbered says whether a store holds just the batches 0 to n-1 of a source.
func checkNumbered(s store.Store, source int64, n int) error {
	return s.Records(context.Background(), func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
		own := 0
		for c, err := range customers {
			if err != nil {
				return err
			}
			if c.First.Source == source && c.First.At > shared {
				own++
			}
			if c.First.At <= shared && n > 0 && c.Named.At/perBatch != int64(n-1) {
				return fmt.Errorf("%s has the name of batch %d, want %d", c.Phone, c.Named.At/perBatch, n-1)
			}
		}
		if own != n*(perBatch-shared) {
			return fmt.Errorf("%d customers of their own, want %d", own, n*(perBatch-shared))
		}
		seen := 0
		for i, err := range items {
			if err != nil {
				return err
			}
			if seen++; i.Orders != int64(n) || i.Price != fmt.Sprint(n-1, ".50") {
				return fmt.Errorf("%s has %d orders and the price %s, want %d", i.Name, i.Orders, i.Price, n)
			}
		}
		if n > 0 && seen != shared {
			return fmt.Errorf("%d items, want %d", seen, shared)
		}
		return nil
	})
}

// begun opens a store with one source and tells how many batches it has.
func begun(name string) (*sqlite.Store, int, error) {
	s, err := sqlite.Open(context.Background(), name)
	if err != nil {
		return nil, 0, err
	}
	state, err := s.Begin(context.Background(), store.Source{ID: "source"}, false)
	if err == nil && state.Number != 1 {
		err = fmt.Errorf("the source has the number %d", state.Number)
	}
	return s, int(state.Batches), err
}

func jobFill(name string) error {
	s, n, err := begun(name)
	if err != nil {
		return err
	}
	for {
		applied, err := s.Apply(context.Background(), numbered(1, n))
		if err == nil && applied {
			n++
			continue
		}
		fmt.Println("full:", err)
		if err := checkNumbered(s, 1, n); err != nil {
			return err
		}
		if _, err := s.Apply(context.Background(), numbered(1, n)); err == nil {
			return fmt.Errorf("it fits now")
		}
		if err := checkNumbered(s, 1, n); err != nil {
			return err
		}
		s.Close() // may fail for the same reason; what was applied is there
		return os.WriteFile(name+".count", fmt.Append(nil, n), 0o600)
	}
}

func jobRefill(name string) error {
	s, n, err := begun(name)
	if err != nil {
		return err
	}
	for range 2 {
		if err := checkNumbered(s, 1, n); err != nil {
			return err
		}
		if _, err := s.Apply(context.Background(), numbered(1, n)); err != nil {
			return err
		}
		n++
	}
	fmt.Println("all is there")
	return s.Close()
}

// jobApply applies batches for ever, and says of each when it is there.
func jobApply(name string) error {
	s, n, err := begun(name)
	if err != nil {
		return err
	}
	for ; ; n++ {
		fmt.Println("apply", n)
		if applied, err := s.Apply(context.Background(), numbered(1, n)); !applied || err != nil {
			return fmt.Errorf("applied %v, %v", applied, err)
		}
		fmt.Println("applied", n)
	}
}

// TestKill kills a process that applies batches, at random moments, also while it makes
// the store. What it said was applied is there, and nothing half or twice.
func TestKill(t *testing.T) {
	kills, perStore := 100, 5
	if testing.Short() {
		kills = 10
	}
	if os.Getenv("SOAK") != "" {
		kills = 10_000
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir, name, said, total := "", "", 0, 0
	for kill := range kills {
		if kill%perStore == 0 {
			total += said
			os.RemoveAll(dir)
			dir, said = t.TempDir(), 0
			name = filepath.Join(dir, "orders.db")
		}
		last := runAndKill(t, name, time.Duration(random.Int64N(int64(40*time.Millisecond))))
		said = max(said, last)
		said = checkAfterKill(t, name, said)
	}
	t.Logf("%d batches were applied in %d runs", total+said, kills)
}

// runAndKill runs a process that applies batches for some time, and tells how many
// batches it said were there.
func runAndKill(t *testing.T, name string, after time.Duration) (said int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(self, name)
	command.Env = append(os.Environ(), "STORE_JOB=apply")
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { command.Process.Kill() })
	defer timer.Stop()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var n int
		if _, err := fmt.Sscanf(lines.Text(), "applied %d", &n); err == nil {
			said = n + 1
		} else if _, err := fmt.Sscanf(lines.Text(), "apply %d", &n); err != nil {
			t.Errorf("the process says: %s", lines.Text())
		}
	}
	command.Wait()
	return said
}

// checkAfterKill returns how many batches are there: as many as were said to be, or
// one more.
func checkAfterKill(t *testing.T, name string, said int) int {
	t.Helper()
	s, n, err := begun(name)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if n != said && n != said+1 {
		t.Fatalf("%d batches are there, %d were said to be", n, said)
	}
	if err := checkNumbered(s, 1, n); err != nil {
		t.Fatal(err)
	}
	// The one that was said last, or not any more, is applied again.
	if n > 0 {
		if applied, err := s.Apply(context.Background(), numbered(1, n-1)); applied || err != nil {
			t.Fatalf("batch %d again: applied %v, %v", n-1, applied, err)
		}
	}
	return n
}

// TestProcessesAtOnce runs processes that apply batches to one new store at once: each
// its own source, and some all the same one.
func TestProcessesAtOnce(t *testing.T) {
	const processes, batches = 4, 15
	name := filepath.Join(t.TempDir(), "orders.db")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range processes {
		group.Go(func() {
			command := exec.Command(self, name, fmt.Sprint("source ", i/2), fmt.Sprint(batches))
			command.Env = append(os.Environ(), "STORE_JOB=some")
			if out, err := command.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%s%v", out, err)
			}
		})
	}
	group.Wait()
	s := open(t, name)
	states, err := s.States(context.Background())
	if err != nil || len(states) != processes/2 {
		t.Fatalf("%d sources, %v; want %d", len(states), err, processes/2)
	}
	for _, state := range states {
		if state.Batches != batches || state.Orders != batches*perBatch || state.Repeated != 0 {
			t.Errorf("%+v, want %d batches", state, batches)
		}
	}
	err = s.Records(context.Background(), func(_ iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
		for i, err := range items {
			if err != nil {
				return err
			}
			want := store.Item{Name: i.Name, Price: fmt.Sprint(batches-1, ".50"), Orders: batches * processes / 2,
				Priced: store.Version{Source: processes / 2, At: i.Priced.At}, First: store.Version{Source: 1, At: i.First.At}}
			if i != want || i.Priced.At <= (batches-1)*perBatch || i.First.At > perBatch {
				t.Errorf("%+v, want %+v", i, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// jobSome applies so many batches of a source, which another may do too.
func jobSome(name string) error {
	s, err := sqlite.Open(context.Background(), name)
	if err != nil {
		return err
	}
	state, err := s.Begin(context.Background(), store.Source{ID: os.Args[2]}, false)
	if err != nil {
		return err
	}
	batches, err := strconv.Atoi(os.Args[3])
	if err != nil {
		return err
	}
	for i := range batches {
		if _, err := s.Apply(context.Background(), numbered(state.Number, i)); err != nil {
			return err
		}
	}
	return s.Close()
}
