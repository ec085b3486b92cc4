package main

import (
	"errors"
	"io"
)

// An ahead makes the text of the outputs while a store still applies the orders of the run.
// It does so if the store says what it will hold. The text stays in memory, as far as it fits, until the store has done its work: then it goes
// to the outputs, or it is dropped if the store came to hold something else.
type ahead struct {
	texts []*heldText // of customers.json and items.json, or of both in one document
	done  chan error
}

// heldBytes is how much of a text is made ahead: half of what reading a store takes.
const heldBytes = 16 << 20

var errDropped = errors.New("the store holds something else than was taken")

// startAhead starts to make so many texts; write writes them.
func startAhead(texts int, write func(to []io.Writer) error) *ahead {
	a := &ahead{done: make(chan error, 1)}
	var to []io.Writer
	for range texts {
		text := &heldText{to: make(chan io.Writer, 1)}
		a.texts = append(a.texts, text)
		to = append(to, text)
	}
	go func() {
		err := write(to)
		for _, text := range a.texts {
			if err == nil {
				err = text.flush()
			}
		}
		a.done <- err
	}()
	return a
}

// finish gives the texts the writers that they are for, and returns when all is written.
func (a *ahead) finish(to ...io.Writer) error {
	for i, text := range a.texts {
		text.to <- to[i]
	}
	return <-a.done
}

// drop drops the texts, and returns when nobody makes them any more.
func (a *ahead) drop() {
	for _, text := range a.texts {
		close(text.to)
	}
	<-a.done
}

// A heldText holds back what is written until it is known where it goes.
type heldText struct {
	to   chan io.Writer // takes it once, or is closed if the text goes nowhere
	w    io.Writer      // nil until it is known
	held [][]byte       // the text that is held back, in pieces, as a slice that grows is copied
	size int            // of that
}

// pieceBytes is how large a piece of a text is.
const pieceBytes = 256 << 10

func (h *heldText) Write(p []byte) (int, error) {
	if h.w == nil && h.size+len(p) <= heldBytes {
		h.hold(p)
		return len(p), nil
	}
	if err := h.flush(); err != nil {
		return 0, err
	}
	return h.w.Write(p)
}

func (h *heldText) hold(p []byte) {
	h.size += len(p)
	for len(p) > 0 {
		last := len(h.held) - 1
		if last < 0 || len(h.held[last]) == cap(h.held[last]) {
			h.held = append(h.held, make([]byte, 0, pieceBytes))
			last++
		}
		piece := h.held[last]
		n := copy(piece[len(piece):cap(piece)], p)
		h.held[last], p = piece[:len(piece)+n], p[n:]
	}
}

// flush waits until it is known where the text goes, and writes what was held back.
func (h *heldText) flush() error {
	if h.w != nil {
		return nil
	}
	w, ok := <-h.to
	if !ok {
		return errDropped
	}
	h.w = w
	for _, piece := range h.held {
		if _, err := w.Write(piece); err != nil {
			return err
		}
	}
	h.held = nil
	return nil
}
