package orders_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/orders"
)

// Scanning a chunk again costs no memory, and going through many costs none for
// an order.
func TestNoAllocations(t *testing.T) {
	plain := `{"phone":"732-555-%04d","name":"Ann Lee","items":[{"name":"Masala Dosa","price":10.95},{"name":"Idli","price":6.00}],"notes":{"x":[1,true,null]}},` + "\n"
	odd := `{"ph\u006fne":7325550%03d,"name":"\u00c5sa \ud83e\udd55","items":[{"name":"Id\tli","price":"1.20e1"},{"price":1e-2,"name":"\"b\""}],"n\u006ftes":"\\"},` + "\n"
	state := `{"id":7325550%03[1]d,"updated":"2026-01-02T03:04:05Z","phone":"732-555-%04[1]d","name":"Ann Lee","lines":[{"item":"Masala Dosa","price":10.95,"qty":2},{"item":"Idli","price":"6.00"}],"events":[{"at":"2026-01-03"},{"at":null},{"at":"2026-01-04"}],"at":"2026-01-01"},` + "\n"
	states := stateMapping(nil)
	for _, c := range []struct {
		name, text string
		mapping    *orders.Mapping
	}{{"plain", plain, nil}, {"escapes and exponents", odd, nil}, {"states", state, &states}} {
		const n = 1000
		var array strings.Builder
		array.WriteString("[")
		for i := range n {
			fmt.Fprintf(&array, c.text, i)
		}
		text := strings.TrimSuffix(array.String(), ",\n") + "]"
		o := orders.Options{BlockBytes: len(text) + 1, Mapping: c.mapping}
		reader, err := orders.NewReader(context.Background(), []input.Source{source("in", text)}, o)
		if err != nil {
			t.Fatal(err)
		}
		var chunk orders.Chunk
		if err := reader.Next(&chunk); err != nil {
			t.Fatal(err)
		}
		// The chunk's own description may cost something, an order nothing.
		if got := testing.AllocsPerRun(10, chunk.Scan); got > 5 {
			t.Errorf("%s: %v allocations to scan %d orders again", c.name, got, n)
		}
		if err := orders.NewCursor(reader, o).Settle(&chunk); err != nil || chunk.Len() != n {
			t.Errorf("%s: %d orders and %v, want %d", c.name, chunk.Len(), err, n)
		}

		if c.mapping != nil {
			continue // the cursor keeps their ids
		}
		lines := strings.ReplaceAll(array.String()[1:], "},\n", "}\n")
		fewest := readAllocations(t, c.name, strings.Repeat(lines, 4), 4*n)
		most := readAllocations(t, c.name, strings.Repeat(lines, 16), 16*n)
		if perOrder := (most - fewest) / (12 * n); perOrder > 0.02 {
			t.Errorf("%s: %v allocations for an order more", c.name, perOrder)
		}
	}
}

// readAllocations is how many allocations it takes to read a text in chunks of 64
// KiB, with one chunk that is used again and again.
func readAllocations(t *testing.T, name, text string, want int64) float64 {
	t.Helper()
	return testing.AllocsPerRun(1, func() {
		o := orders.Options{BlockBytes: 64 << 10}
		reader, err := orders.NewReader(context.Background(), []input.Source{source("in", text)}, o)
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		cursor := orders.NewCursor(reader, o)
		var chunk orders.Chunk
		for {
			err := reader.Next(&chunk)
			if err == io.EOF {
				break
			}
			chunk.Scan()
			if err == nil {
				err = cursor.Settle(&chunk)
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if got := cursor.Totals().Orders; got != want {
			t.Fatalf("%s: %d orders, want %d", name, got, want)
		}
	})
}
