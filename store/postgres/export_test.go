package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// SetReached gives a test's function each statement that was carried out.
func SetReached(f func(statement string)) { tracer = reached(f) }

type reached func(statement string)

type statementKey struct{}

func (reached) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, statementKey{}, data.SQL)
}

func (r reached) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	if data.Err == nil {
		r(ctx.Value(statementKey{}).(string))
	}
}
