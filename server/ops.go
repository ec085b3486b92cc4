package server

import (
	"context"
	"net/http"
	"sync"
	"time"

	"process-orders/store"
)

// Ops returns the handler for those who operate the server, with no key: /livez, which answers 200
// as long as the process does; /readyz, which answers 200 if requests can be answered, and 503 if
// the store cannot be read or written, or after [Server.Drain]; and /metrics, in the text format of
// Prometheus. It is for an address that the public cannot reach. It says nothing of people.
func (s *Server) Ops() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { sayState(w, http.StatusOK, "alive") })
	mux.HandleFunc("GET /readyz", s.serveReady)
	mux.HandleFunc("GET /metrics", s.serveMetrics)
	return mux
}

func sayState(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // whoever has gone does not read it
}

// readyTime is how long /readyz waits for the store.
const readyTime = 2 * time.Second

func (s *Server) serveReady(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	switch {
	case s.isDraining():
		sayState(w, http.StatusServiceUnavailable, "stopping")
	case s.canRead(ctx) != nil:
		sayState(w, http.StatusServiceUnavailable, "the store cannot be read")
	case s.canCommit(ctx) != nil:
		sayState(w, http.StatusServiceUnavailable, "the store cannot be written")
	default:
		sayState(w, http.StatusOK, "ready")
	}
}

func (s *Server) canRead(ctx context.Context) error {
	_, err := s.settings.get(ctx)
	return err
}

// A readiness is what is known of whether the store can commit.
type readiness struct {
	mu     sync.Mutex
	at     time.Time // of the last commit; zero if the store failed since
	failed bool      // by the last one
}

func (r *readiness) note(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at, r.failed = time.Now(), err != nil; err != nil {
		r.at = time.Time{}
	}
}

func (r *readiness) hasFailed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *readiness) isFresh() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Since(r.at) < freshFor
}

// freshFor is for how long a commit shows that the store can commit. After that /readyz commits a
// small document itself.
const freshFor = 10 * time.Second

// readyKind is the kind of that document.
const readyKind = "ready"

func (s *Server) canCommit(ctx context.Context) error {
	if s.ready.isFresh() {
		return nil
	}
	return s.commits.commit(ctx, &task{also: func(tx store.Transaction) error {
		return tx.Put(store.Document{Kind: readyKind, Value: []byte(s.now().UTC().Format(time.RFC3339))})
	}})
}

// Drain says that the server is about to stop: /readyz is 503 from now on, so that nobody sends
// more, and answers without end are ended. All else is answered as before, until
// [Server.Shutdown].
func (s *Server) Drain() {
	s.drainOnce.Do(func() {
		close(s.draining)
		s.changes.close()
		s.uploads.shutdown()
	})
}

func (s *Server) isDraining() bool {
	select {
	case <-s.draining:
		return true
	default:
		return false
	}
}
