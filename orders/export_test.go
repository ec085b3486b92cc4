package orders

// Ways are the ways to read that must give the same answers: with everything
// that is fast, without the processor's wide instructions, and without anything
// that is fast. The function that a way returns puts it back.
var Ways = map[string]func() (back func()){
	"quick":     func() func() { return set(false, wide) },
	"portable":  func() func() { return set(false, false) },
	"carefully": func() func() { return set(true, false) },
}

func set(careful, useWide bool) (back func()) {
	oldCareful, oldWide := carefully, wide
	carefully, wide = careful, useWide
	return func() { carefully, wide = oldCareful, oldWide }
}

// Habits tells how many spots a chunk's reader knows, and a measure of how often
// they did not help.
func (c *Chunk) Habits() (spots, fails int) { return len(c.read.habits.spots), c.read.habits.fails }
