package mappings_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/mappings"
	"process-orders/orders"
)

func docs(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../docs/mappings.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fences are the code blocks of a text in that language.
func fences(text, language string) (blocks []string) {
	for {
		_, rest, ok := strings.Cut(text, "\n```"+language+"\n")
		if !ok {
			return blocks
		}
		block, after, _ := strings.Cut(rest, "```\n")
		blocks, text = append(blocks, block), after
	}
}

// The example of docs/mappings.md has the result that the page shows.
func TestDocsExample(t *testing.T) {
	_, text, _ := strings.Cut(docs(t), "\n## Your own mapping\n")
	example, file, ok := strings.Cut(text, "\n## The file\n")
	documents, files := fences(example, "json"), fences(example, "toml")
	if !ok || len(documents) != 2 || len(files) != 1 {
		t.Fatalf("the example has %d JSON and %d TOML blocks", len(documents), len(files))
	}
	m, err := mappings.Parse("lantern.toml", []byte(files[0]))
	if err != nil {
		t.Fatal(err)
	}
	source := func() input.Source { return input.Reader("export.json", strings.NewReader(documents[0])) }
	got := read(t, m, source())
	if got.err != nil || len(got.rejected) > 0 || len(got.orders) != 2 {
		t.Errorf("got %v: %q", got.err, got.rejected)
	}
	if skipped := skippedBy(t, m, source()); skipped[orders.ReasonNoPhone] != 1 || skipped["void"] != 1 {
		t.Errorf("skipped: got %v", skipped)
	}
	var want struct {
		Customers map[string]string
		Items     map[string]struct {
			Price  json.Number
			Orders int
		}
	}
	if err := json.Unmarshal([]byte(documents[1]), &want); err != nil {
		t.Fatal(err)
	}
	if len(want.Customers) != len(got.phones) || len(want.Items) != len(got.goods) {
		t.Errorf("got %q and %q", got.customers(), got.items())
	}
	for i, phone := range got.phones {
		if want.Customers[phone] != got.names[i] {
			t.Errorf("%s: got %q, want %q", phone, got.names[i], want.Customers[phone])
		}
	}
	for i, item := range got.goods {
		if w := want.Items[item]; string(w.Price) != got.prices[i] || w.Orders != got.counts[i] {
			t.Errorf("%s: got %s and %d, want %v", item, got.prices[i], got.counts[i], w)
		}
	}
	if best := mappings.Guess([]byte(documents[0])); best != "" {
		t.Errorf("the example is taken for %s", best)
	}

	// The other block has only conditions.
	const rest = "phone = 'p'\nlines = 'l[]'\nline = { item = 'i', price = 'p' }\n"
	for _, block := range fences(file, "toml") {
		if _, err := mappings.Parse("docs", []byte(rest+block)); err != nil {
			t.Error(err)
		}
	}
}

// The table of docs/mappings.md has all presets and says what they skip.
func TestDocsPresets(t *testing.T) {
	text := docs(t)
	for _, name := range mappings.Names() {
		m, _ := mappings.Preset(name)
		_, row, ok := strings.Cut(text, "\n| `"+name+"` | ")
		if !ok {
			t.Errorf("%s: not in the table", name)
			continue
		}
		row, _, _ = strings.Cut(row, "\n")
		cells := strings.Split(row, " |")
		skips := strings.Fields(strings.NewReplacer(",", "", "; lines:", "", "lines:", "").Replace(cells[1]))
		slices.Sort(skips)
		reasons := m.Reasons()
		slices.Sort(reasons)
		if got := slices.Compact(skips); !slices.Equal(got, reasons) {
			t.Errorf("%s: the table says it skips %v, it is %v", name, got, reasons)
		}
		if got := strings.TrimSpace(cells[2]) == "experimental"; got != m.Experimental {
			t.Errorf("%s: the table says experimental: %v", name, got)
		}
	}
}

// The table of keys has all that the file can have.
func TestDocsKeys(t *testing.T) {
	_, err := mappings.Parse("x", []byte("x = 1"))
	_, list, ok := strings.Cut(err.Error(), "the keys are ")
	if !ok {
		t.Fatal(err)
	}
	keys, text := strings.Split(list, ", "), docs(t)
	for _, key := range keys {
		if !strings.Contains(text, "\n| `"+key+"` | ") {
			t.Errorf("docs/mappings.md does not explain the key %s", key)
		}
	}
}
