package apply

import "io"

// asyncWriter writes to a hash in a goroutine of its own while its caller goes on,
// because hashing a source takes as long as reading all its orders.
type asyncWriter struct {
	full, free chan []byte
	ended      chan struct{}
}

func newAsyncWriter(hash io.Writer) *asyncWriter {
	const buffers, size = 4, 256 << 10
	w := &asyncWriter{make(chan []byte, buffers), make(chan []byte, buffers), make(chan struct{})}
	for range buffers {
		w.free <- make([]byte, size)
	}
	go func() {
		defer close(w.ended)
		for p := range w.full {
			_, _ = hash.Write(p) // which cannot fail
			w.free <- p
		}
	}()
	return w
}

// Write keeps a copy of p and never fails.
func (w *asyncWriter) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		buffer := <-w.free
		n := copy(buffer[:cap(buffer)], rest)
		w.full <- buffer[:n]
		rest = rest[n:]
	}
	return len(p), nil
}

// wait returns when everything is in the hash. Nothing may be written after it.
func (w *asyncWriter) wait() {
	close(w.full)
	<-w.ended
}
