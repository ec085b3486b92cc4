package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"process-orders/internal/durable"
)

// makeFolder makes the folder, and those above it, if they are missing. It syncs their
// names to disk: if a folder is gone after a power cut, so are the files in it.
func makeFolder(files durable.FS, name string) error {
	if _, err := os.Lstat(name); err == nil {
		if info, err := os.Stat(name); err != nil {
			return fmt.Errorf("make the folder %s: it is a link to something that does not exist", name)
		} else if !info.IsDir() {
			return fmt.Errorf("make the folder %s: not a directory", name)
		}
		return nil
	}
	parent := filepath.Dir(name)
	if parent != name {
		if err := makeFolder(files, parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make the folder %s: %w", name, errors.Unwrap(err))
	}
	return durable.SyncFolder(files, parent)
}
