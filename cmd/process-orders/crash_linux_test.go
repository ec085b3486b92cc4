//go:build !race

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// A limitedRun is a run of the command that is given little of something.
type limitedRun struct {
	what     string
	limit    string // the flag of ulimit
	give     []uint64
	loosened uint64 // is given in the end, and must be enough
	args     []string
	says     []string // one of these, and the first at least once
	uid      uint32
}

// If memory, threads or file handles run out, a run ends with 1 and says in a line what it
// was, however little there is: the runtime may give up before the program runs.
func TestNothingLeft(t *testing.T) {
	binary := forAll(t, built(t))
	pair := []string{"--memory", "64MiB"}
	stored := []string{"--store", "DIR/shop.db"}
	for _, run := range []limitedRun{
		{what: "memory", limit: "-v", give: steps(96<<10, 1200<<10, 96<<10), loosened: 64 << 20, args: pair, says: []string{"no more memory", "out of memory", "cannot allocate memory"}},
		{what: "memory, with a store", limit: "-v", give: steps(96<<10, 1200<<10, 96<<10), loosened: 64 << 20, args: stored, says: []string{"no more memory", "out of memory", "cannot allocate memory"}},
		{what: "files", limit: "-n", give: steps(4, 20, 1), loosened: 100, args: pair, says: []string{"too many open files", "no more file handles"}},
		{what: "files, in the runtime", limit: "-n", give: steps(5, 9, 1), loosened: 100, args: pair, says: []string{"no more file handles", "too many open files"}},
		{what: "files, with a store", limit: "-n", give: steps(4, 24, 1), loosened: 100, args: stored, says: []string{"too many open files", "no more file handles"}},
		{what: "threads", limit: "-u", give: steps(1, 12, 1), loosened: 1000, args: pair, says: []string{"no more threads"}},
	} {
		t.Run(run.what, func(t *testing.T) {
			if run.limit == "-u" {
				if os.Geteuid() != 0 {
					t.Skip("NOT CHECKED: only root can run the command as a user who has no other threads")
				}
				run.uid = 54321
			}
			if testing.Short() {
				run.give = run.give[:4]
			}
			orders := 100
			if run.limit == "-v" { // so many that they take memory
				orders = 30_000
			}
			input, said := manyOrders(orders, "New"), false
			tells := func(text string) bool {
				return slices.ContainsFunc(run.says, func(what string) bool { return strings.Contains(text, what) })
			}
			for _, n := range append(run.give, run.loosened) {
				r := run.do(t, binary, input, n)
				lines := strings.Count(r.stderr, "\n")
				switch {
				case r.code == exitDone && r.stderr == "", r.code == exitFailed && lines == 1 && strings.HasPrefix(r.stderr, "process-orders: ") && tells(r.stderr):
				default:
					t.Errorf("%d of %s: %v", n, run.what, r)
				}
				if n == run.loosened && r.code != exitDone {
					t.Errorf("with enough of %s: %v", run.what, r)
				}
				said = said || strings.Contains(r.stderr, run.says[0])
			}
			if !said && !testing.Short() {
				t.Errorf("no run says %q", run.says[0])
			}
		})
	}
}

func steps(from, to, by uint64) (all []uint64) {
	for n := from; n <= to; n += by {
		all = append(all, n)
	}
	return all
}

// do runs the command in a new folder with so much of the resource.
func (l limitedRun) do(t *testing.T, binary, input string, n uint64) result {
	t.Helper()
	dir := openFolder(t)
	if l.uid != 0 {
		if err := os.Chown(dir, int(l.uid), int(l.uid)); err != nil {
			t.Fatal(err)
		}
	}
	// Some shells call -u -p.
	script := fmt.Sprintf(`ulimit %s %d 2>/dev/null || ulimit -p %[2]d; exec "$@"`, l.limit, n)
	args := []string{"-c", script, "sh", binary, "--quiet", "-o", dir, "-"}
	for _, a := range l.args {
		args = append(args, strings.ReplaceAll(a, "DIR", dir))
	}
	cmd := exec.Command("sh", args...)
	cmd.Stdin = strings.NewReader(input)
	if l.uid != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: l.uid, Gid: l.uid}}
	}
	return finish(t, cmd)
}

// forAll is a copy of the command that any user may run.
func forAll(t *testing.T, binary string) string {
	t.Helper()
	data, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(openFolder(t), "process-orders")
	if err := os.WriteFile(name, data, 0o755); err != nil {
		t.Fatal(err)
	}
	return name
}

// openFolder is a new folder that any user may enter.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "process-orders-limits")
	if err == nil {
		t.Cleanup(func() { os.RemoveAll(dir) })
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// A mistake of our own ends with 1 too. Its text may hold anything, so it is not printed.
func TestPanicEndsWithOne(t *testing.T) {
	for _, trace := range []string{"", "single", "all"} {
		cmd := exec.Command("process-orders-panics")
		cmd.Env = append(os.Environ(), "GOTRACEBACK="+trace)
		r := finish(t, cmd)
		if trace != "all" && (r.code != exitFailed || r.stderr != ourFault) || trace == "all" && !strings.Contains(r.stderr, "goroutine") {
			t.Errorf("GOTRACEBACK=%s: %v", trace, r)
		}
	}
}
