package records_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"process-orders/input"
	"process-orders/records"
)

// Several cores write items, in memory and from disk: the items with an odd price are all found,
// and the first of them is the one that came first.
func TestOddPrices(t *testing.T) {
	const items = 20_000
	first := fmt.Sprint("item ", items)
	for _, c := range []struct {
		prices               []string // in turn
		belowZero, thousands records.OddItems
	}{
		{[]string{"1.50", "1", "-0.00", "-1.50"}, records.OddItems{Items: items / 4, First: fmt.Sprint("item ", items-3)}, records.OddItems{}},
		{[]string{"25.000", "900", "1.500", "-125.500"}, records.OddItems{Items: items / 4, First: fmt.Sprint("item ", items-3)}, records.OddItems{Items: items / 4 * 3, First: first}},
		{[]string{"25.000", "25.000", "25.000", "0.125"}, records.OddItems{}, records.OddItems{}},
		{[]string{"25.000", "1250.000", "25.000", "25.000"}, records.OddItems{}, records.OddItems{}},
		{[]string{"25.000", "25.00", "25.000", "25.000"}, records.OddItems{}, records.OddItems{}},
		{[]string{"1.459", "1.379", "2", "1.399"}, records.OddItems{}, records.OddItems{}},
		{[]string{"1.390", "1.379", "2", "1.399"}, records.OddItems{}, records.OddItems{Items: items / 4 * 3, First: first}},
		{[]string{"25", "1000", "3", "0"}, records.OddItems{}, records.OddItems{}},
	} {
		var text strings.Builder
		for i := range items {
			fmt.Fprintf(&text, `{"phone": "555-0101", "items": [{"name": "item %d", "price": "%s"}]}`+"\n", items-i, c.prices[i%len(c.prices)])
		}
		for name, o := range map[string]records.Options{"in memory": {}, "on disk": {MemoryBytes: 1, SpillFolder: t.TempDir()}} {
			isWanted := func(got *records.OddPrices) bool {
				return got.BelowZero() == c.belowZero && got.Thousands() == c.thousands
			}
			all, _, err := records.Process(context.Background(), []input.Source{input.Reader("in", strings.NewReader(text.String()))}, o)
			if err != nil {
				t.Fatal(err)
			}
			defer all.Close()
			if got := all.Items.OddPrices(); got.BelowZero() != (records.OddItems{}) || got.Thousands() != (records.OddItems{}) {
				t.Errorf("%q, %s, before they are written: %+v, %+v", c.prices, name, got.BelowZero(), got.Thousands())
			}
			var writers sync.WaitGroup
			for _, write := range []func(io.Writer) (int64, error){all.WriteTo, all.Items.WriteTo} {
				writers.Go(func() {
					if _, err := write(io.Discard); err != nil {
						t.Error(err)
					}
					if got := all.Items.OddPrices(); !isWanted(got) {
						t.Errorf("%q, %s: got %+v, %+v", c.prices, name, got.BelowZero(), got.Thousands())
					}
				})
			}
			writers.Wait()
			var looked records.OddPrices
			for name, item := range all.Items.All() {
				looked.Look(name, item.Price)
			}
			if !isWanted(&looked) {
				t.Errorf("%q, %s, one after the other: got %+v, %+v", c.prices, name, looked.BelowZero(), looked.Thousands())
			}
		}
	}
}

// Prices are looked at in any order: the first item is the one that came first.
func TestFirstOddPrice(t *testing.T) {
	var odd records.OddPrices
	for _, line := range []int64{7, 3, 5} {
		odd.LookAt(fmt.Sprint("item ", line), "-25.000", line)
	}
	if want := (records.OddItems{Items: 3, First: "item 3"}); odd.BelowZero() != want || odd.Thousands() != want {
		t.Errorf("got %+v and %+v, want %+v", odd.BelowZero(), odd.Thousands(), want)
	}
}
