package orders

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"process-orders/phones"
)

// A Place is where in the input something stands.
type Place struct {
	Source string `json:"source"`
	// Line and Column count from 1; columns count bytes.
	Line   int64 `json:"line"`
	Column int64 `json:"column"`
	// Order counts the orders of the source from 1; 0 is outside of them.
	Order int64 `json:"order"`
}

func (p Place) String() string {
	s := fmt.Sprintf("%s:%d:%d", p.Source, p.Line, p.Column)
	if p.Order > 0 {
		s += fmt.Sprintf(": order %d", p.Order)
	}
	return s
}

// A SyntaxError says where and why the input is not JSON, or not JSON that holds
// orders. Neither the error nor its excerpt shows a phone or a name.
type SyntaxError struct {
	Place
	Reason string
	// ByLine says that the source has one order a line, so that
	// Options.RejectLines would reject that line only.
	ByLine  bool
	excerpt Excerpt
}

func (e *SyntaxError) Error() string { return e.Place.String() + ": " + e.Reason }

// Excerpt is the input at the error.
func (e *SyntaxError) Excerpt() Excerpt { return e.excerpt }

// A Reject is an order that is JSON and cannot be accepted, or a line of a
// source with one order a line that is not JSON.
type Reject struct {
	Place
	// Path is where in the order the fault is, as in items[1].price; empty
	// where it is the order itself.
	Path   string `json:"path"`
	Reason string `json:"reason"`
	// Text is the order as the input has it. It holds personal data.
	Text    []byte `json:"-"`
	excerpt func() Excerpt
}

// Error tells the place and the reason without personal data.
func (r *Reject) Error() string {
	if r.Path == "" {
		return r.Place.String() + ": " + r.Reason
	}
	return r.Place.String() + ": " + r.Path + ": " + r.Reason
}

// Excerpt is the input at the fault.
func (r *Reject) Excerpt() Excerpt { return r.excerpt() }

// An Excerpt is a part of one line of the input, with * in the place of what may
// be personal.
type Excerpt struct {
	Text string
	// Caret is the fault's place in Text, in characters from 0.
	Caret int
}

// explain is the reject for a fault, but for its place.
func (r *reader) explain(b *Batch, f *fault) *Reject {
	text := bytes.Clone(b.data[f.start:f.end])
	at := f.at - f.start
	program := r.program // r itself goes on
	// In a table a text is not written as in JSON, and the begin of what was read as
	// a price is not always known.
	showPrice := f.reason == reasonPrice && !program.mapping.CSV
	return &Reject{
		Path:    r.path(f),
		Reason:  describe(f, text, at, showPrice),
		Text:    text,
		excerpt: func() Excerpt { return program.excerpt(text, at, showPrice) },
	}
}

func (r *reader) path(f *fault) string {
	if f.line < 0 || len(r.program.groupBy) > 0 {
		return f.where.path
	}
	path := fmt.Sprintf("%s[%d]", r.program.lines.path, f.line)
	if f.where != r.program.lines {
		path += "." + f.where.path
	}
	return path
}

func describe(f *fault, text []byte, at int, showPrice bool) string {
	switch f.reason {
	case reasonMissing, reasonNoPhone:
		return "missing"
	case reasonBlank:
		return "blank"
	case reasonTwice:
		return "the key stands twice in one object"
	case reasonNUL:
		return "holds a NUL character"
	case reasonDigits:
		return fmt.Sprintf("more than %d digits when it is written out", maxDigits)
	case reasonMinor:
		return "want a whole number, as the price is in the currency's smallest unit"
	case reasonOrphan:
		return "the order that this belongs to does not stand right before it"
	case reasonCurrency:
		return "want a currency of three letters, as in USD"
	case reasonZero:
		return "the quantity is 0, so there is no price for one"
	case reasonPrice:
		if !showPrice || text[at] != '"' {
			return "want a decimal number"
		}
		return "want a decimal number, got " + shown(text[at:])
	case reasonType:
		return "want " + wanted(f) + ", got " + typeOf(text[at:])
	default:
		return completed(f.why, text, at)
	}
}

func wanted(f *fault) string {
	role := f.where.role
	if role == roleRaw {
		role = f.as
	}
	switch role {
	case rolePhone:
		return "a string or a whole number"
	case roleName, roleItem:
		return "a string"
	case rolePrice, roleQuantity:
		return "a decimal number"
	case roleLines:
		if f.line < 0 {
			return "an array"
		}
		return "an object"
	}
	if f.where.path == "" {
		return "an order (an object)"
	}
	return "an object"
}

// typeOf is what value begins here.
func typeOf(value []byte) string {
	switch c := value[0]; c {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "an array"
	case 't':
		return "true"
	case 'f':
		return "false"
	case 'n':
		return "null"
	}
	return "a number"
}

const (
	shownBytes = 24
	// Of a longer text than this only the begin is looked at.
	maxShownBytes = 1024
	// A text with so many digits may be a phone that slipped.
	phoneDigits = 7
)

// shown is a string that should have been a price, as a message prints it:
// short, and where it may be a phone with its last two digits only.
func shown(value []byte) string {
	s := scanner{data: value}
	t, _ := s.text()
	content := unescape(nil, value[t.start:t.end])
	if len(content) > maxShownBytes { // its digits may be many: mask them all
		content = append(content[:maxShownBytes], strings.Repeat("0", phoneDigits)...)
	}
	text := string(content)
	if mayBePhone(text) {
		text = phones.Mask(text)
	}
	if end := shownBytes; len(text) > end {
		for !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end] + "…"
	}
	return fmt.Sprintf("%q", text)
}

// mayBePhone reports whether a text has so many digits, of any script, that it may be
// a phone.
func mayBePhone(s string) bool {
	digits := 0
	for _, c := range s {
		if unicode.IsDigit(c) {
			digits++
		}
	}
	return digits >= phoneDigits
}

// completed ends a "want …" with what is there instead.
func completed(why string, data []byte, at int) string {
	if !strings.HasPrefix(why, "want ") {
		return why
	}
	if at >= len(data) {
		return why + ", got the end of the input"
	}
	if c := data[at]; c > ' ' && c < 0x7f {
		return fmt.Sprintf("%s, got '%c'", why, c)
	}
	return fmt.Sprintf("%s, got byte 0x%02x", why, data[at])
}

// How many characters of the line an excerpt shows, how many of them before the
// fault, and how many bytes they can be.
const (
	excerptWidth  = 76
	excerptBefore = 64
	windowBytes   = 4 * excerptWidth
)

// excerpt shows the line of text around at. Keys that the mapping reads are
// shown, and what shows the structure; the rest may be personal.
func (p *program) excerpt(text []byte, at int, showPrice bool) Excerpt {
	m := masker{
		text: text[:min(len(text), at+windowBytes)], begin: at - windowBytes,
		known: p.keys(), show: -1,
	}
	if showPrice {
		m.show = at
	}
	m.run()
	out, caret := m.out, len(m.out)
	for i, from := range m.from {
		if from >= at {
			caret = i
			break
		}
	}
	start, end := lineAround(out, caret)
	start = max(start, caret-excerptBefore)
	end = min(end, start+excerptWidth)
	for start < caret && out[start] == ' ' {
		start++
	}
	for end > caret+1 && out[end-1] == ' ' {
		end--
	}
	return Excerpt{Text: string(out[start:end]), Caret: caret - start}
}

// lineAround is where the line of out[at] begins and ends.
func lineAround(out []rune, at int) (start, end int) {
	for start = at; start > 0 && out[start-1] != '\n'; start-- {
	}
	for end = at; end < len(out) && out[end] != '\n'; end++ {
	}
	return start, end
}

// masker writes a text with * for what may be personal, a character for a
// character.
type masker struct {
	text  []byte
	known map[string]bool
	show  int // where a string to show begins, or -1
	begin int // what is before is read, as it tells strings apart, and not written
	out   []rune
	from  []int // where in text each character begins
}

func (m *masker) run() {
	for i := 0; i < len(m.text); {
		switch c := m.text[i]; {
		case c == '"':
			i = m.string(i)
		case isWord(c):
			i = m.word(i)
		default:
			i = m.put(i, true)
		}
	}
}

// put writes the character at i and returns where the next one is.
func (m *masker) put(i int, shown bool) int {
	c, n := utf8.DecodeRune(m.text[i:])
	if i < m.begin {
		return i + n
	}
	switch {
	case c == '\t', c == '\r':
		c = ' '
	case c == '\n': // a border of the excerpt, wherever it is
	case !shown || c < ' ' || c >= 0x7f:
		c = '*'
	}
	m.out, m.from = append(m.out, c), append(m.from, i)
	return i + n
}

// string writes a string: shown where it is a key that the mapping reads.
func (m *masker) string(at int) int {
	end := at + 1
	for end < len(m.text) && m.text[end] != '"' {
		if m.text[end] == '\\' {
			end++
		}
		end++
	}
	end = min(end, len(m.text))
	after := bytes.TrimLeft(m.text[min(end+1, len(m.text)):], " \t\r\n")
	if end < m.begin { // far before what is written
		return min(end+1, len(m.text))
	}
	isKey := len(after) > 0 && after[0] == ':' && m.known[string(m.text[at+1:end])]
	price := at == m.show && !mayBePhone(string(m.text[at:end]))
	i := m.put(at, true)
	for i < end {
		i = m.put(i, isKey || price)
	}
	if i < len(m.text) {
		i = m.put(i, true)
	}
	return i
}

// word writes a number or a word outside of strings.
func (m *masker) word(at int) int {
	end := at
	for end < len(m.text) && isWord(m.text[end]) {
		end++
	}
	w := string(m.text[at:end])
	shown := w == "true" || w == "false" || w == "null"
	for i := at; i < end; {
		i = m.put(i, shown)
	}
	return end
}

func isWord(c byte) bool {
	return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= utf8.RuneSelf
}

// keys are the keys that the mapping reads.
func (p *program) keys() map[string]bool {
	known := map[string]bool{}
	for _, wrapper := range p.wrappers {
		for _, key := range wrapper {
			known[key] = true
		}
	}
	var walk func(*node)
	walk = func(n *node) {
		for _, c := range n.children {
			known[c.key] = true
			if c.node != p.order {
				walk(c.node)
			}
		}
	}
	walk(p.order)
	return known
}
