package durable_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"process-orders/internal/durable"
)

// made returns a temp folder with a file, for a name in a folder of its own.
func made(t *testing.T) (f *durable.TempFolder, name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "new.db")
	f, err := durable.NewTempFolder(name)
	if err == nil {
		err = os.WriteFile(f.Join("file"), []byte("content"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f, name
}

// wantNames checks what a folder holds.
func wantNames(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(want) {
		t.Fatalf("%v, %v; want %v", entries, err, want)
	}
	for i, name := range want {
		if entries[i].Name() != name {
			t.Errorf("%v, want %v", entries, want)
		}
	}
}

func TestTempFolder(t *testing.T) {
	f, name := made(t)
	wantNames(t, filepath.Dir(name), filepath.Base(filepath.Dir(f.Join("file"))))
	if err := f.Publish(context.Background(), "file"); err != nil {
		t.Fatal(err)
	}
	if err := f.Remove(); err != nil {
		t.Fatal(err)
	}
	wantNames(t, filepath.Dir(name), "new.db")
	if got := read(t, name); got != "content" {
		t.Errorf("%q", got)
	}
}

// What has the name stays, whatever it is.
func TestTempFolderReplacesNothing(t *testing.T) {
	for what, do := range map[string]func(name string) error{
		"a file":   func(name string) error { return os.WriteFile(name, []byte("old"), 0o600) },
		"a folder": func(name string) error { return os.Mkdir(name, 0o700) },
		"a link":   func(name string) error { return os.Symlink("nowhere", name) },
	} {
		f, name := made(t)
		if err := do(name); err != nil {
			t.Fatal(err)
		}
		before, err := os.Lstat(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Publish(context.Background(), "file"); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v", what, err)
		}
		if after, err := os.Lstat(name); err != nil || !os.SameFile(before, after) || after.Size() != before.Size() {
			t.Errorf("%s: it was replaced", what)
		}
		if err := f.Remove(); err != nil {
			t.Error(err)
		}
		wantNames(t, filepath.Dir(name), "new.db")
	}
}

func TestTempFolderCancelled(t *testing.T) {
	f, name := made(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := f.Publish(ctx, "file"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := f.Remove(); err != nil {
		t.Error(err)
	}
	wantNames(t, filepath.Dir(name))
	waits := make(chan bool)
	defer close(waits)
	ctx, cancel = context.WithCancel(context.Background())
	err := durable.Await(ctx, func() error { cancel(); <-waits; return nil })
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// What a killed program has left for the same name is removed. What is in use is not, and
// neither is anything of another name.
func TestTempFolderLeftBehind(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("folders have no locks there")
	}
	f, name := made(t)
	dir := filepath.Dir(name)
	const random = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	left, other, file := ".new.db."+random+".tmp", ".old.db."+random+".tmp", ".new.db.Z"+random[1:]+".tmp"
	for _, folder := range []string{left, other} {
		if err := os.MkdirAll(filepath.Join(dir, folder, "below"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, file), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := durable.NewTempFolder(name)
	if err != nil {
		t.Fatal(err)
	}
	for path, isThere := range map[string]bool{f.Join("file"): true, filepath.Join(dir, left): false, filepath.Join(dir, other): true, filepath.Join(dir, file): true} {
		if _, err := os.Stat(path); (err == nil) != isThere {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, one := range []*durable.TempFolder{f, again} {
		if err := one.Remove(); err != nil {
			t.Error(err)
		}
	}
	wantNames(t, dir, file, other)
}
