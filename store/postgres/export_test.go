package postgres

import (
	"context"
	"io/fs"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
)

// Watched are options with which watch is called with each statement that was carried
// out.
func Watched(watch func(statement string)) Options { return Options{tracer: tracer(watch)} }

// WithNextSchema are options with one more schema, which a script leads to.
func (o Options) WithNextSchema(script string) Options {
	scripts := fstest.MapFS{"migrations/4.sql": &fstest.MapFile{Data: []byte(script)}}
	first, err := fs.ReadFile(migrations, "migrations/3.sql")
	if err != nil {
		panic(err)
	}
	scripts["migrations/3.sql"] = &fstest.MapFile{Data: first}
	next := schemas
	next.Newest, next.Scripts = 4, scripts
	o.schemas = &next
	return o
}

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
