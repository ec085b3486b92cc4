package input

import (
	"context"
	"io"
)

// text returns the text of a source after decompression: decoded if it is not UTF-8, and a
// table if it is a workbook. asIs reports whether it is r itself.
func (s *Source) text(ctx context.Context, r io.Reader) (text io.Reader, stop func(), asIs bool, err error) {
	stop = func() {}
	want, err := encodingOf(s.Encoding)
	if err != nil {
		return nil, stop, false, err
	}
	h := &headed{r: r}
	l := h.look()
	switch {
	case l.kind == refused:
		return nil, stop, false, l.error
	case l.kind == anOLE:
		return nil, stop, false, oleError(h)
	case l.kind == aZipFile:
		t, err := s.openTable(ctx, h)
		if err != nil {
			return nil, stop, false, err
		}
		return t, t.close, false, nil
	}
	e, ok := s.decodes(want, l)
	if !ok {
		return h, stop, true, nil
	}
	h.discard(l.mark)
	return newDecoder(h, e), stop, false, nil
}

// decodes returns the encoding that a text must be decoded from; false if it is UTF-8. A
// byte order mark says more than a name other than UTF-8, and so do the zeros of UTF-16
// unless the name is that of UTF-16.
func (s *Source) decodes(want encoding, l look) (e encoding, ok bool) {
	switch {
	case s.Encoding != "" && want.step == nil, l.kind == asText && l.mark > 0:
		return e, false
	case l.kind != asText && (l.mark > 0 || want.kind == asText):
		e.name, e.kind, e.step = "UTF-16", l.kind, littleEnd.step
		if l.kind == utf16BE {
			e.step = bigEnd.step
		}
		return e, true
	}
	return want, want.step != nil
}

// headed is a reader whose head was read before.
type headed struct {
	r    io.Reader
	head []byte // not yet read again
	err  error  // that comes after it
}

// look reads so much that it is known what the source is.
func (h *headed) look() look {
	buf := make([]byte, 0, headBytes)
	for idle, want := 0, 4; ; {
		if l, ok := lookAt(buf, h.err != nil); ok {
			h.head = buf
			return l
		}
		if len(buf) == want {
			want = min(4*want, headBytes) // a little, as the rest is read without a copy
		}
		n, err := h.r.Read(buf[len(buf):want])
		buf, h.err = buf[:len(buf)+n], err
		if idle++; n > 0 {
			idle = 0
		}
		if idle == maxIdleReads && err == nil {
			h.err = io.ErrNoProgress
		}
	}
}

func (h *headed) discard(n int) { h.head = h.head[n:] }

func (h *headed) Read(p []byte) (int, error) {
	switch {
	case len(h.head) > 0:
		n := copy(p, h.head)
		h.head = h.head[n:]
		return n, nil
	case h.err != nil:
		return 0, h.err
	}
	return h.r.Read(p)
}
