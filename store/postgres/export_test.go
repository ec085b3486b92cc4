package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Watched are options with which watch is called with each statement that was carried
// out.
func Watched(watch func(statement string)) Options { return Options{tracer: tracer(watch)} }

// A tracer is called with each statement that was carried out.
type tracer func(statement string)

type statementKey struct{}

func (tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, statementKey{}, data.SQL)
}

func (t tracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	if data.Err == nil {
		t(ctx.Value(statementKey{}).(string))
	}
}
