package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"process-orders/internal/durable"
)

// makeFolder makes the folder, and those above it, if they are missing, and returns those
// that it made, the outermost first. It syncs their names to disk: if a folder is gone after
// a power cut, so are the files in it.
func makeFolder(files durable.FS, name string) (made []string, err error) {
	if _, err := os.Lstat(name); err == nil {
		if info, err := os.Stat(name); err != nil {
			return nil, fmt.Errorf("make the folder %s: it is a link to something that does not exist", name)
		} else if !info.IsDir() {
			return nil, fmt.Errorf("make the folder %s: not a directory", name)
		}
		return nil, nil
	}
	parent := filepath.Dir(name)
	if parent != name {
		if made, err = makeFolder(files, parent); err != nil {
			return made, err
		}
	}
	switch err := os.Mkdir(name, 0o700); {
	case err == nil:
		made = append(made, name)
	case !errors.Is(err, fs.ErrExist):
		return made, fmt.Errorf("make the folder %s: %w", name, errors.Unwrap(err))
	}
	return made, durable.SyncFolder(files, parent)
}

// removeFolders removes folders that makeFolder made. Those that hold anything stay.
func removeFolders(made []string) {
	for _, name := range slices.Backward(made) {
		_ = os.Remove(name)
	}
}
