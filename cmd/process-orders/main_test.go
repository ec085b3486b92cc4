package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"process-orders/internal/durable"
	"process-orders/internal/pgtest"
)

// TestMain puts this test binary on the PATH as process-orders, and by that name
// it is the command: scripts and tests run it as a user does.
func TestMain(m *testing.M) {
	// Under the race detector, a process would wait a second at its end.
	os.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0")
	passCrashes(true) // of the tests; main sets it again
	testscript.Main(tests{m}, map[string]func(){"process-orders": main, "process-orders-panics": panics, "jq": printTexts})
}

// panics is a command that ends by a mistake in it.
func panics() {
	passCrashes(wantsTraces(os.Getenv("GOTRACEBACK")))
	panic("a text that may hold anything")
}

type tests struct{ *testing.M }

func (t tests) Run() int {
	defer removeBuilt()
	defer pgtest.StopShared()
	heedSignals()
	return t.M.Run()
}

// heedSignals makes the commands that tests start heed the signals that whoever
// started the tests, such as nohup, had ignored: what a process catches is back
// to its default in its children, and what it ignores is not.
func heedSignals() {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
}

// repository is the root of the project, as the tests see it.
const repository = "../.."

// A result is how a run of the command ended.
type result struct {
	code           int // -1: a signal ended it
	stdout, stderr string
}

// runHere runs the command in this process.
func runHere(files durable.FS, stdin io.Reader, args ...string) result {
	c := newCommand()
	c.stdin, c.files = stdin, files
	return c.runHere(args...)
}

// runHere runs a command with its output kept.
func (c *command) runHere(args ...string) result {
	var stdout, stderr bytes.Buffer
	c.stdout, c.stderr = &stdout, &stderr
	code := c.Run(args)
	return result{code, stdout.String(), stderr.String()}
}

// run runs the command in a process of its own.
func runOrders(t *testing.T, args ...string) result {
	t.Helper()
	return finish(t, exec.Command("process-orders", args...))
}

// finish runs a process to its end.
func finish(t *testing.T, cmd *exec.Cmd) result { return finishWatched(t, cmd, nil) }

// finishWatched is finish, and says how many bytes of memory the process had at most, if
// peak is not nil and the system shows it: not what it counts for a process that has ended,
// which includes the memory of the one that started it.
func finishWatched(t *testing.T, cmd *exec.Cmd, peak *int64) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &stdout
	}
	if cmd.Stderr == nil {
		cmd.Stderr = &stderr
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if peak != nil {
		defer watchMemory(cmd.Process.Pid, peak)()
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// A folder is all files in a folder and what they hold. A temp goes by a name
// without its random part.
type folder map[string]string

var tempRandom = regexp.MustCompile(`\.[A-Z2-7]{26}\.tmp$`)

func isTemp(name string) bool { return tempRandom.MatchString(name) }

func readFolder(t *testing.T, dir string) folder {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := folder{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[tempRandom.ReplaceAllString(e.Name(), ".tmp")] = string(data)
	}
	return all
}

func (f folder) write(t *testing.T, dir string) {
	t.Helper()
	for name, content := range f {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// is reports whether both are the same to the byte.
func (f folder) is(other folder) bool { return maps.Equal(f, other) }

// String is short: the names, how much each holds and how it starts.
func (f folder) String() string {
	var s strings.Builder
	for _, name := range slices.Sorted(maps.Keys(f)) {
		fmt.Fprintf(&s, "\n  %s: %d bytes, %.40q", name, len(f[name]), f[name])
	}
	return s.String()
}

// A scene is a folder of outputs from an earlier run, an input for the next run,
// and what the folder will hold after it.
type scene struct {
	input, dir string
	old, new   folder
}

var earlier = folder{"customers.json": "{\n    \"1\": \"Earlier\"\n}\n", "items.json": "{}\n"}

// newScene makes a scene. The arguments of its runs may name its folder as DIR.
func newScene(t *testing.T, input string, old folder, args ...string) *scene {
	t.Helper()
	root := t.TempDir()
	folder{"orders.ndjson": input}.write(t, root)
	s := &scene{input: filepath.Join(root, "orders.ndjson"), dir: filepath.Join(root, "out")}
	r := runHere(durable.OS, nil, s.args(args...)...)
	if r.code != exitDone && r.code != exitRejects {
		t.Fatal(r)
	}
	s.old, s.new = old, readFolder(t, s.dir)
	return s.again(t)
}

// again is a scene like s, with a folder as it was before the run.
func (s *scene) again(t *testing.T) *scene {
	t.Helper()
	a := *s
	a.dir = filepath.Join(t.TempDir(), "out")
	if err := os.Mkdir(a.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	a.old.write(t, a.dir)
	return &a
}

// args are the arguments of the scene's run.
func (s *scene) args(more ...string) []string {
	args := []string{"-o", s.dir, s.input}
	for _, a := range more {
		args = append(args, strings.ReplaceAll(a, "DIR", s.dir))
	}
	return args
}

// wantOld fails unless the folder is as it was, without any temps.
func (s *scene) wantOld(t *testing.T, r result) {
	t.Helper()
	if now := readFolder(t, s.dir); !now.is(s.old) {
		t.Errorf("%v\nthe folder is not as it was: %v", r, now)
	}
}

// wantNew fails unless the folder holds all that the run writes, and no temps.
func (s *scene) wantNew(t *testing.T, r result) {
	t.Helper()
	if now := readFolder(t, s.dir); !now.is(s.new) {
		t.Errorf("%v\nthe folder does not hold the new files: %v", r, now)
	}
}

// want fails unless a run ended in the given way, with one plain message.
func (r result) want(t *testing.T, code int, stderr string) {
	t.Helper()
	if r.code != code || !strings.Contains(r.stderr, stderr) {
		t.Errorf("exit code %d, want %d; stderr:\n%swant in it: %q", r.code, code, r.stderr, stderr)
	}
}

// manyOrders is n orders, one a line, of n customers of the given name, and of
// n/10 items that are called after them.
func manyOrders(n int, name string) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, `{"phone":"555-%07d","name":"%s","items":[{"name":"%s's %d","price":%d.50}]}`+"\n", i, name, name, i/10, i%100)
	}
	return s.String()
}

// watchMemory looks at the memory of a process, until stop is called. Peak is set then, if
// /proc showed any.
func watchMemory(pid int, peak *int64) (stop func()) {
	ended, stopped := make(chan bool), make(chan bool)
	var most int64
	go func() {
		defer close(stopped)
		for {
			status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
			if _, rest, found := strings.Cut(string(status), "VmHWM:"); found {
				var kib int64
				if _, err := fmt.Sscan(rest, &kib); err == nil {
					most = max(most, kib<<10) // it never falls
				}
			}
			select {
			case <-ended:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	return func() {
		close(ended)
		<-stopped
		*peak = most
	}
}
