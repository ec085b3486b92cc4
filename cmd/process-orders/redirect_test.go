package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"process-orders/store"
	"process-orders/store/sqlite"
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
			run := func(more ...string) result {
				return runIn(t, dir, test.text, test.offset, append(append([]string{"-"}, test.args...), more...)...)
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
			done := "  done\n"
			if test.code == exitRejects {
				done = "  done, 1 rejected\n"
			}
			if !strings.Contains(status.stdout, done) {
				t.Errorf("the store says of the source: %q", status.stdout)
			}
		})
	}
}

// runIn runs the program in a folder, with its outputs on standard output. Its standard input
// is a file with the text, read up to the offset.
func runIn(t *testing.T, dir, text string, offset int, args ...string) result {
	t.Helper()
	path := filepath.Join(dir, "redirected")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Seek(int64(offset), io.SeekStart); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("process-orders", append([]string{"-o", "-"}, args...)...)
	cmd.Dir, cmd.Stdin = dir, file
	r := finish(t, cmd)
	if at, err := file.Seek(0, io.SeekCurrent); slices.Contains(args, "-") && (err != nil || at != int64(len(text))) {
		t.Errorf("%q: the next reader starts at %d (%v), want the end, %d", args, at, err, len(text))
	}
	return r
}

// TestUnfinishedStandardInput finishes sources that were started and of which no batch came:
// older versions left them, as they read redirected standard input a second time from its
// end. The same content finishes them, from standard input again or by name.
func TestUnfinishedStandardInput(t *testing.T) {
	t.Parallel()
	const before = "first line\n"
	text := `{"items": []}` + "\n" + manyOrders(3000, "New")
	direct := runIn(t, t.TempDir(), before+text, len(before), "-", "--rejects", "rejects.ndjson")
	for _, batchBytes := range []int64{512 << 20, 10_000} {
		for _, args := range [][]string{{"-"}, {"orders.ndjson"}} {
			dir := t.TempDir()
			path := filepath.Join(dir, "shop.db")
			if err := os.WriteFile(filepath.Join(dir, "orders.ndjson"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			id := sha256.Sum256([]byte(text))
			_, err = s.Start(context.Background(), store.Source{
				ID: "sha256:" + hex.EncodeToString(id[:]), Name: "standard input", Bytes: int64(len(text)), BatchBytes: batchBytes,
			}, false)
			if err = errors.Join(err, s.Close()); err != nil {
				t.Fatal(err)
			}
			if status := runOrders(t, "status", "--store", path); !strings.Contains(status.stdout, "unfinished: run it again") {
				t.Errorf("the store says before: %q", status.stdout)
			}
			r := runIn(t, dir, before+text, len(before), append(args, "--store", "shop.db", "--rejects", "rejects.ndjson")...)
			if r.code != exitRejects || r.stdout != direct.stdout {
				t.Errorf("%q, batches of %d bytes: exit code %d, want %d; the outputs are the same: %t\n%s",
					args, batchBytes, r.code, exitRejects, r.stdout == direct.stdout, r.stderr)
			}
			if status := runOrders(t, "status", "--store", path); !strings.Contains(status.stdout, "  done, 1 rejected\n") || strings.Count(status.stdout, "\n") != 2 {
				t.Errorf("the store says after: %q", status.stdout)
			}
		}
	}
}
