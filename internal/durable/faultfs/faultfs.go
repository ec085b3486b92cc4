// Package faultfs is a [durable.FS] for tests, which lists its operations and makes
// chosen ones fail.
package faultfs

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"syscall"

	"process-orders/internal/durable"
)

// A Kind is a way to fail. A close that fails has closed the file, whatever the kind.
type Kind int

const (
	Failed        Kind = iota // EIO, and nothing was done
	FailedButDone             // EIO, although it was done
	NoSpace                   // ENOSPC; a write stored its first half
	ShortWrite                // a write stored its first half and reported no error; nothing else fails
	NotPermitted              // EACCES, and nothing was done
)

// Kinds has every [Kind].
var Kinds = []Kind{Failed, FailedButDone, NoSpace, ShortWrite, NotPermitted}

func (k Kind) String() string {
	return [...]string{"failed", "failed but done", "no space", "short write", "not permitted"}[k]
}

func (k Kind) error() error {
	return [...]error{syscall.EIO, syscall.EIO, syscall.ENOSPC, nil, syscall.EACCES}[k]
}

// An FS passes operations on to another one, except for those that are to fail. Several
// goroutines may use it at once.
type FS struct {
	inner  durable.FS
	at     int
	always bool
	kind   Kind

	mu  sync.Mutex // guards ops
	ops []string
}

// New returns an FS on which the at-th operation fails, counted from 1. If always is set,
// all operations after it fail too. If at is 0, nothing fails.
func New(inner durable.FS, at int, always bool, kind Kind) *FS {
	return &FS{inner: inner, at: at, always: always, kind: kind}
}

// Ops returns the operations so far, such as "sync .customers.json.tmp". It leaves out
// folders and the random part of a temp's name, so that two equal runs have equal lists.
func (f *FS) Ops() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.ops)
}

var randomPart = regexp.MustCompile(`\.[A-Z2-7]{26}\.tmp$`)

// fails records an operation and reports whether it is to fail.
func (f *FS) fails(op, name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	name = randomPart.ReplaceAllString(filepath.Base(name), ".tmp")
	f.ops = append(f.ops, op+" "+name)
	n := len(f.ops)
	return n == f.at || f.always && f.at > 0 && n > f.at
}

// do runs one operation, or makes it fail with an error as package os returns it.
func (f *FS) do(op, name string, run func() error) error {
	if !f.fails(op, name) || f.kind == ShortWrite {
		return run()
	}
	if f.kind == FailedButDone {
		if err := run(); err != nil {
			return err
		}
	}
	return &fs.PathError{Op: op, Path: name, Err: f.kind.error()}
}

func (f *FS) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	var inner durable.File
	err := f.do("open", name, func() (err error) {
		inner, err = f.inner.OpenFile(name, flag, perm)
		return err
	})
	if err != nil {
		if inner != nil {
			_ = inner.Close()
		}
		return nil, err
	}
	return &file{f, name, inner}, nil
}

func (f *FS) Rename(from, to string) error {
	return f.do("rename", to, func() error { return f.inner.Rename(from, to) })
}

func (f *FS) Exchange(a, b string) error {
	return f.do("exchange", b, func() error { return f.inner.Exchange(a, b) })
}

func (f *FS) Link(file, name string) error {
	return f.do("link", name, func() error { return f.inner.Link(file, name) })
}

func (f *FS) Obstacle(name string) error {
	return f.do("examine", name, func() error { return f.inner.Obstacle(name) })
}

func (f *FS) Remove(name string) error {
	return f.do("remove", name, func() error { return f.inner.Remove(name) })
}

func (f *FS) Stat(name string) (info fs.FileInfo, err error) {
	err = f.do("stat", name, func() error {
		info, err = f.inner.Stat(name)
		return err
	})
	return info, err
}

func (f *FS) ReadDir(name string) (entries []fs.DirEntry, err error) {
	err = f.do("readdir", name, func() error {
		entries, err = f.inner.ReadDir(name)
		return err
	})
	return entries, err
}

// A file reports its operations to its FS.
type file struct {
	fsys  *FS
	name  string
	inner durable.File
}

func (f *file) Read(p []byte) (n int, err error) {
	failed := f.fsys.do("read", f.name, func() error {
		n, err = f.inner.Read(p)
		return nil
	})
	if failed != nil {
		return 0, failed
	}
	return n, err
}

func (f *file) Write(p []byte) (int, error) {
	if !f.fsys.fails("write", f.name) {
		return f.inner.Write(p)
	}
	stored := map[Kind]int{FailedButDone: len(p), NoSpace: len(p) / 2, ShortWrite: len(p) / 2}
	n, err := f.inner.Write(p[:stored[f.fsys.kind]])
	if err == nil && f.fsys.kind != ShortWrite {
		err = &fs.PathError{Op: "write", Path: f.name, Err: f.fsys.kind.error()}
	}
	return n, err
}

func (f *file) Sync() error {
	return f.fsys.do("sync", f.name, f.inner.Sync)
}

func (f *file) Chmod(mode fs.FileMode) error {
	return f.fsys.do("chmod", f.name, func() error { return f.inner.Chmod(mode) })
}

func (f *file) TryLock() (locked bool, err error) {
	err = f.fsys.do("lock", f.name, func() error {
		locked, err = f.inner.TryLock()
		return err
	})
	return locked, err
}

func (f *file) Close() error {
	err := f.inner.Close()
	return f.fsys.do("close", f.name, func() error { return err })
}
