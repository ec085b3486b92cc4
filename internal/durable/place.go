package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A Place is where a name leads: to a file that is there, or to where it would be made.
// Two names may have one place, by links or because the file system ignores case.
type Place struct {
	path   string      // absolute, links resolved
	file   fs.FileInfo // nil: there is none
	folder fs.FileInfo // the lowest folder on the way that is there, if there is no file
	rest   string      // the path from folder on
	stream bool        // it is an open stream of this process
}

// Locate returns the [Place] of a name. The folders on its way need not be there.
func Locate(name string) (p Place, err error) {
	p.stream = isStream(name)
	p.file, err = os.Stat(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) || p.stream {
		return p, err
	}
	if p.path, err = resolveMissing(name); err != nil || p.file != nil {
		return p, err
	}
	dir := filepath.Dir(p.path)
	for {
		if p.folder, err = os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	if err == nil {
		p.rest, err = filepath.Rel(dir, p.path)
	}
	return p, err
}

// resolveMissing is resolve for a name whose folders may be missing: those that are there
// are resolved.
func resolveMissing(name string) (string, error) {
	path, err := resolve(name)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return path, err
	}
	dir, base := filepath.Split(filepath.Clean(name))
	if dir = filepath.Clean(dir); dir == filepath.Clean(name) {
		return filepath.Abs(name)
	}
	dir, err = resolveMissing(dir)
	return filepath.Join(dir, base), err
}

// PlaceOf returns the place of an open stream.
func PlaceOf(file *os.File) (Place, error) {
	info, err := file.Stat()
	return Place{file: info, stream: true}, err
}

// Beside returns the place of the file whose name is longer by a suffix, as programs call
// a file that belongs to another one.
func (p Place) Beside(suffix string) (Place, error) { return Locate(p.path + suffix) }

// Special reports whether something is there that is no regular file, such as a device or
// a pipe, which may be used for several things at once.
func (p Place) Special() bool { return p.file != nil && !p.file.Mode().IsRegular() }

// Missing reports whether there is nothing.
func (p Place) Missing() bool { return p.file == nil }

// Stream reports whether it is an open stream of this process, as /dev/stdout is.
func (p Place) Stream() bool { return p.stream }

// Same reports whether two places are one, that is the same file or the same place for
// one. Of two files that are not there yet, nobody knows whether their file system
// ignores case; so names that differ only in case are taken for one.
func (p Place) Same(other Place) bool {
	if p.file != nil && other.file != nil {
		return os.SameFile(p.file, other.file)
	}
	return p.file == nil && other.file == nil && p.folder != nil && other.folder != nil &&
		os.SameFile(p.folder, other.folder) && strings.EqualFold(p.rest, other.rest)
}
