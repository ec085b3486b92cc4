package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"process-orders/internal/soak"
	"process-orders/store"
	"process-orders/store/postgres"
	"process-orders/store/storetest"
)

// terminating terminates all connections of the store at a URL, again and again, until the
// test ends. It returns how many it terminated so far. Few pauses are
// long enough for a whole reading. One in sixteen is a second longer, for a busy machine.
func terminating(t *testing.T, storeURL string) (count func() int) {
	t.Helper()
	u, err := url.Parse(storeURL)
	if err != nil {
		t.Fatal(err)
	}
	name := u.Query().Get("application_name")
	query := u.Query()
	query.Del("schema")
	query.Set("application_name", "the one that terminates")
	u.RawQuery = query.Encode()
	conn, err := pgx.Connect(context.Background(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	random := soak.Random(t)
	ctx, stop := context.WithCancel(context.Background())
	counts, ended := make(chan int), make(chan struct{})
	go func() {
		defer close(ended)
		defer conn.Close(context.Background())
		for total := 0; ; {
			var n int
			err := conn.QueryRow(context.Background(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1`, name).Scan(&n)
			if err != nil {
				t.Error(err)
				return
			}
			total += n
			pause := time.Duration(5+random.IntN(60)) * time.Millisecond
			if random.IntN(16) == 0 {
				pause += time.Second
			}
			select {
			case <-ctx.Done():
				return
			case counts <- total:
			case <-time.After(pause):
			}
		}
	}()
	t.Cleanup(func() { stop(); <-ended })
	return func() int {
		select {
		case n := <-counts:
			return n
		case <-ended:
			return -1
		}
	}
}

// TestTerminated opens and reads a store while the server terminates its connections again
// and again. Each reading is whole, and has no record twice.
func TestTerminated(t *testing.T) {
	t.Parallel()
	url := newURL(t)
	s := open(t, url)
	if _, err := storetest.Start(s); err != nil {
		t.Fatal(err)
	}
	const source = 1
	var d store.Delta
	for i := range int64(2000) {
		v := store.PositionVersion(store.NoTime, source, i, 0)
		d.Customers = append(d.Customers, store.Customer{Phone: fmt.Sprint(i), Name: "Ann", Named: v, First: v, FirstPlaced: store.NoTime, LastPlaced: store.NoTime})
		d.Items = append(d.Items, store.Item{Name: fmt.Sprint("Tea ", i), Price: "1.50", Priced: v, First: v, Orders: i})
	}
	if _, err := s.Apply(context.Background(), store.Batch{ID: "a", Source: source, Last: true, Delta: d}); err != nil {
		t.Fatal(err)
	}
	terminated := terminating(t, url)
	failed := 0
	for l := soak.NewLoop(t, "readings while connections are terminated", soak.Rounds{Short: 10, Default: 25, Soak: 2000}); l.Next(); {
		if err := readAll(url, d); err != nil {
			failed++
			t.Logf("reading %d: %v", l.Round, err)
		}
	}
	if failed > 0 {
		t.Errorf("%d readings failed", failed)
	}
	if n := terminated(); n == 0 {
		t.Error("no connection was terminated")
	} else {
		t.Logf("%d connections were terminated", n)
	}
}

// readAll opens a store and checks that it has the records of d.
func readAll(url string, d store.Delta) error {
	s, err := postgres.Open(context.Background(), url, postgres.Options{Existing: true})
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer s.Close()
	if all, err := s.Sources(context.Background()); err != nil || len(all) != 1 {
		return fmt.Errorf("%d sources, %w", len(all), err)
	}
	calls := 0
	err = s.Records(context.Background(), store.Reading{}, func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
		if calls++; calls > 1 {
			return errors.New("read was called twice")
		}
		return errors.Join(same(customers, d.Customers), same(items, d.Items))
	})
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return nil
}

// same returns an error if what is read is not what is wanted.
func same[T any](all iter.Seq2[T, error], want []T) error {
	for one, err := range all {
		if err != nil {
			return err
		}
		if len(want) == 0 || fmt.Sprint(one) != fmt.Sprint(want[0]) {
			return fmt.Errorf("read %+v where %d records were to follow", one, len(want))
		}
		want = want[1:]
	}
	if len(want) > 0 {
		return fmt.Errorf("%d records are missing", len(want))
	}
	return nil
}
