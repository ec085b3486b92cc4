package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"process-orders/server"
	"process-orders/store"
	"process-orders/store/postgres"
	"process-orders/store/sqlite"
)

// A service is a server in a process of its own.
type service struct {
	url     string
	process *exec.Cmd
	ready   time.Duration // from its start until it was ready
}

// freeAddress is an address on this machine at which nobody listens.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// startService starts a command, in whose arguments LISTEN and OPS are addresses at which it
// listens, and waits until it is ready: until the path at one of them is found.
func startService(ctx context.Context, ready string, args ...string) (*service, error) {
	listen, err := freeAddress()
	if err != nil {
		return nil, err
	}
	ops, err := freeAddress()
	if err != nil {
		return nil, err
	}
	with := strings.NewReplacer("LISTEN", listen, "OPS", ops)
	for i := range args {
		args[i] = with.Replace(args[i])
	}
	s := &service{url: "http://" + listen, process: exec.CommandContext(ctx, args[0], args[1:]...)}
	var said strings.Builder
	s.process.Stderr = &said
	start := time.Now()
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	for ready = "http://" + with.Replace(ready); ; time.Sleep(time.Millisecond) {
		answer, err := http.Get(ready)
		if err == nil {
			_ = answer.Body.Close()
			if s.ready = time.Since(start); answer.StatusCode == http.StatusOK {
				return s, nil
			}
		}
		if time.Since(start) > 30*time.Second || ctx.Err() != nil {
			s.stop()
			return nil, fmt.Errorf("%s does not get ready%s", filepath.Base(args[0]), reason(said.String()))
		}
	}
}

// startOurs starts our server with a store.
func (h *harness) startOurs(storeURL string) (*service, error) {
	binary := h.tools[ours].command(job{}).Args[0]
	return startService(h.ctx, "OPS/readyz", binary, "serve", "--store", storeURL, "--listen", "LISTEN", "--ops", "OPS")
}

// stop ends the process.
func (s *service) stop() {
	_ = s.process.Process.Signal(os.Interrupt)
	late := time.AfterFunc(20*time.Second, func() { _ = s.process.Process.Kill() })
	defer late.Stop()
	_ = s.process.Wait()
}

// peak is the most memory that the process has held so far.
func (s *service) peak() (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, errors.New("the system does not say how much memory a process has")
}

// openService opens a store as the commands name it.
func openService(ctx context.Context, url string) (store.Service, error) {
	if strings.HasPrefix(url, "postgres") {
		return postgres.Open(ctx, url, postgres.Options{})
	}
	return sqlite.Open(ctx, url, sqlite.Options{})
}

// addKey makes a key for a store, which is created if there is none.
func addKey(ctx context.Context, url string) (key string, err error) {
	s, err := openService(ctx, url)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return server.AddKey(ctx, s, server.Key{Name: "bench", Scopes: []server.Scope{server.ScopeIngest, server.ScopeRead}})
}

// connectShopify connects a shop to a store, which is created if there is none. It returns where its
// webhooks are sent, and how they are signed.
func connectShopify(ctx context.Context, url string) (path string, sign func(body []byte) string, err error) {
	const variable, secret = "BENCH_SHOPIFY_SECRET", "for-the-bench-alone"
	if err := os.Setenv(variable, secret); err != nil { // the server gets it too
		return "", nil, err
	}
	s, err := openService(ctx, url)
	if err != nil {
		return "", nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	sign = func(body []byte) string {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		return "X-Shopify-Topic: orders/create\r\nX-Shopify-Hmac-Sha256: " + base64.StdEncoding.EncodeToString(mac.Sum(nil)) + "\r\n"
	}
	return server.HookPath("bench"), sign, server.Connect(ctx, s, server.Connection{Name: "bench", Kind: "shopify", SecretEnv: variable})
}
