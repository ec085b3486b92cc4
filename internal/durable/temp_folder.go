package durable

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// A TempFolder is a folder beside the name of a new file, in which other software writes the
// file, with all that it keeps beside it. Then [TempFolder.Publish] gives the file its name. A
// folder that a killed program has left is removed when the next one is made for the same name.
type TempFolder struct {
	name string // of the file that is to be
	path string
	lock File // as long as the folder is in use
}

// NewTempFolder makes a folder for a new file, for its owner alone.
func NewTempFolder(name string) (f *TempFolder, err error) {
	path, err := resolve(name)
	if err != nil {
		return nil, wrap("create", name, err)
	}
	// With the lock of the folder above no other program takes the new one for left behind.
	above, err := lockFolder(OS, filepath.Dir(path))
	if err != nil {
		return nil, wrap("create", name, err)
	}
	defer closeFolders([]*folder{above})
	above.cleanFolders(filepath.Base(path))
	f = &TempFolder{name: path, path: tempName(path)}
	if err := os.Mkdir(f.path, 0o700); err != nil {
		return nil, wrap("create", name, err)
	}
	if f.lock, err = OS.OpenFile(f.path, os.O_RDONLY, 0); err == nil {
		_, err = f.lock.TryLock()
	}
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return nil, also(wrap("create", name, err), f.Remove())
	}
	return f, nil
}

// cleanFolders removes the temp folders for a name that killed programs have left. Errors are
// ignored on purpose, as by clean.
func (f *folder) cleanFolders(name string) {
	if !f.locked {
		return
	}
	entries, _ := os.ReadDir(f.path)
	for _, entry := range entries {
		if !entry.IsDir() || !isTempOf(name, entry.Name()) {
			continue
		}
		path := filepath.Join(f.path, entry.Name())
		left, err := OS.OpenFile(path, os.O_RDONLY, 0)
		if err != nil {
			continue
		}
		if dead, _ := left.TryLock(); dead {
			_ = os.RemoveAll(path)
		}
		_ = left.Close()
	}
}

// Join returns the path of a file in the folder.
func (f *TempFolder) Join(name string) string { return filepath.Join(f.path, name) }

// Publish gives a file of the folder the name for which the folder was made, durably. What the
// file holds must be on the disk already. It replaces nothing: the error is fs.ErrExist if
// something has the name. After an error, or if the context ends first, nothing of ours has
// the name.
func (f *TempFolder) Publish(ctx context.Context, file string) error {
	if err := f.giveName(f.Join(file)); err != nil {
		return wrap("create", f.name, err)
	}
	err := Await(ctx, func() error { return SyncFolder(OS, filepath.Dir(f.name)) })
	if err != nil {
		return also(err, os.Remove(f.name))
	}
	return nil
}

// Await calls do, such as a sync of a large file. If the context ends, it returns the error of
// that although do may still wait for the disk.
func Await(ctx context.Context, do func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// giveName links the file to its name, as a rename would replace what is there. If the file
// system has no links, it looks before it renames.
func (f *TempFolder) giveName(file string) error {
	err := OS.Link(file, f.name)
	if !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if _, err := os.Lstat(f.name); err == nil {
		return fs.ErrExist
	}
	return os.Rename(file, f.name)
}

// Remove removes the folder with all that is in it.
func (f *TempFolder) Remove() error {
	if f.lock != nil {
		_ = f.lock.Close() // first, for Windows
	}
	return wrap("remove", f.path, os.RemoveAll(f.path))
}
