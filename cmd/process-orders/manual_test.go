package main

import (
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra/doc"

	"process-orders/internal/durable"
	"process-orders/internal/durable/faultfs"
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

// TestManualIsWhole writes the manual pages to a folder: all of them, or none if something fails.
func TestManualIsWhole(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	fsys := faultfs.New(durable.OS, 0, false, faultfs.Failed)
	runHere(fsys, nil, "man", dir).want(t, exitDone, "")
	want := pages(t, dir)
	if len(want) != len(pages(t, "manual")) {
		t.Errorf("%d pages", len(want))
	}
	if info, err := os.Stat(filepath.Join(dir, "process-orders.1")); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != manualMode {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	other := filepath.Join(t.TempDir(), "man1")
	ops := fsys.Ops()
	at := slices.IndexFunc(ops, func(op string) bool { return strings.HasPrefix(op, "write") })
	if at < 0 {
		t.Fatalf("no writing in %v", ops)
	}
	if r := runHere(faultfs.New(durable.OS, at+1, true, faultfs.ShortWrite), nil, "man", other); r.code != exitFailed {
		t.Errorf("got %v", r)
	}
	if names, err := filepath.Glob(filepath.Join(other, "*")); err != nil || len(names) > 0 {
		t.Errorf("there is %v, %v", names, err)
	}
}
