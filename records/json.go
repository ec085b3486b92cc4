package records

import (
	"io"
	"runtime"
	"strconv"
)

// writeDocument writes what body writes as a whole JSON document, with a newline
// at its end.
func writeDocument(w io.Writer, body func(*jsonWriter)) (int64, error) {
	j := &jsonWriter{w: w}
	body(j)
	j.raw("\n")
	j.flush()
	return j.written, j.err
}

// jsonWriter writes JSON with an indentation of 4, UTF-8 as it is. After an
// error it writes nothing more.
type jsonWriter struct {
	w       io.Writer
	text    jsonText // not yet written
	written int64
	err     error
}

func (j *jsonWriter) raw(s string)       { j.text.raw(s) }
func (j *jsonWriter) newline(indent int) { j.text.newline(indent) }

func (j *jsonWriter) flush() { j.write(&j.text) }

func (j *jsonWriter) write(t *jsonText) {
	if j.err == nil {
		var n int
		n, j.err = j.w.Write(t.buf)
		j.written += int64(n)
	}
	t.buf = t.buf[:0]
}

// object writes an object with one member for each record of the table, in the
// order in which they came first; member writes it. Several cores make the text
// of a run of records each, and take turns to write it.
func (j *jsonWriter) object(indent int, t *table, member func(*jsonText, *part, uint32)) {
	if t.len() == 0 {
		j.raw("{}")
		return
	}
	workers := runtime.GOMAXPROCS(0)
	runs := t.inOrder(workers)
	j.raw("{")
	j.flush()
	turn := newTurn()
	texts := make([]jsonText, workers)
	free := make(chan *jsonText, workers)
	for i := range texts {
		free <- &texts[i]
	}
	comma := false // belongs to who has the turn
	_ = each(workers, len(runs), func(i int) error {
		text := <-free
		defer func() { free <- text }()
		for _, f := range runs[i] {
			text.raw(",")
			text.newline(indent + 1)
			member(text, &t.parts[f.part], f.index)
		}
		if err := turn.wait(int64(i)); err != nil {
			return err
		}
		if !comma && len(text.buf) > 0 { // none before the first member
			comma = true
			text.buf = text.buf[1:]
		}
		j.write(text)
		err := j.err // which belongs to the next one from pass on
		turn.pass(err)
		return err
	})
	j.newline(indent)
	j.raw("}")
}

// jsonText is JSON text in the making.
type jsonText struct {
	buf  []byte
	room []byte // for a key or a text
}

func (t *jsonText) raw(s string)    { t.buf = append(t.buf, s...) }
func (t *jsonText) integer(n int64) { t.buf = strconv.AppendInt(t.buf, n, 10) }

const spaces = "\n                "

func (t *jsonText) newline(indent int) { t.raw(spaces[:1+4*indent]) }

// string appends a string. Only what JSON says must be escaped is.
func (t *jsonText) string(text []byte) {
	buf := append(t.buf, '"')
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
	t.buf = append(buf, '"')
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
