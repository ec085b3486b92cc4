package orders

import (
	"fmt"
	"strings"
)

// A Mapping says where a source keeps what an order needs: it is how [All] reads any
// system's export. Phone, Item, Price and either Lines or Group are required. If the
// source does not have one of the others, leave it zero.
//
// A path is keys joined by dots. It starts at the order's own object or, for the fields
// of a line, at the line's. If a key's value is an array, of which each element is
// meant, the key ends in []: checks[].customer.phone. A key that has a dot, a plus, a
// bracket or a quote in it is put in double quotes. In CSV a path is a column's name.
//
// A mapping reads at most 64 keys of one object and 54 different places. It lists at most
// 256 paths, each of up to 32 keys and 1,024 bytes.
type Mapping struct {
	// Orders are paths of arrays of orders, for a document that is one object. An
	// array of orders, a single order, and orders that follow each other need none.
	Orders []string
	// Order are keys under which an order is in an object of its own, as in
	// {"order": {…}}.
	Order []string

	// CSV reports whether the source is comma-separated values with the columns' names
	// in the first row. A column that is missing is like one that is blank.
	CSV bool
	// Group is for sources in which several values (rows of CSV or lines of JSON) that
	// follow each other are one order. It is where their common key is: at the first
	// path that is there and not blank. A value that has an item is a line of the order,
	// and any of them may have the order's fields. Lines is empty then. If there are
	// several paths, a value whose key is from any but the last is a child: it names its
	// parent, and cannot start an order.
	Group Field

	// ID identifies an order: if one comes again, the first counts. Orders without an
	// ID are all different.
	ID Field
	// Time is when the order was placed, Currency what its prices are in.
	Time, Currency Field
	// Phone and Name are the customer's.
	Phone, Name Field
	// Lines are paths of the arrays of lines, each ending in []. Any of them may be
	// there.
	Lines []string

	// Item, Price, Quantity and LineCurrency are fields of a line: the name of what
	// was bought, its price, how many of it (1 if it is missing), and the currency if
	// it is not the order's.
	Item, Price, Quantity, LineCurrency Field
	// PriceUnit is what Price is given in.
	PriceUnit PriceUnit

	// HTML reports whether names are written with HTML entities, as in &ndash;.
	HTML bool
	// Skip are conditions under which an order is skipped, and counted by reason:
	// see [Totals.Skipped]. SkipLines are conditions under which a line is left out.
	Skip, SkipLines []Condition
	// SkipNoPhone reports whether an order without a phone is skipped for the reason
	// [NoPhone], unless there is [Options.RejectNoPhone].
	SkipNoPhone bool
}

// A Field is where a value is: the first of the paths that is there and not blank. Each
// may be several paths with " + " between them, whose values are joined by a space.
type Field []string

// A PriceUnit is what a price is given in.
type PriceUnit uint8

const (
	Major PriceUnit = iota // 12.50
	Minor                  // 1250: cents, or what the currency has; a whole number
	Total                  // what the line costs in all: divided by its quantity
)

// A Condition holds if the value at a path is one of those listed.
type Condition struct {
	// Reason names the condition, as in "cancelled".
	Reason string
	// Path is the path of the value.
	Path string
	// Values are compared with what is there: a text's content, a number as it is
	// written, true or false. "*" is anything but null, blank, false, an empty array
	// or an empty object.
	Values []string
}

// Check returns what is wrong with a mapping: a [*PathError] if it is one of the paths.
// Reading with such a mapping returns the same error.
func (m *Mapping) Check() error {
	_, err := compile(*m, switches{})
	return err
}

// A PathError is why a path of a mapping cannot be read.
type PathError struct{ Path, Reason string }

// shownPathBytes is how much of a path a message shows.
const shownPathBytes = 80

func (e *PathError) Error() string {
	shown := e.Path
	if len(shown) > shownPathBytes {
		shown = strings.ToValidUTF8(shown[:shownPathBytes], "") + "…"
	}
	return fmt.Sprintf("mapping: %q: %s", shown, e.Reason)
}

// Default returns the mapping of the default shape: {"phone": …, "name": …, "items":
// [{"name": …, "price": …}, …]}. The mapping is the caller's to change.
func Default() Mapping {
	return Mapping{
		Orders: []string{"orders"},
		Phone:  Field{"phone"}, Name: Field{"name"}, Lines: []string{"items[]"},
		Item: Field{"name"}, Price: Field{"price"},
	}
}

// Detailed returns [Default] with what else an order may have: when it was placed, how
// many of an item, and in which currency.
func Detailed() Mapping {
	m := Default()
	m.Time, m.Currency = Field{"timestamp", "time", "created_at", "date"}, Field{"currency"}
	m.Quantity, m.LineCurrency = Field{"quantity"}, Field{"currency"}
	return m
}
