package apply

import "io"

// beside writes to a hash while its caller goes on: to hash a source takes as long as
// to read all its orders.
type beside struct {
	full, free chan []byte
	ended      chan struct{}
}

func newBeside(hash io.Writer) *beside {
	const buffers, size = 4, 256 << 10
	b := &beside{make(chan []byte, buffers), make(chan []byte, buffers), make(chan struct{})}
	for range buffers {
		b.free <- make([]byte, size)
	}
	go func() {
		defer close(b.ended)
		for p := range b.full {
			_, _ = hash.Write(p) // which cannot fail
			b.free <- p
		}
	}()
	return b
}

func (b *beside) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		buffer := <-b.free
		n := copy(buffer[:cap(buffer)], rest)
		b.full <- buffer[:n]
		rest = rest[n:]
	}
	return len(p), nil
}

// wait returns when all is written. Nothing may be written after it.
func (b *beside) wait() {
	close(b.full)
	<-b.ended
}
