package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"testing"

	"process-orders/store"
	"process-orders/store/sqlite"
	"process-orders/store/storetest"
)

// TestMain lets the tests run this binary as another process that has a job with a
// store.
func TestMain(m *testing.M) {
	os.Exit(storetest.Main(m, func(name string, reached func(string)) (store.Store, error) {
		return sqlite.Open(context.Background(), name, sqlite.Watched(func(statement string) { reached(point(statement)) }))
	}, jobs))
}

var jobs = map[string]func(args []string) error{"open": jobOpen, "fill": jobFill, "refill": jobRefill, "insist": jobInsist,
	"leave": jobLeave, "read": jobRead, "meet": jobMeet, "old": jobOld, "migrate": jobMigrate, "later": jobLater}

// point returns the first words of a statement, which say what it does.
func point(statement string) string {
	words := strings.Fields(strings.Replace(statement, " OR FAIL", "", 1))
	return strings.Join(words[:min(3, len(words))], " ")
}

var processes = storetest.Processes{
	New: newName,
	Open: func(name string) (store.Store, error) {
		return sqlite.Open(context.Background(), name, sqlite.Options{})
	},
	Gone: gone,
	Points: []string{
		"BEGIN IMMEDIATE", "-- A version", "PRAGMA application_id =", "INSERT INTO rules", "INSERT INTO shops", "INSERT INTO sources",
		"INSERT INTO batches", "INSERT INTO orders", "INSERT INTO orders_of_customers", "UPDATE orders SET", "DELETE FROM orders_of_customers", "REPLACE INTO numbers", "INSERT INTO customers",
		"DELETE FROM customers", "INSERT INTO items", "UPDATE sources SET", "COMMIT", "REPLACE INTO feeds",
		"INSERT INTO erasures", "VACUUM", "wal_checkpoint", "UPDATE erasures SET",
	},
}

// gone checks that a phone is in none of a store's files, as they are before they are
// opened again.
func gone(t testing.TB, name, phone string) {
	t.Helper()
	for _, file := range []string{name, name + "-wal", name + "-shm", name + "-journal"} {
		data, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if strings.Contains(string(data), phone) {
			t.Errorf("%s was erased, and is still in %s", phone, file)
		}
	}
}

func TestKill(t *testing.T)            { t.Parallel(); processes.TestKill(t) }
func TestProcessesAtOnce(t *testing.T) { t.Parallel(); processes.TestAtOnce(t) }

func jobOpen(args []string) error {
	s, err := sqlite.Open(context.Background(), args[0], sqlite.Options{})
	if err == nil {
		fmt.Println("opened")
		err = s.Close()
	}
	return err
}

// start opens a store with one source, and returns how many batches it has.
func start(name string) (*sqlite.Store, int, error) {
	s, err := sqlite.Open(context.Background(), name, sqlite.Options{})
	if err != nil {
		return nil, 0, err
	}
	n, err := storetest.Start(s)
	return s, n, err
}

// jobFill applies batches until the disk is full.
func jobFill(args []string) error {
	s, n, err := start(args[0])
	if err != nil {
		return err
	}
	for {
		o, err := s.Apply(context.Background(), storetest.Numbered(1, n))
		if err == nil && o.Applied {
			n++
			continue
		}
		fmt.Println("full:", err)
		if err := storetest.CheckNumbered(s, 1, n, 0); err != nil {
			return err
		}
		if _, err := s.Apply(context.Background(), storetest.Numbered(1, n)); err == nil {
			return fmt.Errorf("it fits now")
		}
		if err := storetest.CheckNumbered(s, 1, n, 0); err != nil {
			return err
		}
		s.Close() // may fail for the same reason; what was applied is there
		return nil
	}
}

// jobRefill goes on when there is space again.
func jobRefill(args []string) error {
	s, n, err := start(args[0])
	if err != nil {
		return err
	}
	for range 2 {
		if err := storetest.CheckNumbered(s, 1, n, 0); err != nil {
			return err
		}
		if _, err := s.Apply(context.Background(), storetest.Numbered(1, n)); err != nil {
			return err
		}
		n++
	}
	fmt.Println("all is there")
	return s.Close()
}

// jobInsist applies batches, erases customers and scrubs, and prints each call. It makes a call
// that failed again, up to some failures.
func jobInsist(args []string) error {
	runtime.LockOSThread() // strace counts the calls of each thread
	const batches, mostFailures = 5, 10
	ctx, failures := context.Background(), 0
	insist := func(done string, call func() error) {
		for err := call(); err != nil; err = call() {
			fmt.Println("failed:", err)
			if failures++; failures == mostFailures {
				os.Exit(0) // as it is, with the file open
			}
		}
		fmt.Println(done)
	}
	var s *sqlite.Store
	insist("opened", func() (err error) { s, err = sqlite.Open(ctx, args[0], sqlite.Options{}); return err })
	insist("started", func() error { _, err := storetest.Start(s); return err })
	for n := range batches {
		insist("applied", func() error { _, err := s.Apply(ctx, storetest.Numbered(1, n)); return err })
		if n%2 == 1 {
			insist("erased", func() error { _, err := s.Erase(ctx, store.Erasure{Phone: storetest.Own(n)}); return err })
			insist("scrubbed", func() error { _, err := s.Scrub(ctx); return err })
		}
	}
	insist("read", func() error { return storetest.CheckNumbered(s, 1, batches, batches/2) })
	if err := s.Close(); err != nil {
		fmt.Println("failed:", err)
	}
	return nil
}
