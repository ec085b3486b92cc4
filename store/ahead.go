package store

import (
	"context"
	"iter"

	"process-orders/internal/extsort"
)

// All are all records of a store as they are at one moment. They belong to one goroutine. Whoever
// has them closes them.
type All interface {
	// Read calls read with the records, as [Store.Records] does.
	Read(ctx context.Context, read func(customers iter.Seq2[Customer, error], items iter.Seq2[Item, error]) error) error
	// Close frees what the records take.
	Close() error
}

// An Ahead asks for all records of a store while a batch of a source is applied: for as they
// will be right after the batch. A store that has all of them in its hands then, as it changes
// many, gives them away before it commits. So they are written beside its work, and not read
// from it afterwards.
type Ahead struct {
	// Reading says how the records are read. All customers are wanted.
	Reading Reading
	// Take takes the records. It does not block. If it is called again, what it took before is
	// void, as an attempt to apply the batch failed. See also [Outcome].Taken.
	Take func(All)
}

// Alone are the records of a store that has nothing but a delta. They share its memory.
func (d *Delta) Alone(details bool) All { return &alone{d, details} }

type alone struct {
	delta   *Delta
	details bool
}

func (a *alone) Read(ctx context.Context, read func(customers iter.Seq2[Customer, error], items iter.Seq2[Item, error]) error) error {
	return read(
		inOrder(ctx, a.delta.Customers, func(c *Customer) Version { return c.First }, func(c Customer) Customer {
			if !a.details {
				c.Orders, c.Spent, c.FirstPlaced, c.LastPlaced = 0, nil, NoTime, NoTime
			}
			return c
		}),
		inOrder(ctx, a.delta.Items, func(i *Item) Version { return i.First }, func(i Item) Item {
			if !a.details {
				i = Item{Name: i.Name, Price: i.Price, Priced: i.Priced, First: i.First, Orders: i.Orders}
			}
			return i
		}))
}

func (a *alone) Close() error { return nil }

// inOrder yields records sorted by their first appearance. It sorts their indexes when they are
// read, as others work with the records meanwhile.
func inOrder[T any](ctx context.Context, all []T, first func(*T) Version, as func(T) T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, i := range extsort.Indexes(len(all), func(dst []byte, i int) []byte { return append(dst, first(&all[i])...) }) {
			if err := ctx.Err(); err != nil {
				var none T
				yield(none, err)
				return
			}
			if !yield(as(all[i]), nil) {
				return
			}
		}
	}
}
