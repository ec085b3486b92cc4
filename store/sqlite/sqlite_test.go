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
	s, err := sqlite.Open(context.Background(), name, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestContract(t *testing.T) {
	t.Parallel()
	storetest.Test(t, storetest.ByName(newName, func(t testing.TB, name string) store.Store { return open(t, name) }))
}

// newName returns the name of a store that does not exist.
func newName(t testing.TB) string { return filepath.Join(t.TempDir(), "orders.db") }
