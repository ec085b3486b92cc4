package orders_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"process-orders/internal/columns"
	"reflect"
	"slices"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/orders"
)

// setup is how a test reads.
type setup struct {
	orders.Options
	// stopAtReject leaves Options.Reject nil, so that the first order that
	// cannot be accepted ends the reading.
	stopAtReject bool
	// ahead is how many chunks are scanned before the first of them is settled,
	// as the workers of records do it. With 0 orders.All reads.
	ahead int
}

// reading is all that came out.
type reading struct {
	orders  []orders.Order
	at      []int64 // the orders' positions; All does not yield them
	rejects []*orders.Reject
	err     error
	totals  orders.Totals // All does not yield them either
}

// read reads one source called "in".
func (s setup) read(text string) reading { return s.readAll(source("in", text)) }

// source is one that never makes us wait. It is read as it is, also if it looks like UTF-16.
func source(name, text string) input.Source {
	return input.Source{Name: name, Size: int64(len(text)), Reopens: true, Encoding: "utf-8", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}}
}

func (s setup) readAll(sources ...input.Source) reading {
	var r reading
	o := s.Options
	if o.Reject == nil && !s.stopAtReject {
		o.Reject = func(reject *orders.Reject) error {
			r.rejects = append(r.rejects, reject)
			return nil
		}
	}
	if s.ahead > 0 {
		joiner := orders.NewJoiner(sources)
		defer joiner.Close()
		r.err = joiner.Read(context.Background(), o, func(sources []input.Source, o orders.Options) error {
			r = reading{rejects: r.rejects} // which are reported once
			return r.readAhead(sources, o, s.ahead)
		})
		return r
	}
	for order, err := range orders.All(context.Background(), sources, o) {
		if err != nil {
			r.err = err
			if order.Phone != nil || order.Lines != nil || order.Number != 0 {
				r.err = fmt.Errorf("an order and an error in one pair: %v and %w", order, err)
			}
			continue // another pair after this one shows as one too many
		}
		if r.err != nil {
			r.err = fmt.Errorf("an order after the error: %v after %w", order, r.err)
		}
		r.orders = append(r.orders, order.Clone())
	}
	return r
}

// readAhead reads and scans chunks before those before them are settled. That is how a
// wrong cut shows.
func (r *reading) readAhead(sources []input.Source, o orders.Options, ahead int) error {
	reader, err := orders.NewReader(context.Background(), sources, o)
	if err != nil {
		return err
	}
	defer reader.Close()
	cursor := orders.NewCursor(reader, o)
	defer func() { r.totals = cursor.Totals() }()
	var waiting, free []*orders.Chunk
	var end error
	for {
		for len(waiting) < ahead && end == nil {
			if len(free) == 0 {
				free = append(free, new(orders.Chunk))
			}
			chunk := free[0]
			if end = reader.Next(chunk); end == nil {
				chunk.Scan()
				waiting, free = append(waiting, chunk), free[1:]
			}
		}
		if len(waiting) == 0 {
			if end == io.EOF {
				return nil
			}
			return end
		}
		chunk := waiting[0]
		waiting = waiting[1:]
		err := cursor.Settle(chunk)
		r.take(&chunk.Orders)
		if err != nil {
			return err
		}
		free = append(free, chunk)
	}
}

// take copies the orders of a chunk.
func (r *reading) take(b *columns.Orders) {
	for i := range b.Len() {
		order := orders.Order{Source: "in", Number: b.Number(i), Phone: b.Phone(i), Name: b.Name(i)}
		from, to := b.LineRange(i)
		for j := from; j < to; j++ {
			order.Lines = append(order.Lines, orders.Line{Item: b.Item(j), Price: b.Price(j)})
		}
		r.orders = append(r.orders, order.Clone())
		r.at = append(r.at, b.Position(i))
	}
}

// String is a line for each order, then for each reject, then for the error.
func (r reading) String() string { return r.text(false) }

// withExcerpts also has the excerpts, which take longer to make than all else.
func (r reading) withExcerpts() string { return r.text(true) }

func (r reading) text(excerpts bool) string {
	var b []byte
	for _, o := range r.orders {
		b = appendOrder(b, o)
	}
	for _, reject := range r.rejects {
		b = fmt.Appendf(b, "rejected %s: %q\n", reject.Error(), reject.Text)
		if excerpts {
			b = fmt.Appendf(b, "  excerpt %q %d\n", reject.Excerpt().Text, reject.Excerpt().Caret)
		}
	}
	if r.err == nil {
		return string(b)
	}
	b = fmt.Appendf(b, "error %s\n", r.err.Error())
	var syntax *orders.SyntaxError
	if excerpts && errors.As(r.err, &syntax) {
		b = fmt.Appendf(b, "  by line %t, excerpt %q %d\n", syntax.ByLine, syntax.Excerpt().Text, syntax.Excerpt().Caret)
	}
	return string(b)
}

// appendOrder writes an order in a line: 2: 555 "Ann" Idli 6.00, Dosa 7.
func appendOrder(b []byte, o orders.Order) []byte {
	b = fmt.Appendf(b, "%d: %q", o.Number, o.Phone)
	if len(o.Name) > 0 {
		b = fmt.Appendf(b, " %q", o.Name)
	}
	for _, l := range o.Lines {
		b = fmt.Appendf(b, " [%q %s]", l.Item, l.Price)
	}
	return append(b, '\n')
}

// phones are the phones of the orders that were read.
func (r reading) phones() string {
	var all []string
	for _, o := range r.orders {
		all = append(all, string(o.Phone))
	}
	return strings.Join(all, " ")
}

// wantSyntaxError reports whether the reading ended in a *orders.SyntaxError.
func (r reading) wantSyntaxError(t *testing.T, what string) *orders.SyntaxError {
	t.Helper()
	var syntax *orders.SyntaxError
	if !errors.As(r.err, &syntax) {
		t.Errorf("%s: got error %v, want a *SyntaxError", what, r.err)
		return &orders.SyntaxError{}
	}
	return syntax
}

// sameAtAllSizes reads text as one chunk and then in chunks of every size, each
// with All and with chunks scanned ahead, and wants the same each time. (Of long
// texts it takes a sample of the sizes.) It returns what it read.
func (s setup) sameAtAllSizes(t *testing.T, what, text string) reading {
	t.Helper()
	if testing.Short() {
		return s.sameAtSomeSizes(t, what, text)
	}
	return s.sameAtSizes(t, what, text, chunkSizes(len(text)))
}

// sameAtSomeSizes is the same with a sample of the sizes.
func (s setup) sameAtSomeSizes(t *testing.T, what, text string) reading {
	t.Helper()
	n := len(text)
	sizes := []int{1, 2, 3, 5, 8, 13, 21, 34, n / 2, n - 1}
	if n > 400 {
		sizes = []int{55, n / 2, n - 1}
	} else if testing.Short() {
		sizes = []int{1, 7, n / 2}
	}
	return s.sameAtSizes(t, what, text, sizes)
}

// chunkSizes are the sizes to cut a text of n bytes at: all up to n+1, or the
// interesting ones.
func chunkSizes(n int) []int {
	if n > 8000 { // many small chunks of a long text take long, and show nothing more
		return []int{1000, n / 2, n - 1, n + 1}
	}
	if n > 400 {
		return []int{1, 2, 3, 7, 8, 9, 16, 31, 64, 65, 127, 255, 1000, n / 3, n / 2, n - 1, n, n + 1}
	}
	var sizes []int
	for size := 1; size <= n+1; size++ {
		sizes = append(sizes, size)
	}
	return sizes
}

func (s setup) sameAtSizes(t *testing.T, what, text string, sizes []int) reading {
	t.Helper()
	s.BlockBytes = len(text) + 2
	whole := s.read(text)
	want, wantExcerpts := whole.String(), whole.withExcerpts()
	var positions []int64
	var totals *orders.Totals // as first reported
	for i, size := range append([]int{len(text) + 3}, sizes...) {
		for ahead := 0; ahead <= 3; ahead += 3 {
			s.BlockBytes, s.ahead = max(1, size), ahead
			got := s.read(text)
			fault := ""
			switch {
			case got.String() != want:
				fault = fmt.Sprintf("got\n%swant, as from one chunk,\n%s", got, want)
			case i%4 == 0 && len(text) < 1000 && got.withExcerpts() != wantExcerpts:
				fault = fmt.Sprintf("got\n%swant, as from one chunk,\n%s", got.withExcerpts(), wantExcerpts)
			case ahead == 0: // All yields no more
			case !increasing(got.at):
				fault = fmt.Sprintf("the positions of the orders do not increase: %d", got.at)
			case positions == nil:
				positions = got.at
			case !slices.Equal(got.at, positions):
				fault = fmt.Sprintf("the orders are at %d, want them at %d, as in one chunk", got.at, positions)
			}
			if fault == "" && ahead > 0 && got.err == nil {
				if totals == nil {
					totals = &got.totals
				}
				want := *totals
				want.Orders, want.Rejected, want.Bytes = int64(len(got.orders)), int64(len(got.rejects)), int64(len(text))
				if !reflect.DeepEqual(got.totals, want) {
					fault = fmt.Sprintf("totals are %+v, want %+v", got.totals, want)
				}
			}
			if fault != "" {
				t.Errorf("%s: %s in chunks of %d bytes, %d scanned ahead: %s", what, abridged(text), size, ahead, fault)
				return whole
			}
		}
	}
	return whole
}

func increasing(at []int64) bool {
	for i := 1; i < len(at); i++ {
		if at[i] <= at[i-1] {
			return false
		}
	}
	return true
}

// abridged is a text as a message shows it.
func abridged(text string) string {
	if len(text) > 300 {
		return fmt.Sprintf("%.140q … %.140q (%d bytes)", text[:140], text[len(text)-140:], len(text))
	}
	return fmt.Sprintf("%q", text)
}

// order is the shortest good order with this phone.
func order(phone string) string { return `{"phone":"` + phone + `","items":[]}` }

// clones makes sure that nothing a reading keeps is another order's memory.
func TestCloneSharesNothing(t *testing.T) {
	text := `{"phone":"1","name":"Ann","items":[{"name":"Idli","price":6}]}` + "\n" +
		`{"phone":"2","name":"Bob","items":[{"name":"Dosa","price":7}]}`
	var first orders.Order
	for o, err := range orders.Read(strings.NewReader(text)) {
		if err != nil {
			t.Fatal(err)
		}
		if o.Number == 1 {
			first = o.Clone()
			for _, part := range [][]byte{o.Phone, o.Name, o.Lines[0].Item, o.Lines[0].Price} {
				if cap(part) != len(part) {
					t.Errorf("appending to %q would write over the input", part)
				}
			}
		}
	}
	if got := string(appendOrder(nil, first)); got != "1: \"1\" \"Ann\" [\"Idli\" 6]\n" {
		t.Errorf("the first order's clone became %s", bytes.TrimSpace([]byte(got)))
	}
}

// closing opens a text that counts how often it is closed.
func closing(text string, closed *int) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		return struct {
			io.Reader
			io.Closer
		}{strings.NewReader(text), closer(func() error { *closed++; return nil })}, nil
	}
}

type closer func() error

func (c closer) Close() error { return c() }

func quoted(s string) string { return fmt.Sprintf("%q", s) }
