package postgres

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"

	"process-orders/store/internal/sqlstore"
)

// A table says which columns a table has and how rows fill them. All statements that change rows
// are made of it. The first columns are the key.
type table[R any] struct {
	name   string
	key    int // how many columns the key has
	fields []field[R]

	insertSQL, updateSQL, deleteSQL, copySQL string
}

// A field is a column, and what a row has in it: one of bytes, text, maybe and number is not nil.
type field[R any] struct {
	name   string
	bytes  func(*R) []byte  // of type bytea; nil is null
	text   func(*R) string  // of type text
	maybe  func(*R) *string // of type text, or null
	number func(*R) int64   // of type bigint
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
	var names, arrays, same, set []string
	for i := range fields {
		f := &fields[i]
		names = append(names, f.name)
		arrays = append(arrays, fmt.Sprintf("$%d::%s[]", i+1, f.kind()))
		if i >= key {
			set = append(set, fmt.Sprintf("%s = given.%s", f.name, f.name))
			continue
		}
		is := fmt.Sprintf("old.%s = given.%s", f.name, f.name)
		if f.kind() == "text" {
			is += ` COLLATE "C"` // as in the index
		}
		same = append(same, is)
	}
	columns := strings.Join(names, ", ")
	given := fmt.Sprintf("unnest(%s) AS given (%s)", strings.Join(arrays, ", "), columns)
	gone := fmt.Sprintf("unnest(%s) AS given (%s)", strings.Join(arrays[:key], ", "), strings.Join(names[:key], ", "))
	where := strings.Join(same, " AND ")
	full := defaultSchema + "." + name
	return &table[R]{
		name: name, key: key, fields: fields,
		insertSQL: fmt.Sprintf("INSERT INTO %s (%s) SELECT * FROM %s", full, columns, given),
		updateSQL: fmt.Sprintf("UPDATE %s AS old SET %s FROM %s WHERE %s", full, strings.Join(set, ", "), given, where),
		deleteSQL: fmt.Sprintf("DELETE FROM %s AS old USING %s WHERE %s", full, gone, where),
		copySQL:   fmt.Sprintf("COPY %s (%s) FROM STDIN (FORMAT binary)", full, columns),
	}
}

// fewInserted is up to how many rows are inserted by an INSERT. A COPY takes less of the time of the
// server and of this process for each row, and a round trip of its own.
const fewInserted = 200

// fewUpdated is up to how many rows are updated along with other statements. More of them are encoded
// here: that takes less time of this process for each row, and a round trip and a plan of its own.
const fewUpdated = 500

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
func (t *table[R]) update(q *queue, rows []*R) {
	if len(rows) <= fewUpdated {
		t.each(q, t.updateSQL, t.fields, rows)
		return
	}
	for some := range slices.Chunk(rows, rowsAtOnce) {
		q.waiting = append(q.waiting, statement{sql: t.updateSQL, encoded: t.encode(some)})
	}
}

// delete removes rows.
func (t *table[R]) delete(q *queue, rows []*R) { t.each(q, t.deleteSQL, t.fields[:t.key], rows) }

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

// encode returns the columns of rows as arrays in their binary form: how many dimensions there are,
// whether there may be nulls, the type, how many values there are, the number of the first one, and
// each with its length before it.
func (t *table[R]) encode(rows []*R) (columns [][]byte) {
	dst := make([]byte, 0, 160*len(rows))
	for i := range t.fields {
		f, from := &t.fields[i], len(dst)
		for _, n := range []uint32{1, 1, f.oid(), uint32(len(rows)), 1} {
			dst = binary.BigEndian.AppendUint32(dst, n)
		}
		for _, r := range rows {
			dst = f.append(dst, r)
		}
		columns = append(columns, dst[from:len(dst):len(dst)])
	}
	return columns
}

func (f *field[R]) oid() uint32 {
	switch f.kind() {
	case "bytea":
		return pgtype.ByteaOID
	case "bigint":
		return pgtype.Int8OID
	}
	return pgtype.TextOID
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
