package sqlite

import (
	"context"
	"embed"
	"fmt"

	"process-orders/store/internal/sqlstore"
)

// migrations hold the scripts that lead from each schema to the next. A file that was in
// a release is never changed.
//
//go:embed migrations/*.sql
var migrations embed.FS

// known are the schemas that this program knows. It reads and writes the newest.
var known = sqlstore.Schemas{Oldest: 4, Newest: 4, Scripts: migrations}

// migrate brings the file to the newest schema in one transaction, together with the mark
// that makes the file ours, and then turns the write-ahead log on. Until then a new file has
// a rollback journal, so that a kill leaves it empty or complete.
func migrate(ctx context.Context, c *connection, schemas sqlstore.Schemas) error {
	found, err := c.number(ctx, "PRAGMA user_version")
	if err != nil {
		return err
	}
	if found != schemas.Newest {
		err := c.transact(ctx, func(tx *transaction) error { return migrateFrom(tx, schemas) })
		if err != nil {
			return err
		}
	}
	return c.pragma(ctx, "journal_mode", "wal")
}

// migrateFrom looks at the schema again, as another process may have been faster.
func migrateFrom(tx *transaction, schemas sqlstore.Schemas) error {
	found, err := tx.number("PRAGMA user_version")
	if err != nil {
		return err
	}
	if err := schemas.Check(found); err != nil {
		return err
	}
	err = schemas.Migrate(found, func(_ int64, script string) error {
		_, err := tx.exec(script)
		return err
	})
	if err != nil {
		return err
	}
	_, err = tx.exec(fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, schemas.Newest))
	return err
}
