package main

import (
	"embed"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"process-orders/internal/durable"
)

// manual holds the manual pages, which are made from the commands and their flags. The
// generator stays in the tests: linking it would cost every run half a millisecond.
//
//go:generate go test -run TestManual -update .
//go:embed manual
var manual embed.FS

// man writes the manual pages.
func (c *command) man() *cobra.Command {
	return &cobra.Command{
		Use:   "man [DIR]",
		Short: "Print the manual page, or write all of them to the folder DIR",
		Example: `  process-orders man | man -l -
  process-orders man ~/.local/share/man/man1`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return wrongUsage("man takes one folder, got %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			pages, err := fs.Sub(manual, "manual")
			if err != nil {
				return err
			}
			if len(args) == 0 {
				page, err := fs.ReadFile(pages, "process-orders.1")
				if err == nil {
					_, err = c.out.Write(page)
				}
				return err
			}
			return c.writeManual(pages, args[0])
		},
	}
}

// manualMode is that of manual pages, which all who use the machine may read.
const manualMode = 0o644

// writeManual writes all pages to a folder, or none of them.
func (c *command) writeManual(pages fs.FS, folder string) (err error) {
	names, err := fs.Glob(pages, "*")
	if err != nil {
		return err
	}
	if _, err := makeFolder(c.files, folder); err != nil {
		return err
	}
	to := make([]string, len(names))
	for i, name := range names {
		to[i] = filepath.Join(folder, name)
	}
	set, err := durable.Create(c.files, to...)
	if err != nil {
		return err
	}
	defer func() { err = withCleanup(err, set.Abort()) }()
	for i, name := range names {
		page, err := fs.ReadFile(pages, name)
		if err != nil {
			return err
		}
		if _, err := set.File(i).Write(page); err != nil {
			return err
		}
	}
	if err := set.Commit(); err != nil {
		return err
	}
	for _, name := range to {
		if err := os.Chmod(name, manualMode); err != nil {
			return err
		}
	}
	return nil
}
