package fold

import "sync"

// A Pool has the accumulators of some workers. A worker takes one that nobody uses, and
// puts it back: so its memory is used again.
type Pool struct {
	create func() *Accumulator
	mu     sync.Mutex
	idle   []*Accumulator
	all    []*Accumulator
}

// NewPool is an empty pool, which makes accumulators by create.
func NewPool(create func() *Accumulator) *Pool { return &Pool{create: create} }

// Take returns an accumulator that nobody else uses until it is put back.
func (p *Pool) Take() *Accumulator {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		a := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return a
	}
	a := p.create()
	p.all = append(p.all, a)
	return a
}

// Put puts an accumulator back.
func (p *Pool) Put(a *Accumulator) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, a)
}

// All returns all accumulators that the pool made. Call it only when none is used any more.
func (p *Pool) All() []*Accumulator {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all
}
