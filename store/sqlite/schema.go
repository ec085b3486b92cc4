package sqlite

import (
	"context"
	"embed"
	"fmt"
)

// migrations hold the way from each version of the schema to the next: 1.sql makes
// the first from nothing. A file that was in a release is never changed.
//
//go:embed migrations/*.sql
var migrations embed.FS

// schemaVersion is the version that this program reads and writes.
const schemaVersion = 1

func checkVersion(version int64) error {
	if version > schemaVersion {
		return fmt.Errorf("a newer process-orders wrote it (schema %d, this one knows %d): use that", version, schemaVersion)
	}
	return nil
}

// migrate brings the schema to schemaVersion in one transaction, with the mark that
// makes the file ours, and then turns the write-ahead log on. Before that the file
// has a rollback journal, so that a kill leaves it empty or complete.
func migrate(ctx context.Context, c *connection) error {
	version, err := c.number(ctx, "PRAGMA user_version")
	if err != nil {
		return err
	}
	if version != schemaVersion {
		if err := c.transact(ctx, migrateFrom); err != nil {
			return err
		}
	}
	return c.pragma(ctx, "journal_mode", "wal")
}

// migrateFrom looks at the version again: another process may have been faster.
func migrateFrom(tx *transaction) error {
	version, err := tx.number("PRAGMA user_version")
	if err != nil {
		return err
	}
	if err := checkVersion(version); err != nil {
		return err
	}
	for ; version < schemaVersion; version++ {
		script, err := migrations.ReadFile(fmt.Sprintf("migrations/%d.sql", version+1))
		if err != nil {
			return err
		}
		if _, err := tx.exec(string(script)); err != nil {
			return fmt.Errorf("bring the schema to version %d: %w", version+1, err)
		}
	}
	_, err = tx.exec(fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, schemaVersion))
	return err
}
