package input

import (
	"context"
	"io"
)

// cancellable reads a source that may keep its reader waiting, as a pipe does, and stops
// waiting when ctx ends. One goroutine reads. If it waits in a read when ctx ends, it
// stays there until that read returns; the memory that it reads into is not used again.
type cancellable struct {
	ctx  context.Context
	want chan []byte
	got  chan readResult
	err  error // the end, once it has come
}

type readResult struct {
	n   int
	err error
}

func newCancellable(ctx context.Context, r io.Reader) io.Reader {
	c := &cancellable{ctx: ctx, want: make(chan []byte), got: make(chan readResult, 1)}
	go c.serve(r)
	return c
}

func (c *cancellable) serve(r io.Reader) {
	for {
		select {
		case <-c.ctx.Done():
			return
		case buf := <-c.want:
			n, err := r.Read(buf)
			c.got <- readResult{n, err}
			if err != nil {
				return
			}
		}
	}
}

func (c *cancellable) Read(buf []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	select {
	case <-c.ctx.Done():
		return 0, c.ctx.Err()
	case c.want <- buf:
	}
	select {
	case <-c.ctx.Done():
		return 0, c.ctx.Err()
	case result := <-c.got:
		c.err = result.err
		return result.n, result.err
	}
}
