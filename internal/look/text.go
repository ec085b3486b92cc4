package look

import (
	"strings"
	"unicode"
)

// How long texts from outside may become on the page, in characters. A name can
// be as long as an order.
const (
	maxNameRunes  = 60  // on the page
	maxTitleRunes = 300 // as a tooltip
	maxMarks      = 4   // accents and the like on one letter; more would reach into other rows
)

// A Text is a text from outside, made fit to be shown: it has no control characters, cannot change
// the direction of what is around it, and is short. The template escapes it.
type Text struct {
	Short string
	Full  string // more of it, if Short is not all
}

// Name makes a text of a name.
func Name(s string) Text { return AtMost(maxNameRunes, s) }

// AtMost makes a text of up to limit characters. A text that shows nothing is "(blank)".
func AtMost(limit int, s string) Text {
	short, cut := shorten(s, limit)
	if !strings.ContainsFunc(short, inked) {
		return Text{Short: "(blank)"}
	}
	if !cut {
		return Text{Short: short}
	}
	full, _ := shorten(s, maxTitleRunes)
	return Text{Short: short, Full: full}
}

// inked reports whether a character can be seen at all.
func inked(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }

// shorten cleans a text and cuts it after limit characters. It reports whether it cut
// anything.
func shorten(s string, limit int) (short string, cut bool) {
	var runes []rune
	marks := 0
	for _, r := range s { // bytes that are not UTF-8 come as U+FFFD
		if r = visible(r); r < 0 {
			continue
		}
		if marks++; !unicode.Is(unicode.M, r) {
			marks = 0
		}
		if marks > maxMarks {
			continue
		}
		if runes = append(runes, r); len(runes) > limit {
			return strings.TrimSpace(string(runes[:cutBefore(runes, limit)])) + "…", true
		}
	}
	return strings.TrimSpace(string(runes)), false
}

// visible returns what is shown for a character. Control characters become their
// pictures. Characters that change the direction of a text become -1: one that is
// never closed, or closes what the name did not open, would reach beyond the name.
func visible(r rune) rune {
	switch {
	case r == '\t', r == '\n', r == '\r', r == '\u2028', r == '\u2029':
		return ' '
	case r < 0x20:
		return '\u2400' + r
	case r == 0x7f:
		return '\u2421'
	case unicode.IsControl(r), r&0xfffe == 0xfffe:
		return unicode.ReplacementChar
	case '\u202a' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069':
		return -1
	}
	return r
}

// cutBefore returns an index at or shortly before limit. A cut there separates no
// character from what belongs to it: an accent, a joined emoji, the colour of a hand.
func cutBefore(runes []rune, limit int) int {
	const zeroWidthJoiner = '\u200d'
	belongs := func(r rune) bool {
		return r == zeroWidthJoiner || unicode.Is(unicode.M, r) || 0x1f3fb <= r && r <= 0x1f3ff
	}
	for at := limit; at > limit/2; at-- {
		if !belongs(runes[at]) && runes[at-1] != zeroWidthJoiner {
			return at
		}
	}
	return limit
}
