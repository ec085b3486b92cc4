package orders

import "sync"

// prepared is a mapping that was compiled once for all, with the memory of readings that are
// over. What these learned of how orders are laid out is in it too.
type prepared struct {
	of      *Mapping // that it is part of: a copy of that is another mapping
	program *program
}

// Prepared returns a copy of the mapping for programs that read many small sources: what reading
// starts with is done once, and its memory is used again. The copy must not be changed. It may be
// used by several goroutines at once, and a copy of the copy is a mapping like any other. The
// error is that of [Mapping.Check].
func (m *Mapping) Prepared() (*Mapping, error) {
	ready := *m
	ready.prepared = nil
	p, err := compile(ready, switches{})
	if err != nil {
		return nil, err
	}
	p.limit, p.spare = MaxOrderBytes, new(spareMemory)
	ready.prepared = &prepared{&ready, p}
	return &ready, nil
}

// programOf returns the program of a mapping.
func programOf(m *Mapping, s switches, limit int) (*program, error) {
	if m != nil && m.prepared != nil && m.prepared.of == m && s == (switches{}) && limit == MaxOrderBytes {
		return m.prepared.program, nil
	}
	mapping := Default()
	if m != nil {
		mapping = *m
	}
	p, err := compile(mapping, s)
	if err != nil {
		return nil, err
	}
	p.limit = limit
	return p, nil
}

// spareMemory is the memory of readings that are over, for later ones with the same program.
type spareMemory struct{ chunks, heads sync.Pool }

const (
	// maxSpareBytes is how much data a chunk may have to be kept.
	maxSpareBytes = 64 << 10
	// maxSpareVertices is how much it may have learned. Sources of one system have a dozen.
	maxSpareVertices = 128
)

// isSmall reports whether the memory of a chunk is worth keeping.
func (c *chunk) isSmall() bool {
	return cap(c.buf) <= maxSpareBytes && cap(c.Arena) <= maxSpareBytes && cap(c.All) <= maxSpareBytes/64 && cap(c.AllLines) <= maxSpareBytes/16 &&
		len(c.read.orders.layouts.vertices) <= maxSpareVertices
}

// chunk returns a chunk that an earlier reading has left, or a new one.
func (p *program) chunk() *chunk {
	if p.spare != nil {
		if c, ok := p.spare.chunks.Get().(*chunk); ok {
			return c
		}
	}
	return new(chunk)
}

// A head is the memory for a look at the first order of a source.
type head struct {
	b findings
	r reader
}

func (p *program) head() *head {
	if p.spare != nil {
		if h, ok := p.spare.heads.Get().(*head); ok {
			h.r.hasOpened, h.r.hasEnded = false, false
			return h
		}
	}
	return &head{r: reader{program: p}}
}

// leave leaves the memory of a head for another reading.
func (p *program) leave(h *head) {
	if p.spare != nil && len(h.b.Data) <= maxSpareBytes && len(h.r.orders.layouts.vertices) <= maxSpareVertices {
		h.b.Data = nil
		p.spare.heads.Put(h)
	}
}
