package server_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"process-orders/internal/pgtest"
	"process-orders/server"
	"process-orders/store"
	"process-orders/store/postgres"
)

// Listeners hear at once of what another process commits into a database, and again after the
// server has lost its connections.
func TestEventsOfOthers(t *testing.T) {
	t.Parallel()
	pg := pgtest.Start(t)
	open := func() *postgres.Store {
		s, err := postgres.Open(t.Context(), pg.URL("postgres"), postgres.Options{Retry: server.StoreRetry})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	s, other := open(), open()
	srv, err := server.New(s, server.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Shutdown(context.Background())
	srv.SetPace(time.Hour, 10*time.Millisecond, time.Hour, 20*time.Second) // it asks for nothing by itself
	srv.HearAgain(10 * time.Millisecond)
	url, key := serve(t, srv), newKey(t, s, server.ScopeRead)
	l := listenTo(t, url, key)
	l.snapshot(t)
	n := int64(0)
	erase := func() {
		t.Helper()
		n++
		if _, err := other.Erase(t.Context(), store.Erasure{IDs: []string{string(rune('a' + n))}}); err != nil {
			t.Fatal(err)
		}
		l.version(t)
	}
	erase()
	erase()
	if err := pg.Stop("immediate"); err != nil {
		t.Fatal(err)
	}
	if err := pg.Run(); err != nil {
		t.Fatal(err)
	}
	for len(l.events) > 0 {
		<-l.events
	}
	erase()
}
