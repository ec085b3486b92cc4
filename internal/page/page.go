// Package page is how the page looks that an owner keeps open: its parts, its words, and how
// numbers and times are written for a reader. It takes figures and texts, and knows nothing of
// stores and servers.
//
// The package guarantees that texts from outside stay texts, however hostile they are, and that
// the same views give the same bytes.
package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"

	"process-orders/internal/look"
)

// A Part is one of the things that the page shows. Its name is that of the template in
// parts/NAME.html, which shows the view, and NAME is the id of its section. A [Problem] may be the view of
// any part.
type Part struct {
	Name string
	View any
}

// A Frame is a whole page.
type Frame struct {
	Reader *Reader
	Parts  []Part
	// IsBare leaves out what only those see who have signed in: the way out.
	IsBare bool
	// IsAnswer is for a page that answers what somebody did. It does not load itself again.
	IsAnswer bool
	// Events is where the live parts come from; "" is nowhere.
	Events string
	// Shops are those to choose from; none are shown if there are none.
	Shops []string
}

// Seconds is how long a page is looked at, by a browser without script, until it asks again.
func (f *Frame) Seconds() int {
	for _, part := range f.Parts {
		if busy, ok := part.View.(interface{ IsBusy() bool }); ok && busy.IsBusy() {
			return 2
		}
	}
	return 30
}

//go:embed frame.html parts/*.html
var texts embed.FS

// templates are parsed when the first page is written, or before by [Prepare]: they take some
// milliseconds.
var templates = sync.OnceValue(func() *template.Template {
	return template.Must(look.AddTo(template.New("")).ParseFS(texts, "frame.html", "parts/*.html"))
})

// Prepare does what the first page would wait for else. A template is made safe when it is executed for
// the first time, before it looks at what it shows: here that is nothing, and so an error.
func Prepare() {
	for _, one := range templates().Templates() {
		if strings.HasSuffix(one.Name(), ".html") {
			_ = one.Execute(io.Discard, nil)
		}
	}
}

// Write writes a page.
func (f *Frame) Write(w io.Writer) error {
	var b bytes.Buffer
	if err := templates().ExecuteTemplate(&b, "frame.html", f); err != nil {
		return fmt.Errorf("page: %w", err)
	}
	_, err := b.WriteTo(w)
	return err
}

// Part returns the HTML of one part, in which all texts are escaped.
func (r *Reader) Part(p Part) (template.HTML, error) {
	var b bytes.Buffer
	data := struct {
		*Reader
		V any
	}{r, p.View}
	name := p.Name
	if _, isProblem := p.View.(Problem); isProblem {
		name = "problem"
	}
	if err := templates().ExecuteTemplate(&b, name+".html", data); err != nil {
		return "", fmt.Errorf("page: %w", err)
	}
	return template.HTML(b.String()), nil
}
