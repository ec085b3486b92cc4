// Package durable writes sets of files that survive a crash.
//
// The files of a Set go to temps beside their targets. Commit puts all of them
// on disk before it renames the first, and the renames on disk before it
// returns. What that gives:
//
//   - An error before the first rename leaves every old file as it was.
//   - After Commit returned nil, every file is new and survives a power cut.
//   - Whatever happens, each file is whole: the old one or the new one.
//   - Of two Sets over the same names on one machine, one wins all of them.
//   - A killed writer's temps go when the same files are next created.
//
// No file system renames two files at once. A kill between two renames leaves
// new files beside old ones, and a reader who takes no lock may see that for a
// moment; the next run repairs it.
package durable

import (
	"io"
	"io/fs"
	"os"
)

// FS is the file operations of a Set, with the meaning and the errors of the
// functions in package os. It must be safe for use by several goroutines.
// Links are not its business: names are resolved on the real file system.
type FS interface {
	OpenFile(name string, flag int, perm fs.FileMode) (File, error) // a folder too, to lock and sync it
	Rename(from, to string) error
	Remove(name string) error
	Stat(name string) (fs.FileInfo, error)
	ReadDir(name string) ([]fs.DirEntry, error)
}

// File is an open file or folder.
type File interface {
	io.WriteCloser

	// Sync returns once everything written is on disk. After an error nothing
	// is known of what is there, and a second Sync may wrongly succeed.
	Sync() error

	Chmod(mode fs.FileMode) error

	// TryLock takes the file's exclusive lock without waiting and reports
	// whether it did. The lock lasts until the file is closed or its process
	// ends. The error is errors.ErrUnsupported where there are no locks.
	TryLock() (bool, error)
}

// OS is the real file system.
var OS FS = osFS{}

type osFS struct{}

// osFile has what is written go to the disk from early on, so that Sync, which
// waits for the disk, has less to wait for.
type osFile struct {
	*os.File
	written, begun int64 // so many bytes; of begun the system was told to begin
}

// writebackBytes is how much is left to the system to write when it likes to.
const writebackBytes = 8 << 20

func (f *osFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	if f.written += int64(n); f.written-f.begun >= writebackBytes {
		beginWriteback(f.File, f.begun, f.written-f.begun)
		f.begun = f.written
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

func (osFS) Rename(from, to string) error               { return os.Rename(from, to) }
func (osFS) Remove(name string) error                   { return os.Remove(name) }
func (osFS) Stat(name string) (fs.FileInfo, error)      { return os.Stat(name) }
func (osFS) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }
