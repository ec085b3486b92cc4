//go:build unix

package main

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"process-orders/internal/soak"
)

// The hostile suite does to real runs what the world does: it damages their input, sends
// them signals at random moments, starts many at once, flips bytes of files and floods them.
// Each kind has a loop of its own, which is short with a fixed seed usually and as long as
// there is time in a soak; its log says how many ran clean. What mutated documents come to
// is held against the naive twin in the package records: TestHostileDocuments.

// crashed finds what the runtime prints if a program fails that should have said why.
var crashed = regexp.MustCompile(`panic:|fatal error:|goroutine \d|SIGSEGV|nil pointer`)

// wantOrderly fails unless a run ended with a code that is promised, and not in a crash. What
// it says of failures must be in our words.
func (r result) wantOrderly(t *testing.T, codes ...int) {
	t.Helper()
	if !slices.Contains(codes, r.code) || crashed.MatchString(r.stderr) {
		t.Fatalf("exit code %d, want one of %d; stderr:\n%.2000s", r.code, codes, r.stderr)
	}
	if r.code != exitDone && !strings.HasPrefix(r.stderr, "process-orders: ") {
		t.Fatalf("exit code %d without a message: %.500q", r.code, r.stderr)
	}
}

// TestHostileSignals ends runs at random moments. All is as it was then, or all is done,
// and nothing is left behind; also with a store, to which the same run is applied again.
func TestHostileSignals(t *testing.T) {
	t.Parallel()
	random := soak.Random(t)
	s := newScene(t, manyOrders(3000, "New"), earlier)
	took := endOf(t, s.args("--quiet"))
	interrupted := 0
	for l := soak.NewLoop(t, "signals", soak.Rounds{Short: 10, Default: 40, Soak: 1_000_000}); l.Next(); {
		s := s.again(t)
		args := s.args("--quiet")
		var store string
		if random.IntN(4) == 0 {
			store = filepath.Join(filepath.Dir(s.dir), "store.db")
			args = append(args, "--store", store)
		}
		sig := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}[random.IntN(3)]
		r, bySignal := signalled(t, args, sig, time.Duration(random.Float64()*1.2*float64(took)))
		if bySignal { // before it heeded signals, or when all was done and it did no longer
			if now := readFolder(t, s.dir); !now.is(s.old) && !now.is(s.new) {
				t.Fatalf("ended by the signal itself: in the folder is %v", now)
			}
			os.RemoveAll(filepath.Dir(s.dir))
			continue
		}
		r.wantOrderly(t, exitDone, exitInterrupted)
		if r.code == exitInterrupted {
			interrupted++
			s.wantOld(t, r)
		} else {
			s.wantNew(t, r)
		}
		if store != "" { // it finishes what was not done
			again := runOrders(t, args...)
			again.wantOrderly(t, exitDone)
			s.wantNew(t, again)
		}
		os.RemoveAll(filepath.Dir(s.dir)) // there may be many rounds
	}
	t.Logf("%d runs were interrupted before their end", interrupted)
}

// endOf runs to the end, and returns how long that took.
func endOf(t *testing.T, args []string) time.Duration {
	t.Helper()
	start := time.Now()
	runOrders(t, args...).want(t, exitDone, "")
	return time.Since(start)
}

// signalled sends a run a signal after a while. bySignal reports whether the signal ended
// it before the program could heed it.
func signalled(t *testing.T, args []string, sig syscall.Signal, after time.Duration) (r result, bySignal bool) {
	t.Helper()
	cmd := exec.Command("process-orders", args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	_ = cmd.Process.Signal(sig)
	_ = cmd.Wait()
	return result{cmd.ProcessState.ExitCode(), "", stderr.String()}, !cmd.ProcessState.Exited()
}

// TestHostileRunsAtOnce starts runs over several files at once, into one folder and into one
// store; some are killed. What is in the folder is whole, and after one more run the store
// has what one run over all files finds.
func TestHostileRunsAtOnce(t *testing.T) {
	t.Parallel()
	random := soak.Random(t)
	dir := t.TempDir()
	var files []string
	for i := range 3 {
		name := fmt.Sprintf("%d.ndjson", i)
		folder{name: manyOrders(300, fmt.Sprint("Name", i))}.write(t, dir)
		files = append(files, filepath.Join(dir, name))
	}
	direct := runOrders(t, append([]string{"-o", "-", "--quiet"}, files...)...)
	direct.want(t, exitDone, "")
	took := endOf(t, append([]string{"-o", filepath.Join(dir, "first"), "--quiet"}, files...))
	for l := soak.NewLoop(t, "times 4 runs", soak.Rounds{Short: 2, Default: 6, Soak: 100_000}); l.Next(); {
		round := filepath.Join(dir, fmt.Sprint("round", l.Round))
		out, store := filepath.Join(round, "out"), filepath.Join(round, "store.db")
		if err := os.MkdirAll(out, 0o700); err != nil {
			t.Fatal(err)
		}
		var running sync.WaitGroup
		for i := range 4 {
			args := []string{"-o", out, "--quiet"}
			if i%2 == 0 {
				args = append(args, "--store", store)
			}
			args = append(args, files...)
			kill, after := random.IntN(4) == 0, time.Duration(random.Float64()*2*float64(took))
			running.Go(func() {
				if kill {
					signalled(t, args, syscall.SIGKILL, after)
				} else if r := runOrders(t, args...); r.code != exitDone {
					t.Errorf("a run among others: exit code %d, %s", r.code, r.stderr)
				}
			})
		}
		running.Wait()
		args := append([]string{"--store", store, "-o", out, "--quiet"}, files...)
		runOrders(t, args...).want(t, exitDone, "")
		exported := runOrders(t, "export", "--store", store, "-o", "-")
		if exported.code != exitDone || exported.stdout != direct.stdout {
			t.Fatalf("the store has something else than one run finds: exit code %d, %s", exported.code, exported.stderr)
		}
		now := readFolder(t, out)
		if both := "{\n    \"customers\": " + indent(now["customers.json"]) + ",\n    \"items\": " + indent(now["items.json"]) + "\n}\n"; len(now) != 2 || both != direct.stdout {
			t.Fatalf("in the folder is something else than one run writes: %v", now)
		}
		os.RemoveAll(round)
	}
}

// indent moves a document in by one level, as one within another is written.
func indent(text string) string {
	return strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n    ")
}

// TestHostileFlips changes bytes of compressed input: what comes out is the same, as where
// the byte says nothing, or a message. And it changes bytes of a store, which has no sums of
// its own: whatever is done with it ends in order.
func TestHostileFlips(t *testing.T) {
	t.Parallel()
	random := soak.Random(t)
	text := manyOrders(300, "New")
	s := newScene(t, text, earlier)
	packed := map[string][]byte{}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	fmt.Fprint(w, text)
	w.Close()
	packed["gzip"] = b.Bytes()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	packed["zstd"] = z.EncodeAll([]byte(text), nil)
	store := filepath.Join(t.TempDir(), "store.db")
	runOrders(t, "--store", store, "-o", "-", "--quiet", s.input).want(t, exitDone, "")
	intact, err := os.ReadFile(store)
	if err != nil {
		t.Fatal(err)
	}
	for l := soak.NewLoop(t, "flips", soak.Rounds{Short: 12, Default: 60, Soak: 1_000_000}); l.Next(); {
		if l.Round%3 == 2 {
			damaged := string(flipped(random, intact))
			for _, command := range []string{"status", "export", "report", "find", "run"} { // one may not see the damage
				s := s.again(t)
				name := filepath.Join(filepath.Dir(s.dir), "store.db")
				folder{"store.db": damaged}.write(t, filepath.Dir(name))
				args := map[string][]string{
					"status": {"status", "--store", name},
					"export": {"export", "--store", name, "-o", s.dir},
					"report": {"report", "--store", name, "-o", filepath.Join(filepath.Dir(name), "report.html")},
					"find":   {"find", "--store", name, "555"},
					"run":    s.args("--store", name, "--quiet"),
				}[command]
				r := runOrders(t, args...)
				r.wantOrderly(t, exitDone, exitFailed, exitUsage)
				if r.code != exitDone {
					s.wantOld(t, r)
				}
				os.RemoveAll(filepath.Dir(s.dir))
			}
		} else {
			s := s.again(t)
			how := slices.Sorted(maps.Keys(packed))[l.Round%3]
			s.input = filepath.Join(filepath.Dir(s.dir), "input")
			folder{"input": string(flipped(random, packed[how]))}.write(t, filepath.Dir(s.dir))
			r := runOrders(t, s.args("--quiet")...)
			r.wantOrderly(t, exitDone, exitFailed)
			if r.code == exitDone {
				s.wantNew(t, r)
			} else {
				s.wantOld(t, r)
			}
			os.RemoveAll(filepath.Dir(s.dir))
		}
	}
}

// flipped returns data with one to three bits changed, or cut off.
func flipped(random *rand.Rand, data []byte) []byte {
	data = bytes.Clone(data)
	if random.IntN(8) == 0 {
		return data[:4+random.IntN(len(data)-4)]
	}
	for range 1 + random.IntN(3) {
		data[random.IntN(len(data))] ^= 1 << random.IntN(8)
	}
	return data
}

// floods are inputs with very much of something. Each writes the input of a run, of about so
// many bytes, and returns the run's arguments and how it ends.
var floods = []struct {
	name  string
	write func(t *testing.T, dir string, size int) (args []string, code int)
}{
	{"sources", func(t *testing.T, dir string, size int) (args []string, code int) {
		for i := range size / 4000 {
			name := filepath.Join(dir, fmt.Sprint(i, ".json"))
			if err := os.WriteFile(name, []byte(fmt.Sprintf(`[{"phone":"%d","items":[]}]`, i)), 0o600); err != nil {
				t.Fatal(err)
			}
			args = append(args, name)
		}
		return args, exitDone
	}},
	{"pipes", func(t *testing.T, dir string, size int) (args []string, code int) {
		for i := range 20 {
			name := filepath.Join(dir, fmt.Sprint("pipe", i))
			if err := syscall.Mkfifo(name, 0o600); err != nil {
				t.Fatal(err)
			}
			text := manyOrders(size/2000, fmt.Sprint("Name", i))
			go func() { _ = os.WriteFile(name, []byte(text), 0o600) }()
			args = append(args, name)
		}
		return args, exitDone
	}},
	{"rejects", flood(exitFailed, "", `{"phone":"1","items":5}`+"\n", "")},
	{"rejects that are set aside", func(t *testing.T, dir string, size int) (args []string, code int) {
		args, _ = flood(exitRejects, order1, `{"phone":"1","items":5}`+"\n", "")(t, dir, size)
		return append(args, "--rejects", filepath.Join(dir, "rejects.ndjson")), exitRejects
	}},
	{"keys of one order", flood(exitDone, `{"phone":"1","items":[]`, `,"key %d":%[1]d`, `}`)},
	{"the same key", flood(exitDone, `{"phone":"1","items":[]`, `,"key":1`, `}`)},
	{"keys around the orders", flood(exitDone, `{"orders":[`+order1+`]`, `,"key %d":null`, `}`)},
	{"lines of one order", flood(exitDone, `{"phone":"1","items":[{"name":"Tea","price":1}`, `,{"name":"Item %d","price":%[1]d}`, `]}`)},
	{"levels", flood(exitFailed, `{"phone":"1","items":[],"x":`, `[`, ``)},
	{"digits", flood(exitFailed, `{"phone":"1","items":[{"name":"Tea","price":1`, `1`, `}]}`)},
	{"braces in a text", flood(exitDone, `{"phone":"1","items":[],"x":"`, `},{`, `"}`)},
	{"white space", flood(exitDone, order1, " \n\t\r", order1)},
	{"arrays without an order", flood(exitFailed, `[[]`, `,[]`, `]`)},
	{"zeros", flood(exitFailed, "", "\x00", "")},
}

const order1 = `{"phone":"1","name":"Ann","items":[{"name":"Tea","price":1.50}]}` + "\n"

// flood returns what writes a file with a part again and again; %d in it is its number.
func flood(code int, before, part, behind string) func(*testing.T, string, int) ([]string, int) {
	return func(t *testing.T, dir string, size int) ([]string, int) {
		var b strings.Builder
		b.WriteString(before)
		for i := 0; b.Len() < size; i++ {
			if strings.Contains(part, "%d") {
				fmt.Fprintf(&b, part, i)
			} else {
				b.WriteString(part)
			}
		}
		b.WriteString(behind)
		folder{"flood": b.String()}.write(t, dir)
		return []string{filepath.Join(dir, "flood")}, code
	}
}

// floodMiB and floodTimes are what a flooded run may take: so much for records, its workers'
// blocks and the program itself, and so many times the flood, which may be one order. An
// order of nothing but short lines takes that for a moment, see docs/rules.md.
const (
	floodMiB   = 256
	floodTimes = 20
)

// TestHostileFloods gives runs much of what costs. They end as they should, and take no more
// memory than that.
func TestHostileFloods(t *testing.T) {
	t.Parallel()
	random := soak.Random(t)
	rounds := soak.Rounds{Short: 1, Default: 1, Soak: 10_000}
	for l := soak.NewLoop(t, fmt.Sprint("times ", len(floods), " floods"), rounds); l.Next() && !t.Failed(); {
		size := 1 << 20
		if soak.On() {
			size <<= random.IntN(6)
		} else if testing.Short() {
			size >>= 3
		}
		for i := range floods {
			root := t.TempDir()
			in, out := filepath.Join(root, "in"), filepath.Join(root, "out")
			for _, dir := range []string{in, out} {
				if err := os.Mkdir(dir, 0o700); err != nil {
					t.Fatal(err)
				}
			}
			earlier.write(t, out)
			args, code := floods[i].write(t, in, size)
			cmd := exec.Command("process-orders", append(args, "-o", out, "--quiet", "--memory", "4GiB")...)
			var peak int64
			r := finishWatched(t, cmd, &peak)
			if crashed.MatchString(r.stderr) || r.code != code {
				t.Errorf("a flood of %s, %d bytes: exit code %d, want %d; stderr:\n%.1000s", floods[i].name, size, r.code, code, r.stderr)
			}
			if len(r.stderr) > 20_000 {
				t.Errorf("a flood of %s: %d bytes of messages: %.1000s…", floods[i].name, len(r.stderr), r.stderr)
			}
			if now := readFolder(t, out); code == exitFailed && !now.is(earlier) || len(now) != 2 {
				t.Errorf("a flood of %s: in the folder is %v", floods[i].name, now)
			}
			if peak > floodMiB<<20+floodTimes*int64(size) {
				t.Errorf("a flood of %s, %d bytes: %d MiB of memory", floods[i].name, size, peak>>20)
			}
			os.RemoveAll(root)
		}
	}
}
