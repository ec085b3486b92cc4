package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"syscall"
)

// A standardOutput is standard output for data: records, lists, help. It remembers its
// first error, so that data that nobody gets is never taken for success.
type standardOutput struct {
	w     io.Writer
	wrote bool
	ended bool
	err   error // the first, which every later Write returns again
}

// open reports an error if standard output is closed. It is for commands that work for long
// before they write.
func (o *standardOutput) open() error {
	if o.err == nil && wasClosed(o.w) {
		o.err = errStdoutClosed
	}
	return o.err
}

var errStdoutClosed = errors.New("standard output is closed, so nobody would get what is written; to discard it, open /dev/null for writing only, as >/dev/null does")

func (o *standardOutput) Write(p []byte) (n int, err error) {
	if !o.wrote {
		o.wrote = true
		_ = o.open()
	}
	if o.err != nil {
		return 0, o.err
	}
	n, err = o.w.Write(p)
	o.err = outputError(err)
	return n, o.err
}

// end closes standard output if something was written: some file systems report only then
// that they could not store it. It returns the first error.
func (o *standardOutput) end() error {
	if closer, ok := o.w.(io.Closer); ok && o.wrote && !o.ended && o.err == nil {
		o.ended = true
		o.err = outputError(closer.Close())
	}
	return o.err
}

// outputError is an error of writing to standard output.
func outputError(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, syscall.EPIPE) {
		return errReaderGone
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("write standard output: %w", err)
}

// streamClosed reports whether the name of an output means a standard stream that is closed.
func (c *command) streamClosed(name string) bool {
	switch path.Clean(name) {
	case "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1":
		return wasClosed(c.stdout)
	case "/dev/stderr", "/dev/fd/2", "/proc/self/fd/2":
		return wasClosed(c.stderr)
	}
	return false
}
