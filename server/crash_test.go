package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"process-orders/internal/soak"
	"process-orders/server"
	"process-orders/store"
	"process-orders/store/sqlite"
)

// servedStore names the store that this binary serves instead of running tests. Tests start such
// processes to kill them.
const servedStore = "SERVER_TEST_STORE"

func TestMain(m *testing.M) {
	name := os.Getenv(servedStore)
	if name == "" {
		os.Exit(m.Run())
	}
	fmt.Println("failed:", serveStore(name))
	os.Exit(1)
}

// serveStore serves a store, and says where. It ends with the test that has started it.
func serveStore(name string) error {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	s, err := sqlite.Open(context.Background(), name, sqlite.Options{})
	if err != nil {
		return err
	}
	srv, err := server.New(s, server.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return http.Serve(listener, srv)
}

// A serving is a process that serves a store.
type serving struct {
	cmd  *exec.Cmd
	hold io.Closer // it ends when this is closed
	url  string
}

func startServing(t *testing.T, name string) *serving {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &serving{cmd: exec.Command(self)}
	p.cmd.Env = append(os.Environ(), servedStore+"="+name)
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if p.hold, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.HasPrefix(line, "failed") {
		t.Fatal("the server does not start:", line, err)
	}
	p.url = "http://" + strings.TrimSpace(line)
	return p
}

func (p *serving) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	_ = p.hold.Close()
}

// A client brings orders in all ways, each an order of its own, and remembers what it was
// answered.
type client struct {
	key     string
	number  atomic.Int64
	mu      sync.Mutex
	pending []*promise       // that are to be verified
	want    map[string]int64 // orders of phones that were acknowledged
	sent    map[string]int64 // orders of phones
}

// A promise is a request, and what it was answered.
type promise struct {
	request
	phone  string
	answer string // "" if there was none
	isKept bool   // the same, for others than the hand that sends it
}

// newClient makes a client of a store, which gets a key and a connection for it.
func newClient(t *testing.T, s store.Service) *client {
	t.Helper()
	connect(t, s, server.Connection{Name: "shop", Kind: "shopify", Shop: "one"}, "sesame")
	return &client{key: newKey(t, s, server.ScopeIngest), want: map[string]int64{}, sent: map[string]int64{}}
}

// newPromise makes a request that brings one order.
func (c *client) newPromise() *promise {
	n := c.number.Add(1)
	p := &promise{request: request{from: "shopify"}, phone: fmt.Sprintf("555-010%d", n%3)}
	p.body = fmt.Sprintf(`{"id":%d,"phone":%q,"customer":{"first_name":"Ann"},"created_at":"2026-05-04T09:00:00Z","updated_at":"2026-05-04T10:00:00Z",`+
		`"currency":"USD","line_items":[{"name":"Tea","price":"2.50","quantity":1}]}`, n, p.phone)
	switch n % 4 {
	case 0:
		p.topic = "orders/create"
	case 1:
		p.name = fmt.Sprint("order ", n)
	case 2: // has no id for the store to know it by
		p.name = fmt.Sprint("order ", n)
		p.body = fmt.Sprintf(`{"phone":%q,"customer":{"first_name":"Ann"},"created_at":"2026-05-04T09:00:00Z","currency":"USD","line_items":[{"name":"Tea","price":"2.50","quantity":1}]}`, p.phone)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending = append(c.pending, p)
	c.sent[p.phone]++
	return p
}

// try sends the request of a promise, and takes the answer down if it is one of success.
func (c *client) try(ctx context.Context, url string, p *promise) error {
	answer, status, isReplay, err := c.exchange(ctx, url, p)
	switch {
	case err != nil:
		return err
	case status >= 300:
		return fmt.Errorf("%d %s", status, answer)
	case p.answer == "":
		p.answer = answer
		c.mu.Lock()
		p.isKept = true
		c.want[p.phone]++
		c.mu.Unlock()
	case p.name != "" && (answer != p.answer || !isReplay):
		return &brokenPromise{fmt.Sprintf("the receipt of %q is %s (a replay: %v), and was %s", p.name, answer, isReplay, p.answer)}
	case p.name == "" && !strings.Contains(answer, `"repeated":1`):
		return &brokenPromise{fmt.Sprintf("%s was acknowledged with %s, and is not known: %s", p.body, p.answer, answer)}
	}
	return nil
}

// A brokenPromise is an answer that does not keep what an earlier one said.
type brokenPromise struct{ what string }

func (b *brokenPromise) Error() string { return b.what }

func (c *client) exchange(ctx context.Context, url string, p *promise) (answer string, status int, isReplay bool, err error) {
	q, err := p.newRequest(ctx, url, c.key)
	if err != nil {
		return "", 0, false, err
	}
	got, err := http.DefaultClient.Do(q)
	if err != nil {
		return "", 0, false, err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	return string(text), got.StatusCode, got.Header.Get("Idempotent-Replayed") == "true", err
}

// load brings orders by several hands until stop is closed.
func (c *client) load(ctx context.Context, url string) (wait func()) {
	var hands sync.WaitGroup
	for range 6 {
		hands.Go(func() {
			for ctx.Err() == nil && c.try(ctx, url, c.newPromise()) == nil { // what fails is sent again later
			}
		})
	}
	return hands.Wait
}

// awaitOne waits until one order is acknowledged that is not verified.
func (c *client) awaitOne(t *testing.T) {
	t.Helper()
	for range 10_000 {
		if acknowledged, _ := c.counts(); acknowledged > 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Error("nothing is acknowledged")
}

// counts are how many orders that are not verified were acknowledged, and how many were not.
func (c *client) counts() (acknowledged, inFlight int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.pending {
		if p.isKept {
			acknowledged++
		} else {
			inFlight++
		}
	}
	return acknowledged, inFlight
}

// verify sends all again that is not verified: what was not acknowledged, until it is, and what
// was, which must be known and give the same receipt.
func (c *client) verify(t *testing.T, url string) {
	t.Helper()
	var hands sync.WaitGroup
	slots := make(chan struct{}, 8)
	for _, p := range c.pending {
		hands.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			for range 2 { // the second time it has an answer in any case
				if err := c.insist(t.Context(), url, p); err != nil {
					t.Error(err)
				}
			}
		})
	}
	hands.Wait()
	c.pending = nil
}

// insist tries until it is done, or a promise is broken.
func (c *client) insist(ctx context.Context, url string, p *promise) error {
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		err := c.try(ctx, url, p)
		if _, isBroken := err.(*brokenPromise); err == nil || isBroken || time.Since(start) > 30*time.Second {
			return err
		}
	}
}

// check looks at a store which nobody serves: it is well, and has what was acknowledged, and
// nothing that was not sent, each order once.
func (c *client) check(t *testing.T, s store.Service) {
	t.Helper()
	health, err := s.(store.Examiner).Examine(t.Context())
	if err != nil || len(health.Faults) > 0 {
		t.Error("the store is not well:", err, health.Faults)
	}
	for phone, sent := range c.sent {
		got, _, err := s.Customer(t.Context(), phone)
		if err != nil || got.Orders < c.want[phone] || got.Orders > sent {
			t.Errorf("%s: %d orders are there, %d were acknowledged and %d sent: %v", phone, got.Orders, c.want[phone], sent, err)
		}
	}
}

// A crashing is a store in a file whose processes end without warning.
type crashing struct {
	newName func() string
	// cut, if not nil, cuts the power of a stopped process before it is killed, and settle is
	// called when it is dead.
	cut    func(*os.Process) error
	settle func()
}

// run serves stores, and ends the processes at random moments, each round.
func (c *crashing) run(t *testing.T, l *soak.Loop, random *rand.Rand) {
	const roundsOfStore = 20
	var name string
	var one *client
	var acknowledged, inFlight int
	for l.Next() {
		if l.Round%roundsOfStore == 0 {
			name = c.newName()
			one = withStore(t, name, func(s store.Service) *client { return newClient(t, s) })
		}
		p := startServing(t, name)
		one.verify(t, p.url)
		ctx, stop := context.WithCancel(t.Context())
		wait := one.load(ctx, p.url)
		if l.Round%2 == 0 {
			one.awaitOne(t)
		}
		time.Sleep(time.Duration(random.Int64N(int64(time.Millisecond) << (1 + random.IntN(8)))))
		if c.cut != nil {
			if err := c.cut(p.cmd.Process); err != nil {
				t.Error(err)
			}
		}
		p.kill()
		stop()
		wait()
		if c.settle != nil {
			c.settle()
		}
		a, f := one.counts()
		acknowledged, inFlight = acknowledged+a, inFlight+f
		withStore(t, name, func(s store.Service) any { one.check(t, s); return nil })
		if t.Failed() {
			t.FailNow()
		}
	}
	p := startServing(t, name)
	one.verify(t, p.url)
	p.kill()
	withStore(t, name, func(s store.Service) any { one.check(t, s); return nil })
	t.Logf("%d orders were acknowledged before a process ended, and %d were on their way", acknowledged, inFlight)
	if acknowledged == 0 || inFlight == 0 {
		t.Error("no process ended amid load")
	}
}

// withStore opens a store for a moment.
func withStore[T any](t *testing.T, name string, do func(store.Service) T) T {
	t.Helper()
	s, err := sqlite.Open(t.Context(), name, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return do(s)
}

// TestKill kills servers amid load. What they acknowledged is there, once; nothing is there twice
// when all else was sent again; receipts are the same bytes; and the store is well.
func TestKill(t *testing.T) {
	t.Parallel()
	folder, random, stores := t.TempDir(), soak.Random(t), 0
	c := &crashing{newName: func() string {
		stores++
		return filepath.Join(folder, fmt.Sprint(stores, ".db"))
	}}
	c.run(t, soak.NewLoop(t, "kills", soak.Rounds{Short: 5, Default: 200, Soak: 1000}), random)
}
