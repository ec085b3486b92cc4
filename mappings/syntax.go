package mappings

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"process-orders/internal/lazy"
	"process-orders/internal/shown"
)

func (f *file) syntax(err error) error {
	if err == nil {
		return nil
	}
	why := inOurWords(withoutKeys(strings.TrimPrefix(err.Error(), "toml: ")))
	if d := (*toml.DecodeError)(nil); errors.As(err, &d) {
		line, column := d.Position()
		if why == noClosingQuote {
			column = f.openQuote(line, column)
		}
		return fmt.Errorf("%s:%d:%d: %s", shown.Text(f.name), line, column, why)
	}
	return fmt.Errorf("%s: %s", shown.Text(f.name), why)
}

// openQuote returns the column of the quote in a line that has no closing one, or the
// column that it is given.
func (f *file) openQuote(line, column int) int {
	lines := bytes.SplitN(f.text, []byte("\n"), line+1)
	if line > len(lines) {
		return column
	}
	at, text := 0, lines[line-1]
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case at == 0 && (c == '"' || c == '\''):
			at = i + 1
		case at > 0 && c == '\\' && text[at-1] == '"':
			i++
		case at > 0 && c == text[at-1]:
			at = 0
		}
	}
	return cmp.Or(at, column)
}

// withoutKeys is what the TOML library says is wrong, without the key and the text that it
// names: what is no mapping may be a file with anything in it.
func withoutKeys(why string) string {
	if m := aboutKey().FindStringSubmatch(why); m != nil {
		return "the " + m[1] + " " + m[2]
	}
	if before, _, found := strings.Cut(why, "unable to parse float"); found {
		return before + "want a number"
	}
	return why
}

// aboutKey finds what is wrong with a key or a table behind its name.
var aboutKey = lazy.Regexp(`(?s)^(key|table) .* (is already defined|already exists[a-z ]*|already exists as [a-z ]*, but should be an array table|should be a table, not an? [a-z ]*)$`)

const noClosingQuote = "a text has no closing quote"

// words are what the TOML library says, and what we say: the first that is found counts.
var words = []struct{ theirs, ours string }{
	{"multiline basic string not terminated", "a text has no closing \"\"\""},
	{"multiline literal string not terminated", "a text has no closing '''"},
	{"unterminated basic string", noClosingQuote},
	{"unterminated literal string", noClosingQuote},
	{"strings cannot have new lines", noClosingQuote},
	{"invalid escape character", `in double quotes \ starts an escape: put the text in single quotes`},
	{"expected '=' after key", "want = after the key"},
	{"expected value, not", "want a value after ="},
	{"at start of value", "want a value: a text in quotes, a whole number, true, false, a list or a table"},
	{"to close", "want ] or ]] after the name of a table"},
	{"expected newline", "want the end of the line"},
	{"after array value", "want , or ] after a value of a list"},
	{"array is incomplete", "a list has no closing ]"},
	{"inline table is incomplete", "a table has no closing }"},
	{"invalid UTF-8", "not valid UTF-8: save the file as UTF-8"},
	{"control characters", "a control character"},
	{"at start of key", "want a key"},
	{"leading zero", "want a number without zeros before it"},
	{"should be an array table", "want [[…]] for each of them, or one [table]"},
	{"exists as defined by a dotted key", "the table is there already, as keys with dots"},
	{"is already defined", "the key is there already"},
	{"already exists", "the table is there already"},
}

// inOurWords is what is wrong, in the words of this program.
func inOurWords(why string) string {
	for _, w := range words {
		if strings.Contains(why, w.theirs) {
			return w.ours
		}
	}
	return why
}

// dataIn says what a text looks like that is no mapping but something to read orders from,
// or returns "".
func dataIn(text []byte) string {
	text = bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), " \t\r\n")
	line, _, _ := bytes.Cut(text, []byte("\n"))
	switch {
	case bytes.HasPrefix(text, []byte("PK\x03\x04")):
		return "a spreadsheet or a zip archive"
	case bytes.HasPrefix(text, []byte("\x1f\x8b")), bytes.HasPrefix(text, []byte("\x28\xb5\x2f\xfd")):
		return "compressed data"
	case bytes.HasPrefix(text, []byte("{")), bytes.HasPrefix(text, []byte("[")) && bytes.HasPrefix(bytes.TrimLeft(text[1:], " \t\r\n"), []byte("{")):
		return "JSON"
	case !bytes.ContainsAny(line, "=[#") && bytes.ContainsAny(line, ",;\t|"):
		return "a table (CSV)"
	}
	return ""
}

// noMapping says that a file is no mapping.
func noMapping(name, looksLike string) error {
	return fmt.Errorf("%s: this is no mapping: it looks like %s; a mapping is a TOML file or the name of a preset", shown.Text(name), looksLike)
}
