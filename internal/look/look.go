// Package look is how what we show to people looks, for the report and for the page: one style,
// charts, numbers, and names made fit to be shown.
//
// The package guarantees that texts from outside stay texts, however hostile they are; that
// amounts are shown with every digit that they were given; and that a chart is drawn without
// attributes or scripts that a strict Content-Security-Policy refuses.
package look

import (
	_ "embed"
	"html/template"
)

// Style is the style sheet of all that this package draws, and of cards and tables. It has the
// list of its classes at its top.
//
//go:embed style.css
var Style string

//go:embed fragments.html
var fragments string

// AddTo adds the fragments to a template: name, amount, amounts, bar, chart, curve and drawing.
// Each is for the type of this package that has its name.
func AddTo(t *template.Template) *template.Template { return template.Must(t.Parse(fragments)) }
