package server_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"process-orders/server"
	"process-orders/store/sqlite"
)

// insideFolder names the folder that a test works in which runs this binary again, where disks
// fail.
const insideFolder = "SERVER_TEST_FOLDER"

// again runs one test of this binary again, by a command that is given its path, in a folder.
func again(t *testing.T, test, folder string, command ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for i := range command {
		command[i] = strings.ReplaceAll(command[i], "SELF", self+" -test.run=^"+test+"$ -test.v")
	}
	run := exec.Command(command[0], command[1:]...)
	run.Env = append(os.Environ(), insideFolder+"="+folder)
	out, err := run.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+test) {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// diskServer is a server of a store in a folder, which can be asked how many orders are in it.
func diskServer(t *testing.T, folder string) (url, key string, ready func() int, count func() int64) {
	t.Helper()
	path := filepath.Join(folder, "shop.db")
	s := insist(t, func() (*sqlite.Store, error) { return sqlite.Open(t.Context(), path, sqlite.Options{}) })
	key = insist(t, func() (string, error) {
		return server.AddKey(t.Context(), s, server.Key{Name: "test", Scopes: []server.Scope{server.ScopeIngest}})
	})
	srv, err := server.New(s, server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(described(t, srv))
	ops := httptest.NewServer(srv.Ops())
	ready = func() int {
		status, _ := askOps(t, ops.URL+"/readyz")
		return status
	}
	return listener.URL + "/v1/orders", key, ready, func() int64 {
		t.Helper()
		listener.Close()
		ops.Close()
		if err := srv.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		_ = s.Close() // what is acknowledged is durable without it
		again := insist(t, func() (*sqlite.Store, error) { return sqlite.Open(t.Context(), path, sqlite.Options{}) })
		defer again.Close()
		return insist(t, func() (int64, error) {
			c, _, err := again.Customer(t.Context(), "555-0101")
			return c.Orders, err
		})
	}
}

// insist does something that may fail now and then.
func insist[T any](t *testing.T, do func() (T, error)) (result T) {
	t.Helper()
	var err error
	for range 30 {
		if result, err = do(); err == nil {
			return result
		}
	}
	t.Fatal(err)
	return result
}

// TestFullDisk fills the disk of a store: requests are refused with 507 until there is room
// again, and what was acknowledged is there.
func TestFullDisk(t *testing.T) {
	folder := os.Getenv(insideFolder)
	if folder == "" {
		folder = t.TempDir()
		if exec.Command("unshare", "-Urm", "sh", "-c", "mount -t tmpfs none /mnt").Run() != nil {
			t.Skip("NOT CHECKED: a full disk: a process may not mount anything here")
		}
		again(t, "TestFullDisk", folder, "unshare", "-Urm", "sh", "-c", "mount -t tmpfs -o size=3m none "+folder+" && exec SELF")
		return
	}
	url, key, ready, count := diskServer(t, folder)
	note := strings.Repeat("x", 2000)
	post := func(i int) answered {
		body := strings.Replace(tea, `"Tea"`, fmt.Sprintf(`"Tea %d %s"`, i, note), 1)
		return send(t, sending{url, key, body, map[string]string{"Idempotency-Key": fmt.Sprint("k", i)}})
	}
	filler := filepath.Join(folder, "filler")
	fill := func() {
		f, err := os.Create(filler)
		if err != nil {
			t.Fatal(err)
		}
		for block := make([]byte, 4096); ; {
			if _, err := f.Write(block); err != nil {
				break
			}
		}
		_ = f.Close()
	}
	saved, refused := 0, 0
	for range 3 {
		fill()
		for i := saved; ; i++ {
			got := post(i)
			if got.status == 201 {
				saved++
				continue
			}
			if got.status != 507 || got.problem(t).Type != "store-full" || got.header.Get("Retry-After") == "" {
				t.Fatalf("%d: %d %s", i, got.status, got.body)
			}
			refused++
			break
		}
		if status := ready(); status != 503 {
			t.Errorf("the disk is full, and /readyz says %d", status)
		}
		if got := post(saved); got.status != 507 {
			t.Errorf("the disk is full still: %+v", got)
		}
		if saved > 0 {
			if got := post(0); got.status != 201 || got.header.Get("Idempotent-Replayed") != "true" {
				t.Errorf("a replay on a full disk: %+v", got)
			}
		}
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
		if got := post(saved); got.status != 201 {
			t.Errorf("there is room again: %d %s", got.status, got.body)
		}
		if status := ready(); status != 200 {
			t.Errorf("there is room again, and /readyz says %d", status)
		}
		saved++
	}
	if n := count(); n != int64(saved) || refused != 3 {
		t.Errorf("%d orders were acknowledged, and %d are there; %d were refused", saved, n, refused)
	}
}

// TestFailingDisk lets calls that write or sync fail again and again: what is refused is sent again,
// and all counts once in the end.
func TestFailingDisk(t *testing.T) {
	folder := os.Getenv(insideFolder)
	if folder == "" {
		if testing.Short() {
			t.Skip("takes some seconds")
		}
		if exec.Command("strace", "-qq", "-o", os.DevNull, "-e", "inject=fsync:error=EIO", "true").Run() != nil {
			t.Skip("NOT CHECKED: failing calls: strace does not work here")
		}
		for _, inject := range []string{"fsync,fdatasync:error=EIO:when=5+4", "pwrite64:error=EIO:when=12+9", "pwrite64:error=ENOSPC:when=12+9"} {
			calls, _, _ := strings.Cut(inject, ":")
			t.Run(inject, func(t *testing.T) {
				folder := t.TempDir()
				s, err := sqlite.Open(t.Context(), filepath.Join(folder, "shop.db"), sqlite.Options{}) // which takes many calls
				if err != nil {
					t.Fatal(err)
				}
				s.Close()
				out := again(t, "TestFailingDisk", folder, "sh", "-c", "exec strace -f -qq -o /dev/null -e trace="+calls+" -e inject="+inject+" SELF")
				if !strings.Contains(out, "some were refused") {
					t.Errorf("nothing failed:\n%s", out)
				}
			})
		}
		return
	}
	url, key, _, count := diskServer(t, folder)
	const sent = 120
	refused := 0
	for i := range sent {
		for start := time.Now(); ; {
			got := send(t, sending{url, key, strings.ReplaceAll(tea, "Tea", fmt.Sprint("Tea ", i)), map[string]string{"Idempotency-Key": fmt.Sprint("k", i)}})
			if got.status == 201 {
				break
			}
			if refused++; got.status != 503 && got.status != 507 || time.Since(start) > 30*time.Second {
				t.Fatalf("%d: %d %s", i, got.status, got.body)
			}
		}
	}
	if refused > 0 {
		t.Log("some were refused")
	}
	if n := count(); n != sent {
		t.Errorf("%d orders are there of %d that were acknowledged", n, sent)
	}
}
