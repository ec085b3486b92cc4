package table

// texts are an arena of texts. It consists of pages that are never moved, so growing
// copies nothing.
type texts struct {
	pages [][]byte
	size  int64
}

// A textRef says where a text is in the arena.
type textRef struct{ page, offset, length uint32 }

const (
	firstPageBytes = 1 << 10 // few texts need little
	pageBytes      = 1 << 16
)

// add keeps a copy of text.
func (t *texts) add(text []byte) textRef { return t.reserve(text, len(text)) }

// reserve keeps a copy of text, which may grow to capacity bytes later.
func (t *texts) reserve(text []byte, capacity int) textRef {
	last := len(t.pages) - 1
	if last < 0 || cap(t.pages[last])-len(t.pages[last]) < capacity {
		size := max(capacity, pageBytes)
		if last < 0 {
			size = max(capacity, firstPageBytes)
		}
		t.pages = append(t.pages, make([]byte, 0, size))
		t.size += int64(size)
		last++
	}
	page := t.pages[last]
	offset := len(page)
	page = append(page, text...)
	t.pages[last] = page[:offset+capacity]
	return textRef{uint32(last), uint32(offset), uint32(len(text))}
}

func (t *texts) get(r textRef) []byte { return t.pages[r.page][r.offset:][:r.length:r.length] }

// An overflowText is a text that is too long for a record, and that may change. It has
// capacity for the longest text it ever was. The capacity doubles when it grows, so what
// it leaves behind is never more than what it takes.
type overflowText struct {
	textRef
	capacity uint32
}

func (t *texts) set(o *overflowText, text []byte) {
	if len(text) <= int(o.capacity) {
		copy(t.pages[o.page][o.offset:], text)
		o.length = uint32(len(text))
		return
	}
	capacity := len(text)
	if o.capacity > 0 {
		capacity = max(capacity, 2*int(o.capacity))
	}
	o.textRef, o.capacity = t.reserve(text, capacity), uint32(capacity)
}
