package server_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"process-orders/internal/pgtest"
	"process-orders/server"
	"process-orders/store/postgres"
)

// While PostgreSQL is down, nobody waits long for a refusal, and the server goes on by itself
// when PostgreSQL runs again.
func TestPostgresIsDown(t *testing.T) {
	t.Parallel()
	pg := pgtest.Start(t)
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
	url, key := serve(t, srv), newKey(t, s, server.ScopeIngest, server.ScopeRead)
	post := func(name string) answered {
		return ask(t, "POST", url+"/v1/orders", key, tea, "Idempotency-Key", name)
	}
	if a := post("before"); a.status != 201 {
		t.Fatal(a)
	}
	if err := pg.Stop("immediate"); err != nil {
		t.Fatal(err)
	}
	// The first two find out at once that it is down, in the middle of what they do.
	answers := make(chan time.Duration, 40)
	for i := range cap(answers) {
		go func() {
			start, a := time.Now(), answered{}
			if i%2 == 0 {
				a = post("during")
			} else {
				a = fetch(t, url+"/v1/items", key)
			}
			if a.status != 503 || a.header.Get("Retry-After") == "" {
				t.Errorf("got %d %s", a.status, a.body)
			}
			answers <- time.Since(start)
		}()
		time.Sleep(25 * time.Millisecond)
	}
	for range cap(answers) {
		if took := <-answers; took > 3*time.Second {
			t.Errorf("a refusal took %v", took)
		}
	}
	if err := pg.Run(); err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); post("during").status != 201; time.Sleep(50 * time.Millisecond) {
		if time.Since(start) > 5*time.Second {
			t.Fatal("the server does not go on")
		}
	}
}
