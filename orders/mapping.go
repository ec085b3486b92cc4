package orders

import "fmt"

// A Mapping says where a source keeps what an order needs. The zero value of a
// part that an order can do without means that the source does not have it.
//
// A path is keys joined by dots, from the order's own object or, for the fields
// of a line, from the line's. A key whose value is an array, of which each
// element is meant, ends in []: checks[].customer.phone. A key that itself has a
// dot, a plus, a bracket or a quote stands in double quotes. In CSV a path is a
// column's name.
type Mapping struct {
	// Orders are paths of arrays of orders, for a document that is one object.
	// (An array of orders, one order, and orders one after the other need none.)
	Orders []string
	// Order are keys under which an order lies in an object of its own, as in
	// {"order": {…}}.
	Order []string

	// CSV says that the source is comma-separated values with the columns' names
	// in the first row. A column that is not there is as one that is blank.
	CSV bool
	// Group says that an order is several values (lines of JSON or rows of CSV)
	// that follow each other, and is where their common key is: the first path
	// that is there and not blank. Each value is a line of the order where it
	// has an item, and any of them may have the order's fields. Lines is empty
	// then. Where there are several paths, a value whose key is from any but the
	// last (a child, which names its parent) cannot begin an order.
	Group Field

	// ID tells orders apart: one that comes again counts once. Orders without
	// one are all different.
	ID Field
	// Time is when the order was placed, Currency in what its prices are.
	Time, Currency Field
	Phone, Name    Field
	// Lines are paths of the arrays of lines, each ending in []. Any of them may
	// be there.
	Lines []string

	// Of a line: the name of what was bought, its price, how many of it (1 where
	// nothing is said), and the currency where it is not the order's.
	Item, Price, Quantity, LineCurrency Field
	PriceUnit                           PriceUnit

	// HTML says that names are written with HTML entities, as in &ndash;.
	HTML bool
	// Skip are conditions under which an order is passed over and counted by
	// reason, SkipLines those for a line.
	Skip, SkipLines []Condition
	// SkipNoPhone says that an order without a phone is passed over as "no phone"
	// unless rejects are taken.
	SkipNoPhone bool
}

// A Field is where a value is: the first of the paths that is there and not blank.
// Each may be several, with " + " between them, whose values are joined by a
// space.
type Field []string

// PriceUnit is what a price is given in.
type PriceUnit uint8

const (
	Major PriceUnit = iota // 12.50
	Minor                  // 1250: cents, or what the currency has; a whole number
	Total                  // what the line costs in all: divided by its quantity
)

// A Condition holds where one of its fields has one of the values it lists.
type Condition struct {
	// Reason names it, as in "cancelled".
	Reason string
	Path   string
	// Values are compared with what stands there: a text's content, a number as
	// it is written, true or false. "*" is anything but null, blank, false, an
	// empty array or an empty object.
	Values []string
}

// Check says what is wrong with a mapping, with a *PathError where that is one of
// its paths. NewReader returns the same error.
func (m *Mapping) Check() error {
	_, err := compile(*m)
	return err
}

// A PathError says why a path of a mapping cannot be read.
type PathError struct{ Path, Reason string }

func (e *PathError) Error() string { return fmt.Sprintf("mapping: %q: %s", e.Path, e.Reason) }

// Default is the shape {"phone": …, "name": …, "items": [{"name": …, "price":
// …}, …]}.
var Default = Mapping{
	Orders: []string{"orders"},
	Phone:  Field{"phone"}, Name: Field{"name"}, Lines: []string{"items[]"},
	Item: Field{"name"}, Price: Field{"price"},
}

// Detailed is Default with what an order may have beside: when it was placed, how
// many of an item, and in which currency.
var Detailed = Mapping{
	Orders: []string{"orders"},
	Time:   Field{"timestamp", "time", "created_at", "date"}, Currency: Field{"currency"},
	Phone: Field{"phone"}, Name: Field{"name"}, Lines: []string{"items[]"},
	Item: Field{"name"}, Price: Field{"price"}, Quantity: Field{"quantity"}, LineCurrency: Field{"currency"},
}
