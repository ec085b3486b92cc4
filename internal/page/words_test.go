package page

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
)

// Each language has all words.
func TestWordsAreThere(t *testing.T) {
	t.Parallel()
	for _, words := range []*Words{English} {
		for _, empty := range emptyIn("Words", reflect.ValueOf(*words)) {
			t.Errorf("%s: %s is empty", words.Language, empty)
		}
	}
}

// TestEmptyWords shows that TestWordsAreThere can fail.
func TestEmptyWords(t *testing.T) {
	t.Parallel()
	type words struct {
		A, B string
		C    [2]string
		D    map[string]Said
		E    []string
		F    map[string]string
	}
	got := emptyIn("w", reflect.ValueOf(words{A: "a", C: [2]string{"x", " "}, D: map[string]Said{"d": {What: "x"}}}))
	if want := "[w.B w.C[1] w.D[d].Next w.E w.F]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// emptyIn returns which texts of a value are empty.
func emptyIn(path string, v reflect.Value) (all []string) {
	switch v.Kind() {
	case reflect.String:
		if strings.TrimSpace(v.String()) == "" {
			all = append(all, path)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			all = append(all, emptyIn(path+"."+v.Type().Field(i).Name, v.Field(i))...)
		}
	case reflect.Map, reflect.Slice, reflect.Array:
		if v.Len() == 0 {
			return []string{path}
		}
		for key, one := range v.Seq2() {
			all = append(all, emptyIn(fmt.Sprintf("%s[%v]", path, key), one)...)
		}
	case reflect.Func:
		if v.IsNil() {
			all = append(all, path)
		}
	}
	return all
}

// Templates have no words of their own: all are in Words.
func TestTemplatesHaveNoWords(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("parts/*.html")
	if err != nil || len(names) < 4 {
		t.Fatal(names, err)
	}
	for _, name := range append(names, "frame.html") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range wordsIn(string(text)) {
			t.Errorf("%s has words of its own: %q", name, word)
		}
	}
}

// TestWordsIn shows that TestTemplatesHaveNoWords can fail.
func TestWordsIn(t *testing.T) {
	t.Parallel()
	const text = `{{/* a comment > with words */ -}}<p class="paste">{{.Words.A}}: Send</p><b title="Hint {{.B}}" aria-label='{{"Open"}}' id=x placeholder="…">&nbsp;·&times;{{if eq .Kind "none"}}–{{end}}</b>`
	if got, want := fmt.Sprintf("%q", wordsIn(text)), `[": Send" "Hint "]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// plain is without what makes all within it a text.
var plain = strings.NewReplacer("<noscript>", "", "</noscript>", "")

var action = regexp.MustCompile(`(?s)\{\{.*?\}\}`)

// wordsIn returns what people would read of a template that is not from an action.
func wordsIn(template string) (all []string) {
	add := func(text string) {
		if strings.ContainsFunc(text, unicode.IsLetter) {
			all = append(all, text)
		}
	}
	isRead := map[string]bool{"title": true, "alt": true, "placeholder": true, "aria-label": true, "aria-description": true, "aria-roledescription": true, "label": true, "summary": true}
	for z := html.NewTokenizer(strings.NewReader(plain.Replace(action.ReplaceAllString(template, "")))); ; {
		switch z.Next() {
		case html.ErrorToken:
			return all
		case html.TextToken:
			add(strings.ReplaceAll(z.Token().Data, "×", ""))
		case html.StartTagToken, html.SelfClosingTagToken:
			for _, a := range z.Token().Attr {
				if isRead[a.Key] {
					add(a.Val)
				}
			}
		}
	}
}
