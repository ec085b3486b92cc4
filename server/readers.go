package server

import (
	"context"
	"runtime"
	"runtime/debug"
	"sync"
)

// readers are goroutines that read orders for those of requests. To read them takes a stack of 32 KiB,
// which a goroutine keeps while it waits for its commit. So a few goroutines have such a stack, and not
// each of the clients that wait.
type readers struct {
	work  chan func()
	ended chan struct{}
	end   func() // closes ended, once
}

// mostReadApart is the size of a body up to which readers read it, so that nobody waits for long until
// one of them is free. Others are read by the goroutine of their request.
const mostReadApart = 64 << 10

func newReaders() *readers {
	r := &readers{work: make(chan func()), ended: make(chan struct{})}
	r.end = sync.OnceFunc(func() { close(r.ended) })
	for range runtime.GOMAXPROCS(0) {
		go r.run()
	}
	return r
}

func (r *readers) run() {
	for {
		select {
		case read := <-r.work:
			read()
		case <-r.ended:
			return
		}
	}
}

// read calls a function that reads a body of so many bytes, and returns its error. It panics as the
// function does. Once the readers have ended the function is called at once.
func (r *readers) read(ctx context.Context, bytes uint64, read func() error) error {
	if bytes > mostReadApart {
		return read()
	}
	var err error
	done := make(chan *panicApart, 1)
	apart := func() {
		defer func() { done <- caught(recover()) }()
		err = read()
	}
	select {
	case r.work <- apart:
	case <-r.ended:
		return read()
	case <-ctx.Done():
		return ctx.Err()
	}
	if p := <-done; p != nil {
		panic(p)
	}
	return err
}

// A panicApart is a panic of another goroutine than that of the request, and where it was.
type panicApart struct {
	value any
	stack []byte
}

// caught is what was recovered; nil if there was no panic.
func caught(p any) *panicApart {
	if p == nil {
		return nil
	}
	return &panicApart{p, debug.Stack()}
}
