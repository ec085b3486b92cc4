package memory

import (
	"context"

	"process-orders/store"
)

var _ store.Examiner = (*Store)(nil)

// Examine says what the store has. Memory is not checked.
func (m *Store) Examine(ctx context.Context) (store.Health, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return store.Health{}, err
	}
	h := store.Health{Kind: "memory", Sources: int64(len(m.sources))}
	for i := range m.sources {
		if !m.sources[i].Done {
			h.Unfinished++
		}
	}
	for _, t := range []struct {
		name string
		rows int
	}{{"sources", len(m.sources)}, {"batches", len(m.batches)}, {"feeds", len(m.feeds)}, {"orders", len(m.orders)}, {"documents", len(m.documents)}} {
		h.Tables = append(h.Tables, store.TableHealth{Name: t.name, Rows: int64(t.rows)})
	}
	return h, nil
}
