//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package durable_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"process-orders/internal/durable"
)

func TestModes(t *testing.T) {
	p := newPair(t)
	put(t, p.customers, "old", 0o640)
	p.mustWrite(t, "new")
	if m := mode(t, p.customers); m != 0o640 {
		t.Errorf("the old file's mode became %v", m)
	}
	if m := mode(t, p.items); m != 0o600 {
		t.Errorf("the new file has mode %v", m)
	}
	put(t, p.items, "old", 0)
	p.mustWrite(t, "new")
	if m := mode(t, p.items); m != 0 {
		t.Errorf("mode 0 became %v", m)
	}
}

func TestLinks(t *testing.T) {
	p, far := newPair(t), newPair(t)
	put(t, far.customers, "old", 0o644)
	for link, to := range map[string]string{
		p.customers:                    far.customers,
		p.items:                        "via/../items.json", // beside far.dir, which via leads into
		filepath.Join(p.dir, "via"):    filepath.Join(far.dir, "in"),
		filepath.Join(far.dir, "self"): "self",
	} {
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
	}
	os.Mkdir(filepath.Join(far.dir, "in"), 0o700)
	p.mustWrite(t, "new")
	for _, name := range []string{p.customers, p.items} {
		if info, err := os.Lstat(name); err != nil || info.Mode().Type() != os.ModeSymlink {
			t.Errorf("%s is a link no more: %v %v", name, info.Mode(), err)
		}
	}
	if c, i := far.read(t); c != "new" || i != "new" {
		t.Errorf("the links' targets hold %q and %q", c, i)
	}
	if m := mode(t, far.customers); m != 0o644 {
		t.Errorf("mode became %v", m)
	}
	if _, err := durable.Create(durable.OS, p.customers, far.customers); err == nil {
		t.Error("a link and its target are the same file")
	}
	if _, err := durable.Create(durable.OS, filepath.Join(far.dir, "self")); err == nil {
		t.Error("a link to itself leads nowhere")
	}
}

// Opening a pipe to look at its lock would hang, and a link leads to another file.
func TestOnlyRegularFilesAreStaleTemps(t *testing.T) {
	p := newPair(t)
	link := ".items.json." + strings.Repeat("A", 26) + ".tmp"
	if err := os.Symlink("customers.json", filepath.Join(p.dir, link)); err != nil {
		t.Fatal(err)
	}
	put(t, p.customers, "old", 0o600)
	p.mustWrite(t, "new")
	if temps := p.temps(t); len(temps) != 1 || temps[0] != link {
		t.Errorf("the folder holds %q", temps)
	}
}

func TestRelativeNames(t *testing.T) {
	p := newPair(t)
	t.Chdir(p.dir)
	pair{p.dir, "customers.json", "./items.json"}.mustWrite(t, "new")
	p.check(t, "new", "new")
}

func TestDevice(t *testing.T) {
	p := newPair(t)
	pair{p.dir, os.DevNull, p.items}.mustWrite(t, "new")
	if m := mode(t, os.DevNull); m.Type() != os.ModeDevice|os.ModeCharDevice {
		t.Errorf("%s became %v", os.DevNull, m)
	}
	if got := read(t, p.items); got != "new" {
		t.Errorf("items hold %q", got)
	}
	pair{p.dir, os.DevNull, os.DevNull}.mustWrite(t, "new")
}

// A full device fails the whole set, even if the caller ignores the error of a write.
func TestFullDevice(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	p := newPair(t)
	p.mustWrite(t, "old")
	err := pair{p.dir, p.customers, "/dev/full"}.write(durable.OS, "new")
	if want := "write /dev/full: no space left on device"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	p.check(t, "old", "old")
}

func TestPipe(t *testing.T) {
	p := newPair(t)
	pipe := filepath.Join(p.dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	got := make(chan string)
	go func() {
		data, _ := os.ReadFile(pipe)
		got <- string(data)
	}()
	pair{p.dir, pipe, p.items}.mustWrite(t, "new")
	if s := <-got; s != "new" {
		t.Errorf("the pipe gave %q", s)
	}
}

// A stream that is redirected to a file is written, not replaced: the file has more than
// our output.
func TestRedirectedStream(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	put(t, log, "before\n", 0o600)
	file, err := os.OpenFile(log, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	set, err := durable.Create(durable.OS, fmt.Sprintf("/dev/fd/%d", file.Fd()))
	if err != nil {
		t.Skip(err)
	}
	io.WriteString(set.File(0), "ours\n")
	if err := set.Commit(); err != nil {
		t.Fatal(err)
	}
	io.WriteString(file, "after\n")
	if got, want := read(t, log), "before\nours\nafter\n"; got != want {
		t.Errorf("the log holds %q, want %q", got, want)
	}
}

func TestReadOnlyFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	p := newPair(t)
	p.mustWrite(t, "old")
	os.Chmod(p.dir, 0o500)
	defer os.Chmod(p.dir, 0o700)
	_, err := durable.Create(durable.OS, p.customers)
	if want := "create " + p.customers + ": permission denied"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// victimDir is the folder in which a child writes until it is killed.
const victimDir = "DURABLE_TEST_VICTIM_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		victim(pair{dir, filepath.Join(dir, "customers.json"), filepath.Join(dir, "items.json")})
	}
	os.Exit(m.Run())
}

// victim writes one generation after the other, and reports when the first is in place.
func victim(p pair) {
	for generation := 1; ; generation++ {
		if err := p.write(durable.OS, generationContent(generation)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if generation == 1 {
			fmt.Println("ready")
		}
	}
}

const generationLines = 4000

func generationContent(generation int) string {
	return strings.Repeat(fmt.Sprintf("%09d\n", generation), generationLines)
}

func TestKill(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	p := newPair(t)
	var temps, split int
	for range 30 {
		killVictim(t, p, time.Duration(random.Int64N(int64(20*time.Millisecond))))
		customers, items := wholeGeneration(t, p.customers), wholeGeneration(t, p.items)
		if customers != items && customers != items+1 {
			t.Fatalf("customers of generation %d, items of %d", customers, items)
		}
		if customers != items {
			split++
		}
		if p.temps(t) != nil {
			temps++
		}
		set, err := durable.Create(durable.OS, p.customers, p.items)
		if err != nil {
			t.Fatal(err)
		}
		set.Abort()
		if left := p.temps(t); left != nil {
			t.Fatalf("after the next Create there are %q", left)
		}
	}
	t.Logf("of 30 kills, %d left temps, %d came between the renames", temps, split)
}

func killVictim(t *testing.T, p pair, delay time.Duration) {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimDir+"="+p.dir)
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(stdout).ReadString('\n')
	time.Sleep(delay)
	cmd.Process.Kill()
	cmd.Wait()
	if line != "ready\n" || stderr.Len() > 0 {
		t.Fatalf("the child says %q, and %q", line, &stderr)
	}
}

// wholeGeneration returns the generation of a file, all of which must be of one.
func wholeGeneration(t *testing.T, name string) int {
	t.Helper()
	content := read(t, name)
	var generation int
	fmt.Sscanf(content, "%d", &generation)
	if content != generationContent(generation) {
		t.Fatalf("%s is not whole: %d bytes, starts with generation %d", name, len(content), generation)
	}
	return generation
}
