package detail_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"process-orders/internal/columns"
	"process-orders/internal/detail"
	"process-orders/internal/fold"
	"process-orders/internal/soak"
	"process-orders/internal/table"
	"process-orders/internal/timestamp"
	"process-orders/internal/version"
)

// TestFold folds chunks of orders, and compares what their customers, their items and all
// orders come to with the plainest fold. Nearly all lines of an item are the same, and a chunk
// may come before one that is earlier in the input.
func TestFold(t *testing.T) {
	random := soak.Random(t)
	for l := soak.NewLoop(t, "folds", soak.Rounds{Short: 100, Default: 400, Soak: 20_000}); l.Next(); {
		var customers, items table.Table
		detail.Keep(&customers)
		detail.Keep(&items)
		versioned := random.IntN(3) == 0
		if versioned {
			customers.KeepVersions()
			items.KeepVersions()
		}
		all := new(total)
		a := &fold.Accumulator{KeepItems: random.IntN(4) > 0, Details: &detail.Accumulator{Orders: all}}
		byPhone, byItem := map[string][]sold{}, map[string][]sold{}
		usual := make([]sold, 1+random.IntN(12))
		for _, n := range random.Perm(1 + random.IntN(4)) {
			for i := range usual {
				usual[i] = randomLine(random)
				if random.IntN(3) > 0 {
					usual[i] = sold{price: fmt.Sprintf("%d.%d", 1+random.IntN(2), random.IntN(2)), currency: usual[i].currency}
				}
			}
			c := soldChunk(random, int64(n)<<30, versioned, usual, byPhone, byItem)
			a.Fold(&customers, &items, c, 0, c.Len())
		}
		a.Flush(&items)
		var lines []sold
		for r := range customers.All() {
			of := byPhone[string(r.Key())]
			lines = append(lines, of...)
			compareFold(t, string(r.Key()), detail.Of(r), naiveOf(of), false)
		}
		for r := range items.All() {
			compareFold(t, string(r.Key()), detail.Of(r), naiveOf(byItem[string(r.Key())]), true)
		}
		if customers.Len() != len(byPhone) || items.Len() != len(byItem) {
			t.Fatalf("%d customers, %d items; want %d, %d", customers.Len(), items.Len(), len(byPhone), len(byItem))
		}
		compareFold(t, "all orders", &all.Detail, naiveOf(lines), false)
	}
}

// A total adds up all orders.
type total struct{ detail.Detail }

func (t *total) AddAll(_ *columns.Orders, _ int, all []detail.Order) {
	for i := range all {
		t.Detail.AddOrder(&all[i])
	}
}

func compareFold(t *testing.T, key string, d *detail.Detail, want naive, isItem bool) {
	t.Helper()
	first, last := d.Times()
	if first != want.first || last != want.last || !reflect.DeepEqual(d.Sums(), want.sums) {
		t.Fatalf("%s:\n got %v, %v, %v\nwant %v, %v, %v", key, d.Sums(), first, last, want.sums, want.first, want.last)
	}
	if isItem && (!reflect.DeepEqual(d.Quantity(), want.quantity) || !reflect.DeepEqual(d.Prices(), want.prices)) {
		t.Fatalf("%s:\n got %v, %v\nwant %v, %v", key, d.Quantity(), d.Prices(), want.quantity, want.prices)
	}
}

// soldChunk is a chunk of orders, of which most lines are the usual one of their item.
func soldChunk(random *rand.Rand, from int64, versioned bool, usual []sold, byPhone, byItem map[string][]sold) *columns.Orders {
	c := &columns.Orders{From: from, HasTimes: true, ByTime: versioned, Versioned: versioned}
	text := func(s string) columns.Span {
		start := len(c.Data)
		c.Data = append(c.Data, s...)
		return columns.NewSpan(start, len(c.Data))
	}
	isPlain := random.IntN(3) == 0 // nothing is known but items, prices and times
	for i := range random.IntN(300) {
		code := []string{"", "", "USD", "EUR"}[random.IntN(4)]
		if isPlain {
			code = ""
		}
		o, d := columns.Order{Start: uint32(len(c.Data)), Number: uint32(i), Placed: timestamp.None}, columns.NoDetail
		phone := fmt.Sprintf("402-555-%04d", random.IntN(20))
		o.Phone, d.Currency = text(phone), text(code)
		if random.IntN(5) > 0 {
			o.Placed = random.Int64N(1e12) - 5e11
		}
		lines := random.IntN(7)
		if _, known := byPhone[phone]; !known {
			byPhone[phone] = nil // an order without lines makes a customer too
		}
		if lines == 0 {
			o.Placed = timestamp.None // the naive fold knows the times of lines alone
		}
		for i := range lines {
			n := random.IntN(len(usual))
			s := usual[n]
			if random.IntN(8) == 0 {
				s = randomLine(random)
			} else if random.IntN(50) == 0 {
				s.price += "\x00"
			} else if random.IntN(3) > 0 {
				s.currency = "" // the order's
			}
			if isPlain {
				s = sold{price: s.price}
			}
			line := columns.Line{At: uint32(len(c.Data)), Item: text(fmt.Sprint("Item ", n)), Price: text(s.price)}
			if random.IntN(8) == 0 {
				start := len(c.Arena)
				c.Arena = append(c.Arena, s.price...)
				line.Price = columns.NewSpan(start, len(c.Arena)) | columns.InArena
			}
			c.AllLines = append(c.AllLines, line)
			own := columns.LineDetail{}
			if s.quantity != "" {
				own.Quantity = text(s.quantity)
			}
			if s.total != "" {
				own.Total = text(s.total)
			}
			if s.currency != "" {
				own.Currency = text(s.currency)
			} else {
				s.currency = code
			}
			c.LineDetails = append(c.LineDetails, own)
			s.placed, s.at = o.Placed, from+int64(line.At)
			if versioned {
				v := version.Position(nil, from+int64(o.Start))
				v.Time, v.Line = o.Placed, int64(i)
				s.key = string(v.AppendKey(nil))
			}
			byPhone[phone] = append(byPhone[phone], s)
			byItem[fmt.Sprint("Item ", n)] = append(byItem[fmt.Sprint("Item ", n)], s)
		}
		text("}]}\n")
		o.End, o.Lines = uint32(len(c.Data)), uint32(len(c.AllLines))
		c.All, c.Details = append(c.All, o), append(c.Details, d)
	}
	if isPlain {
		c.Details, c.LineDetails = nil, nil
	}
	if random.IntN(2) == 0 {
		text("                                ") // more than is read at once
	}
	return c
}
