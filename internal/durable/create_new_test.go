package durable_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"process-orders/internal/durable"
)

// Of many that make one file at once, one does, and none ever sees a part of it.
func TestCreateNew(t *testing.T) {
	dir := t.TempDir()
	for range 20 {
		name := filepath.Join(dir, "new")
		var wg sync.WaitGroup
		made := make(chan string, 4)
		for _, c := range []string{"a", "b", "c", "d"} {
			wg.Go(func() {
				content := strings.Repeat(c, 4096)
				err := durable.CreateNew(name, []byte(content))
				if err == nil {
					made <- content
				} else if !errors.Is(err, fs.ErrExist) {
					t.Error(err)
				}
				if got := read(t, name); len(got) != 4096 {
					t.Errorf("%d bytes are there", len(got))
				}
			})
		}
		wg.Wait()
		if len(made) != 1 || read(t, name) != <-made {
			t.Fatal("the file is not of the one that made it")
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 1 {
			t.Fatalf("left behind: %v", entries)
		}
		os.Remove(name)
	}
	if err := durable.CreateNew(filepath.Join(dir, "missing", "new"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
