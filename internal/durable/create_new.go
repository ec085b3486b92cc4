package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// CreateNew makes a file with this content, which is on the disk when it returns, for its
// owner alone. Nobody sees the file before it is whole, and a kill leaves it whole or not
// there at all. The error is fs.ErrExist if something of that name is there.
//
// On a file system without hard links the file is made in its place, and a kill may leave
// it empty.
func CreateNew(name string, content []byte) error {
	folder := filepath.Dir(name)
	err := linkUnnamed(folder, name, content)
	if errors.Is(err, errors.ErrUnsupported) {
		err = linkTemp(name, content)
	}
	if errors.Is(err, errors.ErrUnsupported) {
		err = writeNew(name, content)
	}
	if err != nil {
		return wrap("create", name, err)
	}
	return SyncFolder(OS, folder)
}

// linkTemp writes a temp and gives it the name.
func linkTemp(name string, content []byte) error {
	temp := tempName(name)
	err := writeNew(temp, content)
	if err == nil {
		err = OS.Link(temp, name)
	}
	if gone := os.Remove(temp); err == nil && !errors.Is(gone, fs.ErrNotExist) {
		err = gone
	}
	return err
}

func writeNew(name string, content []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, newFileMode)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}
