//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"process-orders/internal/durable"
)

// TestReadersLock runs the example of the rules just between the moments at which the two
// files are replaced. It must wait, and get both files of the new run. Without its lock it
// gets a new file and an old one.
func TestReadersLock(t *testing.T) {
	if _, err := exec.LookPath("flock"); err != nil {
		t.Skip("NOT CHECKED: flock is missing")
	}
	rules, err := os.ReadFile(filepath.Join(repository, "docs", "rules.md"))
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```sh\n(.*?flock --shared .*?)```").FindSubmatch(rules)
	if block == nil {
		t.Fatal("docs/rules.md shows no example of the lock")
	}
	example := string(block[1])
	for _, locked := range []bool{true, false} {
		script := example
		if !locked {
			script = strings.ReplaceAll(script, "flock --shared records", "")
		}
		s := newScene(t, manyOrders(3, "New"), earlier)
		parent := filepath.Dir(s.dir)
		if err := os.Symlink(s.dir, filepath.Join(parent, "records")); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		fsys := &hookFS{FS: durable.OS, at: int64(s.opNumber(t, "exchange items.json")), hook: func() {
			reader := exec.Command("sh", "-ec", script)
			reader.Dir = parent
			if err := reader.Start(); err != nil {
				t.Error(err)
			}
			go func() { ended <- reader.Wait() }()
			select {
			case err := <-ended:
				ended <- err
				if locked {
					t.Error("the reader did not wait")
				}
			case <-time.After(300 * time.Millisecond):
				if !locked {
					t.Error("the reader waits without a lock")
				}
			}
		}}
		r := runHere(fsys, nil, s.args()...)
		r.want(t, exitDone, "")
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		want := folder{"customers.json": s.new["customers.json"], "items.json": s.new["items.json"]}
		if !locked {
			want["items.json"] = s.old["items.json"]
		}
		if got := readFolder(t, filepath.Join(parent, "copy")); !got.is(want) {
			t.Errorf("with the lock: %t; the reader got %v", locked, got)
		}
	}
}
