package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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

// openSound opens a store, and returns an error if SQLite finds it damaged.
func openSound(name string) (store.Store, error) {
	s, err := sqlite.Open(context.Background(), name, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	if err := sound(name); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// sound returns what SQLite finds wrong with a file.
func sound(name string) error {
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return err
	}
	defer db.Close()
	var found string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("%s: %s", name, found)
	}
	return nil
}
