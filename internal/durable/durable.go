// Package durable writes sets of files that survive a crash.
//
// [Create] starts a [Set]. Its files are written to temporary files beside their
// targets, called temps here. [Set.Commit] syncs all temps to the disk before it
// puts the first in its place, and syncs the names before it returns. The old files
// are kept until all new ones are in their places. That guarantees:
//
//   - An error leaves every old file as it was. If a file cannot be replaced, those that
//     were replaced before it are put back. If even that fails, the error says which
//     files are new, and of which it is not known.
//   - After Commit returned nil, every file is new and survives a power cut.
//   - Whatever happens, each file is whole: the old one or the new one.
//   - Of two Sets with the same names on one machine, all files are those of one.
//   - The temps of a killed writer are removed when the same files are next created.
//
// No file system replaces two files at once. A kill or a power cut between the two leaves
// new files beside old ones, until the next run replaces them all. For a moment, a
// reader who takes no lock may see the same. A reader who holds a shared lock (flock) of
// the folder sees files of one Set only.
package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// An FS has the file operations of a [Set], with the meaning and the errors of the
// functions in package os. It must be safe for use by several goroutines. It follows no
// links: names are resolved on the real file system.
type FS interface {
	OpenFile(name string, flag int, perm fs.FileMode) (File, error) // also a folder, to lock and sync it
	Rename(from, to string) error

	// Exchange gives each of two files the other's name, both at once. The error is
	// errors.ErrUnsupported if the file system cannot do that.
	Exchange(a, b string) error

	// Link gives a file a second name. The error is errors.ErrUnsupported if the file
	// cannot have one.
	Link(file, name string) error

	// Obstacle returns why the file of a name cannot be replaced by a rename, as far as
	// that is known without trying. There need not be such a file.
	Obstacle(name string) error

	Remove(name string) error
	Stat(name string) (fs.FileInfo, error)
	ReadDir(name string) ([]fs.DirEntry, error)
}

// A File is an open file or folder.
type File interface {
	io.ReadWriteCloser

	// Sync returns when everything written is on disk. After an error it is not known
	// what is on disk, and a second Sync may wrongly succeed.
	Sync() error

	Chmod(mode fs.FileMode) error

	// TryLock tries to take the exclusive lock of the file without waiting, and reports
	// whether it did. The lock lasts until the file is closed or its process ends. The
	// error is errors.ErrUnsupported if the file system has no locks.
	TryLock() (bool, error)
}

// OS is the real file system.
var OS FS = osFS{}

type osFS struct{}

// An osFile asks the system to write to the disk early, so that Sync has less to wait
// for.
type osFile struct {
	*os.File
	written int64 // in bytes
	started int64 // how many of these the system was asked to write
}

// writebackBytes is how much may be written before the system is asked to write it to
// the disk.
const writebackBytes = 8 << 20

func (f *osFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	if f.written += int64(n); f.written-f.started >= writebackBytes {
		startWriteback(f.File, f.started, f.written-f.started)
		f.started = f.written
	}
	return n, err
}

func (osFS) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	f, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return &osFile{File: f}, nil
}

// Link counts a refusal as unsupported: file systems without links answer so, and Linux
// does for the files of other users.
func (osFS) Link(file, name string) error {
	err := os.Link(file, name)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EMLINK) {
		return errors.ErrUnsupported
	}
	return err
}

func (osFS) Rename(from, to string) error               { return os.Rename(from, to) }
func (osFS) Remove(name string) error                   { return os.Remove(name) }
func (osFS) Stat(name string) (fs.FileInfo, error)      { return os.Stat(name) }
func (osFS) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }
