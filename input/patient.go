package input

import (
	"context"
	"io"
)

// patient reads from a source that may keep us waiting, such as a pipe, and
// lets go of it when ctx ends. One goroutine reads; where it is stuck in a read
// at the end of ctx it stays until that read returns, and the memory that it
// reads into is never used again.
type patient struct {
	ctx  context.Context
	want chan []byte
	got  chan readResult
	err  error // the end, once it has come
}

type readResult struct {
	n   int
	err error
}

func newPatient(ctx context.Context, r io.Reader) io.Reader {
	p := &patient{ctx: ctx, want: make(chan []byte), got: make(chan readResult, 1)}
	go p.serve(r)
	return p
}

func (p *patient) serve(r io.Reader) {
	for {
		select {
		case <-p.ctx.Done():
			return
		case buf := <-p.want:
			n, err := r.Read(buf)
			p.got <- readResult{n, err}
			if err != nil {
				return
			}
		}
	}
}

func (p *patient) Read(buf []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	select {
	case <-p.ctx.Done():
		return 0, p.ctx.Err()
	case p.want <- buf:
	}
	select {
	case <-p.ctx.Done():
		return 0, p.ctx.Err()
	case result := <-p.got:
		p.err = result.err
		return result.n, result.err
	}
}
