package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"process-orders/internal/pgtest"
	"process-orders/internal/soak"
)

// TestKillStore kills runs that apply files to a store, at random moments, and runs
// them again: the store then holds what one run over all files finds.
func TestKillStore(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		testKillStore(t, func(kill int) string { return filepath.Join(dir, fmt.Sprint("kill", kill, ".db")) })
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		url := pgtest.Shared(t).URL("postgres")
		testKillStore(t, func(kill int) string { return fmt.Sprint(url, "&schema=kill", kill) })
	})
}

func testKillStore(t *testing.T, newStore func(kill int) string) {
	random := soak.Random(t)
	dir := t.TempDir()
	var files []string
	for i := range 3 {
		var b strings.Builder
		for j := range 20_000 {
			fmt.Fprintf(&b, `{"phone":"555-%05d","name":"Name %d","items":[{"name":"Item %d","price":%d.50}]}`+"\n", (j*7+i)%9000, i, j%50, i)
		}
		name := filepath.Join(dir, fmt.Sprint(i, ".ndjson"))
		if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, name)
	}
	direct := runOrders(t, append([]string{"-o", "-", "--quiet"}, files...)...)
	direct.want(t, exitDone, "")

	longest := 200 * time.Millisecond
	killed := 0 // runs that had not ended
	for l := soak.NewLoop(t, "times 3 kills", soak.Rounds{Short: 2, Default: 2, Soak: 1000}); l.Next(); {
		kill := l.Round
		store := newStore(kill)
		out := filepath.Join(dir, fmt.Sprint("out", kill))
		args := append([]string{"--store", store, "-o", out, "--quiet"}, files...)
		for range 3 {
			cmd := exec.Command("process-orders", args...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(random.Int64N(int64(longest))))
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			if !cmd.ProcessState.Exited() {
				killed++
			}
		}
		runOrders(t, args...).want(t, exitDone, "")
		if got := runOrders(t, "export", "--store", store, "-o", "-"); got.code != exitDone || got.stdout != direct.stdout {
			t.Fatalf("kill %d: exit code %d, %s; the store holds something else than one run finds", kill, got.code, got.stderr)
		}
	}
	t.Logf("%d runs were killed before their end", killed)
	if killed == 0 {
		t.Error("all runs ended before they were killed")
	}
}

// A store in a line to paste is reached as it was, and shows no password.
func TestTypedStore(t *testing.T) {
	for store, want := range map[string]string{
		"shop.db":                          "shop.db",
		"my shop's.db":                     `'my shop'\''s.db'`,
		"postgres://host/shop":             "postgres://host/shop",
		"postgres://ann:hidden@host:5433/": "postgres://ann@host:5433/",
		"postgres://a%40b@host/shop":       "postgres://a%40b@host/shop",
		"postgres:///shop?host=/run/pg&user=ann&password=hidden&sslpassword=hidden&options=-chidden": "'postgres:///shop?host=/run/pg&user=ann'",
		"postgres://host/shop?sslmode=disable&schema=my+shop&pool_max_conns=3":                       "'postgres://host/shop?schema=my+shop&sslmode=disable'",
		"postgres://host/shop?sslmode=verify-full&sslrootcert=/etc/ca.pem":                           "'postgres://host/shop?sslmode=verify-full&sslrootcert=/etc/ca.pem'",
		"postgres://%zz:hidden@host/shop":                                                            "postgres",
	} {
		if got := typedStore(store); got != want {
			t.Errorf("%s: got %s, want %s", store, got, want)
		}
		if has := hasPassword(store); has != strings.Contains(strings.ReplaceAll(store, "%zz:hidden", ""), "hidden") {
			t.Errorf("%s: has a password: %t", store, has)
		}
	}
}
