package server

import (
	"context"
	"net/http"
	"time"
)

// IsSigned reports whether the signature of a delivery is good.
func IsSigned(c *Connection, secrets []string, header http.Header, body []byte, now time.Time) bool {
	return hookKinds[c.Kind].isSigned(&signed{c, secrets, header, body, now})
}

// HasPhone reports whether a body has a phone.
func HasPhone(body, phone string) bool { return hasPhone([]byte(body), phone) }

// ExpireQuarantined removes what has expired.
func (s *Server) ExpireQuarantined(ctx context.Context) error { return s.expireQuarantined(ctx) }
