package orders

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// maxDepth is how deep containers may be nested: deeper than in any export, and little
// enough for the stack of calls to stay small.
const maxDepth = 1024

// scanner reads JSON (RFC 8259, strictly) from memory. Its methods move pos over what they
// read and report whether that was right. If it was not, either short is set, as data
// ends too early to know, or why and errAt say what is wrong and where: at the first byte
// that no continuation can mend.
type scanner struct {
	data  []byte
	pos   int
	short bool
	errAt int
	why   string // "want …" is completed by what is there instead
}

// fail notes what is wrong at an offset. It returns false.
func (s *scanner) fail(at int, why string) bool {
	if at >= len(s.data) {
		s.short = true
	}
	s.errAt, s.why = at, why
	return false
}

// failAs notes what is wrong as another scanner of the same data has it. It returns false.
func (s *scanner) failAs(other *scanner) bool { return s.fail(other.errAt, other.why) }

// space passes white space and returns the byte after it, 0 at the end of data.
func (s *scanner) space() byte {
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		if c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c
		}
		s.pos++
	}
	return 0
}

// skip passes one value, which is not read, and checks it. Depth is the number of
// containers around it.
func (s *scanner) skip(depth int) bool {
	if s.pos >= len(s.data) {
		return s.fail(s.pos, "want a value")
	}
	switch c := s.data[s.pos]; c {
	case '"':
		_, ok := s.text()
		return ok
	case '{':
		return s.skipObject(depth + 1)
	case '[':
		return s.skipArray(depth + 1)
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	default:
		if c == '-' || c >= '0' && c <= '9' {
			_, ok := s.number()
			return ok
		}
		return s.fail(s.pos, "want a value")
	}
}

func (s *scanner) skipArray(depth int) bool {
	if !s.enter(depth) {
		return false
	}
	if s.space() == ']' {
		s.pos++
		return true
	}
	for {
		if !s.skip(depth) {
			return false
		}
		switch s.space() {
		case ',':
			s.pos++
			s.space()
		case ']':
			s.pos++
			return true
		default:
			return s.fail(s.pos, "want ',' or ']' after a value of an array")
		}
	}
}

func (s *scanner) skipObject(depth int) bool {
	if !s.enter(depth) {
		return false
	}
	if s.space() == '}' {
		s.pos++
		return true
	}
	for {
		if _, ok := s.key(); !ok || !s.skip(depth) {
			return false
		}
		more, ok := s.next()
		if !ok || !more {
			return ok
		}
	}
}

// enter passes the opening bracket of a container.
func (s *scanner) enter(depth int) bool {
	if depth > maxDepth {
		return s.fail(s.pos, "nested more than 1,024 levels deep")
	}
	s.pos++
	return true
}

// key passes a key, the colon and the white space around it.
func (s *scanner) key() (text, bool) {
	if s.pos >= len(s.data) || s.data[s.pos] != '"' {
		return text{}, s.fail(s.pos, "want a key in double quotes")
	}
	key, ok := s.text()
	if !ok {
		return text{}, false
	}
	if s.space() != ':' {
		return text{}, s.fail(s.pos, "want ':' after a key")
	}
	s.pos++
	s.space()
	return key, true
}

// nextElement passes what follows a value of an array: a comma, and the blanks behind it, or
// the array's end. more reports whether another value follows.
func (s *scanner) nextElement() (more, ok bool) {
	switch s.space() {
	case ',':
		s.pos++
		s.space()
		return true, true
	case ']':
		s.pos++
		return false, true
	}
	return false, s.fail(s.pos, "want ',' or ']' after a value of an array")
}

// next passes what comes between two members of an object, or its end.
func (s *scanner) next() (more, ok bool) {
	switch s.space() {
	case ',':
		s.pos++
		s.space()
		return true, true
	case '}':
		s.pos++
		return false, true
	}
	return false, s.fail(s.pos, "want ',' or '}' after a value of an object")
}

// word passes true, false or null.
func (s *scanner) word(word string) bool {
	for i := range len(word) {
		if s.pos+i >= len(s.data) || s.data[s.pos+i] != word[i] {
			return s.fail(s.pos+i, "want the word "+word)
		}
	}
	s.pos += len(word)
	return true
}

// number is where a number is in data, and whether it has a point or an exponent.
type number struct {
	start, end      int
	point, exponent bool
}

func (s *scanner) number() (n number, ok bool) {
	n.start = s.pos
	if s.data[s.pos] == '-' {
		s.pos++
	}
	if s.pos < len(s.data) && s.data[s.pos] == '0' {
		s.pos++
		if s.pos < len(s.data) && isDigit(s.data[s.pos]) {
			return n, s.fail(s.pos, "a number must not start with 0 and another digit")
		}
	} else if !s.digits() {
		return n, false
	}
	if s.pos < len(s.data) && s.data[s.pos] == '.' {
		n.point = true
		s.pos++
		if !s.digits() {
			return n, false
		}
	}
	if s.pos < len(s.data) && s.data[s.pos]|0x20 == 'e' {
		n.exponent = true
		s.pos++
		if s.pos < len(s.data) && (s.data[s.pos] == '+' || s.data[s.pos] == '-') {
			s.pos++
		}
		if !s.digits() {
			return n, false
		}
	}
	n.end = s.pos
	return n, true
}

// digits passes one digit or more.
func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.data) && isDigit(s.data[s.pos]) {
		s.pos++
	}
	return s.pos > start || s.fail(s.pos, "want a digit")
}

func isDigit(c byte) bool { return c-'0' <= 9 }

// text is where the content of a string is in data, without its quotes, and whether there
// are escapes in it.
type text struct {
	start, end int
	escaped    bool
}

// text passes a string and checks all of it: no control bytes, valid UTF-8,
// valid escapes, surrogates in pairs.
func (s *scanner) text() (t text, ok bool) {
	s.pos++
	t.start = s.pos
	for {
		s.plain()
		if s.pos >= len(s.data) {
			return t, s.fail(s.pos, "want the end of a string")
		}
		switch c := s.data[s.pos]; {
		case c == '"':
			t.end = s.pos
			s.pos++
			return t, true
		case c == '\\':
			t.escaped = true
			if !s.escape() {
				return t, false
			}
		case c < ' ':
			return t, s.fail(s.pos, "a string holds a raw control character; it must be escaped")
		case !s.multibyte():
			return t, false
		}
	}
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plain passes the plain bytes of a string: ASCII, but no quote, backslash or control
// byte. It looks at eight at a time. The tests set the highest bit of each byte that is
// something else. The lowest such bit is the first such byte. (Subtraction can carry into
// the bytes above it, so only the lowest bit counts.)
func (s *scanner) plain() {
	i := s.pos
	for ; i+8 <= len(s.data); i += 8 {
		v := binary.LittleEndian.Uint64(s.data[i:])
		quote := v ^ ones*'"'
		slash := v ^ ones*'\\'
		stop := (v | (v - ones*' ') | (quote - ones) | (slash - ones)) & highs
		if stop != 0 {
			s.pos = i + bits.TrailingZeros64(stop)/8
			return
		}
	}
	for i < len(s.data) && isPlain(s.data[i]) {
		i++
	}
	s.pos = i
}

func isPlain(c byte) bool { return c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' }

// multibyte passes characters outside ASCII.
func (s *scanner) multibyte() bool {
	for s.pos < len(s.data) && s.data[s.pos] >= utf8.RuneSelf {
		rest := s.data[s.pos:]
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 {
			if !utf8.FullRune(rest) {
				return s.fail(len(s.data), "the text ends within a character")
			}
			return s.fail(s.pos, notUTF8)
		}
		s.pos += n
	}
	return true
}

// escape passes an escape, and the second of a surrogate pair behind the first.
func (s *scanner) escape() bool {
	start := s.pos
	if s.pos+1 >= len(s.data) {
		return s.fail(len(s.data), "want an escape")
	}
	switch s.data[s.pos+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos += 2
		return true
	case 'u':
	default:
		return s.fail(s.pos+1, "want one of \"\\/bfnrtu after a backslash")
	}
	r, ok := s.hex()
	if !ok || r < 0xd800 || r > 0xdfff {
		return ok
	}
	if r >= 0xdc00 {
		return s.fail(start, "the second half of a surrogate pair without the first")
	}
	for _, c := range []byte(`\u`) {
		if s.pos >= len(s.data) {
			return s.fail(s.pos, "want the second half of a surrogate pair")
		}
		if s.data[s.pos] != c {
			return s.fail(start, "the first half of a surrogate pair without the second")
		}
		s.pos++
	}
	s.pos -= 2
	low, ok := s.hex()
	if ok && (low < 0xdc00 || low > 0xdfff) {
		return s.fail(start, "the first half of a surrogate pair without the second")
	}
	return ok
}

// hex passes \uXXXX.
func (s *scanner) hex() (r rune, ok bool) {
	s.pos += 2
	for range 4 {
		if s.pos >= len(s.data) {
			return 0, s.fail(s.pos, "want four hexadecimal digits after \\u")
		}
		d := hexDigit(s.data[s.pos])
		if d > 15 {
			return 0, s.fail(s.pos, "want four hexadecimal digits after \\u")
		}
		r = r<<4 | rune(d)
		s.pos++
	}
	return r, true
}

// hexDigit returns a digit's value, or 255.
func hexDigit(c byte) byte {
	switch {
	case isDigit(c):
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 255
}

// unescape appends a string's content without its escapes. The method text must have
// checked the content.
func unescape(dst, content []byte) []byte {
	for i := 0; i < len(content); {
		c := content[i]
		if c != '\\' {
			dst = append(dst, c)
			i++
			continue
		}
		c = content[i+1]
		i += 2
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			r := hexRune(content[i:])
			i += 4
			if r >= 0xd800 && r <= 0xdfff {
				r = 0x10000 + (r-0xd800)<<10 + (hexRune(content[i+2:]) - 0xdc00)
				i += 6
			}
			dst = utf8.AppendRune(dst, r)
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

func hexRune(four []byte) (r rune) {
	for _, c := range four[:4] {
		r = r<<4 | rune(hexDigit(c))
	}
	return r
}
