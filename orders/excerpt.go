package orders

import (
	"bytes"
	"unicode/utf8"

	"process-orders/internal/shown"
)

// How many characters of the line an excerpt shows, how many of them before the
// fault, and how many bytes they can be.
const (
	excerptWidth  = 76
	excerptBefore = 64
	windowBytes   = 4 * excerptWidth
)

// excerpt shows the line of text around an offset: keys that the mapping reads, what shows
// the structure and, if showPrice is set, the amount at the offset. The rest may be
// personal.
func (p *program) excerpt(text []byte, at int, showPrice bool) Excerpt {
	m := masker{
		text: text[:min(len(text), at+windowBytes)], start: at - windowBytes,
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

// lineAround returns where the line of out[at] starts and ends.
func lineAround(out []rune, at int) (start, end int) {
	for start = at; start > 0 && out[start-1] != '\n'; start-- {
	}
	for end = at; end < len(out) && out[end] != '\n'; end++ {
	}
	return start, end
}

// masker writes a text with * for each character that may be personal.
type masker struct {
	text  []byte
	known map[string]bool
	show  int // where a string starts that is shown if it is an amount, or -1
	start int // what is before is read, to know what is in quotes, and not written
	out   []rune
	from  []int // where in text each character starts
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

// put writes the character at i and returns the offset of the next one.
func (m *masker) put(i int, plain bool) int {
	c, n := utf8.DecodeRune(m.text[i:])
	if i < m.start {
		return i + n
	}
	switch {
	case c == '\t', c == '\r':
		c = ' '
	case c == '\n': // a border of the excerpt, whatever it is in
	case !plain || c < ' ' || c >= 0x7f:
		c = '*'
	}
	m.out, m.from = append(m.out, c), append(m.from, i)
	return i + n
}

// string writes a string, which is shown if it is a key that the mapping reads.
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
	if end < m.start { // far before what is written
		return min(end+1, len(m.text))
	}
	isKey := len(after) > 0 && after[0] == ':' && m.known[string(m.text[at+1:end])]
	amount := at == m.show && shown.IsAmount(string(m.text[at+1:end]))
	i := m.put(at, true)
	for i < end {
		i = m.put(i, isKey || amount)
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
	plain := w == "true" || w == "false" || w == "null"
	for i := at; i < end; {
		i = m.put(i, plain)
	}
	return end
}

func isWord(c byte) bool {
	return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= utf8.RuneSelf
}

// keys are the keys that the mapping reads.
func (p *program) keys() map[string]bool {
	known := map[string]bool{}
	for i := range p.envelopes {
		for _, key := range p.envelopes[i].keys {
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
