package apply

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"hash/maphash"
	"io"
	"sync/atomic"

	"process-orders/input"
)

// content is what is known of a source's bytes, and of its text, when both were read: by
// what the source is recognized.
//
// Reading a source starts it again, as often as the source is opened, and the last reading
// goes to its end.
type content struct {
	wanted []int64 // offsets in the text, sorted, at which its hash is to be taken
	// marked reports whether somebody calls mark while the text is read.
	marked atomic.Bool
	// last is the offset at which the last order so far ends, and looked that up to which
	// the text was looked at.
	last, looked atomic.Int64

	bytes int64         // before decompression
	fast  *maphash.Hash // of the bytes if they are read once more in any case, to recognize them; or nil
	whole *lagging      // the hash of the bytes, and of the name of another sheet behind them
	sum   []byte        // that of the bytes alone
	text  *lagging      // that of the text, which is the same one if the bytes are the text
	open  []*asyncWriter
}

// of returns the source with all that is read of it going to the content too.
func (c *content) of(source input.Source) input.Source {
	open := source.Open
	source.Open = func() (io.ReadCloser, error) {
		c.finish()
		c.last.Store(0)
		c.looked.Store(0)
		c.bytes = 0
		c.whole = newLagging(c)
		c.text = c.whole
		file, err := open()
		if err != nil {
			return nil, err
		}
		sums := io.Writer(c.whole)
		if c.fast != nil {
			c.fast.Reset()
			sums = io.MultiWriter(c.whole, c.fast)
		}
		w := newAsyncWriter(sums)
		c.open = append(c.open, w)
		return &copying{file, w, &c.bytes}, nil
	}
	also := source.Text
	source.Text = func(asIs bool) io.Writer {
		var other io.Writer
		if also != nil {
			other = also(asIs)
		}
		if asIs {
			return other
		}
		c.whole.hurries.Store(true)
		c.text = newLagging(c)
		w := newAsyncWriter(c.text)
		c.open = append(c.open, w)
		if other != nil {
			return io.MultiWriter(w, other)
		}
		return w
	}
	return source
}

// again returns a hash for the bytes when they are read once more, and what it was of those that
// were read.
func (c *content) again() (sum hash.Hash, want []byte) {
	if c.fast == nil {
		return sha256.New(), c.sum
	}
	same := new(maphash.Hash)
	same.SetSeed(c.fast.Seed())
	return same, c.fast.Sum(nil)
}

// mark notes how far the text was looked at, and where the last order so far ends.
func (c *content) mark(last, looked int64) {
	c.last.Store(last)
	c.looked.Store(looked)
}

// finish waits until all that was read has arrived.
func (c *content) finish() {
	for _, w := range c.open {
		w.wait()
	}
	c.open = nil
}

// maxTailBytes is how much text may follow the last order of a source that is to be
// recognized when it has grown.
const maxTailBytes = 1 << 20

// lagging is the hash of a text, which is not taken further than the end of the last order,
// as long as that is not too far back: so that the hash up to there can be had at the end.
type lagging struct {
	of      *content
	hurries atomic.Bool // the text is not that of the orders

	sum     hash.Hash
	hashed  int64  // so many bytes are in sum
	waiting []byte // the bytes behind them, from start on
	start   int
	sums    map[int64]string // what was wanted
	lines   int64            // ends of lines
	lastEnd int64            // the offset behind the last end of a line
}

func newLagging(c *content) *lagging {
	return &lagging{of: c, sum: sha256.New(), sums: map[int64]string{}}
}

// size is how many bytes were written.
func (l *lagging) size() int64 { return l.hashed + int64(len(l.waiting)-l.start) }

// Write never fails.
func (l *lagging) Write(p []byte) (int, error) {
	if i := bytes.LastIndexAny(p, "\r\n"); i >= 0 {
		l.lastEnd = l.size() + int64(i) + 1
	}
	l.lines += int64(bytes.Count(p, []byte{'\n'}))
	if l.start > len(l.waiting)/2 {
		l.waiting = l.waiting[:copy(l.waiting, l.waiting[l.start:])]
		l.start = 0
	}
	l.waiting = append(l.waiting, p...)
	l.upTo(l.target())
	return len(p), nil
}

// target is how far the text may be hashed now.
func (l *lagging) target() int64 {
	switch last, looked := l.of.last.Load(), l.of.looked.Load(); {
	case l.hurries.Load():
		return l.size()
	case !l.of.marked.Load():
		return l.size() - maxTailBytes
	case looked-max(last, l.hashed) > maxTailBytes:
		return looked
	default:
		return last
	}
}

// upTo hashes the text up to an offset.
func (l *lagging) upTo(offset int64) {
	offset = min(offset, l.size())
	for _, w := range l.of.wanted {
		if w > l.hashed && w <= offset {
			l.hash(w)
			l.sums[w] = l.sumText()
		}
	}
	l.hash(offset)
}

func (l *lagging) hash(offset int64) {
	if n := int(offset - l.hashed); n > 0 {
		_, _ = l.sum.Write(l.waiting[l.start : l.start+n])
		l.hashed, l.start = offset, l.start+n
	}
}

// sumText is the hash of what is hashed.
func (l *lagging) sumText() string { return "sha256:" + hex.EncodeToString(l.sum.Sum(nil)) }

// at returns the hash of the text up to an offset; "" if it is not known any more.
func (l *lagging) at(offset int64) string {
	if offset < l.hashed || offset > l.size() {
		return ""
	}
	l.upTo(offset)
	return l.sumText()
}
