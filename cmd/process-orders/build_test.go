package main

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

var building struct {
	once sync.Once
	dir  string
	err  error
}

// built is the path of the command as users build it: without the race detector
// and without C.
func built(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("NOT CHECKED: there is no go command to build with")
	}
	b := &building
	b.once.Do(func() {
		if b.dir, b.err = os.MkdirTemp("", "process-orders-built"); b.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-buildvcs=false", "-o", b.dir, ".")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		var output []byte
		if output, b.err = cmd.CombinedOutput(); b.err != nil {
			os.Stderr.Write(output)
		}
	})
	if b.err != nil {
		t.Fatalf("go build: %v", b.err)
	}
	name := "process-orders"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(b.dir, name)
}

func removeBuilt() {
	if building.dir != "" {
		os.RemoveAll(building.dir)
	}
}

// One file that needs nothing else to run: no C library, no loader.
func TestBuildIsStatic(t *testing.T) {
	binary := built(t)
	r := finish(t, exec.Command(binary, "version"))
	if r.code != exitDone || !strings.HasPrefix(r.stdout, "process-orders "+release) {
		t.Errorf("version: %v", r)
	}
	if runtime.GOOS != "linux" {
		t.Skip("NOT CHECKED: what the binary needs to run is looked up on Linux only")
	}
	file, err := elf.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP {
			t.Error("the binary needs a loader")
		}
	}
	if libraries, err := file.ImportedLibraries(); len(libraries) > 0 {
		t.Errorf("the binary needs %q (%v)", libraries, err)
	}
}
