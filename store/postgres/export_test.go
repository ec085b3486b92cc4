package postgres

import (
	"context"
	"fmt"
	"io/fs"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"
)

// Watched are options with which watch is called with each statement that was carried
// out.
func Watched(watch func(statement string)) Options { return Options{tracer: tracer(watch)} }

// WithSilence are options with which the server waits so many seconds for a client that holds
// the lock.
func (o Options) WithSilence(seconds int) Options {
	o.silence = seconds
	return o
}

// WithPatience are options with which the server may be silent for a time until it is asked whether
// it is there, and another one to answer.
func (o Options) WithPatience(silent, answer time.Duration) Options {
	o.patience = &patience{silent, answer}
	return o
}

// WithAtOnce are options with which a store reads so many customers at once, if it reads most of them.
func (o Options) WithAtOnce(customers int) Options {
	o.atOnce = customers
	return o
}

// WithNextSchema are options with one more schema, which a script leads to.
func (o Options) WithNextSchema(script string) Options {
	scripts := fstest.MapFS{}
	for n := schemas.Oldest; n <= schemas.Newest; n++ {
		name := fmt.Sprintf("migrations/%d.sql", n)
		known, err := fs.ReadFile(migrations, name)
		if err != nil {
			panic(err)
		}
		scripts[name] = &fstest.MapFile{Data: known}
	}
	next := schemas
	next.Newest++
	next.Scripts = scripts
	scripts[fmt.Sprintf("migrations/%d.sql", next.Newest)] = &fstest.MapFile{Data: []byte(script)}
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

func (t tracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (t tracer) TraceBatchQuery(_ context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	if data.Err == nil {
		t(data.SQL)
	}
}

func (t tracer) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}
