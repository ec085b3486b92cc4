package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"process-orders/store/internal/sqlstore"
)

// A driverRows has the rows of a prepared query of the connection that writes, as the driver gives
// them. database/sql would take as long for a row as SQLite does.
type driverRows struct {
	ctx    context.Context
	rows   driver.Rows
	values []driver.Value // of the row
	err    error
}

var _ sqlstore.Rows = (*driverRows)(nil)

// queryPrepared makes a query, which stays prepared as long as the connection lasts. Values are as
// for execPrepared. The rows must be closed before the same query is made again.
func (c *connection) queryPrepared(ctx context.Context, query string, values []any) (r *driverRows, err error) {
	err = c.withPrepared(ctx, query, values, func(stmt driver.Stmt) error {
		rows, err := stmt.(driver.StmtQueryContext).QueryContext(uninterrupted, c.values)
		if err == nil {
			r = &driverRows{ctx: ctx, rows: rows, values: make([]driver.Value, len(rows.Columns()))}
		}
		return err
	})
	return r, err
}

// Next reads the next row.
func (r *driverRows) Next() bool {
	if r.err = r.ctx.Err(); r.err == nil {
		r.err = r.rows.Next(r.values)
	}
	return r.err == nil
}

func (r *driverRows) Err() error {
	if errors.Is(r.err, io.EOF) {
		return nil
	}
	return r.err
}

func (r *driverRows) close() { _ = r.rows.Close() }

// Scan takes the values of the row. What it gives is not changed by the next row. A value of
// another kind than wanted is damage, as all tables are strict.
func (r *driverRows) Scan(into ...any) error {
	if len(into) != len(r.values) {
		return fmt.Errorf("a row of %d columns is read as one of %d", len(r.values), len(into))
	}
	for i, value := range r.values {
		if !isTaken(into[i], value) {
			return errValue
		}
	}
	return nil
}

// isTaken sets what into points to, and reports whether a value is of its kind.
func isTaken(into any, value driver.Value) (is bool) {
	switch to := into.(type) {
	case *string:
		*to, is = value.(string)
	case *int64:
		*to, is = value.(int64)
	case *[]byte:
		*to, is = blobOf(value)
	case *sql.RawBytes:
		*to, is = blobOf(value)
	case **string:
		*to, is = orNil[string](value)
	case **int64:
		*to, is = orNil[int64](value)
	case *bool:
		var n int64
		n, is = value.(int64)
		*to = n != 0
	}
	return is
}

// blobOf returns the bytes of a value. There may be none.
func blobOf(value driver.Value) (b []byte, is bool) {
	if value == nil {
		return nil, true
	}
	b, is = value.([]byte)
	return b, is
}

// orNil returns a value that may be null.
func orNil[T any](value driver.Value) (*T, bool) {
	if value == nil {
		return nil, true
	}
	is, ok := value.(T)
	return &is, ok
}
