package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Standard input may be a file, from its start or from anywhere within it. With a store
// it is read twice; that must find the same orders as a run without one.
func TestRedirectedInput(t *testing.T) {
	reject := `{"items": []}` + "\n"
	for name, test := range map[string]struct {
		text   string
		args   []string
		offset int
		code   int
	}{
		"with rejects":               {reject + manyOrders(3, "New"), []string{"--rejects", "rejects.ndjson"}, 0, exitRejects},
		"of several batches":         {manyOrders(60_000, "New"), []string{"--memory", "64MiB"}, 0, exitDone},
		"at an offset":               {"first line\n" + reject + manyOrders(3, "New"), []string{"--rejects", "rejects.ndjson"}, len("first line\n"), exitRejects},
		"at an offset, many batches": {"first line\n" + manyOrders(60_000, "New"), []string{"--memory", "64MiB"}, len("first line\n"), exitDone},
		"at its end":                 {"first line\n", []string{"--memory", "64MiB"}, len("first line\n"), exitFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "orders.ndjson")
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			run := func(more ...string) result {
				file, err := os.Open(path)
				if err != nil {
					t.Fatal(err)
				}
				defer file.Close()
				if _, err := file.Seek(int64(test.offset), io.SeekStart); err != nil {
					t.Fatal(err)
				}
				cmd := exec.Command("process-orders", append(append([]string{"-", "-o", "-"}, test.args...), more...)...)
				cmd.Dir, cmd.Stdin = dir, file
				r := finish(t, cmd)
				if at, err := file.Seek(0, io.SeekCurrent); err != nil || at != int64(len(test.text)) {
					t.Errorf("%q: the next reader starts at %d (%v), want the end, %d", more, at, err, len(test.text))
				}
				return r
			}
			direct, stored := run(), run("--store", "shop.db")
			if direct.code != test.code || stored.code != test.code || stored.stdout != direct.stdout {
				t.Fatalf("exit codes %d without a store and %d with one, want %d; the outputs are the same: %t\n%s%s",
					direct.code, stored.code, test.code, stored.stdout == direct.stdout, direct.stderr, stored.stderr)
			}
			if test.code == exitFailed {
				return
			}
			status := runOrders(t, "status", "--store", filepath.Join(dir, "shop.db"))
			if !strings.HasSuffix(status.stdout, "  done\n") {
				t.Errorf("the store says of the source: %q", status.stdout)
			}
		})
	}
}
