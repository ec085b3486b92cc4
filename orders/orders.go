// Package orders reads orders: JSON in any shape that exports have, and tables, with the
// fields wherever a mapping says that they are.
//
// [Read] yields the orders of an [io.Reader] in the default shape. [All] reads any sources,
// with [Options]: a [Mapping] for the shape of another system, and what to do with orders
// that cannot be accepted. [Mapping.Check] checks a mapping of your own.
//
// The package guarantees that it yields what the input holds, each order once, in its latest
// state, and in the order of the input. Input that does not follow JSON to the letter (RFC
// 8259) is an error with its place, whatever came before it. Memory grows neither with the
// input nor with the number of orders: their ids go to a temporary file if there are many.
//
// The rows of one order are joined wherever they are in their table. If they do not follow
// each other, their source is copied to disk, sorted, and read again; the order comes where
// its first row is.
//
// Packages of this module that read on all cores use [Columns], with a [Joiner] for such
// rows and for orders that come again.
package orders

import (
	"bytes"
	"context"
	"io"
	"iter"
	"slices"
	"time"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/internal/timestamp"
)

// An Order is one purchase.
type Order struct {
	// Source is the name of the file or stream, Number the order's number in it, from 1.
	Source string
	Number int64
	// Phone is the customer's, exactly as written. It is empty only if the mapping has
	// [NoPhoneItems] and the order has none.
	Phone []byte
	// Name is the customer's name, empty if the order provides none.
	Name []byte
	// ID identifies the order, Time is when it was placed, and Currency is what it was
	// paid in. Each is as the source writes it, and empty if the mapping does not read
	// it or the order has none.
	ID, Time, Currency []byte
	// Placed is what Time says, in UTC. It is zero if that is no time, or could be two.
	Placed time.Time
	// Lines are what was bought.
	Lines []Line
}

// A Line is one entry of an order.
type Line struct {
	// Item is the name of what was bought, not blank.
	Item []byte
	// Price is a decimal number without exponent, as the source writes it.
	Price []byte
	// Quantity is how many were bought: a decimal number like a price; empty means 1.
	// Currency is the currency of the price, the line's own or else the order's, as the
	// source writes it. It is empty if neither is known.
	Quantity, Currency []byte
	// Total is what the line costs, or what was paid for it, if the source says so: a
	// decimal number like a price. Otherwise it is empty.
	Total []byte
}

// Clone returns a copy of the order that shares no memory with it.
func (o Order) Clone() Order {
	o.Phone, o.Name = bytes.Clone(o.Phone), bytes.Clone(o.Name)
	o.ID, o.Time, o.Currency = bytes.Clone(o.ID), bytes.Clone(o.Time), bytes.Clone(o.Currency)
	lines := make([]Line, len(o.Lines))
	for i, l := range o.Lines {
		lines[i] = Line{bytes.Clone(l.Item), bytes.Clone(l.Price), bytes.Clone(l.Quantity), bytes.Clone(l.Currency), bytes.Clone(l.Total)}
	}
	o.Lines = lines
	return o
}

// All yields the orders of the sources, one after the other, on one core. An order belongs
// to the body of the loop until the body ends; [Order.Clone] keeps it longer.
//
// If the mapping has a [Mapping.Group] or an ID, the sources are read twice, and three times if
// it has both. Those that can be read only once are copied to a temporary file first. Rows of
// one order that are apart are joined before anything is yielded. Of an order that comes
// several times only the latest state is yielded, and where it is in the input: see
// [Mapping.Updated]. An order whose latest state is skipped is not.
//
// The first error ends it, in a pair of its own with an empty order. Orders that come
// before the error in the input are yielded first. The error is
//
//   - a [*SyntaxError] if the input is not JSON, or no table;
//   - a [*Reject] if an order cannot be accepted and there is no [Options.Reject];
//   - what Options.Reject returned, if that is not nil;
//   - the source's own error, with its name, if it cannot be read;
//   - a [*PathError] or another error of [Mapping.Check] if the mapping is wrong;
//   - ctx's, if it ended.
func All(ctx context.Context, sources []input.Source, o Options) iter.Seq2[Order, error] {
	return func(yield func(Order, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		joiner := NewJoiner(sources)
		defer joiner.Close()
		o, err := joiner.prepare(ctx, o)
		defer func() { _ = o.decisions.Close() }()
		if err != nil {
			yield(Order{}, err)
			return
		}
		reader, err := newChunkReader(ctx, joiner.Sources(), o)
		if err != nil {
			yield(Order{}, err)
			return
		}
		defer reader.Close()
		var c chunk
		cursor := newCursor(reader.program, o)
		for {
			if err := reader.Next(&c); err == io.EOF {
				return
			} else if err != nil {
				yield(Order{}, err)
				return
			}
			c.Scan()
			err := cursor.Settle(&c)
			if !yieldAll(&c.Orders, yield) {
				return
			}
			if err != nil {
				yield(Order{}, err)
				return
			}
		}
	}
}

// Read yields the orders of one reader in the default shape; see [Default] and [All].
// Compressed input is decompressed. The reader is read to its end, and not closed.
func Read(r io.Reader) iter.Seq2[Order, error] {
	return All(context.Background(), []input.Source{input.Reader("input", r)}, Options{})
}

// yieldAll yields the orders of a chunk. It returns false if the loop ended.
func yieldAll(b *columns.Orders, yield func(Order, error) bool) bool {
	var lines []Line
	for i := range b.Len() {
		lines = appendLines(lines[:0], b, i)
		order := Order{
			Source: b.Source, Number: b.Number(i),
			Phone: slices.Clip(b.Phone(i)), Name: slices.Clip(b.Name(i)),
			ID: slices.Clip(b.ID(i)), Time: slices.Clip(b.Time(i)), Currency: slices.Clip(b.OrderCurrency(i)),
			Lines: lines,
		}
		if ms := b.Placed(i); ms != timestamp.None {
			order.Placed = time.UnixMilli(ms).UTC()
		}
		if !yield(order, nil) {
			return false
		}
	}
	return true
}

func appendLines(lines []Line, b *columns.Orders, i int) []Line {
	from, to := b.LineRange(i)
	for j := from; j < to; j++ {
		lines = append(lines, Line{
			Item: slices.Clip(b.Item(j)), Price: slices.Clip(b.Price(j)),
			Quantity: slices.Clip(b.Quantity(j)), Currency: slices.Clip(b.Currency(i, j)), Total: slices.Clip(b.Total(j)),
		})
	}
	return lines
}
