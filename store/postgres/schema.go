package postgres

import (
	"context"
	"embed"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"process-orders/store/internal/sqlstore"
)

// migrations hold the scripts that lead from each schema to the next. A file that was in
// a release is never changed.
//
//go:embed migrations/*.sql
var migrations embed.FS

// schemas are those that this program knows. The first one was never released.
var schemas = sqlstore.Schemas{Oldest: 4, Newest: 5, Scripts: migrations}

// migrate brings the tables to the newest schema. Several processes may do so at once:
// the number of each schema is a row in a table, inserted in the transaction that makes
// that schema. So one process makes it and the others find it made.
func (s *Store) migrate(ctx context.Context, name string, mustExist bool, to sqlstore.Schemas) error {
	var found int64
	err := s.retry(ctx, func(conn *pgxpool.Conn) (err error) {
		found, err = s.findSchema(ctx, conn, to)
		return err
	})
	if err != nil {
		return err
	}
	switch {
	case found == to.Newest:
		return nil
	case found == 0 && mustExist:
		return ErrNoStore
	}
	return s.transact(ctx, pgx.TxOptions{AccessMode: pgx.ReadWrite}, func(tx *transaction) error {
		err := tx.migrate(name, to)
		if isCode(err, "23505", "42P06") { // unique_violation, duplicate_schema
			err = errMeanwhile{err}
		}
		return err
	})
}

// errMeanwhile says that another process has made what this one was about to make. Then the next
// attempt finds it.
type errMeanwhile struct{ error }

func (e errMeanwhile) Unwrap() error { return e.error }

func (tx *transaction) migrate(name string, to sqlstore.Schemas) error {
	found, err := tx.s.findSchema(tx.ctx, tx, to) // another process may have been faster
	if err != nil {
		return err
	}
	if found == 0 {
		if err := tx.makeNamespace(name); err != nil {
			return err
		}
		_, err = tx.exec(`CREATE TABLE IF NOT EXISTS process_orders.schema_versions (
			version bigint PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())`)
		if err != nil {
			return err
		}
	}
	return to.Migrate(found, tx.makeSchema)
}

// makeNamespace makes the schema, as PostgreSQL calls what tables are in, unless it is
// there. It looks first, as a user may own one without the right to make any.
func (tx *transaction) makeNamespace(name string) error {
	quoted := pgx.Identifier{name}.Sanitize()
	var exists bool
	if err := tx.query(`SELECT to_regnamespace($1) IS NOT NULL`, quoted).Scan(&exists); err != nil || exists {
		return err
	}
	_, err := tx.exec(`CREATE SCHEMA IF NOT EXISTS ` + quoted)
	return err
}

// makeSchema makes a schema by a script.
func (tx *transaction) makeSchema(number int64, script string) error {
	if _, err := tx.exec(`INSERT INTO process_orders.schema_versions (version) VALUES ($1)`, number); err != nil {
		return err
	}
	// Only the simple protocol takes several statements at once.
	_, err := tx.Exec(tx.ctx, tx.s.in.Replace(script), pgx.QueryExecModeSimpleProtocol)
	return err
}

// findSchema returns the number of the schema, or 0 if there is none.
func (s *Store) findSchema(ctx context.Context, from interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}, known sqlstore.Schemas) (number int64, err error) {
	const table = `process_orders.schema_versions`
	var exists bool
	err = from.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL`, s.in.Replace(table)).Scan(&exists)
	if err != nil || !exists {
		return 0, err
	}
	err = from.QueryRow(ctx, s.in.Replace(`SELECT coalesce(max(version), 0) FROM `+table)).Scan(&number)
	if err == nil {
		err = known.Check(number)
	}
	return number, err
}
