//go:build unix

package main

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// linkOf is the link that a server has printed.
func (s *served) linkOf() string {
	s.t.Helper()
	for start := time.Now(); time.Since(start) < 30*time.Second; time.Sleep(5 * time.Millisecond) {
		printed, err := os.ReadFile(s.printed)
		if line, isWhole := strings.CutSuffix(string(printed), "\n"); err == nil && isWhole {
			return line
		}
	}
	s.t.Fatal("it printed no link")
	return ""
}

// A browser keeps cookies and follows what an answer leads to.
func newBrowser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

// openLink opens a link and presses its button, and returns the status of where that leads.
func openLink(t *testing.T, browser *http.Client, link string) int {
	t.Helper()
	at, token, isLink := strings.Cut(link, "?token=")
	if !isLink {
		t.Fatalf("%q is no link", link)
	}
	answer, err := browser.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != 200 {
		return answer.StatusCode
	}
	answer, err = browser.PostForm(at, url.Values{"token": {token}})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// A server prints a link at its start, and serve link prints others beside it. A server that starts
// again knows who has signed in, until all are signed out.
func TestServeLink(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := startServer(t, folder, "--store", "shop.db")
	link := s.linkOf()
	if !strings.HasPrefix(link, s.url+"/sign-in?token=") || strings.Count(link, "\n") > 0 || strings.Contains(s.logged(), "token") {
		t.Fatal(link)
	}
	command := func(args ...string) result {
		cmd := exec.Command("process-orders", append([]string{"serve"}, args...)...)
		cmd.Dir = folder
		return finish(t, cmd)
	}
	first, second := newBrowser(t), newBrowser(t)
	if status := openLink(t, first, link); status != 200 {
		t.Error(status)
	}
	if status := openLink(t, second, link); status != 410 {
		t.Error("a link is used twice:", status)
	}
	r := command("link", "--store", "shop.db", "--url", s.url+"/")
	if r.code != exitDone || r.stderr != "" || !strings.HasPrefix(r.stdout, s.url+"/sign-in?token=") || strings.Count(r.stdout, "\n") != 1 {
		t.Fatal(r)
	}
	if status := openLink(t, second, strings.TrimSuffix(r.stdout, "\n")); status != 200 {
		t.Error(status)
	}
	s.stop(syscall.SIGTERM)
	if code := s.wait(); code != exitDone {
		t.Error(code)
	}
	again := startServer(t, folder, "--store", "shop.db", "--listen", strings.TrimPrefix(s.url, "http://"))
	status := func(browser *http.Client) int {
		answer, err := browser.Get(again.url + "/")
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	if status(first) != 200 || status(second) != 200 {
		t.Error("a server that started again does not know who has signed in")
	}
	if r := command("sign-out", "--store", "shop.db"); r.code != exitDone || r.stderr != "process-orders: signed out: 2 browsers; ended: 1 link\n" || r.stdout != "" {
		t.Error(r)
	}
	if status(first) != 401 || status(second) != 401 {
		t.Error("browsers are still signed in")
	}
}

// Where a link leads follows from the settings of the server.
func TestLinkBase(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "serve.toml"), []byte("store = \"shop.db\"\nlisten = \"127.0.0.1:9000\"\nhost = [\"orders.example.com\"]\nbehind-proxy = true\nmax-file = \"2GiB\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) result {
		cmd := exec.Command("process-orders", append([]string{"serve", "link"}, args...)...)
		cmd.Dir = folder
		return finish(t, cmd)
	}
	if r := run("--store", "shop.db", "--no-page"); r.code != exitUsage || !strings.Contains(r.stderr, "--no-page: the server has no page") {
		t.Error(r)
	}
	if r := run("--store", "shop.db"); r.code != exitFailed || !strings.Contains(r.stderr, "no such store") {
		t.Error(r)
	}
	cmd := exec.Command("process-orders", "key", "add", "--store", "shop.db", "--scopes", "read", "till")
	cmd.Dir = folder
	if r := finish(t, cmd); r.code != exitDone {
		t.Fatal(r)
	}
	for _, c := range []struct{ args, want string }{
		{"--store shop.db", "http://127.0.0.1:8080"},
		{"--config serve.toml", "https://orders.example.com"},
		{"--config serve.toml --url http://10.0.0.7:8080", "http://10.0.0.7:8080"},
		{"--store shop.db --listen :443 --host a.example --tls-cert c.pem", "https://a.example"},
		{"--store shop.db --listen :8443 --host a.example --tls-cert c.pem", "https://a.example:8443"},
		{"--store shop.db --listen 0.0.0.0:80 --behind-proxy", "http://localhost:80"},
		{"--store shop.db --listen [::1]:80", "http://[::1]:80"},
		{"--store shop.db --listen unix:/run/a.sock --behind-proxy --host a.example", "https://a.example"},
	} {
		if r := run(strings.Fields(c.args)...); r.code != exitDone || !strings.HasPrefix(r.stdout, c.want+"/sign-in?token=") {
			t.Errorf("%s: %+v", c.args, r)
		}
	}
	for _, args := range []string{"--store shop.db --listen 127.0.0.1:0", "--store shop.db --url orders.example.com", "--store shop.db --url https://a.example/b", "--store shop.db --url ftp://a.example", "--url http://a.example", "--store shop.db more", "--store shop.db --listen x"} {
		if r := run(strings.Fields(args)...); r.code != exitUsage || r.stdout != "" {
			t.Errorf("%s: %+v", args, r)
		}
	}
	for _, c := range []struct{ args, want string }{
		{"serve lnik --store shop.db", "serve has no such command; did you mean link?"},
		{"serve --store shop.db --zone Europe/Berlni", "--zone: want the name of a time zone"},
		{"serve --store shop.db --zone Local", "--zone: want the name of a time zone"},
	} {
		cmd := exec.Command("process-orders", strings.Fields(c.args)...)
		cmd.Dir = folder
		if r := finish(t, cmd); r.code != exitUsage || !strings.Contains(r.stderr, c.want) {
			t.Errorf("%s: %+v", c.args, r)
		}
	}
}

// Without the page a server prints no link.
func TestServeNoPage(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), "--store", "shop.db", "--no-page")
	if s.status(s.url+"/") != 200 || s.status(s.url+"/sign-in") != 404 {
		t.Error("there is a page")
	}
	s.stop(syscall.SIGTERM)
	s.wait()
	if printed, err := os.ReadFile(s.printed); err != nil || len(printed) > 0 {
		t.Errorf("it printed %s %v", printed, err)
	}
}
