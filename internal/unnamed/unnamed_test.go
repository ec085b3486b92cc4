package unnamed_test

import (
	"os"
	"runtime"
	"testing"

	"process-orders/internal/unnamed"
)

// A file can be written and read, is seen by nobody, and leaves nothing behind.
func TestCreate(t *testing.T) {
	dir := t.TempDir()
	file, err := unnamed.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString("some text"); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 9)
	if _, err := file.ReadAt(buf, 0); err != nil || string(buf) != "some text" {
		t.Errorf("got %q and %v", buf, err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 && runtime.GOOS != "windows" {
		t.Errorf("the folder shows %v", entries)
	}
	if err := file.Close(); err != nil {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("the folder shows %v after Close", entries)
	}
	if _, err := unnamed.Create(dir + "/missing"); err == nil {
		t.Error("made a file in a folder that does not exist")
	}
}

// A disk has room, of which a folder that is missing has none.
func TestFreeBytes(t *testing.T) {
	free, ok := unnamed.FreeBytes(t.TempDir())
	if runtime.GOOS == "linux" && (!ok || free <= 0) {
		t.Errorf("got %d, %t", free, ok)
	}
	if _, ok := unnamed.FreeBytes(t.TempDir() + "/missing"); ok {
		t.Error("a missing folder has room")
	}
}
