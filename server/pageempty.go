package server

import "process-orders/internal/page"

// emptyPart says what to do if the store has nothing yet. The first order takes it away.
func (c *call) emptyPart(*page.Reader) (any, error) {
	t, err := c.server.store.Totals(c.r.Context())
	switch o := &c.server.options; {
	case err != nil:
		return nil, c.server.storeProblem(err)
	case t.Customers+t.Items+t.Orders > 0:
		return (*page.Empty)(nil), nil
	default:
		return &page.Empty{Send: o.FirstOrder, Connect: o.FirstConnection, Most: shownBytes(c.server.limits.FileBytes)}, nil
	}
}
