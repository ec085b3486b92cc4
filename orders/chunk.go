package orders

import (
	"process-orders/input"
	"process-orders/internal/blocks"
)

// A chunk is a block of the input on its way to whoever uses its orders:
//
//	chunkReader.Next   fills it with bytes, in the order of the input
//	chunk.Scan         finds the orders in them, on any core
//	cursor.Settle      verifies them, in the order of the input again
//
// [All] goes through these steps on one core, [Columns] on all. A chunk is filled
// again and again, so that an order costs no allocation.
type chunk struct {
	findings
	block blocks.Block
	index int64  // of the chunk in the run, from 0
	buf   []byte // the memory of block.Data
	shape *shape
	stop  *stop // why the shape of the source is unknown
	// origin is that of the source.
	origin input.Origin

	nextKey []byte // see window

	read        reader
	rejectLines bool
	phone       func(dst, phone, region []byte) ([]byte, bool)
	// latest is the latest time that is not in the future.
	latest int64
	// end is where the rest of Data starts.
	end location
	// known is what the cursor keeps of the orders, if they have ids.
	known knownOrders
	// joined is what earlier chunks left over and this block, if Settle scans both.
	joined []byte
	// scanned reports whether Scan read the chunk, on the assumption that the chunk
	// before left the source where assumed says.
	scanned bool
	assumed nesting
}

// Scan finds the orders in the chunk. It assumes that the block was cut where an
// order starts; Settle verifies that, and scans again if it is not so. Different
// chunks may be scanned at the same time.
func (c *chunk) Scan() {
	c.findings.reset(nil)
	c.scanned = false
	m := c.read.program.mapping
	c.HasIDs, c.HasTimes, c.ByTime, c.Shop = len(m.ID) > 0, !c.read.program.plain, m.ByTime(), c.block.Shop
	c.Versioned, c.Reasons = c.HasIDs || c.ByTime, c.read.program.reasons
	if c.shape == nil || c.stop != nil || !c.block.Cut {
		return // Settle scans it, once it knows what came before
	}
	p := c.window(c.block.Data)
	if c.block.First {
		p.start = c.shape.body
	} else {
		p.now = c.read.usual(p)
	}
	c.scan(p)
	c.assumed, c.scanned = p.now, true
}

func (c *chunk) window(data []byte) *window {
	return &window{
		data: data, shape: c.shape,
		final:    c.block.Last && c.block.Err == nil,
		cutAfter: c.block.CutAfter, nextKey: c.nextKey,
	}
}

func (c *chunk) scan(p *window) {
	p.rejectLines = c.rejectLines
	c.read.scan(&c.findings, p)
	if c.HasTimes {
		c.findings.readTimes(c.read.program.times, c.latest)
	}
	if c.phone != nil {
		c.findings.normalize(c.phone)
	}
	if c.HasIDs {
		c.findings.digest(c.read.program.reasons)
	}
	c.end = c.known.of(&c.findings, c.block.Shop, p.shape.newline())
}
