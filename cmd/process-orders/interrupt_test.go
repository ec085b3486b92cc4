//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"process-orders/internal/durable"
	"process-orders/internal/durable/faultfs"
)

// interruptedCommand returns a command with these files, and a hook that interrupts this
// process and returns when all of the command's run has noticed. While the test runs, an
// interrupt does not end the process.
func interruptedCommand(t *testing.T, files durable.FS) (c *command, interrupt func()) {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, os.Interrupt)
	t.Cleanup(func() { signal.Stop(caught) })
	noticed := make(chan bool)
	c = newCommand()
	c.files, c.noticed = files, sync.OnceFunc(func() { close(noticed) })
	return c, func() {
		syscall.Kill(os.Getpid(), syscall.SIGINT)
		<-noticed
	}
}

// An interrupt at any file operation either comes in time, and all is as it was,
// or too late, and all is done. It is not too late while the files are written.
func TestInterruptAtEveryOperation(t *testing.T) {
	for _, run := range faultRuns {
		s := newScene(t, run.input, run.old, run.args...)
		clean := faultfs.New(durable.OS, 0, false, faultfs.Failed)
		runHere(clean, nil, s.again(t).args(run.args...)...)
		for at, op := range clean.Ops() {
			s := s.again(t)
			hooked := &hookFS{FS: durable.OS, at: int64(at + 1)}
			c, interrupt := interruptedCommand(t, hooked)
			hooked.hook = interrupt
			r := c.runHere(s.args(run.args...)...)
			switch {
			case r.code == exitInterrupted:
				s.wantOld(t, r)
				if want := "process-orders: interrupted; nothing was written\n"; r.stderr != want {
					t.Errorf("%s, interrupted at %s: stderr %q, want %q", run.name, op, r.stderr, want)
				}
			case r.code == run.code && !strings.HasPrefix(op, "write "):
				s.wantNew(t, r)
			default:
				t.Errorf("%s, interrupted at %s: %v", run.name, op, r)
			}
		}
	}
}

// A disk may keep a run busy for longer than somebody who pressed Ctrl-C waits.
// While the files are written, they are given up. Once they are on the way to
// their places, that goes on to its end, which is reported.
func TestInterruptOfSlowDisk(t *testing.T) {
	s := newScene(t, manyOrders(3, "New"), earlier)
	for op, code := range map[string]int{
		"write .items.json.tmp": exitInterrupted,
		"sync .items.json.tmp":  exitDone,
	} {
		t.Run(op, func(t *testing.T) {
			s := s.again(t)
			fsys := &hookFS{FS: durable.OS, at: int64(s.opNumber(t, op))}
			c, interrupt := interruptedCommand(t, fsys)
			c.patience = 10 * time.Millisecond
			ended, slow := make(chan bool), make(chan bool)
			fsys.hook = func() {
				interrupt()
				if code == exitInterrupted {
					<-ended // the run does not wait for the disk
				} else {
					time.Sleep(10 * c.patience) // the run does
				}
				close(slow)
			}
			r := c.runHere(s.args()...)
			close(ended)
			r.want(t, code, "")
			if code == exitDone {
				s.wantNew(t, r)
			} else {
				s.wantOld(t, r)
			}
			<-slow
			time.Sleep(20 * time.Millisecond) // for what goes on in spite of it
			if code == exitInterrupted {
				s.wantOld(t, r)
			}
		})
	}
}

// When all files were replaced before something failed, an interrupt that came too does not
// make it true that nothing was written. When they were put back, the reason is said.
func TestInterruptedCommitTellsWhatWasReplaced(t *testing.T) {
	s := newScene(t, manyOrders(3, "New"), earlier)
	for op, said := range map[string]string{
		"exchange items.json": "no file was replaced",
		"sync out":            "the new files are there",
	} {
		s := s.again(t)
		at := s.opNumber(t, op)
		fsys := &hookFS{FS: faultfs.New(durable.OS, at, false, faultfs.Failed), at: int64(at)}
		c, interrupt := interruptedCommand(t, fsys)
		fsys.hook = interrupt
		r := c.runHere(s.args()...)
		if op == "sync out" {
			s.wantNew(t, r)
		} else {
			s.wantOld(t, r)
		}
		if strings.Contains(r.stderr, "nothing was written") || !strings.Contains(r.stderr, said) {
			t.Errorf("interrupted and failed at %s: stderr %q, want %q", op, r.stderr, said)
		}
	}
}

// A waiting is a run that waits for others when the signal comes.
type waiting struct {
	name  string
	args  []string // DIR is its folder
	input string   // what standard input has at first, before it stays open
	more  bool     // whether it goes on for ever
	// begin makes what the run needs and returns what ends that.
	begin   func(t *testing.T, dir string, cmd *exec.Cmd) (end func())
	noTemps bool // it waits before it has started its outputs
}

var longReject = `{"notes":"` + strings.Repeat("long ", 2000) + `"}` + "\n"

var waitings = []waiting{
	{name: "standard input, without a byte", args: []string{"-", "-o", "DIR"}},
	{name: "standard input, without arguments", args: []string{"-o", "DIR"}},
	{name: "standard input, within an order", args: []string{"-", "-o", "DIR"}, input: `[{"phone":"555-1`},
	{name: "standard input, compressed", args: []string{"-", "-o", "DIR"}, input: "\x1f\x8b\x08\x00\x00"},
	{name: "standard input, without an end", args: []string{"-", "-o", "DIR", "--rejects", "DIR/rejects.ndjson"}, input: longReject, more: true},
	{name: "a pipe that nobody writes", args: []string{"DIR/../pipe", "-o", "DIR"}, begin: makePipe("../pipe")},
	{name: "an output that nobody reads", args: []string{"-o", "DIR"}, begin: makePipe("items.json"), noTemps: true},
	{name: "rejects that nobody reads", args: []string{"-", "-o", "DIR", "--rejects", "DIR/../pipe"}, begin: makePipe("../pipe"), noTemps: true},
	{name: "rejects that nobody reads on", args: []string{"-", "-o", "DIR", "--rejects", "DIR/../pipe"}, input: longReject, more: true, begin: makeOpenPipe("../pipe"), noTemps: true},
	{name: "standard output that nobody reads on, with files", args: []string{"DIR/../orders.ndjson", "-o", "-", "--rejects", "DIR/rejects.ndjson", "--report", "DIR/report.html"}, begin: fullStdout},
	{name: "standard output that nobody reads on", args: []string{"DIR/../orders.ndjson", "-o", "-"}, begin: fullStdout, noTemps: true},
}

// makePipe makes a named pipe.
func makePipe(name string) func(*testing.T, string, *exec.Cmd) func() {
	return func(t *testing.T, dir string, _ *exec.Cmd) func() {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
		return func() { os.Remove(filepath.Join(dir, name)) }
	}
}

// makeOpenPipe makes a named pipe that has a reader, who does not read.
func makeOpenPipe(name string) func(*testing.T, string, *exec.Cmd) func() {
	return func(t *testing.T, dir string, cmd *exec.Cmd) func() {
		remove := makePipe(name)(t, dir, cmd)
		pipe, err := os.OpenFile(filepath.Join(dir, name), os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		return func() { pipe.Close(); remove() }
	}
}

// fullStdout makes standard output a pipe that nobody reads, and an input that
// fills it.
func fullStdout(t *testing.T, dir string, cmd *exec.Cmd) func() {
	folder{"orders.ndjson": manyOrders(5000, "New")}.write(t, filepath.Dir(dir))
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = w
	return func() { r.Close(); w.Close() }
}

// untilIdle waits until a run waits for others: none of its threads has had anything to
// do for a while. On a system that does not show threads it waits long enough.
func untilIdle(t *testing.T, cmd *exec.Cmd) {
	started := false // the program, in which the runtime starts threads first
	for idle, start := 0, time.Now(); idle < 5; time.Sleep(10 * time.Millisecond) {
		stats, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", cmd.Process.Pid))
		if err != nil || len(stats) == 0 {
			time.Sleep(700 * time.Millisecond)
			return
		}
		if time.Since(start) > 20*time.Second {
			t.Fatal("the run never waits")
		}
		started = started || len(stats) > 2
		idle++
		for _, name := range stats {
			stat, err := os.ReadFile(name)
			if err != nil || !started || !bytes.Contains(stat, []byte(") S ")) {
				idle = 0
			}
		}
	}
}

// untilTemps waits until a run has begun its outputs.
func untilTemps(t *testing.T, dir string) {
	for start := time.Now(); time.Since(start) < 20*time.Second; time.Sleep(time.Millisecond) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		temps := 0
		for _, e := range entries {
			if isTemp(e.Name()) {
				temps++
			}
		}
		if temps >= 2 {
			return
		}
	}
	t.Fatal("the run does not begin its outputs")
}

// signalWait is how long a run may take to end after a signal.
const signalWait = 5 * time.Second

// One signal ends a run, whatever it waits for, and nothing was written.
func TestInterruptWhileWaiting(t *testing.T) {
	for _, w := range waitings {
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(fmt.Sprintf("%s/%v", w.name, sig), func(t *testing.T) {
				t.Parallel()
				w.test(t, sig)
			})
		}
	}
}

// The second signal ends a run at once, and leaves no hidden files: they hold orders.
func TestInterruptTwice(t *testing.T) {
	for _, w := range waitings {
		if w.noTemps {
			continue
		}
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			w.test(t, syscall.SIGINT, syscall.SIGINT)
		})
	}
}

// A disk that hangs does not keep a run that was interrupted twice.
func TestInterruptTwiceOfSlowDisk(t *testing.T) {
	s := newScene(t, manyOrders(3, "New"), earlier)
	slow := make(chan bool)
	fsys := &hookFS{FS: durable.OS, at: int64(s.opNumber(t, "write .items.json.tmp"))}
	c, interrupt := interruptedCommand(t, fsys)
	c.patience = time.Minute
	fsys.hook = func() {
		interrupt()
		interrupt()
		<-slow
	}
	start := time.Now()
	r := c.runHere(s.args()...)
	r.want(t, exitInterrupted, "process-orders: interrupted; nothing was written")
	s.wantOld(t, r)
	if took := time.Since(start); took > c.patience {
		t.Errorf("the run went on for %v", took)
	}
	close(slow)
}

// A terminal that is closed takes its runs with it: they clean up too.
func TestHangUpCleansUp(t *testing.T) {
	waitings[0].test(t, syscall.SIGHUP)
}

// Who started a run with nohup wants it to outlive the terminal.
func TestNohup(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command("sh", "-c", `trap "" HUP; exec process-orders - -o "$0"`, dir)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	untilTemps(t, dir)
	untilIdle(t, cmd)
	cmd.Process.Signal(syscall.SIGHUP)
	time.Sleep(50 * time.Millisecond)
	io.WriteString(stdin, "[]")
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func (w waiting) test(t *testing.T, signals ...syscall.Signal) {
	dir := filepath.Join(t.TempDir(), "out")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	earlier.write(t, dir)
	args := slices.Clone(w.args)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "DIR", dir)
	}
	cmd := exec.Command("process-orders", args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	end := func() {}
	if w.begin != nil {
		os.Remove(filepath.Join(dir, "items.json")) // for a pipe of that name
		end = w.begin(t, dir, cmd)
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		io.WriteString(stdin, w.input)
		for w.more {
			if _, err := io.WriteString(stdin, w.input); err != nil {
				return
			}
		}
	}()
	if !w.noTemps {
		untilTemps(t, dir)
	}
	if w.noTemps || !w.more {
		untilIdle(t, cmd)
	}

	for _, sig := range signals {
		cmd.Process.Signal(sig)
		time.Sleep(2 * time.Millisecond) // or else two are one
	}
	hung := time.AfterFunc(signalWait, func() {
		t.Errorf("still there %v after the signal", signalWait)
		cmd.Process.Kill()
	})
	cmd.Wait()
	if !hung.Stop() {
		return
	}
	r := result{cmd.ProcessState.ExitCode(), "", stderr.String()}
	// The second signal may come when the run has said that it is over. Then it ends the process
	// itself, whose code is -1.
	isLate := len(signals) > 1 && r.code == -1
	if r.code != exitInterrupted && !isLate || r.stderr != "process-orders: interrupted; nothing was written\n" {
		t.Errorf("exit code %d, want %d; stderr: %q", r.code, exitInterrupted, r.stderr)
	}
	end()
	want := folder{"customers.json": earlier["customers.json"]}
	if w.begin == nil {
		want = earlier
	}
	if now := readFolder(t, dir); !now.is(want) {
		t.Errorf("the folder is not as it was: %v", now)
	}
}
