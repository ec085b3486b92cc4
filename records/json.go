package records

import (
	"errors"
	"io"
	"iter"
	"runtime"
	"strconv"
	"time"

	"process-orders/internal/parallel"
	"process-orders/internal/table"
	"process-orders/internal/timestamp"
	"process-orders/money"
)

// writeDocument writes what body writes as a whole JSON document, with a newline at its
// end.
func writeDocument(w io.Writer, body func(*jsonWriter)) (int64, error) {
	j := &jsonWriter{w: w}
	body(j)
	j.raw("\n")
	j.flush()
	return j.written, j.err
}

// jsonWriter writes JSON with an indentation of 4, UTF-8 as it is. After an error it writes
// nothing more.
type jsonWriter struct {
	w       io.Writer
	pending jsonText // not yet written
	written int64
	err     error
}

func (j *jsonWriter) raw(s string)       { j.pending.raw(s) }
func (j *jsonWriter) newline(indent int) { j.pending.newline(indent) }

func (j *jsonWriter) flush() { j.write(&j.pending) }

// write writes the text and empties it.
func (j *jsonWriter) write(t *jsonText) {
	if j.err == nil {
		var n int
		n, j.err = j.w.Write(t.text)
		j.written += int64(n)
	}
	t.text = t.text[:0]
}

// fullText is how many bytes of text are gathered before they are written, even in the
// middle of a run: names can be long.
const fullText = 1 << 20

// fewRecords are written sooner by one core than by several that take turns.
const fewRecords = 4096

// records writes an object with one member for each record of the table, in the order in
// which they came first; member appends one. Several cores make the text of a run of
// records each, and write it in turns.
func (j *jsonWriter) records(indent int, t *table.Table, member func(*jsonText, table.Record)) {
	workers := runtime.GOMAXPROCS(0)
	if !t.Spilled() {
		workers = min(workers, 1+t.Len()/fewRecords)
	}
	j.raw("{")
	j.flush()
	w := recordWriter{j: j, indent: indent, member: member, runs: t.Runs(workers), turns: parallel.NewSequencer(nil)}
	_ = parallel.Each(workers, workers, func(int) error { return w.turns.End(w.work()) })
	if j.err == nil {
		j.err = w.turns.Err()
	}
	if w.comma {
		j.newline(indent)
	}
	j.raw("}")
}

// recordWriter is what the workers of jsonWriter.records share.
type recordWriter struct {
	indent int
	member func(*jsonText, table.Record)

	runs  *table.Runs
	turns *parallel.Sequencer
	// These belong to the worker whose turn it is.
	j     *jsonWriter
	comma bool // the next member has one before it
}

// work writes runs until there are no more.
func (w *recordWriter) work() error {
	var run table.Run
	var text jsonText
	for {
		index, more, err := w.runs.Next(&run)
		if !more {
			return err
		}
		for i := range run.Len() {
			text.raw(",")
			text.newline(w.indent + 1)
			w.member(&text, run.Record(i))
			if len(text.text) > fullText {
				if err := w.put(index, &text); err != nil {
					return err
				}
			}
		}
		if len(text.text) > 0 {
			err = w.put(index, &text)
		}
		w.turns.Pass(err)
		if err != nil {
			return err
		}
	}
}

// put waits for the turn of a run and writes text of it. The turn stays.
func (w *recordWriter) put(index int, text *jsonText) error {
	if err := w.turns.Wait(int64(index)); err != nil {
		return err
	}
	if !w.comma { // none before the first member
		w.comma = true
		text.text = text.text[1:]
	}
	w.j.write(text)
	return w.j.err
}

// members are values from anywhere that become members of an object; member appends one as
// a member at that indentation.
type members[T any] struct {
	all    iter.Seq2[T, error]
	member func(t *jsonText, indent int, value T)
}

// write writes an object of all values. The first error among them becomes the writer's,
// and after any error it asks for no more values.
func (m members[T]) write(j *jsonWriter, indent int) {
	if m.all == nil && j.err == nil {
		j.err = errors.New("there is nothing to write: the sequence is nil")
	}
	if j.err != nil {
		return
	}
	comma := ""
	j.raw("{")
	for value, err := range m.all {
		if err != nil {
			j.err = err
			return
		}
		j.raw(comma)
		j.newline(indent + 1)
		m.member(&j.pending, indent+1, value)
		comma = ","
		if len(j.pending.text) > fullText {
			if j.flush(); j.err != nil {
				return
			}
		}
	}
	if comma != "" {
		j.newline(indent)
	}
	j.raw("}")
}

// jsonText is JSON text in the making.
type jsonText struct {
	text []byte
	sums []money.Sum // memory for those of one record
}

func (t *jsonText) raw(s string)           { t.text = append(t.text, s...) }
func (t *jsonText) integer(n int64)        { t.text = strconv.AppendInt(t.text, n, 10) }
func (t *jsonText) decimal(a money.Amount) { t.text = a.Append(t.text) }

const spaces = "\n                "

func (t *jsonText) newline(indent int) { t.raw(spaces[:1+4*indent]) }

// string appends a string. It escapes only what JSON says must be escaped.
func (t *jsonText) string(text []byte) {
	buf := append(t.text, '"')
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
	t.text = append(buf, '"')
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

// member starts a member of an object, at that indentation.
func (t *jsonText) member(comma, key string, indent int) {
	t.raw(comma)
	t.newline(indent)
	t.raw(`"`)
	t.raw(key)
	t.raw(`": `)
}

// time appends a time in the form of RFC 3339, in UTC, or null.
func (t *jsonText) time(ms int64) {
	if ms == timestamp.None {
		t.raw("null")
		return
	}
	t.raw(`"`)
	if at := timeOf(ms); ms < timestamp.Min || ms >= timestamp.Max || ms%1000 != 0 {
		t.text = at.AppendFormat(t.text, time.RFC3339Nano)
	} else {
		t.seconds(at)
	}
	t.raw(`"`)
}

// seconds appends a time of whole seconds, of a year of four digits.
func (t *jsonText) seconds(at time.Time) {
	const form = "0000-00-00T00:00:00Z"
	year, month, day := at.Date()
	hour, minute, second := at.Clock()
	t.raw(form)
	text := t.text[len(t.text)-len(form):]
	put := func(i, n int) { text[i], text[i+1] = '0'+byte(n/10), '0'+byte(n%10) }
	put(0, year/100)
	put(2, year%100)
	put(5, int(month))
	put(8, day)
	put(11, hour)
	put(14, minute)
	put(17, second)
}

// millisecondsOf is the inverse of timeOf.
func millisecondsOf(at time.Time) int64 {
	if at.IsZero() {
		return timestamp.None
	}
	return at.UnixMilli()
}
