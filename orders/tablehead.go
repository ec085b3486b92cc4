package orders

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	// maxHeaderRow is how many rows are searched for the columns' names. Titles and
	// filters above them take a few.
	maxHeaderRow = 50
	// maxHeaderBytes is the size of the longest row that can be the header.
	maxHeaderBytes = 1 << 20
)

// commas are what may separate values.
const commas = ",;\t|"

// sniffTable finds the header of a table: the row that has the columns' names. The header
// is the first row that has all the columns that the mapping requires, with any separator.
// If no row has them, the stop is about the row that has the most.
func sniffTable(head []byte, start int, final bool, p *program) (*shape, *stop, error) {
	if len(head)-start < len("<!--") && !final {
		return nil, nil, errMore
	}
	if kind := otherThanTable(head[start:]); kind != "" {
		return nil, &stop{at: start, start: start, why: "this looks like " + kind + ", but the mapping reads a table (CSV)"}, nil
	}
	f := headFinder{program: p, data: head, final: final, wanted: p.mapping.columns()}
	at, tried, ok := f.passSeparatorLine(start)
	if !ok {
		return nil, nil, errMore
	}
	var best *tableHead
	endless := -1 // the first row whose end is not in head
	for _, comma := range []byte(tried) {
		found, short := f.find(at, comma)
		if short >= 0 && (endless < 0 || short < endless) {
			endless = short
		}
		if found != nil && (best == nil || found.isBetterThan(best)) {
			best = found
		}
	}
	if endless >= 0 && (best == nil || len(best.absent) > 0 || endless <= best.start) {
		return nil, nil, errMore
	}
	if best != nil {
		if at := notUTF8At(head[best.start:best.end]); at >= 0 { // a column would not be found
			return nil, &stop{at: best.start + at, start: best.start, why: notUTF8}, nil
		}
	}
	return f.shape(best, start)
}

// notUTF8At returns where a text is not UTF-8, or -1.
func notUTF8At(text []byte) int {
	for at := 0; at < len(text); {
		c, n := utf8.DecodeRune(text[at:])
		if c == utf8.RuneError && n == 1 {
			return at
		}
		at += n
	}
	return -1
}

// otherThanTable names what a source is that is clearly no table, or returns "".
func otherThanTable(text []byte) string {
	text = bytes.TrimLeft(text, " \t\r\n")
	first, rest := byte(0), []byte(nil)
	if len(text) > 0 {
		first, rest = text[0], bytes.TrimLeft(text[1:], " \t\r\n")
	}
	next := byte(0)
	if len(rest) > 0 {
		next = rest[0]
	}
	switch {
	case first == '{', first == '[' && strings.IndexByte(`{["]`, next) >= 0:
		return "JSON"
	case first == '<' && (next|0x20 >= 'a' && next|0x20 <= 'z' || next == '!' || next == '?'):
		return "XML or HTML"
	}
	return ""
}

// headFinder looks for the header of a table in the first bytes of its source.
type headFinder struct {
	program *program
	data    []byte
	final   bool // whether data is all of the source
	wanted  []wantedColumn
}

// tableHead is a row that may be the header.
type tableHead struct {
	table      tableShape
	start, end int
	absent     []wantedColumn // required, and not there
	twice      string         // why a required column is not known for sure, or ""
}

func (h *tableHead) isBetterThan(other *tableHead) bool {
	switch {
	case (len(h.absent) == 0) != (len(other.absent) == 0):
		return len(h.absent) == 0
	case len(h.absent) == 0 && h.start != other.start:
		return h.start < other.start
	case len(h.table.reads) != len(other.table.reads):
		return len(h.table.reads) > len(other.table.reads)
	}
	// If no row has a column that the mapping reads, the message tells most of the one
	// with the most values.
	return len(h.table.reads) == 0 && len(h.table.names) > len(other.table.names)
}

// passSeparatorLine passes the line sep=; with which a file tells Excel what separates its
// values. It returns what may separate them, and is not ok if it needs more data.
func (f *headFinder) passSeparatorLine(start int) (at int, tried string, ok bool) {
	const mark, longest = "sep=", len("\"sep=;\"\r\n")
	line := f.data[start:min(len(f.data), start+longest)]
	end := bytes.IndexAny(line, "\r\n")
	if end < 0 && len(line) < longest && !f.final {
		return 0, "", false
	} else if end < 0 {
		end = len(line)
	}
	text := bytes.Trim(line[:end], `"`)
	if len(text) != len(mark)+1 || !strings.EqualFold(string(text[:len(mark)]), mark) {
		return start, commas, true
	}
	comma := text[len(mark)]
	if isWord(comma) || comma == '"' || comma == ' ' {
		return start, commas, true
	}
	for at = start + end; at < len(f.data) && (f.data[at] == '\r' || f.data[at] == '\n'); {
		at++
	}
	return at, string(comma), at < len(f.data) || f.final
}

// find looks for the header from an offset on, with one separator. If a row does not end
// in the data before the header is found, short is where that row starts, else -1.
func (f *headFinder) find(at int, comma byte) (best *tableHead, short int) {
	first, last := 1, maxHeaderRow
	if n := f.program.mapping.HeaderRow; n > 0 {
		first, last = n, n
	}
	for row := 1; row <= last && at < len(f.data); row++ {
		cells, end, newline, ok := f.row(at, comma)
		if !ok {
			return best, at
		}
		if row >= first && len(cells) > 0 {
			h := f.headOf(cells, comma, newline)
			h.start, h.end = at, end
			if best == nil || h.isBetterThan(best) {
				best = h
			}
			if len(h.absent) == 0 {
				return best, -1
			}
		}
		at = end
	}
	if at == len(f.data) && !f.final {
		return best, at
	}
	return best, -1
}

// row reads a row of which nothing is known but the separator. It ends with any of CR, LF
// and CRLF outside of quotes; newline is the last byte of that. A row that cannot be the
// header has no cells.
func (f *headFinder) row(start int, comma byte) (cells []string, end int, newline byte, ok bool) {
	rest := f.data[start:min(len(f.data), start+maxHeaderBytes)]
	for at := 0; at < len(rest); at++ {
		from := at
		if rest[at] == '"' && !f.program.mapping.Unquoted {
			var ends bool
			if at, ends = quotedEnd(rest, at); !ends || at < len(rest) && rest[at] != comma && rest[at] != '\r' && rest[at] != '\n' {
				break
			}
		} else if n := bytes.IndexAny(rest[at:], string([]byte{comma, '\r', '\n'})); n >= 0 {
			at += n
		} else {
			at = len(rest)
		}
		if at >= len(rest) && (len(rest) == maxHeaderBytes || !f.final) {
			break
		}
		cells = append(cells, unquoted(rest[from:at], f.program.mapping.Unquoted))
		if at == len(rest) {
			return cells, len(f.data), '\n', true
		}
		if rest[at] != comma {
			end, newline, ok = f.lineEnd(start + at)
			return cells, end, newline, ok
		}
		if at+1 == len(rest) && f.final && len(rest) < maxHeaderBytes {
			return append(cells, ""), len(f.data), '\n', true
		}
	}
	if len(rest) < maxHeaderBytes && !f.final {
		return nil, 0, 0, false
	}
	end, newline, ok = f.lineEnd(start)
	return nil, end, newline, ok
}

// quotedEnd returns what follows the value in quotes that starts at an offset, and whether
// it ends.
func quotedEnd(text []byte, at int) (end int, ends bool) {
	for at++; at < len(text); at++ {
		if text[at] != '"' {
			continue
		}
		if at++; at == len(text) || text[at] != '"' {
			return at, true
		}
	}
	return at, false
}

// lineEnd returns what follows the first end of a line from an offset on, and the last byte
// of that end. It is not ok if it needs more data.
func (f *headFinder) lineEnd(at int) (end int, newline byte, ok bool) {
	n := bytes.IndexAny(f.data[at:], "\r\n")
	if n < 0 {
		return len(f.data), '\n', f.final
	}
	at += n
	switch {
	case f.data[at] == '\n':
		return at + 1, '\n', true
	case at+1 == len(f.data):
		return at + 1, '\r', f.final
	case f.data[at+1] == '\n':
		return at + 2, '\n', true
	}
	return at + 1, '\r', true
}

// unquoted is the value of a cell.
func unquoted(cell []byte, raw bool) string {
	if raw || len(cell) < 2 || cell[0] != '"' {
		return string(cell)
	}
	return strings.ReplaceAll(string(cell[1:len(cell)-1]), `""`, `"`)
}

// headOf returns what a row is as a header.
func (f *headFinder) headOf(cells []string, comma, newline byte) *tableHead {
	h := &tableHead{table: newTableShape(cells, f.program)}
	h.table.comma, h.table.newline, h.table.unquoted = comma, newline, f.program.mapping.Unquoted
	for _, w := range f.wanted {
		switch at := h.table.columnsOf(w.keys); {
		case len(at) == 0 && w.required && !w.isAbsentSet(&h.table):
			h.absent = append(h.absent, w)
		case w.required && h.twice == "":
			h.twice = h.table.ambiguous(w)
		}
	}
	return h
}

// shape makes the shape of a table of its header, or a stop of the best that was found.
func (f *headFinder) shape(h *tableHead, start int) (*shape, *stop, error) {
	if h == nil {
		why := "want a table (CSV) with the columns' names in one of its rows"
		if n := f.program.mapping.HeaderRow; n > 0 {
			why = fmt.Sprintf("the table has no row %d, which header_row says has the columns' names", n)
		}
		return nil, &stop{at: start, start: start, why: why}, nil
	}
	t := &h.table
	t.header = append(bytes.TrimRight(bytes.Clone(f.data[h.start:h.end]), "\r\n"), t.lineEnd(f.data[:h.end])...)
	s := &shape{body: h.end, byLine: true, table: h.table}
	if len(h.absent) > 0 {
		return s, &stop{at: h.start, start: h.start, why: t.absentText(h.absent) + t.columnsText() + f.wayOut(t)}, nil
	}
	if h.twice != "" {
		return s, &stop{at: h.start, start: h.start, why: h.twice + "; rename one of them"}, nil
	}
	s.note = f.noteOf(t)
	return s, nil, nil
}

// wayOut is what to do about a header that lacks what the mapping requires.
func (f *headFinder) wayOut(t *tableShape) string {
	switch {
	case len(t.names) == 1:
		return "; values can be separated by commas, semicolons, tabs or bars (|); a first line such as sep=: names another sign"
	case f.program.mapping.HeaderRow > 0:
		return "; header_row of the mapping says that this row has the names"
	}
	return fmt.Sprintf("; if the names are not in the first %d rows, header_row of the mapping says which row has them", maxHeaderRow)
}

// noteOf is what is to be known of a table that has all that the mapping requires, or "".
func (f *headFinder) noteOf(t *tableShape) string {
	var absent []wantedColumn
	var all []string
	for _, w := range f.wanted {
		if w.required {
			continue
		}
		if len(t.columnsOf(w.keys)) == 0 {
			absent = append(absent, w)
		} else if text := t.ambiguous(w); text != "" && w.what != whenUpdated { // of which all count
			all = append(all, text+"; of their values the first that is not blank counts")
		}
	}
	if len(absent) > 0 {
		all = append([]string{t.absentText(absent) + t.columnsText()}, all...)
	}
	return strings.Join(all, "; ")
}
