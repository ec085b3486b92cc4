package orders

import (
	"fmt"

	"process-orders/internal/shown"
)

// A Place is where something is in the input.
type Place struct {
	// Source is the name of the file or stream.
	Source string `json:"source"`
	// Line and Column count from 1. Columns are bytes.
	Line   int64 `json:"line"`
	Column int64 `json:"column"`
	// Order counts the orders of the source from 1. It is 0 outside of orders.
	Order int64 `json:"order"`
}

// String returns a place as messages print it: orders.json:3:65: order 2. What a terminal
// would obey in the name of the source is escaped.
func (p Place) String() string {
	s := fmt.Sprintf("%s:%d:%d", shown.Text(p.Source), p.Line, p.Column)
	if p.Order > 0 {
		s += fmt.Sprintf(": order %d", p.Order)
	}
	return s
}

// A SyntaxError says where and why the input is not JSON or CSV, or holds no orders. It
// ends the reading. Neither the error nor its excerpt shows a phone or a name.
type SyntaxError struct {
	Place
	// Reason is what is wrong and, if it is known, the way out.
	Reason string
	// ByLine reports whether the source has one order a line, or is a table: with
	// [Options.RejectLines] only that line or row would be rejected.
	ByLine bool
	// Limit is [Options.MaxOrderBytes], if what is wrong is that an order, or what comes
	// around the orders, is larger; else 0.
	Limit int
	// NoOrders reports whether the source is JSON and has something in it, but no order:
	// the error answer of an API, or another document. Nothing of it was passed to
	// [Options.Reject], unless it is large.
	NoOrders bool
	// Encoding is one that the source may be in, if what is wrong is that it is not UTF-8;
	// else "". See [input.Source].
	Encoding string
	excerpt  Excerpt
}

// Error returns the place and the reason.
func (e *SyntaxError) Error() string { return e.Place.String() + ": " + e.Reason }

// Excerpt returns the input at the error.
func (e *SyntaxError) Excerpt() Excerpt { return e.excerpt }

// An ApartError says that rows of one order do not follow each other, or that this is not
// known, as the keys of the rows take too much memory. It is for packages of this module:
// a [Joiner] joins the rows, and then reads the source again. [All] does so by itself.
type ApartError struct {
	Place
	source int // its number in the list of sources
}

// Error returns the place and what is wrong.
func (e *ApartError) Error() string { return e.Place.String() + ": rows of one order are apart" }

// A Reject is an order that is JSON, or rows of a table, and cannot be accepted or, with
// [Options.RejectLines], a line that is not JSON. Of all fields only Text has personal
// data. A Reject shares no memory with anything else.
type Reject struct {
	Place
	// Path is where in the order the fault is, as in items[1].price. It is empty if
	// the order itself is the fault.
	Path string `json:"path"`
	// Reason is what is wrong and, if it is known, the way out.
	Reason string `json:"reason"`
	// Text is the order as the input has it. Of a table that is the header and the order's
	// rows, so that it is a table of its own.
	Text    []byte `json:"-"`
	excerpt func() Excerpt
}

// Error returns the place, the path and the reason.
func (r *Reject) Error() string {
	if r.Path == "" {
		return r.Place.String() + ": " + r.Reason
	}
	return r.Place.String() + ": " + shown.Text(r.Path) + ": " + r.Reason
}

// Excerpt returns the input at the fault. It is empty for a Reject that this package did
// not make.
func (r *Reject) Excerpt() Excerpt {
	if r.excerpt == nil {
		return Excerpt{}
	}
	return r.excerpt()
}

// An Excerpt is a part of one line of the input: printable ASCII, at most 76 characters,
// with * for each character that may be personal.
type Excerpt struct {
	Text string
	// Caret is where in Text the fault is, in characters from 0.
	Caret int
}
