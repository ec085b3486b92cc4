package mappings_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/mappings"
	"process-orders/orders"
	"process-orders/records"
)

// benchBytes is about how large the benchmarks' documents are.
const benchBytes = 16 << 20

// BenchmarkPresets processes a long document of each preset's shape on one core. The MB/s
// show the cost of a preset for each byte, beside that of the default shape.
func BenchmarkPresets(b *testing.B) {
	b.Run("default", func(b *testing.B) {
		var text bytes.Buffer
		for i := 0; text.Len() < benchBytes; i++ {
			fmt.Fprintf(&text, `{"timestamp": %d, "phone": "555-01%02d-%04d", "name": "Ann Willow", "items": [{"name": "Masala Dosa", "price": 10.95}, {"name": "Filter Coffee", "price": 2.95}], "notes": "extra spicy, please"}`+"\n", i, i%100, i%9973)
		}
		benchmark(b, text.Bytes(), nil)
	})
	for _, name := range mappings.Names() {
		found, err := filepath.Glob(filepath.Join("testdata", name+".*"))
		if err != nil || len(found) != 1 {
			continue
		}
		m, _ := mappings.Preset(name)
		m.ID = nil // otherwise all copies would count once
		b.Run(name, func(b *testing.B) {
			benchmark(b, repeated(b, found[0], &m.Mapping), &m.Mapping)
		})
	}
}

func benchmark(b *testing.B, text []byte, m *orders.Mapping) {
	b.SetBytes(int64(len(text)))
	var o records.Options
	o.Workers, o.Mapping = 1, m
	o.Reject = func(*orders.Reject) error { return nil }
	for b.Loop() {
		source := input.Reader("in", bytes.NewReader(text))
		if _, _, err := records.Process(context.Background(), []input.Source{source}, o); err != nil {
			b.Fatal(err)
		}
	}
}

// repeated returns a test document many times over: the rows after the header, the lines,
// or an array of its orders.
func repeated(b *testing.B, name string, m *orders.Mapping) []byte {
	data, err := os.ReadFile(name)
	if err != nil {
		b.Fatal(err)
	}
	head, body, foot, between := "", strings.TrimSpace(string(data)), "", "\n"
	switch {
	case m.CSV:
		head, body, _ = strings.Cut(body, "\n")
		head += "\n"
	case len(m.Group) == 0:
		elements := elementsOf(b, data, m)
		head, body, foot, between = "[", string(bytes.Join(elements, []byte(",\n"))), "]", ",\n"
	}
	var text bytes.Buffer
	text.WriteString(head)
	for text.Len() < benchBytes {
		if text.Len() > len(head) {
			text.WriteString(between)
		}
		text.WriteString(body)
	}
	text.WriteString(foot)
	return text.Bytes()
}

// elementsOf returns the orders of a document, as they are written.
func elementsOf(b *testing.B, data []byte, m *orders.Mapping) (elements [][]byte) {
	var array []json.RawMessage
	for _, path := range append([]string{""}, m.Orders...) {
		at := json.RawMessage(data)
		for key := range strings.SplitSeq(path, ".") {
			var object map[string]json.RawMessage
			if path != "" && json.Unmarshal(at, &object) == nil {
				at = object[key]
			}
		}
		if json.Unmarshal(at, &array) == nil && len(array) > 0 {
			for _, one := range array {
				elements = append(elements, one)
			}
			return elements
		}
	}
	for decoder := json.NewDecoder(bytes.NewReader(data)); decoder.More(); { // one after the other
		var one json.RawMessage
		if err := decoder.Decode(&one); err != nil {
			b.Fatal(err)
		}
		elements = append(elements, one)
	}
	return elements
}
