package main

import (
	"io/fs"
	"sync/atomic"

	"process-orders/internal/durable"
)

// hookFS runs a hook before the at-th file operation, counted from 1.
type hookFS struct {
	durable.FS
	at   int64
	hook func()
	ops  atomic.Int64
}

func (h *hookFS) count() {
	if h.ops.Add(1) == h.at {
		h.hook()
	}
}

func (h *hookFS) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	h.count()
	f, err := h.FS.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return hookFile{f, h}, nil
}

func (h *hookFS) Rename(from, to string) error {
	h.count()
	return h.FS.Rename(from, to)
}

func (h *hookFS) Exchange(a, b string) error {
	h.count()
	return h.FS.Exchange(a, b)
}

func (h *hookFS) Link(file, name string) error {
	h.count()
	return h.FS.Link(file, name)
}

func (h *hookFS) Obstacle(name string) error {
	h.count()
	return h.FS.Obstacle(name)
}

func (h *hookFS) Remove(name string) error {
	h.count()
	return h.FS.Remove(name)
}

func (h *hookFS) Stat(name string) (fs.FileInfo, error) {
	h.count()
	return h.FS.Stat(name)
}

func (h *hookFS) ReadDir(name string) ([]fs.DirEntry, error) {
	h.count()
	return h.FS.ReadDir(name)
}

type hookFile struct {
	durable.File
	h *hookFS
}

func (f hookFile) Write(p []byte) (int, error) {
	f.h.count()
	return f.File.Write(p)
}

func (f hookFile) Read(p []byte) (int, error) {
	f.h.count()
	return f.File.Read(p)
}

func (f hookFile) Sync() error {
	f.h.count()
	return f.File.Sync()
}

func (f hookFile) Chmod(mode fs.FileMode) error {
	f.h.count()
	return f.File.Chmod(mode)
}

func (f hookFile) TryLock() (bool, error) {
	f.h.count()
	return f.File.TryLock()
}

func (f hookFile) Close() error {
	f.h.count()
	return f.File.Close()
}
