package server

import (
	"context"
	"net/http"
	"time"

	"process-orders/store"
)

// IsSigned reports whether the signature of a delivery is good.
func IsSigned(c *Connection, secrets []string, header http.Header, body []byte, now time.Time) bool {
	return hookKinds[c.Kind].isSigned(&signed{c, secrets, header, body, now})
}

// HasPhone reports whether a body has a phone.
func HasPhone(body, phone string) bool { return hasPhone([]byte(body), phone) }

// ExpireQuarantined removes what has expired.
func (s *Server) ExpireQuarantined(ctx context.Context) error { return s.expireQuarantined(ctx) }

// SetPace sets how often the store is asked for changes, how far versions are apart, how often
// something is sent if nothing changes, and how long a listener may take to read.
func (s *Server) SetPace(poll, between, comment, write time.Duration) {
	s.changes.pace = changePace{poll, between, comment, write}
}

// Listeners returns how many listen.
func (s *Server) Listeners() int {
	s.changes.mu.Lock()
	defer s.changes.mu.Unlock()
	return s.changes.listeners
}

// Tell sends a text to all who listen.
func (s *Server) Tell(text string) {
	s.changes.mu.Lock()
	defer s.changes.mu.Unlock()
	s.changes.pass(newFrame([]byte(text)))
}

// Store returns the store.
func (s *Server) Store() store.Service { return s.store }
