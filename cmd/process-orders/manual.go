package main

import (
	"embed"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
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
			if _, err := makeFolder(c.files, args[0]); err != nil {
				return err
			}
			return fs.WalkDir(pages, ".", func(name string, entry fs.DirEntry, err error) error {
				if err != nil || entry.IsDir() {
					return err
				}
				page, err := fs.ReadFile(pages, name)
				if err != nil {
					return err
				}
				return os.WriteFile(filepath.Join(args[0], name), page, 0o644)
			})
		},
	}
}
