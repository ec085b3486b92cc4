//go:build linux

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// needStrace skips a test if strace cannot do what the tests need.
func needStrace(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("NOT CHECKED: strace is missing")
	}
	sleeper := exec.Command("sleep", "60")
	if err := sleeper.Start(); err != nil {
		t.Skipf("NOT CHECKED: %v", err)
	}
	defer func() { sleeper.Process.Kill(); sleeper.Wait() }()
	tracer, err := attach(sleeper.Process, "-o", os.DevNull, "-e", "inject=fsync:error=EIO")
	if err != nil {
		t.Skipf("NOT CHECKED: strace cannot trace here: %v", err)
	}
	tracer.Process.Kill()
	tracer.Wait()
}

// attach starts strace on a process and waits until it watches.
func attach(process *os.Process, args ...string) (*exec.Cmd, error) {
	tracer := exec.Command("strace", append([]string{"-f", "-p", fmt.Sprint(process.Pid)}, args...)...)
	stderr, err := tracer.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := tracer.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(stderr)
	said := ""
	for lines.Scan() {
		if said = lines.Text(); strings.Contains(said, "attached") {
			go io.Copy(io.Discard, stderr)
			return tracer, nil
		}
	}
	tracer.Wait()
	return nil, fmt.Errorf("strace: %s", said)
}

// tracedRun runs the binary as users build it. When it has started its outputs and waits for
// input, strace makes the system call fail for the temp of the named output, or for the
// folder if there is no name.
func tracedRun(t *testing.T, s *scene, call, how, name string) result {
	t.Helper()
	cmd := exec.Command(built(t), "-", "-o", s.dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	untilTemps(t, s.dir)
	untilIdle(t, cmd)

	path := s.dir
	if name != "" {
		found, err := filepath.Glob(filepath.Join(s.dir, "."+name+".*.tmp"))
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		path = found[0]
	}
	log := filepath.Join(t.TempDir(), "log")
	tracer, err := attach(cmd.Process, "-y", "-o", log, "-P", path, "-e", "trace="+call, "-e", "inject="+call+":"+how)
	if err != nil {
		t.Fatal(err)
	}
	if err := feed(stdin, s.input); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	tracer.Wait()
	data, err := os.ReadFile(log)
	if err != nil || !regexp.MustCompile(`INJECTED|killed by SIGKILL`).Match(data) {
		t.Fatalf("strace did nothing: %v\n%s", err, data)
	}
	return result{cmd.ProcessState.ExitCode(), "", stderr.String()}
}

// feed writes a file to a process and closes its standard input.
func feed(stdin io.WriteCloser, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := io.Copy(stdin, file); err != nil {
		return err
	}
	return stdin.Close()
}

const renameCalls = "rename,renameat,renameat2"

// brokenCalls are system calls that fail for an output's temp, or for the folder if there is
// no name, and what the run says then. OUT is the folder.
var brokenCalls = []struct {
	call, how, name string
	replaced        int // how many outputs were before
	stderr          string
}{
	{"write", "error=ENOSPC", "customers.json", 0, "write OUT/customers.json: no space left on device"},
	{"write", "error=ENOSPC", "items.json", 0, "write OUT/items.json: no space left on device"},
	{"write", "error=EDQUOT", "items.json", 0, "write OUT/items.json: disk quota exceeded"},
	{"fsync", "error=EIO", "customers.json", 0, "sync OUT/customers.json: input/output error"},
	{"fsync", "error=EIO:when=1", "items.json", 0, "sync OUT/items.json: input/output error"},
	{"fsync", "error=ENOSPC", "items.json", 0, "sync OUT/items.json: no space left on device"},
	{"close", "error=EIO", "customers.json", 0, "close OUT/customers.json: input/output error"},
	{"close", "error=EDQUOT", "items.json", 0, "close OUT/items.json: disk quota exceeded"},
	{"flock", "error=EIO", "", 0, "lock folder OUT: input/output error"},
	{renameCalls, "error=ENOSPC", "customers.json", 0, "replace OUT/customers.json: no space left on device: no file was replaced"},
	{renameCalls, "error=EIO", "items.json", 0, "replace OUT/items.json: input/output error: no file was replaced"},
	{renameCalls, "error=EBUSY", "items.json", 0, "replace OUT/items.json: device or resource busy: it is a mount point, like a single file that is mounted into a container, and cannot be replaced: mount its folder instead: no file was replaced"},
	{"fsync", "error=EIO", "", 2, "sync folder OUT: input/output error: the new files are there, but may not survive a power cut"},
}

// TestSystemCallsFail breaks system calls of the real binary.
func TestSystemCallsFail(t *testing.T) {
	needStrace(t)
	s := newScene(t, manyOrders(5000, "New"), earlier)
	for i, b := range brokenCalls {
		t.Run(fmt.Sprintf("%d %s %s %s", i, b.call, b.how, b.name), func(t *testing.T) {
			t.Parallel()
			s := s.again(t)
			r := tracedRun(t, s, b.call, b.how, b.name)
			want := "process-orders: " + strings.ReplaceAll(b.stderr, "OUT", s.dir) + "\n"
			if r.code != exitFailed || r.stderr != want {
				t.Errorf("exit code %d, stderr %q, want 1 and %q", r.code, r.stderr, want)
			}
			if now := readFolder(t, s.dir); !now.is(s.after(b.replaced)) {
				t.Errorf("%v", now)
			}
		})
	}
}

// after is the folder when so many of the outputs were replaced.
func (s *scene) after(replaced int) folder {
	f := folder{"customers.json": s.old["customers.json"], "items.json": s.old["items.json"]}
	if replaced > 0 {
		f["customers.json"] = s.new["customers.json"]
	}
	if replaced > 1 {
		f["items.json"] = s.new["items.json"]
	}
	return f
}

// A kill at the very system call: between the syncs, before the first rename,
// between the two, before the folder's sync. The next run makes all well.
func TestKillAtSystemCalls(t *testing.T) {
	needStrace(t)
	s := newScene(t, manyOrders(2000, "New"), earlier)
	for i, at := range []struct {
		call, name      string
		replaced, temps int
	}{
		{"write", "items.json", 0, 2},
		{"fsync", "customers.json", 0, 2},
		{"fsync", "items.json", 0, 2},
		{"flock", "", 0, 2},
		{"close", "items.json", 0, 2},
		{renameCalls, "customers.json", 0, 2},
		{renameCalls, "items.json", 1, 2}, // the old file is one
		{"unlinkat", "items.json", 2, 1},
		{"fsync", "", 2, 0},
	} {
		t.Run(fmt.Sprintf("%d %s %s", i, at.call, at.name), func(t *testing.T) {
			t.Parallel()
			s := s.again(t)
			tracedRun(t, s, at.call, "signal=KILL", at.name)
			now := readFolder(t, s.dir)
			temps := 0
			for name := range now {
				if strings.HasSuffix(name, ".tmp") {
					delete(now, name)
					temps++
				}
			}
			if !now.is(s.after(at.replaced)) || temps != at.temps {
				t.Errorf("%d temps, want %d; %v", temps, at.temps, now)
			}
			r := runOrders(t, s.args()...)
			r.want(t, exitDone, "")
			s.wantNew(t, r)
		})
	}
}

// A disk that cannot be read is reported as that, at the start of the file and within it.
func TestInputCannotBeRead(t *testing.T) {
	needStrace(t)
	s := newScene(t, manyOrders(10_000, "New"), earlier)
	for _, when := range []string{"1", "2+"} { // of a thread's reads
		t.Run("read "+when, func(t *testing.T) {
			t.Parallel()
			s := s.again(t)
			cmd := exec.Command("strace", "-f", "-qq", "-o", os.DevNull, "-P", s.input,
				"-e", "inject=read:error=EIO:when="+when, built(t), "--workers", "1", "-o", s.dir, s.input)
			r := finish(t, cmd)
			if r.code == exitDone {
				t.Skip("NOT CHECKED: no thread read so often")
			}
			s.wantOld(t, r)
			if want := fmt.Sprintf("process-orders: %s: input/output error\n", s.input); r.code != exitFailed || r.stderr != want {
				t.Errorf("exit code %d, stderr %q, want %q", r.code, r.stderr, want)
			}
		})
	}
}

// When a run says that it is done, the names of its files are on disk too: a
// file's is in its folder, and that of a folder it had to make in the folder's.
func TestNewFolderIsOnDisk(t *testing.T) {
	needStrace(t)
	s := newScene(t, manyOrders(2, "New"), folder{})
	above := s.dir
	below := filepath.Join(above, "year", "month")
	log := filepath.Join(t.TempDir(), "log")
	r := finish(t, exec.Command("strace", "-f", "-qq", "-y", "-o", log, "-e", "trace=fsync,mkdirat",
		built(t), "-o", below, s.input))
	r.want(t, exitDone, "")
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{below, filepath.Dir(below), above} {
		if !strings.Contains(string(data), "<"+dir+">) = 0\n") {
			t.Errorf("no fsync of %s, which has a new name in it:\n%s", dir, data)
		}
	}
}
