package server_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"process-orders/internal/soak"
	"process-orders/server"
	"process-orders/store/sqlite"
)

// linkOf makes a link to sign in, of a store that a process may serve.
func linkOf(t *testing.T, name string) string {
	t.Helper()
	s, err := sqlite.Open(t.Context(), name, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	link, err := server.NewLink(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return link
}

// TestKillAmidPageFile kills a server again and again while it applies a file of the page. The file
// counts once, and nothing is left where files are kept.
func TestKillAmidPageFile(t *testing.T) {
	t.Parallel()
	random := soak.Random(t)
	folder, text, want := t.TempDir(), lines(8000), newStore(t)
	asCommand(t, want, "orders", text, "", "")
	name, isApplying := filepath.Join(folder, "shop.db"), regexp.MustCompile(`is being applied: \d+ %, ([0-9,]+) orders`)
	isResumed := false
	for round := range 4 {
		link := linkOf(t, name)
		address, process := startServer(t, folder)
		jar, _ := cookiejar.New(nil)
		b := &browser{t: t, url: address, client: &http.Client{Jar: jar}}
		at, _ := url.Parse(link)
		b.send("/sign-in", at.Query())
		b.isLive = true
		if status, text := b.drop("orders", strings.NewReader(text)); status != 200 {
			t.Fatalf("%d %s", status, text)
		}
		file := fileOf(t, b.settled())
		go func() { // it waits for a moment, and may be killed meanwhile
			if answer, err := b.client.PostForm(address+"/page/files/apply", file); err == nil {
				_ = answer.Body.Close()
			}
		}()
		for until := 1 + random.IntN(4000); round < 3; time.Sleep(time.Millisecond) {
			_, text := b.get("/page/files")
			if m := isApplying.FindStringSubmatch(text); m != nil {
				if n, _ := strconv.Atoi(strings.ReplaceAll(m[1], ",", "")); n >= until {
					break
				}
			} else if strings.Contains(text, "8,000 orders;") {
				break
			}
		}
		for round == 3 {
			if shown := texts(t, b.settled()); strings.Contains(shown, "the store has") {
				isResumed = strings.Contains(shown, "finished what an earlier run started") || strings.Contains(shown, "the store has it already")
				break
			}
			time.Sleep(time.Millisecond)
		}
		_ = process.Process.Kill()
		_ = process.Wait()
		if entries, _ := os.ReadDir(filepath.Join(folder, "spool")); len(entries) > 0 {
			t.Errorf("the folder has %v", entries)
		}
	}
	if !isResumed {
		t.Error("it is not said that an earlier run started it")
	}
	s, err := sqlite.Open(t.Context(), name, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if document(t, s) != document(t, want) {
		t.Error("the store has something else")
	}
}

// TestLargePageFile drops a file of 100 MB, which is never whole in memory.
func TestLargePageFile(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT CHECKED: a large file, with -short")
	}
	t.Parallel()
	folder := t.TempDir()
	link := linkOf(t, filepath.Join(folder, "shop.db"))
	address, process := startServer(t, folder)
	jar, _ := cookiejar.New(nil)
	b := &browser{t: t, url: address, client: &http.Client{Jar: jar}}
	at, _ := url.Parse(link)
	b.send("/sign-in", at.Query())
	b.isLive = true
	before := peakOf(t, process.Process.Pid)
	const times = 270
	one := lines(5000)
	var all []io.Reader
	for range times {
		all = append(all, strings.NewReader(one))
	}
	if n := times * len(one); n < 100_000_000 {
		t.Fatal(n)
	}
	if status, text := b.drop("orders", io.MultiReader(all...)); status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	wants(t, b.settled(), fmt.Sprintf("orders 1,%d,000 with", times*5-1000))
	if more := peakOf(t, process.Process.Pid) - before; more > 80<<20 {
		t.Errorf("it takes %d MiB more", more>>20)
	} else {
		t.Logf("it takes %d MiB more", more>>20)
	}
}

// peakOf is the most memory that a process has taken.
func peakOf(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "VmHWM:")
	n, err := strconv.Atoi(strings.Fields(after)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n << 10
}
