package orders

import "fmt"

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
