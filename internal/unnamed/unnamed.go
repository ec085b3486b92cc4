// Package unnamed makes temporary files that have no name. Other users of the machine do
// not see them, and they are gone when they are closed or when the process ends, however
// it ends.
package unnamed

import (
	"errors"
	"os"
)

// A File is a temporary file. Close frees it.
type File struct {
	*os.File
	named bool // the system can remove it only after it is closed
}

// Create makes a file in the folder; "" means the folder for temporary files. If the
// system has no files without a name, it removes the name at once, or else in
// [File.Close].
func Create(folder string) (*File, error) {
	if file, err := createUnnamed(folder); err == nil {
		return &File{File: file}, nil
	}
	file, err := os.CreateTemp(folder, ".process-orders-*.tmp")
	if err != nil {
		return nil, err
	}
	return &File{file, os.Remove(file.Name()) != nil}, nil
}

// Close closes the file and frees what it holds.
func (f *File) Close() error {
	err := f.File.Close()
	if f.named {
		f.named = false
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}
