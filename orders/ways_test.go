package orders

// Ways are the ways to read that must give the same answers: with everything
// that is fast, without the processor's wide instructions, without anything
// that is fast, and with values taken down before they are judged. The function that a way returns puts it back.
var Ways = map[string]func() (back func()){
	"quick":         func() func() { return set(false, wide, false) },
	"portable":      func() func() { return set(false, false, false) },
	"carefully":     func() func() { return set(true, false, false) },
	"raw":           func() func() { return set(false, wide, true) },
	"raw carefully": func() func() { return set(true, false, true) },
}

func set(careful, useWide, raw bool) (back func()) {
	oldCareful, oldWide, oldRaw := carefully, wide, rawly
	carefully, wide, rawly = careful, useWide, raw
	return func() { carefully, wide, rawly = oldCareful, oldWide, oldRaw }
}

// Habits tells how many spots a chunk's reader knows, and a measure of how often
// they did not help.
func (c *Chunk) Habits() (spots, fails int) { return len(c.read.habits.spots), c.read.habits.fails }
