package server_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"process-orders/internal/pgtest"
	"process-orders/internal/soak"
	"process-orders/server"
	"process-orders/store/postgres"
)

// TestPostgresStops ends PostgreSQL amid load, as a crash of its machine would, and starts it
// again. The server goes on by itself, and what it acknowledged is there, once.
func TestPostgresStops(t *testing.T) {
	t.Parallel()
	pg := pgtest.Start(t)
	random := soak.Random(t)
	s, err := postgres.Open(t.Context(), pg.URL("postgres"), postgres.Options{Retry: server.StoreRetry})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	srv, err := server.New(s, server.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Shutdown(context.Background())
	listener := httptest.NewServer(described(t, srv))
	defer listener.Close()
	c := newClient(t, s)
	acknowledged, inFlight := 0, 0
	for l := soak.NewLoop(t, "immediate stops", soak.Rounds{Short: 1, Default: 5, Soak: 20}); l.Next(); {
		ctx, stop := context.WithCancel(t.Context())
		wait := c.load(ctx, listener.URL)
		c.awaitOne(t)
		time.Sleep(time.Duration(random.Int64N(int64(100 * time.Millisecond))))
		if err := pg.Stop("immediate"); err != nil {
			t.Fatal(err)
		}
		a, f := c.counts()
		acknowledged, inFlight = acknowledged+a, inFlight+f
		if err := pg.Run(); err != nil {
			t.Fatal(err)
		}
		stop()
		wait()
		c.verify(t, listener.URL)
		c.check(t, s)
		if t.Failed() {
			t.FailNow()
		}
	}
	t.Logf("%d orders were acknowledged before the stops, and %d were on their way", acknowledged, inFlight)
	if acknowledged == 0 || inFlight == 0 {
		t.Error("PostgreSQL did not stop amid load")
	}
}
