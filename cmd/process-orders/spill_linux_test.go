package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A run that is killed while its records are on disk leaves nothing of them: the
// file has no name. The temps of the outputs, which are empty, go with the next
// run.
func TestKillDuringSpill(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT CHECKED: filling the memory takes long under the race detector")
	}
	s := newScene(t, "[]", earlier)
	cmd := exec.Command("process-orders", "-", "-o", s.dir, "--memory", "64MiB", "--workers", "2", "--quiet")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	go func() {
		for i := 0; ; i++ { // until the reader is killed
			if _, err := io.WriteString(stdin, strings.Repeat(" ", i%7)+fmt.Sprintf(`{"phone": "%d", "items": []}`+"\n", i)); err != nil {
				return
			}
		}
	}()
	for end := time.Now().Add(time.Minute); !holdsUnnamed(t, cmd.Process.Pid, s.dir); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no record went to disk")
		}
	}
	cmd.Process.Kill()
	cmd.Wait()
	left, err := os.ReadDir(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range left {
		if info, err := file.Info(); err != nil || strings.HasPrefix(file.Name(), ".") && info.Size() > 0 {
			t.Errorf("left behind: %s, %v", file.Name(), err)
		}
	}
	r := runOrders(t, s.args("--quiet")...)
	r.want(t, exitDone, "")
	s.wantNew(t, r)
}

// holdsUnnamed reports whether a process has a file without a name in the folder.
func holdsUnnamed(t *testing.T, pid int, dir string) bool {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	fds := fmt.Sprintf("/proc/%d/fd", pid)
	entries, _ := os.ReadDir(fds)
	for _, fd := range entries {
		name, _ := os.Readlink(filepath.Join(fds, fd.Name()))
		if strings.HasPrefix(name, dir+"/") && strings.HasSuffix(name, " (deleted)") {
			return true
		}
	}
	return false
}
