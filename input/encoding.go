package input

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/transform"
)

// UsualEncodings are the names that [Source].Encoding mostly has. All of the WHATWG's are
// known (https://encoding.spec.whatwg.org/#names-and-labels).
func UsualEncodings() []string {
	return []string{
		"utf-8", "utf-16", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1", "iso-8859-15",
		"windows-1250", "windows-1251", "shift_jis", "gbk", "big5", "euc-kr",
	}
}

// CheckEncoding returns an error if [Source].Encoding cannot have that name.
func CheckEncoding(name string) error {
	_, err := encodingOf(name)
	return err
}

// An EncodingError says where a source is not in its encoding.
type EncodingError struct {
	// Encoding is the one in which the source was read.
	Encoding string
	// Line and Column count from 1. Columns are bytes, after decoding.
	Line, Column int64
	// Reason is what is wrong, and the way out.
	Reason string
}

// Error returns the place and the reason.
func (e *EncodingError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

// A step appends to dst what it decodes of src, and returns how many bytes of it that were;
// final reports whether nothing follows. At a fault it returns what is wrong, with what was
// right before.
type step func(dst, src []byte, final bool) (decoded []byte, used int, wrong string)

// An encoding is how text is written as bytes.
type encoding struct {
	name string
	kind kind        // utf16LE or utf16BE, if it is one of them
	step func() step // nil: UTF-8, which is not decoded
}

func encodingOf(name string) (encoding, error) {
	switch key := strings.ToLower(strings.TrimSpace(name)); key {
	case "", "utf-8", "utf8":
		return encoding{name: "UTF-8"}, nil
	case "utf-16":
		return encoding{"UTF-16", utf16LE, littleEnd.step}, nil
	case "utf-16le":
		return encoding{"UTF-16", utf16LE, littleEnd.step}, nil
	case "utf-16be":
		return encoding{"UTF-16", utf16BE, bigEnd.step}, nil
	default:
		e, err := htmlindex.Get(key)
		if err != nil || key == "replacement" || key == "x-user-defined" {
			return encoding{}, fmt.Errorf("there is no encoding of that name; the usual ones are %s", strings.Join(UsualEncodings(), ", "))
		}
		canonical, err := htmlindex.Name(e)
		if err != nil {
			canonical = key
		}
		if single, ok := e.(*charmap.Charmap); ok {
			return encoding{name: canonical, step: func() step { return newSingleBytes(canonical, single).step }}, nil
		}
		return encoding{name: canonical, step: func() step { return multipleBytes(canonical, e.NewDecoder().Transformer) }}, nil
	}
}

// byteOrder is the order of the two bytes of a unit of UTF-16.
type byteOrder int

const (
	littleEnd byteOrder = iota
	bigEnd
)

func (o byteOrder) unit(b []byte) rune {
	if o == bigEnd {
		return rune(b[0])<<8 | rune(b[1])
	}
	return rune(b[1])<<8 | rune(b[0])
}

// step returns the step for UTF-16.
func (o byteOrder) step() step {
	return func(dst, src []byte, final bool) ([]byte, int, string) {
		at := 0
		for ; at+2 <= len(src); at += 2 {
			r := o.unit(src[at:])
			switch {
			case r < utf8.RuneSelf:
				dst = append(dst, byte(r))
				continue
			case !utf16.IsSurrogate(r):
			case at+4 > len(src) && !final:
				return dst, at, ""
			case at+4 > len(src):
				return dst, at, "the text ends within a character; the file is cut off"
			default:
				if r = utf16.DecodeRune(r, o.unit(src[at+2:])); r == utf8.RuneError {
					return dst, at, "half of a surrogate pair, so this is not valid UTF-16; the file is damaged"
				}
				at += 2
			}
			dst = utf8.AppendRune(dst, r)
		}
		if at < len(src) && final {
			return dst, at, "UTF-16 has two bytes a character, and one is left over; the file is cut off"
		}
		return dst, at, ""
	}
}

// isUTF16 reports whether the start of a source is text in that order: all are characters
// that texts have, and at least half of them have a byte that text in UTF-8 has not.
func isUTF16(head []byte, o byteOrder) bool {
	units, no8 := 0, 0
	for i := 0; i+2 <= len(head); i += 2 {
		r := o.unit(head[i:])
		switch {
		case isControl(r), r >= 0xfff0:
			return false
		case utf16.IsSurrogate(r) && i+4 <= len(head):
			if utf16.DecodeRune(r, o.unit(head[i+2:])) == utf8.RuneError {
				return false
			}
			i += 2
		case isBinary(head[i]), isBinary(head[i+1]):
			no8++
		}
		units++
	}
	return units > 0 && 2*no8 >= units
}

// isControl reports whether a character is one that no text has.
func isControl(r rune) bool { return r < ' ' && isBinary(byte(r)) || r >= 0x7f && r < 0xa0 }

// isBinary reports whether a byte is one that no text in UTF-8 has.
func isBinary(c byte) bool { return c < ' ' && c != '\t' && c != '\n' && c != '\r' }

// singleBytes decodes an encoding that has one byte a character.
type singleBytes struct {
	name  string
	runes [256]rune // -1: no character
	utf8  maybeUTF8
}

// maybeUTF8 finds out whether a text that was named otherwise is UTF-8.
type maybeUTF8 struct {
	// wrong reports whether something that is not ASCII was not valid UTF-8, as texts in
	// other encodings hardly are by chance. characters counts what was.
	wrong      bool
	characters int
	rest       []byte // what follows the last whole character
}

// is reports whether the text is UTF-8 and has at least so many characters that are not ASCII.
func (m *maybeUTF8) is(atLeast int) bool {
	return !m.wrong && m.characters >= atLeast && len(m.rest) == 0
}

// reason says that a text is UTF-8 and not what it was named.
func (m *maybeUTF8) reason(name string) string {
	return "all of the text before is valid UTF-8, and hardly " + name + "; read it as UTF-8"
}

func newSingleBytes(name string, c *charmap.Charmap) *singleBytes {
	s := &singleBytes{name: name}
	for i := range s.runes {
		r := c.DecodeByte(byte(i))
		if r == utf8.RuneError || r >= 0x80 && r < 0xa0 { // a control character that no text has
			r = -1
		}
		s.runes[i] = r
	}
	return s
}

func (s *singleBytes) step(dst, src []byte, final bool) ([]byte, int, string) {
	s.utf8.compare(src)
	for i, c := range src {
		switch r := s.runes[c]; {
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		case r < 0:
			return dst, i, fmt.Sprintf("the byte %#x is no character of %s; the file is damaged or in another encoding", c, s.name)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	if final && s.utf8.is(1) {
		return dst, len(src), s.utf8.reason(s.name)
	}
	return dst, len(src), ""
}

// compare takes more of the text.
func (m *maybeUTF8) compare(src []byte) {
	for len(src) > 0 && !m.wrong {
		if len(m.rest) == 0 {
			n := 0
			for n < len(src) && src[n] < utf8.RuneSelf {
				n++
			}
			if src = src[n:]; len(src) == 0 {
				return
			}
		}
		m.rest, src = append(m.rest, src[0]), src[1:]
		if utf8.FullRune(m.rest) {
			m.wrong = !utf8.Valid(m.rest)
			m.characters++
			m.rest = m.rest[:0]
		}
	}
}

// notByChance is how many characters of UTF-8 are none of an encoding with several bytes a
// character. Fewer may be: the two of GBK in a famous word are valid UTF-8.
const notByChance = 4

// multipleBytes returns the step for any other encoding. Its decoder has U+FFFD for what is
// wrong.
func multipleBytes(name string, t transform.Transformer) step {
	buf := make([]byte, 4*rawBytes)
	var maybe maybeUTF8
	return func(dst, src []byte, final bool) ([]byte, int, string) {
		at := 0
		for {
			n, used, err := t.Transform(buf, src[at:], final)
			maybe.compare(src[at : at+used])
			at += used
			if i := bytes.Index(buf[:n], []byte("\uFFFD")); i >= 0 {
				return append(dst, buf[:i]...), at, "this is no character of " + name + "; the file is damaged or in another encoding"
			}
			dst = append(dst, buf[:n]...)
			switch {
			case err == transform.ErrShortSrc && final:
				return dst, at, "the text ends within a character; the file is cut off"
			case err == nil && final && maybe.is(notByChance):
				return dst, at, maybe.reason(name)
			case err == nil || err == transform.ErrShortSrc:
				return dst, at, ""
			case err != transform.ErrShortDst:
				return dst, at, err.Error()
			}
		}
	}
}

// A decoder reads text in an encoding as UTF-8.
type decoder struct {
	r    io.Reader
	name string
	step step
	raw  []byte // read and not yet decoded, of the buffer
	buf  []byte
	out  []byte // decoded
	at   int    // how much of out was read
	// line and column are those of what follows out.
	line, column int64
	err          error
}

func newDecoder(r io.Reader, e encoding) *decoder {
	return &decoder{r: r, name: e.name, step: e.step(), buf: make([]byte, rawBytes), line: 1, column: 1}
}

func (d *decoder) Read(p []byte) (int, error) {
	for d.at == len(d.out) && len(p) > 0 {
		if d.err != nil {
			return 0, d.err
		}
		if !d.fill() {
			return 0, nil
		}
	}
	n := copy(p, d.out[d.at:])
	d.at += n
	return n, nil
}

// fill decodes more. It reports false if the source gave nothing.
func (d *decoder) fill() bool {
	have := copy(d.buf, d.raw)
	n, err := d.r.Read(d.buf[have:])
	d.raw, d.err = d.buf[:have+n], err
	if n == 0 && err == nil {
		return false
	}
	final := err == io.EOF
	var used int
	var wrong string
	d.out, used, wrong = d.step(d.out[:0], d.raw, final)
	d.at, d.raw = 0, d.raw[used:]
	if i := bytes.LastIndexByte(d.out, '\n'); i >= 0 {
		d.line += int64(bytes.Count(d.out, []byte("\n")))
		d.column = int64(len(d.out) - i)
	} else {
		d.column += int64(len(d.out))
	}
	if wrong != "" {
		d.err = &EncodingError{d.name, d.line, d.column, wrong}
	}
	return true
}
