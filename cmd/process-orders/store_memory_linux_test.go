package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"process-orders/internal/pgtest"
)

// TestMemoryOfStores fills a store with more customers than its cache and a batch hold, with
// ids of orders and without. The process takes no more memory than --memory says.
func TestMemoryOfStores(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT CHECKED: it takes long to fill the memory")
	}
	binary, dir := built(t), t.TempDir()
	var text strings.Builder
	for i := range 150_000 {
		fmt.Fprintf(&text, `{"id":"order %d","phone":"%010d","name":"Customer %d","items":[{"name":"Tea %d","price":1.5}]}`+"\n", i, i*7919, i, i%50)
	}
	mapping := "id = \"id\"\nphone = \"phone\"\nname = \"name\"\nlines = \"items[]\"\n[line]\nitem = \"name\"\nprice = \"price\"\n"
	for name, content := range map[string]string{"orders.ndjson": text.String(), "mine.toml": mapping} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server := pgtest.Start(t) // or skip
	for _, args := range [][]string{
		{"--store", "plain.db", "orders.ndjson"},
		{"--store", "ids.db", "--from", "mine.toml", "orders.ndjson"},
		{"--store", "plain.db", "--again", "orders.ndjson"}, // into a large store
		{"--store", server.URL("postgres"), "orders.ndjson"},
		{"--store", server.URL("postgres") + "&schema=ids", "--from", "mine.toml", "orders.ndjson"},
	} {
		cmd := exec.Command(binary, append(args, "--memory", "64MiB", "--workers", "2", "--quiet")...)
		cmd.Dir = dir
		if peak := peakMemory(t, cmd); peak > 64<<20 {
			t.Errorf("%q took %d MiB, want at most 64", args, peak>>20)
		} else {
			t.Logf("%q took %d MiB", args, peak>>20)
		}
	}
}

// peakMemory runs a process that succeeds and returns how many bytes of memory it had at
// most.
func peakMemory(t *testing.T, cmd *exec.Cmd) int64 {
	t.Helper()
	var peak int64
	r := finishWatched(t, cmd, &peak)
	if r.code != 0 || peak == 0 {
		t.Fatalf("exit code %d, peak %d\n%s", r.code, peak, r.stderr)
	}
	return peak
}
