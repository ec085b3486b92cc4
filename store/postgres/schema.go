package postgres

import (
	"context"
	"embed"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// migrations hold the way from each version of the schema to the next: 1.sql makes
// the first from nothing. A file that was in a release is never changed.
//
//go:embed migrations/*.sql
var migrations embed.FS

// schemaVersion is the version that this program reads and writes.
const schemaVersion = 1

// migrate brings the schema to schemaVersion. Several processes may do so at once:
// each version is a row with a unique number, inserted in the transaction that makes
// the version, so one of them makes it and the others find it made.
func (s *Store) migrate(ctx context.Context, schema string, mustExist bool) error {
	version, err := s.version(ctx, s.pool)
	if err != nil {
		return err
	}
	switch {
	case version == schemaVersion:
		return nil
	case version == 0 && mustExist:
		return ErrNoStore
	}
	return s.write(ctx, func(tx *transaction) error {
		version, err := s.version(ctx, tx) // another may have been faster
		if err != nil {
			return err
		}
		if version == 0 {
			if err := tx.makeSchema(schema); err != nil {
				return err
			}
			_, err = tx.exec(`CREATE TABLE IF NOT EXISTS process_orders.schema_versions (
				version bigint PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())`)
			if err != nil {
				return err
			}
		}
		for ; version < schemaVersion; version++ {
			if err := tx.makeVersion(version + 1); err != nil {
				return err
			}
		}
		return nil
	})
}

// makeSchema makes the schema if it is not there. Somebody may own one and may not
// make any.
func (tx *transaction) makeSchema(schema string) error {
	name := pgx.Identifier{schema}.Sanitize()
	var there bool
	if err := tx.query(`SELECT to_regnamespace($1) IS NOT NULL`, name).Scan(&there); err != nil || there {
		return err
	}
	_, err := tx.exec(`CREATE SCHEMA IF NOT EXISTS ` + name)
	return err
}

func (tx *transaction) makeVersion(version int64) error {
	script, err := migrations.ReadFile(fmt.Sprintf("migrations/%d.sql", version))
	if err != nil {
		return err
	}
	if _, err := tx.exec(`INSERT INTO process_orders.schema_versions (version) VALUES ($1)`, version); err != nil {
		return err
	}
	// Several statements at once are for the simple protocol.
	if _, err := tx.exec(string(script), pgx.QueryExecModeSimpleProtocol); err != nil {
		return fmt.Errorf("bring the schema to version %d: %w", version, err)
	}
	return nil
}

// version is that of the schema, 0 where there is none.
func (s *Store) version(ctx context.Context, from interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}) (version int64, err error) {
	const table = `process_orders.schema_versions`
	var there bool
	err = from.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL`, s.in.Replace(table)).Scan(&there)
	if err != nil || !there {
		return 0, err
	}
	err = from.QueryRow(ctx, s.in.Replace(`SELECT coalesce(max(version), 0) FROM `+table)).Scan(&version)
	if err == nil && version > schemaVersion {
		err = fmt.Errorf("a newer process-orders wrote it (schema %d, this one knows %d): use that", version, schemaVersion)
	}
	return version, err
}
