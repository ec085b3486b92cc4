package records

// texts keeps texts in pages, which are never moved: growing copies nothing.
type texts struct {
	pages [][]byte
	size  int64
}

// ref is where a text lies.
type ref struct{ page, at, n uint32 }

const (
	firstTextBytes = 1 << 10 // few texts need little
	textPageBytes  = 1 << 16
)

// add keeps a copy of text.
func (t *texts) add(text []byte) ref { return t.addRoom(text, len(text)) }

// addRoom keeps a copy of text, with room for it to become as long as room.
func (t *texts) addRoom(text []byte, room int) ref {
	last := len(t.pages) - 1
	if last < 0 || cap(t.pages[last])-len(t.pages[last]) < room {
		size := max(room, textPageBytes)
		if last < 0 {
			size = max(room, firstTextBytes)
		}
		t.pages = append(t.pages, make([]byte, 0, size))
		t.size += int64(size)
		last++
	}
	page := t.pages[last]
	at := len(page)
	page = append(page, text...)
	t.pages[last] = page[:at+room]
	return ref{uint32(last), uint32(at), uint32(len(text))}
}

func (t *texts) get(r ref) []byte { return t.pages[r.page][r.at:][:r.n:r.n] }

// A cell is a text that changes. It has room for the longest it ever was, and
// doubles that when it grows, so that what it leaves behind is never more than
// what it takes.
type cell struct {
	ref
	room uint32
}

func (t *texts) set(c *cell, text []byte) {
	if len(text) <= int(c.room) {
		copy(t.pages[c.page][c.at:], text)
		c.n = uint32(len(text))
		return
	}
	room := len(text)
	if c.room > 0 {
		room = max(room, 2*int(c.room))
	}
	c.ref, c.room = t.addRoom(text, room), uint32(room)
}
