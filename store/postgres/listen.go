package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Listen calls changed once when it listens, and then after each commit of any process that uses the
// store, until the context ends or an error comes. Several commits may be one call. It has a
// connection of its own meanwhile. The channel has the name of the schema. A database that cannot listen, as a standby, is an error.
func (s *Store) Listen(ctx context.Context, changed func()) error {
	conn, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
	if err != nil {
		return s.explain(err)
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.Background(), connectTime)
		defer cancel()
		_ = conn.Close(closing)
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+s.schema); err != nil {
		return s.explain(fmt.Errorf("listening: %w", err))
	}
	for {
		changed()
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return s.explain(err)
		}
	}
}
