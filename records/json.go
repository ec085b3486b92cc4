package records

import (
	"io"
	"strconv"
)

// part is what a jsonWriter can write: an object at some indentation.
type part interface {
	appendTo(j *jsonWriter, indent int)
}

// writeDocument writes a part as a whole JSON document, with a newline at its
// end.
func writeDocument(w io.Writer, p part) (int64, error) {
	j := &jsonWriter{w: w, buf: make([]byte, 0, flushBytes+flushBytes/4)}
	p.appendTo(j, 0)
	j.raw("\n")
	j.flush()
	return j.written, j.err
}

// flushBytes is how much is written at once.
const flushBytes = 256 << 10

// jsonWriter writes JSON with an indentation of 4, UTF-8 as it is. After an
// error it writes nothing more.
type jsonWriter struct {
	w       io.Writer
	buf     []byte
	written int64
	err     error
}

func (j *jsonWriter) flush() {
	if j.err == nil {
		var n int
		n, j.err = j.w.Write(j.buf)
		j.written += int64(n)
	}
	j.buf = j.buf[:0]
}

// object writes an object with one member for each number; member writes it.
func (j *jsonWriter) object(indent int, numbers []uint32, member func(uint32)) {
	if len(numbers) == 0 {
		j.raw("{}")
		return
	}
	j.raw("{")
	for i, n := range numbers {
		if i > 0 {
			j.raw(",")
		}
		j.newline(indent + 1)
		member(n)
		if len(j.buf) >= flushBytes {
			if j.flush(); j.err != nil {
				return
			}
		}
	}
	j.newline(indent)
	j.raw("}")
}

func (j *jsonWriter) raw(s string)      { j.buf = append(j.buf, s...) }
func (j *jsonWriter) rawBytes(b []byte) { j.buf = append(j.buf, b...) }
func (j *jsonWriter) integer(n int64)   { j.buf = strconv.AppendInt(j.buf, n, 10) }

const spaces = "\n                "

func (j *jsonWriter) newline(indent int) { j.raw(spaces[:1+4*indent]) }

// string writes a string. Only what JSON says must be escaped is.
func (j *jsonWriter) string(text []byte) {
	buf := append(j.buf, '"')
	from := 0
	for i, c := range text {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		buf = append(buf, text[from:i]...)
		buf = appendEscape(buf, c)
		from = i + 1
	}
	buf = append(buf, text[from:]...)
	j.buf = append(buf, '"')
}

func appendEscape(buf []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(buf, '\\', c)
	case '\b':
		return append(buf, `\b`...)
	case '\f':
		return append(buf, `\f`...)
	case '\n':
		return append(buf, `\n`...)
	case '\r':
		return append(buf, `\r`...)
	case '\t':
		return append(buf, `\t`...)
	}
	const hex = "0123456789abcdef"
	return append(buf, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}
