package store

import (
	"encoding/binary"
	"fmt"
	"iter"

	"process-orders/money"
)

// A Line is one entry of an order: what was bought.
type Line struct {
	// Item is the name of what was bought, and Price that of one, as the source wrote it.
	Item, Price string
	// Quantity is how many were bought, Total what the line costs or what was paid for it,
	// and Currency what it was paid in. Each is as the source wrote it. They are empty if it
	// does not say: then the quantity is 1, and the total is the price times the quantity.
	Quantity, Total, Currency string
	// Uncounted reports whether the line does not add to how often the item was ordered: it
	// takes a sale back, or orders are counted and the order listed the item before. Its
	// price and its appearance count all the same.
	Uncounted bool
}

// Cost returns how many pieces the line is about and what they cost: the total or, without one,
// the price times the quantity. A line without a quantity is about one piece. A text that is no
// number counts as 0, and one that is no code of a currency as none.
func (l *Line) Cost() (quantity money.Amount, cost money.Sum) {
	return money.Cost([]byte(l.Price), []byte(l.Quantity), []byte(l.Total), []byte(l.Currency))
}

// Lines are the lines of an order in one compact value, as stores keep them: see
// [Lines.Append] and [Lines.All]. None are nil.
type Lines []byte

// The bits of a line's first byte.
const (
	lineUncounted = 1 << iota
	lineHasDetails
	lineBits = lineUncounted | lineHasDetails
)

// errLines says that lines are not what Append makes.
var errLines = fmt.Errorf("the lines of an order cannot be read: %w", ErrDamaged)

// Append appends a line and returns the longer lines, as append does.
func (l Lines) Append(line Line) Lines {
	bits := byte(0)
	if line.Uncounted {
		bits |= lineUncounted
	}
	hasDetails := line.Quantity != "" || line.Total != "" || line.Currency != ""
	if hasDetails {
		bits |= lineHasDetails
	}
	l = appendText(appendText(append(l, bits), line.Item), line.Price)
	if hasDetails {
		l = appendText(appendText(appendText(l, line.Quantity), line.Total), line.Currency)
	}
	return l
}

func appendText(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

// All yields the lines in their order. If they are not what Append makes, the last pair is an
// error with a zero line.
func (l Lines) All() iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		rest := []byte(l)
		for len(rest) > 0 {
			bits := rest[0]
			rest = rest[1:]
			bad := bits&^lineBits != 0
			text := func() string {
				n, size := binary.Uvarint(rest)
				if bad = bad || size <= 0 || n > uint64(len(rest)-size); bad {
					return ""
				}
				text := string(rest[size : size+int(n)])
				rest = rest[size+int(n):]
				return text
			}
			line := Line{Item: text(), Price: text(), Uncounted: bits&lineUncounted != 0}
			if bits&lineHasDetails != 0 {
				line.Quantity, line.Total, line.Currency = text(), text(), text()
			}
			if bad {
				yield(Line{}, errLines)
				return
			}
			if !yield(line, nil) {
				return
			}
		}
	}
}
