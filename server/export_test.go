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

// CountAll counts a request of each class for each route, and a delivery of each kind and result.
func (s *Server) CountAll() {
	for _, counts := range s.allCounts() {
		for class := 2; class < len(counts.classes); class++ {
			counts.classes[class].Add(1)
		}
	}
	for kind := range hookKinds {
		for _, result := range []string{"applied", "quarantined", "other", "refused", "failed"} {
			s.metrics.hooks[hookLabels{kind, result}]++
		}
	}
}

func (s *Server) allCounts() (all []*routeCounts) {
	for _, one := range s.all {
		all = append(all, one.counts)
	}
	return append(all, &s.metrics.other)
}

// NextDaily is when a time of the day comes next.
func NextDaily(text string, now time.Time) (time.Time, error) {
	d, err := parseDaily(text)
	if d == nil {
		return time.Time{}, err
	}
	return d.next(now), nil
}

// ScrubNow scrubs the store as at the time of the day.
func (s *Server) ScrubNow(ctx context.Context) { s.tidying.scrub(ctx) }

// SetNotFresh lets the next /readyz commit something.
func (s *Server) SetNotFresh() { s.ready.note(context.Canceled) }

// SetPace sets how often the store is asked for changes, how far versions are apart, how often
// something is sent if nothing changes, and how long a listener may take to read.
func (s *Server) SetPace(poll, between, comment, write time.Duration) {
	s.changes.pace = changePace{poll, between, comment, write}
}

// Listeners returns how many listen.
func (s *Server) Listeners() int { return s.changes.count() }

// Tell sends a text to all who listen.
func (s *Server) Tell(text string) {
	s.changes.mu.Lock()
	defer s.changes.mu.Unlock()
	s.changes.pass(newFrame([]byte(text)))
}

// Store returns the store.
func (s *Server) Store() store.Service { return s.store }

// SetPieceTime sets in which time a client must take a piece of an export.
func (s *Server) SetPieceTime(d time.Duration) { s.pieceTime = d }

// Exports returns how many exports run.
func (s *Server) Exports() int { return len(s.exports) }
