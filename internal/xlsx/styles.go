package xlsx

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// A style is what the format of a cell makes of a number.
type style uint8

const (
	plain  style = iota // a number
	isDate              // a day
	isTime              // a time, of a day if the number has one
	isSpan              // hours and minutes that passed
)

// readStyles reads what the styles of cells are; a workbook may have none.
func (b *book) readStyles(name string) (styles []style, err error) {
	if name == "" {
		return nil, nil
	}
	codes, section, ids := map[int]string{}, "", []int(nil)
	err = b.each(name, maxPartBytes, func(p *part, e *element) error {
		id, _ := strconv.Atoi(e.value("numFmtId"))
		switch {
		case p.depth == 2:
			section = e.name
		case p.depth == 3 && section == "numFmts":
			codes[id] = e.value("formatCode")
		case p.depth == 3 && section == "cellXfs":
			ids = append(ids, id)
		}
		return nil
	})
	for _, id := range ids {
		styles = append(styles, styleOf(id, codes))
	}
	return styles, err
}

// styleOf is the style of a number format, which is one of the standard ones, if the
// workbook does not define it.
func styleOf(id int, codes map[int]string) style {
	if code, ok := codes[id]; ok {
		return styleOfCode(code)
	}
	switch {
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id >= 34 && id <= 36, id >= 50 && id <= 58:
		return isDate
	case id >= 18 && id <= 22, id == 32, id == 33, id == 45, id == 47:
		return isTime
	case id == 46:
		return isSpan
	}
	return plain
}

// styleOfCode is the style of a format as a person wrote it. Only its first section counts,
// without texts, colours and conditions.
func styleOfCode(code string) style {
	var letters strings.Builder
	for i := 0; i < len(code) && code[i] != ';'; i++ {
		switch code[i] {
		case '"':
			n := strings.IndexByte(code[i+1:], '"')
			if n < 0 {
				return plain
			}
			i += n + 1
		case '\\', '_', '*':
			i++
		case '[':
			n := strings.IndexByte(code[i:], ']')
			if n < 0 {
				return plain
			}
			if within := strings.ToLower(code[i+1 : i+n]); within != "" && strings.Trim(within, within[:1]) == "" && strings.Contains("hms", within[:1]) {
				return isSpan
			}
			i += n
		default:
			letters.WriteByte(code[i])
		}
	}
	text := strings.ToLower(letters.String())
	switch {
	case strings.Contains(text, "general"), strings.ContainsAny(text, "#?%"), strings.Contains(text, "0") && !strings.Contains(text, "s"):
		return plain
	case strings.ContainsAny(text, "hs"):
		return isTime
	case strings.ContainsAny(text, "yde"), strings.Contains(text, "m"):
		return isDate
	}
	return plain
}

const (
	secondsPerDay = 24 * 60 * 60
	// lastDay is 9999-12-31 in the days of 1900.
	lastDay = 2958465
	// leapDay is 1900-02-29, which the days of 1900 count and which never was.
	leapDay = 60
	// daysTo1904 is the number in the days of 1900 of what is 0 in those of 1904.
	daysTo1904 = 1462
)

// dayZero is day 0 of those after the day that never was.
var dayZero = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

// appendTime appends the time that a number means. It reports false if it means none.
func appendTime(dst []byte, serial float64, s style, from1904 bool) ([]byte, bool) {
	if !(serial >= 0) || serial > lastDay+1 {
		return dst, false
	}
	seconds := int64(math.Round(serial * secondsPerDay))
	if s == isSpan || seconds < secondsPerDay && s == isTime {
		return appendClock(dst, seconds, s == isTime), true
	}
	if from1904 {
		seconds += daysTo1904 * secondsPerDay
	}
	day, rest := seconds/secondsPerDay, seconds%secondsPerDay
	switch {
	case day == leapDay || day == 0 || day > lastDay:
		return dst, false
	case day < leapDay:
		day++
	}
	t := dayZero.AddDate(0, 0, int(day)).Add(time.Duration(rest) * time.Second)
	if s == isDate && rest == 0 {
		return t.AppendFormat(dst, time.DateOnly), true
	}
	return t.AppendFormat(dst, time.DateTime), true
}

// appendClock appends hours, minutes and seconds.
func appendClock(dst []byte, seconds int64, padded bool) []byte {
	if padded && seconds < 10*60*60 {
		dst = append(dst, '0')
	}
	dst = strconv.AppendInt(dst, seconds/3600, 10)
	for _, n := range []int64{seconds / 60 % 60, seconds % 60} {
		dst = append(dst, ':', byte('0'+n/10), byte('0'+n%10))
	}
	return dst
}
