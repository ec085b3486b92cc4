package main

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"process-orders/internal/soak"
	"process-orders/orders"
)

// A glut is an input that would take much memory if something did not bound it.
type glut struct {
	name  string
	usual int // how many of its kind there are, and in a soak
	soak  int
	write func(w io.Writer, n int)
	code  int
	// message is what the run says, if it refuses the input.
	message string
}

var gluts = []glut{
	{"phones", 200_000, 2_500_000, func(w io.Writer, n int) {
		for i := range n {
			fmt.Fprintf(w, `{"phone":"+1201%07d","name":"N%d","items":[{"name":"a","price":1}]}`+"\n", i, i%100)
		}
	}, exitDone, ""},
	{"an order without end", 8, 128, func(w io.Writer, n int) {
		io.WriteString(w, `[{"phone":"1","items":[],"x":"`)
		for range n {
			w.Write(bytes.Repeat([]byte("y"), 1<<20))
		}
	}, exitFailed, "an order larger than 1 MiB; is a quote or a bracket missing?"},
	{"blanks without end", 8, 128, func(w io.Writer, n int) {
		for range n {
			w.Write(bytes.Repeat([]byte(" "), 1<<20))
		}
	}, exitFailed, "no order within the first 1 MiB"},
	{"orders of many lines", 6, 60, func(w io.Writer, n int) {
		for i := range n {
			var b bytes.Buffer
			fmt.Fprintf(&b, `{"phone":"%d","items":[{"name":"a","price":1}`, i)
			for j := 0; b.Len() < minOrderBytes-100; j++ {
				fmt.Fprintf(&b, `,{"name":"%d","price":1}`, j)
			}
			b.WriteString("]}\n")
			w.Write(b.Bytes())
		}
	}, exitDone, ""},
	{"currencies", 4, 60, func(w io.Writer, n int) {
		for c := range 26 * 26 * 26 {
			fmt.Fprintf(w, `{"phone":"1","currency":"%c%c%c","items":[{"name":"a","price":1}`, 'A'+c/26/26, 'A'+c/26%26, 'A'+c%26)
			for i := range n {
				fmt.Fprintf(w, `,{"name":"%d","price":%d.%d}`, i, c, c)
			}
			io.WriteString(w, "]}\n")
		}
	}, exitDone, ""},
	{"days", 110_000, 2_000_000, func(w io.Writer, n int) {
		for i := range n {
			fmt.Fprintf(w, `{"phone":"%d","time":%d,"items":[{"name":"a","price":1}]}`+"\n", i%1000, (i%110_000-25_000)*86_400)
		}
	}, exitDone, ""},
	{"long names", 60, 600, func(w io.Writer, n int) {
		long := strings.Repeat("n", 100_000)
		for i := range n {
			fmt.Fprintf(w, `{"phone":"%d%s","name":"%s","items":[{"name":"%d%s","price":1}]}`+"\n", i, long, long, i, long)
		}
	}, exitDone, ""},
	{"a zstd file of blanks", 1 << 12, 1 << 15, func(w io.Writer, n int) { writeZstd(w, 8<<20, n) }, exitDone, ""},
	{"a zstd file with a large window", 1, 1, func(w io.Writer, n int) { writeZstd(w, 128<<20, n) }, exitFailed, "this zstd file needs more than 8 MiB of memory to read"},
}

// writeZstd writes a zstd file with a window of that size: an order, and n blocks of 128 KiB
// of blanks.
func writeZstd(w io.Writer, window, n int) {
	const raw, same = 0, 1
	block := func(kind, size int, data string) {
		var header [4]byte
		binary.LittleEndian.PutUint32(header[:], uint32(kind<<1|size<<3))
		w.Write(append(header[:3], data...))
	}
	exponent := byte(0)
	for ; 1<<10<<exponent < window; exponent++ {
	}
	w.Write([]byte{0x28, 0xb5, 0x2f, 0xfd, 0, exponent << 3})
	order := `{"phone":"1","items":[]}` + "\n"
	block(raw, len(order), order)
	for range n {
		block(same, 128<<10, "\n")
	}
	w.Write([]byte{1, 0, 0}) // the last block, which is empty
}

// No command takes more memory than --memory and what docs/rules.md says for the program.
func TestMemoryOfCommands(t *testing.T) {
	binary := built(t)
	commands := [][]string{
		{"run"}, {"run", "--detail"}, {"run", "--report", "report.html"}, {"check"}, {"run", "--store", "shop.db"},
	}
	for i := range soak.Cases(t, "gluts", len(gluts), func(int) bool { return true }) {
		f := gluts[i]
		for j, command := range commands {
			if testing.Short() && j != i%len(commands) {
				continue
			}
			dir := t.TempDir()
			args := append(command[:1:1], "-", "--memory", "64MiB", "--workers", "2", "--quiet")
			if args = append(args, command[1:]...); command[0] == "run" {
				args = append(args[1:], "-o", ".")
			}
			n := f.usual
			if soak.On() {
				n = f.soak
			}
			name := f.name + ": " + strings.Join(command, " ")
			r := limited(t, name, binary, dir, func(w io.Writer) { f.write(w, n) }, args...)
			if r.code != f.code || !strings.Contains(r.stderr, f.message) {
				t.Errorf("%s: exit code %d, %.300s", name, r.code, r.stderr)
			}
			if _, err := os.Stat(filepath.Join(dir, "shop.db")); err != nil {
				continue
			}
			for _, command := range []string{"export", "status", "report"} {
				if r := limited(t, name+", "+command, binary, dir, nil, command, "--store", "shop.db"); r.code != exitDone {
					t.Errorf("%s, %s: exit code %d, %.300s", name, command, r.code, r.stderr)
				}
			}
		}
	}
}

// dataKiB limits the memory of a process beside its peak: the kernel refuses to give more.
// Go takes the address space of its heap in pieces of 64 MiB, so this cannot be exact. SQLite takes
// its own beside that.
const (
	dataKiB      = 160 << 10
	storeDataKiB = dataKiB + 64<<10
)

// limited runs the command with little memory, and asks the kernel for its peak.
func limited(t *testing.T, name, binary, dir string, input func(io.Writer), args ...string) result {
	t.Helper()
	data := dataKiB
	if slices.Contains(args, "--store") {
		data = storeDataKiB
	}
	shell := fmt.Sprintf(`ulimit -d %d; exec "$0" "$@"`, data)
	cmd := exec.Command("sh", append([]string{"-c", shell, binary}, args...)...)
	cmd.Dir = dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		if input != nil {
			w := &untilError{w: stdin}
			input(w)
		}
		stdin.Close()
	}()
	ended := make(chan struct{})
	peak := make(chan int)
	go func() { peak <- peakKiB(cmd.Process.Pid, binary, ended) }()
	err = cmd.Wait()
	close(ended)
	most := <-peak
	if t.Logf("%s: %d KiB", name, most); most<<10 > minMemory+programBytes {
		t.Errorf("%s: took %d KiB, more than %d", name, most, (minMemory+programBytes)>>10)
	}
	if _, ok := err.(*exec.ExitError); err != nil && !ok {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// untilError writes until the reader has gone away.
type untilError struct {
	w   io.Writer
	err error
}

func (u *untilError) Write(p []byte) (int, error) {
	if u.err == nil {
		_, u.err = u.w.Write(p)
	}
	return len(p), nil
}

// peakKiB is the peak of a process that runs the binary, asked for again and again until it
// has ended: afterwards the kernel has only the peak of the process that it was started by.
func peakKiB(pid int, binary string, ended <-chan struct{}) (most int) {
	peak := regexp.MustCompile(`VmHWM:\s*(\d+) kB`)
	for {
		select {
		case <-ended:
			return most
		case <-time.After(2 * time.Millisecond):
		}
		if exe, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); exe != binary {
			continue // still the shell
		}
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if m := peak.FindSubmatch(status); m != nil {
			n, _ := strconv.Atoi(string(m[1]))
			most = max(most, n)
		}
	}
}

// The shares of the memory, from the least to more than anybody has.
func TestMemoryShares(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		memory               size
		workers              int
		order, block, window int64
	}{
		{0, 64, 0, 0, 0},
		{32 << 20, 1, 1 << 20, 128 << 10, 8 << 20},
		{64 << 20, 2, 1 << 20, 128 << 10, 8 << 20},
		{200 << 20, 6, 3 << 20, 400 << 10, 25 << 20},
		{1 << 30, 32, 16 << 20, 0, 128 << 20},
		{4 << 30, 64, 64 << 20, 0, 128 << 20},
		{1 << 50, 64, 64 << 20, 0, 128 << 20},
	} {
		m := test.memory
		got := []int64{int64(forWorkers(m, 64)), int64(forOrder(m)), int64(forBlock(m)), forWindow(m)}
		want := []int64{int64(test.workers), test.order, test.block, test.window}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%v: workers, order, block, window: got %d, want %d", &m, got, want)
				break
			}
		}
		workers := cmp.Or(forWorkers(m, 64), 1)
		taken := programBytes + int64(workers)*workerBytes + orderCopies*int64(forOrder(m)) + forWindow(m) + forRecords(m, workers)
		if m >= minMemory && taken > int64(m) {
			t.Errorf("%v: all together take %d", &m, taken)
		}
	}
}

// The table in docs/rules.md has the numbers of the code.
func TestMemoryTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(repository, "docs/rules.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## What takes memory")
	table, _, _ = strings.Cut(table, "\n## ")
	mib := func(n int64) int64 { return n >> 20 }
	for _, row := range []string{
		fmt.Sprintf("| the program itself | %d MiB |", mib(programBytes)),
		fmt.Sprintf("| each worker | %d MiB. Fewer workers run than `--workers` says if they would take more than 1/%d of the memory. If a file is compressed and all cores are used, there are twice as many |", mib(workerBytes), workersShare),
		fmt.Sprintf("| 1/%d of the memory, from %d KiB to %d KiB;", blocksShare, minBlockBytes>>10, usualBlockBytes>>10),
		fmt.Sprintf("| an order | 1/%d of the memory in whole MiB, from %d MiB to %d MiB.", orderShare, mib(minOrderBytes), mib(orders.MaxOrderBytes)),
		fmt.Sprintf("| the window of a zstd file | 1/%d of the memory, from %d MiB to %d MiB.", windowShare, mib(minWindowBytes), mib(maxWindowBytes)),
		fmt.Sprintf("| a store's own memory | 1/%d of the memory, up to %d MiB, and %d MiB more |", cacheShare, mib(maxCacheBytes), mib(storeBytes)),
		fmt.Sprintf("| records | %d/%d of what is left, and at least %d MiB; more goes to disk |", recordsOf, recordsFrom, mib(minRecordBytes)),
		fmt.Sprintf("| `check` | 1/%d of the memory", checkShare),
		fmt.Sprintf("%d KiB and %d currencies each", maxReportText>>10, maxReportSums),
		fmt.Sprintf("`--memory %s`, an order may have %d MiB, a zstd window %d MiB, and %d MiB\nare for records",
			"64MiB", mib(int64(forOrder(minMemory))), mib(forWindow(minMemory)), mib(forRecords(minMemory, 2))),
		fmt.Sprintf("may take up to\n%d MiB more", mib(programBytes)),
	} {
		if !strings.Contains(table, row) {
			t.Errorf("the table does not say %q", row)
		}
	}
}
