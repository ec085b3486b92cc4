package main

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"process-orders/server"
	"process-orders/store"
)

// backup copies a store to a file.
func (c *command) backup() *cobra.Command {
	var url string
	cmd := &cobra.Command{
		Use:   "backup --store STORE FILE",
		Short: "Copy a store to a new file, while others use it",
		Long: `backup copies a store to a new file, as the store is at one moment. Others may read
and write it meanwhile. The copy is read back before it gets its name, and it is
a store itself: to restore it, put it in the place of the store's file.`,
		Example: `  process-orders backup --store shop.db backups/shop-monday.db`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return wrongUsage("backup takes one file to write, got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return c.backUp(cmd.Context(), url, args[0]) },
	}
	storeFlag(cmd, &url)
	return cmd
}

// theBackup is what messages call the file, as no flag names it.
const theBackup = "the backup"

// errBackupDatabase says how a database is backed up.
var errBackupDatabase = errors.New("a database is backed up with PostgreSQL's own pg_dump: docs/stores.md says how")

func (c *command) backUp(ctx context.Context, url, name string) (err error) {
	if scheme, _, isURL := strings.Cut(url, "://"); isURL && strings.HasPrefix(scheme, "postgres") {
		return errBackupDatabase
	}
	path, isFile := storeFile(name)
	if !isFile || looksLikeURL().MatchString(path) || path == "-" {
		return wrongUsage("backup writes a file, as in backup.db; one whose name is like a URL is given as ./NAME")
	}
	if err := c.claims(wanted{store: url}, []file{{flag: theBackup, name: path}}).check(); err != nil {
		return err
	}
	if err := hasFolder("backup", path); err != nil {
		return err
	}
	s, err := c.openStore(ctx, url, storeUse{readOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = withCleanup(err, s.Close()) }()
	to, ok := s.(interface {
		store.Store
		Backup(ctx context.Context, name string) error
	})
	if !ok {
		return errBackupDatabase
	}
	if err := to.Backup(ctx, path); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	c.say("wrote %s, %s bytes, which were read back and are whole", path, thousands(info.Size()))
	isServed, err := server.IsServed(ctx, s)
	if err == nil && isServed {
		err = c.recordBackup(ctx, url)
	}
	if err != nil {
		c.say("warning: the backup is not in the log of acts: %v", err)
	}
	return nil
}

// recordBackup writes a backup into the log of acts of a store that a server works with.
func (c *command) recordBackup(ctx context.Context, url string) (err error) {
	s, err := c.openStore(ctx, url, storeUse{existing: true})
	if err != nil {
		return err
	}
	defer func() { err = withCleanup(err, s.Close()) }()
	return server.RecordBackup(ctx, s)
}
