package main

import (
	"bytes"
	"context"
	"log"
	"log/slog"

	"process-orders/server"
	"process-orders/store"
)

// newLog is where the server writes what happens: for people on a terminal, and for programs
// elsewhere.
func (s *serving) newLog() *slog.Logger {
	if s.isForPeople() {
		return slog.New(slog.NewTextHandler(s.stderr, nil))
	}
	return slog.New(slog.NewJSONHandler(s.stderr, nil))
}

func (s *serving) isForPeople() bool {
	_, isTerminal := terminal(s.stderr)
	return s.logForm == "text" || s.logForm == "auto" && isTerminal
}

// An httpLog takes what net/http says of connections, which may have addresses of clients and
// what they sent. It says of what kind it was, and no more.
type httpLog struct{ log *slog.Logger }

func (h httpLog) logger() *log.Logger { return log.New(h, "", 0) }

func (h httpLog) Write(p []byte) (int, error) {
	switch {
	case bytes.Contains(p, []byte("TLS handshake error")):
		h.log.Debug("a client did not get TLS")
	case bytes.Contains(p, []byte("panic serving")):
		h.log.Error("an answer ended by a mistake in the program")
	case bytes.Contains(p, []byte("Accept error")):
		h.log.Warn("connections cannot be accepted at present")
	default:
		h.log.Debug("a connection failed")
	}
	return len(p), nil
}

// welcome says where the server listens. If nobody can use it yet, it says what to do next, each
// in a line to paste.
func (s *serving) welcome(ctx context.Context, opened store.Service, l *listeners) {
	next := s.nextSteps(ctx, opened, l.localURL())
	if !s.isForPeople() {
		attributes := []any{"url", l.url(), "listen", address(l.main), "ops", l.opsURL(), "store", shownStore(s.store), "new", s.isNew}
		if len(next) > 0 {
			attributes = append(attributes, "next", next)
		}
		s.log.Info("listening", attributes...)
		return
	}
	made, proxy := "", ""
	if s.isNew {
		made = ", which is new,"
	}
	if l.isBehind {
		proxy = ", by a proxy that reaches it at " + address(l.main)
	}
	ops := "; /readyz and /metrics are at " + l.opsURL()
	if l.ops == nil {
		ops = "; there is no /readyz and no /metrics"
	}
	s.say("the store %s%s is served at %s%s%s", shownStore(s.store), made, l.url(), proxy, ops)
	if len(next) > 0 {
		s.note("Nobody has a key yet. In another terminal, make one, send an order, and let a shop send its own:")
	}
	for _, line := range next {
		s.note("%s", line)
	}
}

// nextSteps are what to do if there is no key; nothing if there is one.
func (s *serving) nextSteps(ctx context.Context, opened store.Service, url string) []string {
	if has, err := server.HasKeys(ctx, opened); err != nil || has {
		return nil
	}
	order, connection := s.firstSteps(url)
	return append(order, connection)
}

// firstSteps are lines to paste that send an order, and one that connects a shop. A password of the
// store is not shown: the first line then says where it goes.
func (s *serving) firstSteps(url string) (order []string, connection string) {
	name := typedStore(s.store)
	const body = `{"phone": "555-0101", "name": "Ann", "items": [{"name": "Tea", "price": 2.50}]}`
	if hasPassword(s.store) {
		order = append(order, "export PGPASSWORD=…")
	}
	order = append(order,
		"KEY=$(process-orders key add --store "+name+" --scopes ingest,read till)",
		"curl "+s.curlFlags()+`-H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -H "Idempotency-Key: first" -d '`+body+"' "+url+"/v1/orders",
	)
	return order, "process-orders connect --store " + name + " --secret-file woo.secret woocommerce woo"
}
