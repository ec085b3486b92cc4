package orders_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/orders"
)

// benchBytes is how much the scanner reads before it gets the same again: so much that the
// processor's branch predictor cannot learn it, which would make every reader look faster
// than it is.
const benchBytes = 8 << 20

// Words of which names, items and notes are made; some need more than ASCII.
var (
	benchFirst = strings.Fields("Ann Bo Carlos Damodhar Elizabeth Fatima Günther Hyun-woo Ines José Kim Li Márcia Nagarajan Olu Priya Quentin Ruth Sanjay Zoë")
	benchLast  = strings.Fields("Lee Smith García O'Connor Subramanian Müller Nguyen Okafor Peterson Venkataraghavan Wu Ångström")
	benchSorts = strings.Fields("Plain Cheese Butter Ghee Onion Podi Mysore Madurai Rava Paper Chettinad Jalapeño")
	benchItems = []string{"Masala Dosa", "Idli", "Vada", "Uttapam", "Filter Coffee", "Pongal", "Mango Lassi", "Sambar", "Crème Caramel"}
	benchNotes = strings.Fields("extra spicy no onions please ring the bell twice leave at door gluten-free call before coming mild très épicé for kids")
)

// benchOrders are orders as a shop's program writes them, about benchBytes of
// them, one a line. Some have no name, some no note, some a text with escapes.
func benchOrders() (lines []string) {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	for size := 0; size < benchBytes; {
		var b strings.Builder
		fmt.Fprintf(&b, `{"timestamp": %d`, 1_702_219_784+len(lines)*7+r.IntN(7))
		if r.IntN(5) > 0 {
			fmt.Fprintf(&b, `, "name": "%s %s"`, pick(benchFirst), pick(benchLast))
		}
		fmt.Fprintf(&b, `, "phone": "%d-%03d-%04d", "items": [`, 200+r.IntN(800), r.IntN(1000), r.IntN(10_000))
		for i := range 1 + r.IntN(6) {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, `{"name": "%s %s", "price": %d.%02d}`, pick(benchSorts), pick(benchItems), 1+r.IntN(30), r.IntN(20)*5)
		}
		b.WriteString("]")
		switch r.IntN(8) {
		case 0:
			b.WriteString(`, "notes": null`)
		case 1, 2, 3:
			b.WriteString(`, "notes": "` + pick(benchNotes))
			for range r.IntN(10) {
				b.WriteString(" " + pick(benchNotes))
			}
			if r.IntN(10) == 0 {
				b.WriteString([]string{`\nthank you`, ` \"hot\"`, ` \u2665`, ` \ud83c\udf36`}[r.IntN(4)])
			}
			b.WriteString(`"`)
		}
		b.WriteString("}")
		lines = append(lines, b.String())
		size += b.Len()
	}
	return lines
}

// benchTexts are the same orders in every layout.
func benchTexts() (texts []struct{ name, text string }) {
	lines := benchOrders()
	array := "[" + strings.Join(lines, ",\n") + "]\n"
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(array), "", "    "); err != nil {
		panic(err)
	}
	return []struct{ name, text string }{
		{"lines", strings.Join(lines, "\n") + "\n"},
		{"array", array},
		{"indented", indented.String()},
	}
}

// benchChunks reads all of a text's chunks, and scans each once, so that it knows
// the layouts as a worker's chunk does that has been in use for a while.
func benchChunks(b *testing.B, text string, o orders.Options) (chunks []*orders.Chunk, count int) {
	reader, err := orders.NewReader(context.Background(), []input.Source{source("bench", text)}, o)
	if err != nil {
		b.Fatal(err)
	}
	defer reader.Close()
	cursor := orders.NewCursor(reader, o)
	for {
		chunk := new(orders.Chunk)
		if err := reader.Next(chunk); err == io.EOF {
			return chunks, count
		} else if err != nil {
			b.Fatal(err)
		}
		chunk.Scan()
		if err := cursor.Settle(chunk); err != nil {
			b.Fatal(err)
		}
		count += chunk.Len()
		chunks = append(chunks, chunk)
	}
}

// BenchmarkScanStates scans orders with ids, times and changes, and the same orders without
// their ids.
func BenchmarkScanStates(b *testing.B) {
	var text strings.Builder
	for i, line := range benchOrders() {
		fmt.Fprintf(&text, `{"id": %d, "created_at": "2026-01-%02dT03:04:05Z", "updated_at": "2026-02-%02dT03:04:05Z", "currency": "USD", %s`+"\n", 5_000_000+i, 1+i%28, 1+i%28, line[1:])
	}
	states := orders.Detailed()
	states.ID, states.Time = orders.Field{"id"}, orders.Field{"created_at"}
	without := states
	without.ID = nil
	changes := states
	changes.Updated = []string{"updated_at"}
	for _, c := range []struct {
		name    string
		mapping *orders.Mapping
	}{{"without ids", &without}, {"with ids", &states}, {"with changes", &changes}} {
		b.Run(c.name, func(b *testing.B) {
			chunks, count := benchChunks(b, text.String(), orders.Options{Mapping: c.mapping})
			b.SetBytes(int64(text.Len()))
			b.ReportAllocs()
			for b.Loop() {
				for _, chunk := range chunks {
					chunk.Scan()
				}
			}
			b.ReportMetric(float64(b.N*count)/b.Elapsed().Seconds(), "orders/s")
		})
	}
}

// BenchmarkScan scans chunks in memory, one after the other, on one core, in each of the
// ways to read.
func BenchmarkScan(b *testing.B) {
	var names []string
	for name := range orders.Ways {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, text := range benchTexts() {
		for _, name := range names {
			b.Run(text.name+"/"+name, func(b *testing.B) {
				chunks, count := benchChunks(b, text.text, orders.Ways[name](orders.Options{}))
				b.SetBytes(int64(len(text.text)))
				b.ReportAllocs()
				scanned := 0
				for b.Loop() {
					for _, chunk := range chunks {
						chunk.Scan()
						scanned += chunk.Len()
					}
				}
				if scanned != b.N*count {
					b.Fatalf("%d orders, want %d", scanned, b.N*count)
				}
				b.ReportMetric(float64(scanned)/b.Elapsed().Seconds(), "orders/s")
			})
		}
	}
}
