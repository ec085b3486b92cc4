package records

import (
	"io"
	"runtime"
	"strconv"
	"sync"
	"time"

	"process-orders/internal/parallel"
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

// longText is from when on a batch's text is written before there is all of it:
// names can be long.
const longText = 1 << 20

// fewRecords are written sooner by one core than by several that take turns.
const fewRecords = 4096

// object writes an object with one member for each record of the table, in the
// order in which they came first; member writes it. Several cores make the text
// of a batch of records each, and take turns to write it.
func (j *jsonWriter) object(indent int, t *table, member func(*jsonText, *part, uint32)) {
	workers := runtime.GOMAXPROCS(0)
	if t.disk == nil {
		workers = min(workers, 1+t.inMemory()/fewRecords)
	}
	next := t.inOrder(workers)
	var mutex sync.Mutex // for next and taken
	taken := int64(0)
	turn := parallel.NewSequencer(func() {})
	j.raw("{")
	j.flush()
	comma := false // belongs to who has the turn
	put := func(index int64, text *jsonText) error {
		if err := turn.Wait(index); err != nil {
			return err
		}
		if !comma { // none before the first member
			comma = true
			text.buf = text.buf[1:]
		}
		j.write(text)
		return j.err
	}
	_ = each(workers, workers, func(int) error {
		var b batch
		var text jsonText
		for {
			mutex.Lock()
			more, err := next(&b)
			index := taken
			taken++
			mutex.Unlock()
			if !more {
				return turn.End(err)
			}
			for i := range b.len() {
				if i%groupSize == 0 {
					b.ask(i)
				}
				text.raw(",")
				text.newline(indent + 1)
				p, n := b.record(i)
				member(&text, p, n)
				if len(text.buf) > longText {
					if err := put(index, &text); err != nil {
						return turn.End(err)
					}
				}
			}
			if len(text.buf) > 0 {
				err = put(index, &text)
			}
			turn.Pass(err)
			if err != nil {
				return err
			}
		}
	})
	if j.err == nil {
		j.err = turn.Err()
	}
	if comma {
		j.newline(indent)
	}
	j.raw("}")
}

// jsonText is JSON text in the making.
type jsonText struct {
	buf  []byte
	room [wordBytes]byte // for a key or a text
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

// member begins a member of an object that stands at that indentation.
func (t *jsonText) member(comma, key string, indent int) {
	t.raw(comma)
	t.newline(indent)
	t.raw(`"`)
	t.raw(key)
	t.raw(`": `)
}

// money appends {"EUR": 1.50, "USD": 2.00}.
func (t *jsonText) money(sums []sum, indent int) {
	t.raw("{")
	comma := ""
	for _, s := range sums {
		t.member(comma, s.currency.String(), indent+1)
		t.buf = s.amount.Append(t.buf)
		comma = ","
	}
	if len(sums) > 0 {
		t.newline(indent)
	}
	t.raw("}")
}

// time appends a time as RFC 3339 has it, in UTC, or null.
func (t *jsonText) time(ms int64) {
	if ms == noTime {
		t.raw("null")
		return
	}
	t.raw(`"`)
	t.buf = timeOf(ms).AppendFormat(t.buf, time.RFC3339Nano)
	t.raw(`"`)
}
