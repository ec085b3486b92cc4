package xlsx

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// A Sheet is an open sheet.
type Sheet struct {
	// Name is the sheet's name. Default reports whether it is the one that is read if none
	// is named.
	Name    string
	Default bool

	part   *part
	book   *book
	within bool // sheetData has started
	row    int  // the last that was read
	cells  [][]byte
	arena  []byte // the texts of the cells
	value  []byte // scratch
	err    error
}

// Close frees what is open.
func (s *Sheet) Close() error {
	s.part.Close()
	return s.book.texts.Close()
}

// EmptyError is the error that the sheet has nothing, with those that the workbook has.
func (s *Sheet) EmptyError() error {
	return fmt.Errorf("the sheet %q has no cells; the workbook has %s", s.Name, quoted(s.book.names()))
}

// Next returns the next row that the sheet has, and its number, from 1. A cell that is not
// there is empty, and there is none behind the last that is not. The cells are valid until
// the next call. After the last row it returns io.EOF; then the whole sheet was right.
func (s *Sheet) Next() (row int, cells [][]byte, err error) {
	if s.err == nil {
		s.err = s.next()
	}
	if s.err != nil {
		return 0, nil, s.err
	}
	n := len(s.cells)
	for n > 0 && len(s.cells[n-1]) == 0 {
		n--
	}
	return s.row, s.cells[:n], nil
}

func (s *Sheet) next() error {
	for {
		start, end, _, err := s.part.next()
		switch {
		case err != nil:
			return err
		case start != nil && start.name == "sheetData":
			s.within = true
		case end == "sheetData":
			s.within = false
		case start != nil && s.within && start.name == "row":
			return s.readRow(start)
		}
	}
}

func (s *Sheet) readRow(e *element) error {
	number := s.row + 1
	if r := e.value("r"); r != "" {
		n, err := strconv.Atoi(r)
		if err != nil || n < number || n > maxRows {
			return damaged("%s: row %q comes after row %d", s.part.name, r, s.row)
		}
		number = n
	}
	s.row, s.cells, s.arena = number, s.cells[:0], s.arena[:0]
	for {
		start, end, _, err := s.part.next()
		switch {
		case err != nil:
			return err
		case end != "":
			return nil
		case start != nil && start.name == "c":
			err = s.readCell(start)
		case start != nil:
			err = s.part.skip()
		}
		if err != nil {
			return err
		}
		if len(s.arena) > maxRowBytes {
			return s.book.readError(s.part.name, &limitError{fmt.Sprintf("has more than %d MiB in row %d", maxRowBytes>>20, s.row)})
		}
	}
}

// A cell as the sheet has it.
type cell struct {
	column    int
	kind      string
	style     int
	value     []byte
	has       bool // a value, which may be empty
	isFormula bool
}

func (s *Sheet) readCell(e *element) error {
	c := cell{column: len(s.cells)}
	for i := range e.attrs {
		value := e.attrs[i].Value
		switch e.attrs[i].Name.Local {
		case "r":
			column, ok := columnOf(value)
			if !ok || column < len(s.cells) {
				return damaged("%s: the cell %q in row %d comes after %d others", s.part.name, value, s.row, len(s.cells))
			}
			c.column = column
		case "t":
			c.kind = value
		case "s":
			c.style, _ = strconv.Atoi(value)
		}
	}
	if c.column >= maxColumns {
		return s.book.readError(s.part.name, &limitError{fmt.Sprintf("has more than %d columns", maxColumns)})
	}
	if err := s.readValue(&c); err != nil {
		return err
	}
	from := len(s.arena)
	var err error
	if s.arena, err = s.write(s.arena, &c); err != nil {
		return fmt.Errorf("the workbook cannot be read: the cell %s of the sheet %q: %w", name(c.column, s.row), s.Name, err)
	}
	for len(s.cells) < c.column {
		s.cells = append(s.cells, nil)
	}
	s.cells = append(s.cells, s.arena[from:len(s.arena):len(s.arena)])
	return nil
}

// readValue reads what is in the element of a cell.
func (s *Sheet) readValue(c *cell) (err error) {
	s.value = s.value[:0]
	for {
		start, end, _, err := s.part.next()
		switch {
		case err != nil:
			return err
		case end != "":
			c.value = s.value
			return nil
		case start == nil:
		case start.name == "v":
			c.has = true
			s.value, err = s.part.text(s.value)
		case start.name == "is":
			c.has = true
			s.value, err = s.part.text(s.value, "r", "t")
		default:
			c.isFormula = c.isFormula || start.name == "f"
			err = s.part.skip()
		}
		if err != nil {
			return err
		}
	}
}

// errNoValue comes from programs that write formulas and cannot calculate.
var errNoValue = errors.New("it has a formula and no value; open the file in a spreadsheet program, save it, and try again")

// write appends the text of a cell.
func (s *Sheet) write(dst []byte, c *cell) ([]byte, error) {
	if c.isFormula && !c.has {
		return dst, errNoValue
	}
	switch c.kind {
	case "s":
		if len(c.value) == 0 {
			return dst, nil
		}
		i, err := strconv.Atoi(string(c.value))
		if err != nil {
			return dst, errors.New("the number of its text is no number")
		}
		return s.book.texts.get(dst, i)
	case "str", "inlineStr":
		return append(dst, unescape(c.value)...), nil
	case "b":
		switch string(c.value) {
		case "1", "true":
			return append(dst, "true"...), nil
		case "0", "false":
			return append(dst, "false"...), nil
		}
		return append(dst, c.value...), nil
	case "", "n":
		return s.number(dst, c), nil
	}
	return append(dst, c.value...), nil // an error, as #N/A, or a date in ISO 8601
}

// number appends a number, or the time that it means.
func (s *Sheet) number(dst []byte, c *cell) []byte {
	if c.style >= 0 && c.style < len(s.book.styles) {
		if style := s.book.styles[c.style]; style != plain {
			if serial, err := strconv.ParseFloat(string(c.value), 64); err == nil {
				if dst, ok := appendTime(dst, serial, style, s.book.from1904); ok {
					return dst
				}
			}
		}
	}
	return appendNumber(dst, c.value, s.book.options.DecimalComma)
}

// columnOf returns the column, from 0, of a reference to a cell, as in BC23.
func columnOf(ref string) (column int, ok bool) {
	for i := range len(ref) {
		c := ref[i]
		switch {
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
			fallthrough
		case c >= 'A' && c <= 'Z':
			if column = column*26 + int(c-'A') + 1; column > math.MaxInt16 {
				return 0, false
			}
		default:
			return column - 1, column > 0
		}
	}
	return 0, false
}

// name is the reference to a cell.
func name(column, row int) string {
	letters := ""
	for column++; column > 0; column = (column - 1) / 26 {
		letters = string(rune('A'+(column-1)%26)) + letters
	}
	return letters + strconv.Itoa(row)
}
