package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spf13/cobra/doc"
)

var update = flag.Bool("update", false, "write new manual pages")

// The manual pages are those of the commands as they are.
func TestManual(t *testing.T) {
	const folder = "manual"
	dir := t.TempDir()
	if *update {
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		dir = folder
	}
	root := newCommand().root()
	// The month on the pages, which is not to change with the calendar.
	released := time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)
	root.DisableAutoGenTag = true
	header := &doc.GenManHeader{Section: "1", Source: "process-orders " + release, Manual: "User Commands", Date: &released}
	if err := doc.GenManTree(root, header, dir); err != nil {
		t.Fatal(err)
	}
	want, have := pages(t, dir), pages(t, folder)
	for name, page := range want {
		if have[name] != page {
			t.Errorf("%s is not as its command is: go generate ./cmd/process-orders", name)
		}
	}
	for name := range have {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is of no command: go generate ./cmd/process-orders", name)
		}
	}
}

func pages(t *testing.T, dir string) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no pages in %s: %v", dir, err)
	}
	found := make(map[string]string)
	for _, name := range names {
		page, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found[filepath.Base(name)] = string(page)
	}
	return found
}
