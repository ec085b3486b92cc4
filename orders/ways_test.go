package orders

// Ways are the ways to read that must give the same answers. Each changes options so
// that they are read its way.
var Ways = map[string]func(Options) Options{
	"fast":        way(switches{}),
	"portable":    way(switches{portable: true}),
	"slow":        way(switches{slow: true}),
	"mapped":      way(switches{mapped: true}),
	"mapped slow": way(switches{mapped: true, slow: true}),
}

func way(s switches) func(Options) Options {
	return func(o Options) Options {
		o.switches = s
		return o
	}
}

// Layouts returns how many vertices a chunk's reader knows, and a measure of how often
// they did not help.
func (c *Chunk) Layouts() (vertices, fails int) {
	return len(c.read.orders.layouts.vertices), c.read.fast.fails
}

// The steps of reading, which tests take one by one.
type (
	Reader = chunkReader
	Chunk  = chunk
	Cursor = cursor
)

var (
	NewReader = newChunkReader
)

// IndexOf is the chunk's number in its run, from 0.
func IndexOf(c *Chunk) int64 { return c.index }

// NewCursor starts a run of what a reader reads.
func NewCursor(r *Reader, o Options) *Cursor { return newCursor(r.program, o) }
