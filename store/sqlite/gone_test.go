package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"process-orders/store"
	"process-orders/store/sqlite"
)

// TestGoneFile removes and moves the file of a store that is open. What is committed then would
// be lost, so it is refused; if the file is back, all goes on.
func TestGoneFile(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open cannot be removed")
	}
	name := filepath.Join(t.TempDir(), "shop.db")
	s, err := sqlite.Open(t.Context(), name, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	commit := func() error {
		return s.Commit(context.Background(), func(tx store.Transaction) error {
			return tx.Put(store.Document{Kind: "note", Key: "a", Value: []byte("x")})
		})
	}
	move := func(from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	if err := commit(); err != nil {
		t.Fatal(err)
	}
	move(name, name+".old")
	if err := commit(); err == nil || !strings.Contains(err.Error(), "was removed, moved or replaced") {
		t.Errorf("a commit to a file that has moved: %v", err)
	}
	if _, err := s.Erase(t.Context(), store.Erasure{Phone: "1"}); err == nil {
		t.Error("an erasure in a file that has moved is no error")
	}
	move(name+".old", name)
	if err := commit(); err != nil {
		t.Errorf("a commit to a file that is back: %v", err)
	}
	if err := os.WriteFile(name+".new", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	move(name+".new", name)
	if err := commit(); err == nil {
		t.Error("a commit to a file that another has replaced is no error")
	}
}
