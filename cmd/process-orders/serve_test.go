//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"process-orders/internal/pgtest"
	"process-orders/server"
	"process-orders/store/sqlite"
)

// A served is a server in a process of its own.
type served struct {
	t        *testing.T
	cmd      *exec.Cmd
	url, ops string
	next     []string
	printed  string        // the file with its standard output
	over     chan struct{} // is closed when all of the log was read

	mu  sync.Mutex
	log bytes.Buffer
}

// startServer starts a server in a folder, and waits until it says where it listens.
func startServer(t *testing.T, folder string, args ...string) *served {
	t.Helper()
	s := &served{t: t, over: make(chan struct{})}
	s.cmd = exec.Command("process-orders", append([]string{"serve", "--listen", "127.0.0.1:0", "--ops", "127.0.0.1:0"}, args...)...)
	s.cmd.Dir = folder
	out, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.printed = filepath.Join(t.TempDir(), "printed")
	printed, err := os.Create(s.printed)
	if err != nil {
		t.Fatal(err)
	}
	defer printed.Close()
	s.cmd.Stdout = printed
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // it has ended, if all went well
		<-s.over
		_ = s.cmd.Wait()
		if t.Failed() {
			t.Log(s.logged())
		}
	})
	listening := make(chan struct{})
	go s.read(out, listening)
	select {
	case <-listening:
	case <-s.over:
		t.Fatalf("it does not listen:\n%s", s.logged())
	}
	return s
}

// read reads the log. Each line is a record in JSON.
func (s *served) read(out io.Reader, listening chan struct{}) {
	defer close(s.over)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		s.mu.Lock()
		s.log.Write(append(lines.Bytes(), '\n'))
		s.mu.Unlock()
		var record struct {
			Message  string `json:"msg"`
			URL, Ops string
			Next     []string
		}
		if json.Unmarshal(lines.Bytes(), &record) == nil && record.Message == "listening" {
			s.url, s.ops, s.next = record.URL, record.Ops, record.Next
			close(listening)
		}
	}
}

func (s *served) logged() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// wait waits for the end, and returns the exit code.
func (s *served) wait() int {
	<-s.over
	_ = s.cmd.Wait() // the code says it
	return s.cmd.ProcessState.ExitCode()
}

func (s *served) stop(signal os.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}

// status returns the status of a GET, or 0 if nobody listens.
func (s *served) status(url string) int {
	r, err := http.Get(url)
	if err != nil {
		return 0
	}
	defer r.Body.Close()
	return r.StatusCode
}

// post posts a body, and returns the status and the answer.
func (s *served) post(key, body, name string) (int, string, error) {
	r, err := http.NewRequest("POST", s.url+"/v1/orders", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Idempotency-Key", name)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}

// keyOf makes a key beside a running server.
func keyOf(t *testing.T, url string) string {
	t.Helper()
	c := newCommand()
	s, err := c.openStore(t.Context(), url, storeUse{existing: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	key, err := server.AddKey(t.Context(), s, server.Key{Name: "till", Scopes: []server.Scope{server.ScopeIngest, server.ScopeRead}})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func orderOf(id int) string {
	return fmt.Sprintf(`{"phone": "555-%04d", "name": "Ann", "items": [{"name": "Tea", "price": 2.50}]}`, id)
}

// customersIn counts the customers of a store in a file.
func customersIn(t *testing.T, path string) int64 {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	totals, err := s.Totals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return totals.Customers
}

// A fresh machine has a store after serve, and the lines that it prints work when they are pasted.
func TestServeFirstRun(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		testFirstRun(t, "shop.db", 3)
	})
	t.Run("behind a proxy", func(t *testing.T) { // that is not there yet
		t.Parallel()
		testFirstRun(t, "shop.db", 3, "--host", "orders.example.com", "--behind-proxy")
	})
	t.Run("socket", func(t *testing.T) {
		t.Parallel()
		folder, err := os.MkdirTemp("", "my orders") // a socket has a short path
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(folder) })
		testFirstRun(t, "shop.db", 3, "--listen", "unix:"+folder+"/sock")
	})
	t.Run("PostgreSQL", func(t *testing.T) { // whose user and settings the lines have, and no password
		t.Parallel()
		testFirstRun(t, pgtest.Shared(t).URL("postgres")+"&schema=first+run", 4)
	})
}

func testFirstRun(t *testing.T, store string, lines int, args ...string) {
	folder := t.TempDir()
	s := startServer(t, folder, append([]string{"--store", store}, args...)...)
	if len(args) == 0 && s.status(s.url+"/docs") != 200 || s.status(s.ops+"/readyz") != 200 || s.status(s.ops+"/livez") != 200 {
		t.Error("it does not answer")
	}
	if len(s.next) != lines {
		t.Fatalf("%d lines to paste, want %d: %q", len(s.next), lines, s.next)
	}
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("NOT CHECKED: there is no curl to paste the lines with")
	}
	script := exec.Command("sh", "-e", "-c", strings.ReplaceAll(strings.Join(s.next, "\n"), "PGPASSWORD=…", "PGPASSWORD='"+pgtest.Password+"'"))
	script.Dir = folder
	var trouble strings.Builder
	script.Stderr = &trouble
	printed, err := script.Output()
	if err != nil || !strings.Contains(string(printed), `"orders":1`) || !strings.HasSuffix(string(printed), "/v1/hooks/woo\n") {
		t.Errorf("%v\n%s%s", err, printed, trouble.String())
	}
	s.stop(syscall.SIGTERM)
	if code := s.wait(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	again := startServer(t, folder, "--store", store)
	if len(again.next) != 0 {
		t.Errorf("a server that is in use says what to do first: %q", again.next)
	}
}

// A server that is stopped finishes what it has accepted, takes no more, and is not ready.
func TestServeDrains(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := startServer(t, folder, "--store", "shop.db")
	key := keyOf(t, filepath.Join(folder, "shop.db"))
	address := strings.TrimPrefix(s.url, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := orderOf(1)
	fmt.Fprintf(conn, "POST /v1/orders HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nIdempotency-Key: one\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", address, key, len(body))
	answers := bufio.NewReader(conn)
	if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatal(line, err) // by now the request is in flight
	}
	_, _ = answers.ReadString('\n')
	fmt.Fprint(conn, body[:10])
	s.stop(syscall.SIGTERM)
	for s.status(s.ops+"/readyz") != 503 {
		time.Sleep(time.Millisecond)
	}
	for {
		other, err := net.Dial("tcp", address)
		if err != nil {
			break // nobody accepts any more
		}
		other.Close()
		time.Sleep(time.Millisecond)
	}
	fmt.Fprint(conn, body[10:])
	answer, err := http.ReadResponse(answers, nil)
	if err != nil || answer.StatusCode != http.StatusCreated {
		t.Fatal(answer, err)
	}
	if code := s.wait(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	if n := customersIn(t, filepath.Join(folder, "shop.db")); n != 1 {
		t.Errorf("%d customers, want 1", n)
	}
}

// A second signal ends a server at once, whatever is in flight.
func TestServeSecondSignal(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := startServer(t, folder, "--store", "shop.db")
	key := keyOf(t, filepath.Join(folder, "shop.db"))
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nIdempotency-Key: one\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n", key)
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatal(line, err)
	}
	s.stop(syscall.SIGTERM)
	for s.status(s.ops+"/readyz") != 503 {
		time.Sleep(time.Millisecond)
	}
	begin := time.Now()
	s.stop(os.Interrupt)
	if code := s.wait(); code != exitInterrupted || !strings.Contains(s.logged(), "stopped at once") {
		t.Errorf("exit code %d", code)
	}
	if took := time.Since(begin); took > drainTime/2 {
		t.Errorf("it took %v", took)
	}
}

// Two servers may serve one store. What one takes, the other knows.
func TestServeTogether(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url := filepath.Join(t.TempDir(), "shop.db")
			if kind == "postgres" {
				if !pgtest.Installed() {
					t.Skip("NOT CHECKED: there is no PostgreSQL")
				}
				url = pgtest.Shared(t).URL("postgres") + "&schema=serve_together"
			}
			both := [2]*served{startServer(t, t.TempDir(), "--store", url), startServer(t, t.TempDir(), "--store", url)}
			key := keyOf(t, url)
			const each = 20
			var all sync.WaitGroup
			for i := range each {
				all.Go(func() { // each request goes to both, and counts once
					for _, s := range both {
						if status, text, err := s.post(key, orderOf(i), fmt.Sprint(i)); status != 201 || err != nil {
							t.Errorf("%d %s %v", status, text, err)
						}
					}
				})
			}
			all.Wait()
			for _, s := range both {
				s.stop(syscall.SIGTERM)
				if code := s.wait(); code != exitDone {
					t.Errorf("exit code %d", code)
				}
			}
			opened, err := newCommand().openStore(t.Context(), url, storeUse{readOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			defer opened.Close()
			if tea, _, err := opened.Item(t.Context(), "Tea"); err != nil || tea.Orders != each {
				t.Errorf("%d orders (%v), want %d", tea.Orders, err, each)
			}
		})
	}
}

// A backup that is made while a server writes has all that was answered before.
func TestServeBackup(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := startServer(t, folder, "--store", "shop.db")
	key := keyOf(t, filepath.Join(folder, "shop.db"))
	ctx, cancel := context.WithCancel(t.Context())
	answered := make(chan int, 1)
	go func() {
		n := 0
		for ; ctx.Err() == nil; n++ {
			if status, text, err := s.post(key, orderOf(n), fmt.Sprint(n)); status != 201 || err != nil {
				t.Errorf("%d %s %v", status, text, err)
				break
			}
			if n == 9 {
				answered <- n + 1
			}
		}
		answered <- n
	}()
	before := int64(<-answered)
	backup := filepath.Join(folder, "backup.db")
	if r := finish(t, exec.Command("process-orders", "backup", "--store", filepath.Join(folder, "shop.db"), backup)); r.code != exitDone {
		t.Error(r)
	}
	cancel()
	after := int64(<-answered)
	if n := customersIn(t, backup); n < before || n > after {
		t.Errorf("the backup has %d customers, want %d to %d", n, before, after)
	}
	s.stop(syscall.SIGTERM)
	if code := s.wait(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	if n := customersIn(t, filepath.Join(folder, "shop.db")); n != after {
		t.Errorf("the store has %d customers, want %d", n, after)
	}
}

// A server on a socket in the file system takes the place of one that was killed, and never that
// of one that runs.
func TestServeSocket(t *testing.T) {
	t.Parallel()
	folder, err := os.MkdirTemp("", "po") // whose name is short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	args := []string{"--store", "shop.db", "--listen", "unix:s.sock", "--ops", "off"}
	first := startServer(t, folder, args...)
	r := finish(t, func() *exec.Cmd {
		cmd := exec.Command("process-orders", append([]string{"serve"}, args...)...)
		cmd.Dir = folder
		return cmd
	}())
	if r.code != exitFailed || !strings.Contains(r.stderr, "address already in use") {
		t.Error(r)
	}
	first.cmd.Process.Kill()
	first.wait()
	startServer(t, folder, args...)
	client := http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return net.Dial("unix", filepath.Join(folder, "s.sock"))
	}}}
	answer, err := client.Get("http://localhost/docs")
	if err != nil || answer.StatusCode != 200 {
		t.Fatal(answer, err)
	}
	answer.Body.Close()
}

// Connections that are too many are closed, and those that are open and the operations address work on.
func TestServeManyConnections(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := startServer(t, folder, "--store", "shop.db", "--max-connections", "3")
	var open []net.Conn
	defer func() {
		for _, one := range open {
			one.Close()
		}
	}()
	for range 3 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, conn)
		fmt.Fprint(conn, "GET /docs HTTP/1.1\r\nHost: localhost\r\n\r\n")
		if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, " 200 ") {
			t.Fatal(line, err)
		}
	}
	if status := s.status(s.url + "/"); status != 0 {
		t.Errorf("one more connection got %d", status)
	}
	if s.status(s.ops+"/livez") != 200 {
		t.Error("it is not alive")
	}
}
