package sqlite_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"process-orders/store"
)

// unnamedFiles are the files that this process has open and that have no name any more.
func unnamedFiles(t *testing.T) (names []string) {
	t.Helper()
	all, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		if name, err := os.Readlink(one); err == nil && strings.HasSuffix(name, "(deleted)") {
			names = append(names, name)
		}
	}
	return names
}

// TestNoTemporaryFile looks for the file that SQLite makes for what is temporary: a transaction has
// none. No other test runs at the same time.
func TestNoTemporaryFile(t *testing.T) {
	before := unnamedFiles(t)
	random := rand.New(rand.NewPCG(1, 0))
	s := open(t, newName(t))
	for from := range 2 {
		group := store.Batch{Feed: &store.Feed{Name: "serve", System: "shop"}, Orders: 300}
		for i := range 300 {
			group.States = append(group.States, someOrder(random, 300*from+i, 0))
		}
		err := s.Commit(t.Context(), func(tx store.Transaction) error {
			_, err := tx.Apply(group)
			if slices.ContainsFunc(unnamedFiles(t), func(name string) bool { return !slices.Contains(before, name) }) {
				t.Error("a transaction has a temporary file")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
