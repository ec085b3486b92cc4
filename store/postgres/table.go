package postgres

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"process-orders/store/internal/sqlstore"
)

// A table says which columns a table has and how rows fill them. All statements that change rows
// are made of it. The first columns are the key.
type table[R any] struct {
	name    string
	fields  []field[R]
	key     []field[R]
	updated []field[R] // the key, and what an update changes

	insertSQL, updateSQL, deleteSQL, copySQL string
}

// A field is a column, and what a row has in it: one of bytes, text, maybe and number is not nil.
type field[R any] struct {
	name    string
	isOfKey bool             // rows of one key have the same in it
	bytes   func(*R) []byte  // of type bytea; nil is null
	text    func(*R) string  // of type text
	maybe   func(*R) *string // of type text, or null
	number  func(*R) int64   // of type bigint
}

func (f *field[R]) kind() string {
	switch {
	case f.bytes != nil:
		return "bytea"
	case f.number != nil:
		return "bigint"
	}
	return "text"
}

// newTable makes the statements of a table.
func newTable[R any](name string, key int, fields ...field[R]) *table[R] {
	t := &table[R]{name: name, fields: fields, key: fields[:key]}
	var same, set []string
	for i := range fields {
		f := &fields[i]
		switch {
		case i < key:
			same = append(same, f.isSame())
		case !f.isOfKey:
			set = append(set, fmt.Sprintf("%s = given.%[1]s", f.name))
		}
		if i < key || !f.isOfKey {
			t.updated = append(t.updated, *f)
		}
	}
	where := strings.Join(same, " AND ")
	full := defaultSchema + "." + name
	columns := strings.Join(column(fields, func(f *field[R]) string { return f.name }), ", ")
	t.insertSQL = fmt.Sprintf("INSERT INTO %s (%s) SELECT * FROM %s", full, columns, given(fields))
	t.updateSQL = fmt.Sprintf("UPDATE %s AS old SET %s FROM %s WHERE %s", full, strings.Join(set, ", "), given(t.updated), where)
	t.deleteSQL = fmt.Sprintf("DELETE FROM %s AS old USING %s WHERE %s", full, given(t.key), where)
	t.copySQL = fmt.Sprintf("COPY %s (%s) FROM STDIN (FORMAT binary)", full, columns)
	return t
}

// isSame says that a row has a column as it is given.
func (f *field[R]) isSame() string {
	is := fmt.Sprintf("old.%s = given.%[1]s", f.name)
	if f.kind() == "text" {
		is += ` COLLATE "C"` // as in the index
	}
	return is
}

// given are the rows of some columns, each of which is an array.
func given[R any](fields []field[R]) string {
	var names, arrays []string
	for i := range fields {
		names = append(names, fields[i].name)
		arrays = append(arrays, fmt.Sprintf("$%d::%s[]", i+1, fields[i].kind()))
	}
	return fmt.Sprintf("unnest(%s) AS given (%s)", strings.Join(arrays, ", "), strings.Join(names, ", "))
}

// fewInserted is up to how many rows are inserted by an INSERT. A COPY takes less of the time of the
// server and of this process for each row, and a round trip of its own.
const fewInserted = 200

// insert makes rows that are not there.
func (t *table[R]) insert(q *queue, rows []*R) {
	if len(rows) == 0 {
		return
	}
	if q.filled == nil {
		q.filled = map[string]bool{}
	}
	q.filled[t.name] = true
	if len(rows) <= fewInserted {
		t.each(q, t.insertSQL, t.fields, rows)
		return
	}
	for some := range slices.Chunk(rows, rowsAtOnce) {
		q.waiting = append(q.waiting, statement{sql: t.copySQL, copied: t.copy(some)})
	}
}

// update replaces rows that are there.
func (t *table[R]) update(q *queue, rows []*R) { t.each(q, t.updateSQL, t.updated, rows) }

// delete removes rows.
func (t *table[R]) delete(q *queue, rows []*R) { t.each(q, t.deleteSQL, t.key, rows) }

// each sends a statement with columns of rows, rowsAtOnce at a time.
func (t *table[R]) each(q *queue, sql string, fields []field[R], rows []*R) {
	for some := range slices.Chunk(rows, rowsAtOnce) {
		values := make([]any, len(fields))
		for i := range fields {
			values[i] = fields[i].array(some)
		}
		q.later(sql, values...)
	}
}

// array returns a column of rows, for unnest.
func (f *field[R]) array(rows []*R) any {
	switch {
	case f.bytes != nil:
		return arrayOf(rows, f.bytes)
	case f.number != nil:
		return arrayOf(rows, f.number)
	case f.maybe != nil:
		return arrayOf(rows, f.maybe)
	}
	return arrayOf(rows, f.text)
}

func arrayOf[R, V any](rows []*R, value func(*R) V) []V {
	values := make([]V, len(rows))
	for i, r := range rows {
		values[i] = value(r)
	}
	return values
}

// pointers returns pointers to rows.
func pointers[R any](rows []R) []*R { return column(rows, func(r *R) *R { return r }) }

// copyHead is what the binary form of a COPY starts with. Then come the rows, and copyEnd. A row
// is how many columns there are, and each with its length before it.
var copyHead, copyEnd = []byte("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"), []byte{0xff, 0xff}

// copy returns rows in the binary form of a COPY.
func (t *table[R]) copy(rows []*R) []byte {
	dst := append(make([]byte, 0, 128*len(rows)), copyHead...)
	for _, r := range rows {
		dst = binary.BigEndian.AppendUint16(dst, uint16(len(t.fields)))
		for i := range t.fields {
			dst = t.fields[i].append(dst, r)
		}
	}
	return append(dst, copyEnd...)
}

func (f *field[R]) append(dst []byte, row *R) []byte {
	switch {
	case f.bytes != nil:
		b := f.bytes(row)
		if b == nil {
			return appendNull(dst)
		}
		return append(binary.BigEndian.AppendUint32(dst, uint32(len(b))), b...)
	case f.number != nil:
		return binary.BigEndian.AppendUint64(append(dst, 0, 0, 0, 8), uint64(f.number(row)))
	case f.maybe != nil:
		text := f.maybe(row)
		if text == nil {
			return appendNull(dst)
		}
		return append(binary.BigEndian.AppendUint32(dst, uint32(len(*text))), *text...)
	}
	text := f.text(row)
	return append(binary.BigEndian.AppendUint32(dst, uint32(len(text))), text...)
}

// appendNull appends the length of a null.
func appendNull(dst []byte) []byte { return append(dst, 0xff, 0xff, 0xff, 0xff) }

// put makes, replaces and removes rows.
func put[R any](q *queue, t *table[R], changes []sqlstore.Change[R]) {
	var made, changed, gone []*R
	for _, c := range changes {
		switch {
		case c.Old == nil && c.Now != nil:
			made = append(made, c.Now)
		case c.Now != nil:
			changed = append(changed, c.Now)
		case c.Old != nil:
			gone = append(gone, c.Old)
		}
	}
	t.delete(q, gone)
	t.update(q, changed)
	t.insert(q, made)
}
