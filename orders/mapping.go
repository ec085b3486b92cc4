package orders

import (
	"fmt"
	"strings"

	"process-orders/internal/version"
)

// A Mapping says where a source keeps what an order needs: it is how [All] reads any
// system's export. Item, either Price or Total, and either Lines or Group are required,
// and so is Phone or a person. If the source does not have one of the others, leave it
// zero.
//
// A path is keys joined by dots. It starts at the order's own object or, for the fields
// of a line, at the line's. If a key's value is an array, of which each element is
// meant, the key ends in []: checks[].customer.phone. If one element is meant, its number
// is in the brackets, from 0: partner[1]. If the elements are the values of an object, the
// key ends in {}: items{}. If an array is meant and something else is there, that counts as
// its only element. A key that has a dot, a plus, a bracket, a brace or a quote in it is in double
// quotes. In tables a path is a column's name.
//
// A mapping reads at most 64 keys of one object and 54 different places. It lists at most
// 256 paths, each of up to 32 keys and 1,024 bytes.
type Mapping struct {
	// Orders are paths of arrays of orders, for documents that hold the orders in an
	// object. A path that ends in {} is that of an object whose values are the orders. An
	// array of orders, a single order, orders that follow each other, and the usual
	// envelopes need none.
	Orders []string
	// Order are keys under which an order is in an object of its own, as in
	// {"order": {…}}.
	Order []string

	// CSV reports whether the source is a table: values separated by commas, semicolons,
	// tabs or bars, or the rows of a spreadsheet, below the names of the columns. A column
	// that is missing is like one that is blank.
	CSV bool
	// HeaderRow is the row of a table that has the columns' names, from 1. 0 means the
	// first of the first 50 rows that has the columns that the mapping requires.
	HeaderRow int
	// Unquoted reports whether quotes in a table are characters like any other.
	Unquoted bool
	// Sheet is the name of the sheet that is read of a spreadsheet; "" is the first one.
	Sheet string
	// Group is for sources in which several values (rows of tables or objects of JSON)
	// are one order, wherever in their table they are. It is where their common key is: at
	// the first path that is there and not blank. A value that has an item is a line of the
	// order, and any of them may have the order's fields. Lines is empty then. If there are
	// several paths, a value whose key is from any but the last is a child: it names its
	// parent, and is no order by itself.
	Group Field

	// ID identifies an order: if one comes again, its latest state counts, see Updated.
	// Orders without an ID are all different. If the text starts with one of IDPrefixes,
	// that is cut off: gid://shopify/Order/1 and 1 are one order.
	ID         Field
	IDPrefixes []string
	// Updated are paths of times at which the order last changed; it needs an ID. The latest of those that
	// are there says which state of an order is the latest: of equals one that is skipped, but
	// not for [ReasonHold] or [ReasonDraft]; then one that is not skipped; then the one with the
	// greater digest of what was read. A state without such a time is earlier than one with it;
	// of several without it, the one that comes later counts.
	Updated []string
	// Later says what decides which of two names, of two prices and of two first appearances
	// is the later.
	Later Later
	// Time is when the order was placed, Currency what its prices are in.
	Time, Currency Field
	// TimeFormats are how times are written that could be read in several ways: see
	// [DayFirst].
	TimeFormats []string
	// Phone and Name are the customer's, if none of People has a phone; Name is also that
	// of a person who has a phone and no name.
	Phone, Name Field
	// People are who the order may be from: the first who has a phone counts, with phone
	// and name.
	People []Person
	// Region is where the country of the order's phones is, as in US, for phones without
	// the code of a country: see [Options.Phone].
	Region Field
	// NoPhone says what becomes of an order without a phone.
	NoPhone NoPhone
	// NoGroup says what a row is in which Group is blank.
	NoGroup NoGroup
	// Lines are paths of the arrays of lines, each ending in [] or {}. Any of them may be
	// there.
	Lines []string

	// LineFields are where a line has its fields.
	LineFields
	// Wide are more lines of the same row, for tables that have several lines in one row,
	// in columns of their own.
	Wide []LineFields
	// PriceUnit is what prices are given in.
	PriceUnit PriceUnit
	// QuantityDivisor is by how much quantities are too large, as 1000 for thousandths. 0
	// and 1 mean that they are right.
	QuantityDivisor int
	// Decimal is the decimal sign of numbers that are written as texts.
	Decimal Decimal

	// HTML reports whether names are written with HTML entities, as in &ndash;.
	HTML bool
	// Skip are conditions under which an order is skipped, and counted by reason:
	// see [Totals.Skipped]. SkipLines are conditions under which a line is left out: see
	// [Totals.LinesSkipped].
	Skip, SkipLines []Condition
	// KeepRefunds keeps lines with a negative quantity, which are subtracted from
	// quantities and amounts. Otherwise they are left out for the reason [ReasonRefund].
	KeepRefunds bool

	prepared *prepared // nil unless it is one of Prepared
}

// LineFields are the fields of a line.
type LineFields struct {
	// Item is the name of what was bought, Price the price of one, Quantity how many (1 if
	// it is missing), and LineCurrency the currency, if it is not the order's.
	Item, Price, Quantity, LineCurrency Field
	// Total is what all pieces of the line cost together. If it is there, the price of one
	// is the total divided by the quantity, and Price is not read.
	Total Field
	// Paid is what was paid for the line, for sums; without it, that is the total, or price
	// times quantity.
	Paid Field
	// Add are amounts that are added to the price of one, all that are there: those of
	// extras, as in modifiers[].price.
	Add Field
	// Divisor is by how much prices are too large, as 100 for {"amount": 1250, "divisor":
	// 100}.
	Divisor Field
}

// A Person is where the phone and the name of one person are. If both are below the same
// array, they are of the same element.
type Person struct{ Phone, Name Field }

// A Field is where a value is: the first of the paths that is there and not blank. Each
// may be several paths with " + " between them, whose values are joined by a space. What
// starts with = is no path but the value itself, as in =EUR.
type Field []string

// Later says what decides which order is later than another one.
type Later uint8

const (
	// LaterDefault is LaterTime if the mapping has a Time, and otherwise LaterPosition.
	LaterDefault Later = iota
	// LaterTime goes by the time of an order, then by its shop and its id: by length, then
	// by bytes. An order without a readable time is earlier than all that have one. Orders
	// without time or id go by their positions.
	LaterTime
	// LaterPosition goes by the position of an order: what is further along in the input is
	// later. The position of an order is that of its first state.
	LaterPosition
)

// ByTime reports whether times decide what is later: see [Mapping.Later].
func (m *Mapping) ByTime() bool {
	return m.Later == LaterTime || m.Later == LaterDefault && len(m.Time) > 0
}

// The reasons of a [Condition] under which an order is not yet final: ReasonHold such as for an
// open check or a payment that is pending, ReasonDraft before it was placed. Of two states of one
// time such a one gives way to one that is final: see [Mapping.Updated].
const (
	ReasonHold  = version.ReasonHold
	ReasonDraft = version.ReasonDraft
)

// NoPhone says what becomes of an order without a phone.
type NoPhone uint8

const (
	NoPhoneReject NoPhone = iota // it is a [Reject]
	NoPhoneSkip                  // it is skipped for the reason [ReasonNoPhone]
	NoPhoneItems                 // its items count, and it makes no customer
)

// NoGroup says what a row is that has no key of [Mapping.Group].
type NoGroup uint8

const (
	// NoGroupUnclear makes it an order of its own if it says who ordered, when, or by which
	// id. If it says nothing of that it is a [Reject], as it may be a line of the order above.
	NoGroupUnclear NoGroup = iota
	NoGroupAbove           // it is a row of the order above it
	NoGroupAlone           // it is an order of its own
)

// A PriceUnit is what a price is given in.
type PriceUnit uint8

const (
	Major PriceUnit = iota // 12.50
	Minor                  // 1250: cents, or what the currency has; a whole number
	Total                  // what the line costs in all: Price is read like Total
)

// A Decimal is the decimal sign of numbers that are written as texts: in tables, and in
// JSON in quotes.
type Decimal uint8

const (
	// DecimalUnknown reads a point as the decimal sign, and refuses what could be read in
	// two ways: 1,299 and 4,50.
	DecimalUnknown Decimal = iota
	DecimalPoint           // 1,299.50
	DecimalComma           // 1.299,50
)

// DayFirst and MonthFirst are words for [Mapping].TimeFormats: 04/05/2026 is the fourth of
// May, or the fifth of April. Without one of them it is neither, and such an order has no
// time.
//
// All other formats are patterns with the letters of strftime, as in "%d.%m.%y %H:%M". They
// are tried before the usual forms of a time:
//
//	%d %m          day and month as numbers, of one or two digits
//	%b %B          the month's English name, short or long
//	%Y %y          the year with four digits, or with two, which are those from 1969 to 2068
//	%H %M %S       hour, minute and second; a fraction of the second may follow
//	%I %p          the hour from 1 to 12, with AM or PM
//	%z             the zone: Z, UTC, GMT, +02:00, +0200 or +02
//	%%             a percent sign
const (
	DayFirst   = "day-first"
	MonthFirst = "month-first"
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
	// Not makes the condition hold if the value is there and is none of Values.
	Not bool
	// Presence makes the condition hold if the key is there, with any value, or is not
	// there. Values is empty then.
	Presence Presence
}

// A Presence is what a [Condition] wants of its key.
type Presence uint8

const (
	AnyPresence Presence = iota // the values decide
	Present                     // the key is there, also with null
	Absent                      // the key is not there
)

// Reasons for which orders and lines are skipped that no condition names.
const (
	// ReasonNoPhone is that of orders without a phone, if the mapping has [NoPhoneSkip].
	ReasonNoPhone = "no phone"
	// ReasonRefund is that of lines with a negative quantity, unless the mapping has
	// [Mapping.KeepRefunds].
	ReasonRefund = "refund"
	// ReasonZero is that of lines that are about nothing: their quantity is 0, and so is
	// their total, if they have one. [Mapping.KeepRefunds] keeps those without a total.
	ReasonZero = "quantity 0"
)

// Check returns what is wrong with a mapping: a [*PathError] if it is one of the paths.
// Reading with such a mapping returns the same error.
func (m *Mapping) Check() error {
	_, err := compile(*m, switches{})
	return err
}

// A PathError is why a path of a mapping cannot be read, or one of its TimeFormats.
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
		LineFields: LineFields{Item: Field{"name"}, Price: Field{"price"}},
	}
}

// Detailed returns [Default] with what else an order may have: when it was placed, how
// many of an item, and in which currency.
func Detailed() Mapping {
	m := Default()
	m.Time, m.Currency = Field{"timestamp", "time", "created_at", "date"}, Field{"currency"}
	m.Later = LaterPosition // as in the default shape
	m.Quantity, m.LineCurrency = Field{"quantity"}, Field{"currency"}
	m.KeepRefunds = true
	return m
}
