package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// An Identity is which file a name leads to: one that is there, or one that would be made.
// Two names may lead to one file, by links or because the file system ignores case.
type Identity struct {
	path   string      // absolute, links resolved
	file   fs.FileInfo // nil: there is none
	folder fs.FileInfo // the lowest folder on the way that is there, if there is no file
	rest   string      // the path from folder on
	stream bool        // it is an open stream of this process
}

// Identify returns the [Identity] of a name's file. The folders on its way need not be there.
func Identify(name string) (id Identity, err error) {
	id.stream = isStream(name)
	id.file, err = os.Stat(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) || id.stream {
		return id, err
	}
	if id.path, err = resolveMissing(name); err != nil || id.file != nil {
		return id, err
	}
	dir := filepath.Dir(id.path)
	for {
		if id.folder, err = os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	if err == nil {
		id.rest, err = filepath.Rel(dir, id.path)
	}
	return id, err
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

// IdentityOf returns the identity of an open stream.
func IdentityOf(file *os.File) (Identity, error) {
	info, err := file.Stat()
	return Identity{file: info, stream: true}, err
}

// Beside identifies the file whose name is longer by a suffix, as programs call a file that
// belongs to another one.
func (id Identity) Beside(suffix string) (Identity, error) { return Identify(id.path + suffix) }

// Special reports whether something is there that is no regular file, such as a device or
// a pipe, which may be used for several things at once.
func (id Identity) Special() bool { return id.file != nil && !id.file.Mode().IsRegular() }

// Missing reports whether there is nothing.
func (id Identity) Missing() bool { return id.file == nil }

// Stream reports whether it is an open stream of this process, as /dev/stdout is.
func (id Identity) Stream() bool { return id.stream }

// Same reports whether both are one file. Of two files that are not there yet, nobody knows whether their file system
// ignores case; so names that differ only in case are taken for one.
func (id Identity) Same(other Identity) bool {
	if id.file != nil && other.file != nil {
		return os.SameFile(id.file, other.file)
	}
	return id.file == nil && other.file == nil && id.folder != nil && other.folder != nil &&
		os.SameFile(id.folder, other.folder) && strings.EqualFold(id.rest, other.rest)
}
