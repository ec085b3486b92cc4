package jsoncases

import (
	"encoding/json"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

const byteOrderMark = "\xef\xbb\xbf"

// strict reports whether text is one JSON value by the rules of this package.
func strict(text string) bool {
	return json.Valid([]byte(text)) && utf8.ValidString(text) && pairedSurrogates(text) && depth(text) <= 1024
}

// pairedSurrogates reports whether each surrogate escape of a valid JSON text is half of
// an ordered pair. In such a text only strings have backslashes.
func pairedSurrogates(text string) bool {
	high := -1 // where the escape after a high surrogate has to start
	for i := 0; i < len(text); i++ {
		if high >= 0 && i == high && text[i] != '\\' {
			return false
		}
		if text[i] != '\\' {
			continue
		}
		if text[i+1] != 'u' {
			if i == high {
				return false
			}
			i++
			continue
		}
		unit, err := strconv.ParseUint(text[i+2:i+6], 16, 16)
		if err != nil {
			return false
		}
		isLow := unit >= 0xdc00 && unit <= 0xdfff
		if isLow != (i == high) {
			return false
		}
		high = -1
		if unit >= 0xd800 && unit <= 0xdbff {
			high = i + 6
		}
		i += 5
	}
	return true
}

// depth returns the greatest number of containers that are open at once.
func depth(text string) int {
	most, open := 0, 0
	inString := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '[' || c == '{':
			open++
			most = max(most, open)
		case c == ']' || c == '}':
			open--
		}
	}
	return most
}

// values reads strict values from the start of text, and reports whether they fill
// it as Case.Sequence says.
func values(text string) (list []string, fill bool) {
	decoder := json.NewDecoder(strings.NewReader(text))
	last := 0
	for {
		var raw json.RawMessage
		err := decoder.Decode(&raw)
		if err == io.EOF {
			return list, true
		}
		if err != nil {
			return list, false
		}
		value := string(raw)
		end := int(decoder.InputOffset())
		start := end - len(value)
		touching := len(list) > 0 && start == last
		if touching && isWordByte(text[start-1]) && isWordByte(text[start]) {
			return list, false
		}
		if !strict(value) {
			return list, false
		}
		list, last = append(list, value), end
	}
}

func isWordByte(c byte) bool {
	return !strings.ContainsRune(`"[]{}`, rune(c))
}

func embed(text string) string {
	return `{"phone":"1","items":[],"x":` + text + `}`
}

// showsObject reports whether a reader that goes from left to right finds a complete
// object at the start of text, or of any later line.
func showsObject(text string) bool {
	for line := 0; line >= 0; {
		if list, _ := values(text[line:]); len(list) > 0 && list[0][0] == '{' {
			return true
		}
		next := strings.IndexByte(text[line:], '\n')
		if next < 0 {
			return false
		}
		line += next + 1
	}
	return false
}

func TestAccepted(t *testing.T) {
	for _, c := range Accepted {
		if !strict(c.Text) {
			t.Errorf("%s: not a strict JSON text: %.80q", c.Name, c.Text)
		}
		if !strict(embed(c.Text)) {
			t.Errorf("%s: not a strict JSON text when embedded", c.Name)
		}
		if d := depth(c.Text); d > 1000 {
			t.Errorf("%s: nests %d deep", c.Name, d)
		}
		if c.Whole || c.Sequence {
			t.Errorf("%s: carries a mark of refused cases", c.Name)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range Refused {
		if strict(c.Text) {
			t.Errorf("%s: a strict JSON text: %.80q", c.Name, c.Text)
		}
		if strings.HasPrefix(c.Name, "depth-") && depth(c.Text) < 1100 {
			t.Errorf("%s: nests only %d deep", c.Name, depth(c.Text))
		}
		if !c.Whole && strict(embed(c.Text)) {
			t.Errorf("%s: a strict JSON text when embedded, not marked Whole: %.80q", c.Name, c.Text)
		}

		list, sequence := values(c.Text)
		if c.Sequence != sequence {
			t.Errorf("%s: Sequence is %t, want %t: %.80q", c.Name, c.Sequence, sequence, c.Text)
		}

		objects := sequence && len(list) > 0
		for _, value := range list {
			objects = objects && value[0] == '{'
		}
		if whole := objects || showsObject(embed(c.Text)); c.Whole != whole {
			t.Errorf("%s: Whole is %t, want %t: %.80q", c.Name, c.Whole, whole, c.Text)
		}
	}
}

func TestBothTables(t *testing.T) {
	if len(Accepted) < 95 {
		t.Errorf("%d accepted cases, want 95 or more", len(Accepted))
	}
	if len(Refused) < 188 {
		t.Errorf("%d refused cases, want 188 or more", len(Refused))
	}
	t.Logf("%d accepted, %d refused", len(Accepted), len(Refused))

	word := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	names := map[string]bool{}
	texts := map[string]string{}
	for _, table := range [][]Case{Accepted, Refused} {
		for _, c := range table {
			if !word.MatchString(c.Name) {
				t.Errorf("%q: not lower case words joined by -", c.Name)
			}
			if names[c.Name] {
				t.Errorf("%s: name given twice", c.Name)
			}
			names[c.Name] = true
			if other, ok := texts[c.Text]; ok {
				t.Errorf("%s: the same text as %s", c.Name, other)
			}
			texts[c.Text] = c.Name
			if len(c.Text) >= 3000 && !strings.HasPrefix(c.Name, "depth-") {
				t.Errorf("%s: %d bytes long", c.Name, len(c.Text))
			}
			if rest, found := strings.CutPrefix(c.Text, byteOrderMark); found && !strings.HasPrefix(rest, byteOrderMark) {
				t.Errorf("%s: starts with one byte order mark", c.Name)
			}
		}
	}
}

// TestJudge checks that the judge itself refuses what encoding/json accepts.
func TestJudge(t *testing.T) {
	for text, want := range map[string]bool{
		`"\ud83e\udd55"`:            true,
		`"\\ud83e"`:                 true,
		`"\\\\\ud83e\udd55\n"`:      true,
		`"\ud83e"`:                  false,
		`"\\\ud83e"`:                false,
		`"\ud83e\\udd55"`:           false,
		`"\ud83e\n\udd55"`:          false,
		`"\udd55"`:                  false,
		`"\ud83e\ud83e\udd55"`:      false,
		"\"\xff\"":                  false,
		wrap(1024, "[", "", "]"):    true,
		wrap(1025, "[", "", "]"):    false,
		`["[[\"[[",` + `"]]"]`:      true,
		`{"a":1}{"b":2}`:            false,
		"\"" + byteOrderMark + "\"": true,
	} {
		if got := strict(text); got != want {
			t.Errorf("strict(%.40q) is %t", text, got)
		}
	}
	if d := depth(`["[[\"[[",{"[":[]}]`); d != 3 {
		t.Errorf("depth is %d, want 3", d)
	}
	for text, want := range map[string]int{``: 0, `1 2`: 2, `[][]`: 2, `"a"1"b"`: 3} {
		if list, fill := values(text); len(list) != want || !fill {
			t.Errorf("values(%q) is %q, %t", text, list, fill)
		}
	}
	for _, text := range []string{`01`, `truefalse`, `1 2,`, "{} \"\xff\""} {
		if list, fill := values(text); fill {
			t.Errorf("values(%q) is %q", text, list)
		}
	}
}
