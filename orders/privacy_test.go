package orders_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"process-orders/orders"
)

// The markers have letters and digits that are in no message of ours.
const (
	secretPhone = "+97 (798) 897-8978"
	secretName  = "Xaviqua Wyzobrecht"
)

// secretOrders hold both markers in each way to write them.
var secretOrders = []string{
	`{"phone":"` + secretPhone + `","name":"` + secretName + `","items":[{"name":"Idli","price":6.00}]}`,
	`{"name": "` + secretName + `", "items": [], "phone": 9779889789787}`,
	`{"notes":"call ` + secretName + ` at ` + secretPhone + `","phone":"1","x":[9779889789787],"items":[{"name":"` + secretName + `","price":"1"}]}`,
	`{"phone":"1","items":[{"name":"a","price":"` + secretPhone + `"}],"name":"` + secretName + `"}`,
	`{"phone":"1","items":[{"name":"a","price":"` + secretName + `"}]}`,
	`{"phone":"\u002b97 (798) 89\u0037-8978","n\u0061me":"Xaviqu\u0061 Wyzobr\u0065cht","items":[]}`,
	"{\n\t\"phone\": \"" + secretPhone + "\",\r\n\t\"name\": \"Ünï " + secretName + "\",\r\n\t\"items\": [\r\n\t]\r\n}",
}

// writtenEscape is how %q writes a character that does not print: its digits are
// nobody's.
var writtenEscape = regexp.MustCompile(`\\(u[0-9a-f]{4}|x[0-9a-f]{2})`)

// leaks returns which part of a marker a text shows: three digits of the phone in a row
// (without what is between them), other than the last two, or four letters of the name.
func leaks(text string) string {
	const phone = "97798897897"
	text = writtenEscape.ReplaceAllString(text, "")
	shown := strings.Map(digitsOnly, strings.ReplaceAll(text, "*", "0"))
	for i := 0; i+3 <= len(phone); i++ {
		if strings.Contains(shown, phone[i:i+3]) {
			return phone[i : i+3]
		}
	}
	for i := 0; i+4 <= len(secretName); i++ {
		if part := secretName[i : i+4]; strings.Contains(text, part) {
			return part
		}
	}
	return ""
}

// shown is everything of a reading's faults that may be printed, but for their
// places.
func (r reading) shown() (texts []string) {
	for _, reject := range r.rejects {
		texts = append(texts, strings.TrimPrefix(reject.Error(), reject.Place.String()), reject.Path, reject.Reason, reject.Excerpt().Text)
	}
	var syntax *orders.SyntaxError
	if errors.As(r.err, &syntax) {
		texts = append(texts, strings.TrimPrefix(syntax.Error(), syntax.Place.String()), syntax.Reason, syntax.Excerpt().Text)
	}
	return texts
}

// Orders are damaged in every place and in many ways, and no message shows whose
// they are.
func TestPrivacy(t *testing.T) {
	t.Parallel()
	inserts := []string{`"`, `\`, "{", "}", "[", "]", ",", ":", "x", "7", ".", "\n", "\t", "\x00", "\xff", "å", `","`, `":"`, `\u00`, "null", " "}
	step := 1
	if testing.Short() {
		step = 7
	}
	for _, text := range secretOrders {
		for at := 0; at <= len(text); at += step {
			damaged := []string{text[:at], text[at:]} // a line that was torn
			if at < len(text) {
				damaged = append(damaged, text[:at]+text[at+1:])
			}
			for _, s := range inserts {
				damaged = append(damaged, text[:at]+s+text[at:])
				if at < len(text) {
					damaged = append(damaged, text[:at]+s+text[at+1:])
				}
			}
			for i, text := range damaged {
				lines := order("1") + "\n" + text + "\n" + order("2") + "\n"
				for j, document := range []string{text, "[" + text + "]", `{"orders":[` + text + `],"x":` + text + "}", `{"x":` + text + `,"orders":[]}`, lines, lines} {
					if (at+i+j)%3 > 0 {
						continue // a third is enough, and no two of them are alike
					}
					s := setup{Options: orders.Options{RejectLines: j == 4, BlockBytes: len(document) + 2}}
					for _, shown := range s.read(document).shown() {
						if leak := leaks(shown); leak != "" {
							t.Errorf("%s: %q shows %q", abridged(document), shown, leak)
							return
						}
					}
				}
			}
		}
	}
}

// Each reason for a reject, with the markers around and within it.
func TestPrivacyOfRejects(t *testing.T) {
	whose := `"phone":"` + secretPhone + `","name":"` + secretName + `"`
	price := func(p string) string { return `{` + whose + `,"items":[{"name":"a","price":` + p + `}]}` }
	for _, text := range []string{
		`"` + secretPhone + `"`, `9779889789787`, `["` + secretName + `"]`,
		`{` + whose + `}`, `{` + whose + `,"items":{}}`, `{` + whose + `,"items":[5]}`, `{` + whose + `,"items":["` + secretName + `"]}`,
		`{` + whose + `,` + whose + `,"items":[]}`, `{"phone":"` + secretPhone + `\u0000","name":"` + secretName + `\u0000","items":[]}`,
		`{"phone":["` + secretPhone + `"],"items":[]}`, `{"phone":9779889789787.5,"items":[]}`, `{"phone":9779889789787e1,"items":[]}`,
		`{"phone":-9779889789787,"items":[]}`, `{"name":["` + secretName + `"],"phone":1,"items":[]}`, `{"name":9779889789787,"phone":1,"items":[]}`,
		price("true"), price(`"six"`), price(`"` + secretName + `"`), price(`"$ ` + secretName + `"`), price(`""`), price(`{"x":"` + secretName + `"}`), price(strings.Repeat("1", 41)),
		// A phone that slipped into a price, in every place where a message could
		// cut it in two.
		price(`"` + secretPhone + `"`), price(`"+97-798-897-8978"`), price(`"97798897897x8"`), price(`"x9779889789787"`),
		price(`"\u0039\u0037\u0037\u0039\u0038\u0038\u0039\u0037\u0038\u0039\u0037\u0038\u0037"`),
	} {
		for _, shown := range (setup{}).read(text).shown() {
			if leak := leaks(shown); leak != "" {
				t.Errorf("%s: %q shows %q", text, shown, leak)
			}
		}
	}
	for n := range 40 {
		for _, phone := range []string{secretPhone, "9779889789787"} {
			text := price(`"` + strings.Repeat("x", n) + phone + `"`)
			for _, shown := range (setup{}).read(text).shown() {
				if leak := leaks(shown); leak != "" {
					t.Errorf("%s: %q shows %q", text, shown, leak)
				}
			}
		}
	}
}

// Excerpts show where it is with a caret, and what is not personal.
func TestExcerpts(t *testing.T) {
	long := strings.Repeat(`{"qty":1},`, 30)
	for _, c := range []struct {
		name, text, want string
		caret            int
	}{
		{"missing phone", `{"name":"Ann","items":[]}`, `{"name":"***","items":[]}`, 0},
		{"wrong type", `{"phone":"1","items":[],"name":true}`, `{"phone":"*","items":[],"name":true}`, 31},
		{"no price", item(`{"name":"Idli","price":"six"}`), `{"phone":"*","items":[{"name":"****","price":"***"}]}`, 45},
		{"a phone for a price", item(`{"name":"a","price":"732-555-5509"}`), `{"phone":"*","items":[{"name":"*","price":"************"}]}`, 42},
		{"a price with escapes", item(`{"name":"a","price":"\u0041\""}`), `{"phone":"*","items":[{"name":"*","price":"********"}]}`, 42},
		{"an amount", item(`{"name":"a","price":"$1,29.00"}`), `{"phone":"*","items":[{"name":"*","price":"$1,29.00"}]}`, 42},
		{"an amount with two readings", item(`{"name":"a","price":"$1,299"}`), `{"phone":"*","items":[{"name":"*","price":"$1,299"}]}`, 42},
		{"unread keys", `{"secret":"x","phone":true,"items":[]}`, `{"******":"*","phone":true,"items":[]}`, 22},
		{"numbers", `{"phone":7.5,"items":[],"x":-1e5}`, `{"phone":*.*,"items":[],"*":-***}`, 9},
		{"wide characters before it", `{"name":"Åsa 🥕","phone":true,"items":[]}`, `{"name":"*****","phone":true,"items":[]}`, 24},
		{"an escape before it", `{"name":"\u00c5sa","phone":true,"items":[]}`, `{"name":"********","phone":true,"items":[]}`, 27},
		{"tabs before it", "{\t\"name\":\t\"Ann\",\t\"phone\":\ttrue,\"items\":[]}", `{ "name": "***", "phone": true,"items":[]}`, 26},
		{"its own line only", "{\n  \"name\": \"Ann\",\n  \"phone\": true,\n  \"items\": []\n}", `"phone": true,`, 9},
		{"a Windows line", "{\r\n\t\"phone\": true,\r\n\t\"items\": []\r\n}", `"phone": true,`, 9},
		{"far behind in its line", `{"items":[],"x":[` + long + `5],"phone":true,"y":[` + long + `6]}`, `*},{"***":*},{"***":*},{"***":*},{"***":*},{"***":*},*],"phone":true,"*":[{"`, 64},
		{"a key that appears twice", `{"phone":"1","ph\u006fne":"2","items":[]}`, `{"phone":"*","**********":"*","items":[]}`, 13},

		{"syntax", `{"phone":"732","name":"Ann","items":[5x]}`, `{"phone":"***","name":"***","items":[**`, 38},
		{"syntax in a phone", `{"phone":"73` + "\x01" + `2"}`, `{"phone":"***`, 12},
		{"syntax, cut off", `{"phone":"732`, `{"phone":"***`, 13},
		{"syntax behind wide characters", "[{\"å\":\"€🥕\",å}]", `{"*":"**",*`, 10},
		{"syntax behind tabs", "[{\t\"x\":\t1,\t}]", `{ "*": *, }`, 10},
		{"syntax in a second line", "[{\"phone\":\"732\",\n\t\"items\" 5}]", `"*****" *`, 8},
		{"syntax outside of orders", `[] x`, `*`, 0},
		{"bad UTF-8", "[{\"phone\":\"7\xff2\"}]", `{"phone":"**`, 11},
		{"syntax at a line's end", "{\"phone\":\"732\n", `{"phone":"***`, 13},
	} {
		for _, size := range []int{0, 1, 10} {
			got := setup{Options: orders.Options{BlockBytes: size}}.read(c.text)
			var excerpt orders.Excerpt
			var syntax *orders.SyntaxError
			switch {
			case errors.As(got.err, &syntax):
				excerpt = syntax.Excerpt()
			case len(got.rejects) == 1:
				excerpt = got.rejects[0].Excerpt()
			default:
				t.Fatalf("%s: got %s", c.name, got)
			}
			if excerpt.Text != c.want || excerpt.Caret != c.caret {
				t.Errorf("%s:\ngot  %s\n     %*s\nwant %s\n     %*s", c.name, excerpt.Text, excerpt.Caret+1, "^", c.want, c.caret+1, "^")
				break
			}
		}
	}
}

// Whatever the text, the excerpt is one line of printable ASCII no longer than a
// terminal is wide, and the caret is below it or just behind.
func TestExcerptIsOneLine(t *testing.T) {
	for _, text := range seeds() {
		for _, text := range []string{text, "[" + order("1") + ",\n" + text, order("1") + "\n{\"x\":\x00" + text} {
			got := setup{Options: orders.Options{RejectLines: len(text)%2 == 0}}.read(text)
			var all []orders.Excerpt
			for _, r := range got.rejects {
				all = append(all, r.Excerpt())
			}
			var syntax *orders.SyntaxError
			if errors.As(got.err, &syntax) {
				all = append(all, syntax.Excerpt())
			}
			for _, e := range all {
				printable := func(r rune) bool { return r < ' ' || r > '~' }
				if strings.ContainsFunc(e.Text, printable) || utf8.RuneCountInString(e.Text) > 80 || e.Caret < 0 || e.Caret > len(e.Text) {
					t.Errorf("%s: excerpt %q with the caret at %d", abridged(text), e.Text, e.Caret)
				}
			}
			for _, r := range got.rejects {
				if strings.ContainsFunc(r.Reason, func(r rune) bool { return r < ' ' || r == 0x7f }) {
					t.Errorf("%s: the reason %q is not for a terminal", abridged(text), r.Reason)
				}
			}
		}
	}
}

// excerptOf is the excerpt of a text's only fault.
func excerptOf(t *testing.T, text string) orders.Excerpt {
	t.Helper()
	got := setup{}.read(text)
	var syntax *orders.SyntaxError
	switch {
	case errors.As(got.err, &syntax):
		return syntax.Excerpt()
	case len(got.rejects) == 1:
		return got.rejects[0].Excerpt()
	}
	t.Fatalf("%s: no fault: %s", abridged(text), got)
	return orders.Excerpt{}
}

// However long the order is before the fault, the excerpt is the same: what is far before
// it shows only which quotes start a string.
func TestExcerptBehindMuch(t *testing.T) {
	const start = `{"x":["`
	fillers := []string{"x", "7", "å", "🥕", `\"`, `\\`, `","`, `",{"":[]},"`, "null", secretName, `\u00e5`, "\",\t\""}
	step := 15
	if testing.Short() {
		step = 5
	}
	for _, end := range []string{
		`"],"phone":"` + secretPhone + `","name":true,"items":[]}`,
		`"],"phone":"` + secretPhone + `","name":trux,"items":[]}`,
		`"],"phone":"` + secretPhone + `","name":"` + secretName[:9] + "\x00",
	} {
		want := excerptOf(t, start+end)
		before := strings.TrimPrefix(want.Text[:want.Caret], `{"*":["`)
		for _, filler := range fillers {
			for n := 0; n < 1400; n += 1 + n/step {
				text := start + strings.Repeat(filler, n/len(filler)) + end
				got := excerptOf(t, text)
				if !strings.HasSuffix(got.Text[:got.Caret], before) || !strings.HasPrefix(want.Text[want.Caret:], got.Text[got.Caret:]) || leaks(got.Text) != "" {
					t.Errorf("%s: got excerpt %q with the caret at %d, want %q before it", abridged(text), got.Text, got.Caret, before)
					break
				}
			}
		}
	}
}
