package server

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxFileNameBytes is how long the name of a file may be.
const maxFileNameBytes = 255

// isName reports whether a text can name something.
func isName(text string, maxBytes int) bool {
	return strings.TrimSpace(text) != "" && len(text) <= maxBytes && utf8.ValidString(text) &&
		!strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsPrint(c) })
}

// isText reports whether a store can have a text.
func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// shownBytes is a limit in words.
func shownBytes(n int64) string {
	switch {
	case n%(1<<30) == 0:
		return strconv.FormatInt(n>>30, 10) + " GiB"
	case n%(1<<20) == 0:
		return strconv.FormatInt(n>>20, 10) + " MiB"
	case n%(1<<10) == 0:
		return strconv.FormatInt(n>>10, 10) + " KiB"
	}
	return strconv.FormatInt(n, 10) + " bytes"
}
