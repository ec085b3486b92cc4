package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"process-orders/store"
	"process-orders/store/sqlite"
	"process-orders/store/storetest"
)

// open opens a store that is closed at the test's end.
func open(t testing.TB, name string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestContract(t *testing.T) {
	names := map[store.Store]string{}
	keep := func(t testing.TB, name string) store.Store {
		s := open(t, name)
		names[s] = name
		return s
	}
	storetest.Test(t,
		func(t testing.TB) store.Store { return keep(t, filepath.Join(t.TempDir(), "orders.db")) },
		func(t testing.TB, s store.Store) store.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return keep(t, names[s])
		})
}
