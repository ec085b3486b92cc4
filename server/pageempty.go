package server

import "process-orders/internal/page"

// emptyPart says what to do if the store has nothing yet. The first order takes it away.
func (s *Server) emptyPart(f *pageFigures, _ *page.Reader) any {
	if !f.isEmpty {
		return (*page.Empty)(nil)
	}
	return &page.Empty{Send: s.options.FirstOrder, Connect: s.options.FirstConnection, Most: shownBytes(s.limits.FileBytes)}
}
