package server_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"process-orders/server"
	"process-orders/store"
	"process-orders/store/memory"
)

// A tardy store takes until the context ends.
type tardy struct {
	store.Service
	asked chan struct{}
}

func (s *tardy) Items(ctx context.Context, _ store.Search, _ string, _ int) ([]store.Item, string, error) {
	s.asked <- struct{}{}
	<-ctx.Done()
	return nil, "", ctx.Err()
}

// A safeBuffer is written by one goroutine and read by another.
type safeBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

// A client that goes away is nothing that anybody must look at.
func TestClientLeaves(t *testing.T) {
	t.Parallel()
	s, log := &tardy{memory.New(), make(chan struct{})}, new(safeBuffer)
	srv, err := server.New(s, server.Options{Log: slog.New(slog.NewJSONHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Shutdown(context.Background())
	url, key := serve(t, srv), newKey(t, s, server.ScopeRead, server.ScopeIngest)
	ctx, cancel := context.WithCancel(t.Context())
	ask := func(method, path string, body io.Reader) {
		r, err := http.NewRequestWithContext(ctx, method, url+path, body)
		if err != nil {
			t.Error(err)
			return
		}
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Idempotency-Key", "one")
		if a, err := http.DefaultClient.Do(r); err == nil {
			a.Body.Close()
			t.Error(a.Status)
		}
	}
	var all sync.WaitGroup
	parts := []*sentPart{newSentPart(), newSentPart()}
	all.Go(func() { ask("GET", "/v1/items", nil) })
	all.Go(func() { ask("POST", "/v1/orders", parts[0]) })
	all.Go(func() { ask("POST", "/v1/files?name=orders", parts[1]) })
	<-s.asked
	for _, p := range parts {
		<-p.began
	}
	time.Sleep(50 * time.Millisecond) // the server has got the start of the bodies
	cancel()
	for _, p := range parts {
		close(p.end)
	}
	all.Wait()
	for start := time.Now(); strings.Count(log.String(), `"msg":"request"`) < 3; time.Sleep(time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatal(log.String())
		}
	}
	text := log.String()
	if strings.Contains(text, `"WARN"`) || strings.Contains(text, `"ERROR"`) || strings.Count(text, `"status":499`) != 3 || strings.Count(text, `"took_ms":`) < 3 {
		t.Error(text)
	}
}

// A sentPart is a body of which only a part comes.
type sentPart struct{ began, end chan struct{} }

func newSentPart() *sentPart { return &sentPart{make(chan struct{}), make(chan struct{})} }

func (s *sentPart) Read(p []byte) (int, error) {
	select {
	case <-s.began:
		<-s.end
		return 0, context.Canceled
	default:
		close(s.began)
		return copy(p, `[{"phone": "555-0101"`), nil
	}
}
