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

// Several cores write items, in memory and from disk: the items with a price below 0 are all
// found, and the first of them is the one that came first.
func TestBelowZero(t *testing.T) {
	var text strings.Builder
	const items = 20_000
	for i := range items {
		price := "1.50"
		switch {
		case i%4 == 3:
			price = "-1.50"
		case i%4 == 2:
			price = "-0.00"
		}
		fmt.Fprintf(&text, `{"phone": "555-0101", "items": [{"name": "item %d", "price": %s}]}`+"\n", items-i, price)
	}
	want := records.BelowZero{Items: items / 4, First: fmt.Sprint("item ", items-3)}
	for name, o := range map[string]records.Options{"in memory": {}, "on disk": {MemoryBytes: 1, SpillFolder: t.TempDir()}} {
		all, _, err := records.Process(context.Background(), []input.Source{input.Reader("in", strings.NewReader(text.String()))}, o)
		if err != nil {
			t.Fatal(err)
		}
		defer all.Close()
		if got := all.Items.BelowZero(); got != (records.BelowZero{}) {
			t.Errorf("%s, before they are written: %+v", name, got)
		}
		var writers sync.WaitGroup
		for _, write := range []func(io.Writer) (int64, error){all.WriteTo, all.Items.WriteTo} {
			writers.Go(func() {
				if _, err := write(io.Discard); err != nil {
					t.Error(err)
				}
				if got := all.Items.BelowZero(); got != want {
					t.Errorf("%s: got %+v, want %+v", name, got, want)
				}
			})
		}
		writers.Wait()
		var looked records.BelowZero
		for name, item := range all.Items.All() {
			looked.Look(name, item.Price)
		}
		if looked != want {
			t.Errorf("%s, one after the other: got %+v, want %+v", name, looked, want)
		}
	}
}
