package server

import (
	"context"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/orders"
)

// readOrders reads the orders of a body. Of those that were set aside it keeps some.
func (s *Server) readOrders(ctx context.Context, b *body, r *reading) (group *apply.Group, kept *keptRejects, err error) {
	size := max(uint64(len(b.text)), unpackedBytes(b.text))
	err = s.readers.read(ctx, size, func() (err error) {
		group, kept, err = s.readGroup(ctx, b, r)
		return err
	})
	return group, kept, err
}

func (s *Server) readGroup(ctx context.Context, b *body, r *reading) (*apply.Group, *keptRejects, error) {
	m, err := s.mappingOf(r)
	if err != nil {
		return nil, nil, err
	}
	o := s.optionsOf(r, m)
	o.Now = s.now()
	kept := new(keptRejects)
	if r.aside {
		o.RejectLines, o.Reject = true, kept.add
	}
	if err := m.Fits(b.text); err != nil {
		return nil, nil, ordersProblem(err, m.Mapping, b.text)
	}
	group, err := apply.ReadGroup(ctx, []input.Source{b.source(r.charset)}, apply.Feed{Name: feedName("serve", m.System, r.shop), Shop: r.shop, Received: o.Now}, o)
	if err == nil && group.Totals.AllRejected() && len(group.Totals.Skipped) == 0 {
		err = kept.all()
	}
	switch {
	case isOfDisk(err):
		return nil, nil, s.diskProblem(err)
	case err != nil:
		return nil, nil, ordersProblem(err, m.Mapping, b.text)
	}
	return group, kept, nil
}

// optionsOf are how orders are applied that are read by a mapping.
func (s *Server) optionsOf(r *reading, m *readyMapping) apply.Options {
	o := s.options.Apply
	o.Mapping, o.System, o.IDs, o.Included = m.prepared, m.System, m.ids, r.include
	o.ByReceipt = goesByReceipt(r.from, &m.Mapping.Mapping)
	return o
}

// goesByReceipt reports whether orders that a mapping reads have the time at which they came: if it
// is the default shape, or says nothing of what is later. An empty store goes by times then, as it
// must for orders that have times of their own, whatever came first.
func goesByReceipt(from string, m *orders.Mapping) bool {
	return from == "" || m.Later == orders.LaterDefault && len(m.Time) == 0
}

// feedName is what the store calls orders that come in one way, are of one system and one shop: a
// store keeps one shop of a feed.
func feedName(way, system, shop string) string {
	if system != "" {
		way += " " + system
	}
	if shop != "" {
		way += ": " + shop
	}
	return way
}
