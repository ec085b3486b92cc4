//go:build unix

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// A screen is a terminal, and all that was printed on it.
type screen struct {
	tty, control *os.File
	closed       chan bool

	mu      sync.Mutex // guards what follows
	printed strings.Builder
	first   time.Time // of printing
}

func newScreen(t *testing.T) *screen {
	t.Helper()
	control, tty, err := pty.Open()
	if err != nil {
		t.Skipf("NOT CHECKED: there is no terminal to be had: %v", err)
	}
	if err := pty.Setsize(control, &pty.Winsize{Rows: 24, Cols: screenColumns}); err != nil {
		t.Fatal(err)
	}
	s := &screen{tty: tty, control: control, closed: make(chan bool)}
	go s.read()
	t.Cleanup(func() { s.end(); control.Close() })
	return s
}

func (s *screen) read() {
	defer close(s.closed)
	buf := make([]byte, 4096)
	for {
		n, err := s.control.Read(buf)
		s.mu.Lock()
		if s.printed.Len() == 0 {
			s.first = time.Now()
		}
		s.printed.Write(buf[:n])
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// show makes the screen the terminal of a process, and where its messages go.
func (s *screen) show(cmd *exec.Cmd) {
	cmd.Env = append(os.Environ(), "NO_COLOR=1", "TERM=xterm-256color")
	cmd.Stderr = s.tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 2}
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.printed.String()
}

// waitFor waits until a pattern was printed.
func (s *screen) waitFor(t *testing.T, pattern string) {
	t.Helper()
	for start := time.Now(); time.Since(start) < 20*time.Second; time.Sleep(time.Millisecond) {
		if regexp.MustCompile(pattern).MatchString(s.text()) {
			return
		}
	}
	t.Fatalf("never printed %q: %q", pattern, s.text())
}

// end closes the terminal and returns all that was printed.
func (s *screen) end() string {
	s.tty.Close()
	<-s.closed
	return s.text()
}

const screenColumns = 80

var escape = regexp.MustCompile(`\x1b\[[0-9;]*[A-Za-z]`)

// lines is what the screen shows after something was printed that moves to a line's
// start, but not up. A line that is too long goes on in the next.
func lines(printed string) []string {
	rows, column := [][]rune{nil}, 0
	for _, c := range escape.ReplaceAllString(printed, "") {
		row := len(rows) - 1
		switch {
		case c == '\r':
			column = 0
			continue
		case c == '\n':
			rows = append(rows, nil)
			continue
		case column == screenColumns:
			rows, column = append(rows, nil), 0
			row++
		}
		if column == len(rows[row]) {
			rows[row] = append(rows[row], c)
		}
		rows[row][column] = c
		column++
	}
	var all []string
	for _, row := range rows {
		all = append(all, strings.TrimRight(string(row), " "))
	}
	return all
}

// wantWiped fails unless all that is left on the screen is a message.
func wantWiped(t *testing.T, printed, message string) {
	t.Helper()
	all := strings.Join(lines(printed), "")
	if !regexp.MustCompile("^" + message + "$").MatchString(all) {
		t.Errorf("the screen shows %q at the end, want %s\nprinted: %q", all, message, printed)
	}
}

// wantNoColour fails if there is an escape sequence that sets a colour or a weight.
func wantNoColour(t *testing.T, printed string) {
	t.Helper()
	if found := regexp.MustCompile(`\x1b\[[0-9;]*m`).FindString(printed); found != "" {
		t.Errorf("NO_COLOR is set, and %q was printed: %q", found, printed)
	}
}

// A run that takes long shows how much it has read. Its input is a file, and
// what keeps it waiting is that nobody reads its rejects for a while.
func TestProgress(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "rejects")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	folder{"orders.ndjson": strings.Repeat(`{"items":[],"notes":"`+strings.Repeat("n", 979)+`"}`+"\n", 2000) + `{"phone":"1","items":[]}`}.write(t, dir)
	s := newScreen(t)
	cmd := exec.Command("process-orders", "-o", dir, "--workers", "1", "--rejects", pipe, filepath.Join(dir, "orders.ndjson"))
	s.show(cmd)
	begin := time.Now()
	start(t, cmd)
	rejects, err := os.Open(pipe)
	if err != nil {
		t.Fatal(err)
	}
	// 2 MB in blocks of 512 KiB, of which the second waits.
	s.waitFor(t, `51\d\.\d+ KiB / 1\.9\d MiB .*2[56]\.\d+%`)
	if waited := s.first.Sub(begin); waited < progressAfter {
		t.Errorf("first drawn after %v, want none before %v", waited, progressAfter)
	}
	io.Copy(io.Discard, rejects)
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exitRejects {
		t.Error(err)
	}
	printed := s.end()
	wantWiped(t, printed, `process-orders: 1 order from .* in [\d.]+ m?s`)
	wantNoColour(t, printed)
	if bar, _, _ := strings.Cut(printed, "process-orders:"); len(lines(bar)) > 1 {
		t.Errorf("the bar takes more than one line: %q", bar)
	}
}

// start starts a process that does not outlive the test.
func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
}

// waitForInput starts a run that waits for its standard input.
func waitForInput(t *testing.T, prepare func(*exec.Cmd), args ...string) (*exec.Cmd, io.WriteCloser) {
	t.Helper()
	cmd := exec.Command("process-orders", append([]string{"-", "-o", t.TempDir()}, args...)...)
	prepare(cmd)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, cmd)
	return cmd, stdin
}

// The size of a pipe is not known: no percents.
func TestProgressOfPipe(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	cmd, stdin := waitForInput(t, s.show)
	io.WriteString(stdin, manyOrders(20_000, "New"))
	s.waitFor(t, `1\.57 MiB`)
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	printed := s.end()
	wantWiped(t, printed, `process-orders: 20,000 orders from .* in [\d.]+ m?s  most ordered .*`)
	if strings.Contains(printed, "%") {
		t.Errorf("percents of what? %q", printed)
	}
}

// The bar is wiped before an error is printed.
func TestProgressThenError(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	cmd, stdin := waitForInput(t, s.show)
	io.WriteString(stdin, "{")
	s.waitFor(t, `1 B`)
	stdin.Close()
	cmd.Wait()
	wantWiped(t, s.end(), `process-orders: standard input:1:2: order 1: want a key.*`)
}

// Ctrl-C ends a run that shows its progress, wipes that and says so.
func TestProgressThenInterrupt(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	cmd, _ := waitForInput(t, s.show)
	s.waitFor(t, `0 B`)
	io.WriteString(s.control, "\x03")
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
	printed := strings.ReplaceAll(s.end(), "^C", "") // what the terminal shows of the key
	wantWiped(t, printed, `process-orders: interrupted; nothing was written`)
}

// So does one that ends a run that is stuck: nobody reads its rejects.
func TestProgressThenInterruptOfStuckRun(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "rejects")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(pipe, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	s := newScreen(t)
	cmd, stdin := waitForInput(t, s.show, "--rejects", pipe)
	go func() {
		for err := error(nil); err == nil; {
			_, err = io.WriteString(stdin, longReject)
		}
	}()
	s.waitFor(t, `iB`)
	io.WriteString(s.control, "\x03")
	cmd.Wait()
	printed := strings.ReplaceAll(s.end(), "^C", "")
	wantWiped(t, printed, `process-orders: interrupted; nothing was written`)
}

// A run that is asked to be quiet shows nothing, nor does one that is not on a
// terminal.
func TestNoProgress(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	quiet, quietIn := waitForInput(t, s.show, "--quiet")
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	elsewhere, elsewhereIn := waitForInput(t, func(cmd *exec.Cmd) { cmd.Stderr = file })
	time.Sleep(progressAfter + 500*time.Millisecond)
	for _, stdin := range []io.WriteCloser{quietIn, elsewhereIn} {
		io.WriteString(stdin, "[]")
		stdin.Close()
	}
	for _, cmd := range []*exec.Cmd{quiet, elsewhere} {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	if printed := s.end(); printed != "" {
		t.Errorf("--quiet printed %q", printed)
	}
	data, err := os.ReadFile(file.Name())
	if err != nil || !regexp.MustCompile(`^process-orders: 0 orders .*\n$`).Match(data) {
		t.Errorf("not on a terminal, and printed %q (%v)", data, err)
	}
}

// A run that ends before the bar appears draws none.
func TestNoProgressOfShortRun(t *testing.T) {
	s := newScreen(t)
	startProgress(s.tty, new(atomic.Int64), 100)()
	if printed := s.end(); printed != "" {
		t.Errorf("printed %q", printed)
	}
}
