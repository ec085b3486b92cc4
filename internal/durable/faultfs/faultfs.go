// Package faultfs is a durable.FS that lists its operations and makes chosen
// ones fail, for tests.
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

// A Kind is a way to fail. Whatever the kind, a close that fails has closed.
type Kind int

const (
	Failed        Kind = iota // EIO, and nothing was done
	FailedButDone             // EIO, although it was done
	NoSpace                   // ENOSPC; a write stored its first half
	ShortWrite                // a write stored its first half and reports no error; nothing else fails
	NotPermitted              // EACCES, and nothing was done
)

// Kinds is every Kind.
var Kinds = []Kind{Failed, FailedButDone, NoSpace, ShortWrite, NotPermitted}

func (k Kind) String() string {
	return [...]string{"failed", "failed but done", "no space", "short write", "not permitted"}[k]
}

func (k Kind) error() error {
	return [...]error{syscall.EIO, syscall.EIO, syscall.ENOSPC, nil, syscall.EACCES}[k]
}

// FS passes operations on to another FS, except for those that are to fail. It
// is safe for use by several goroutines.
type FS struct {
	inner  durable.FS
	at     int
	always bool
	kind   Kind

	mu  sync.Mutex // guards ops
	ops []string
}

// New returns an FS on which the at-th operation fails, counted from 1, and if
// always is set all after it. With 0 nothing fails.
func New(inner durable.FS, at int, always bool, kind Kind) *FS {
	return &FS{inner: inner, at: at, always: always, kind: kind}
}

// Ops lists the operations so far, as "sync .customers.json.tmp": without
// folders and without the random part of a temp's name, so that the lists of
// two equal runs are equal.
func (f *FS) Ops() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.ops)
}

var randomPart = regexp.MustCompile(`\.[A-Z2-7]{26}\.tmp$`)

// fails notes an operation and reports whether it is to fail.
func (f *FS) fails(op, name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	name = randomPart.ReplaceAllString(filepath.Base(name), ".tmp")
	f.ops = append(f.ops, op+" "+name)
	n := len(f.ops)
	return n == f.at || f.always && f.at > 0 && n > f.at
}

// do runs one operation, or fails it. The error is of the kind that package os
// returns.
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
