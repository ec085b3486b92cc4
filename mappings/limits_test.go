package mappings_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"process-orders/mappings"
)

// enough is what every mapping needs.
const enough = "phone = 'tel'\nlines = 'items[]'\nline = { item = 'name', price = 'price' }\n"

// numbered returns n texts in which N is replaced by 0, 1 and so on, with a text between.
func numbered(n int, text, between string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(between)
		}
		b.WriteString(strings.ReplaceAll(text, "N", fmt.Sprint(i)))
	}
	return b.String()
}

// No file of less than 1 MiB takes more than this, whatever is in it. A file that has
// many keys takes some 200 times its size in the tables of the TOML library.
const maxAllocated = 300 << 20

// A mapping file takes memory in proportion to its size, and so little that it does not
// matter beside the orders.
func TestHostileFiles(t *testing.T) {
	const size = 1<<20 - 1000
	deep := strings.TrimSuffix(strings.Repeat("a.", 40_000), ".")
	deepest := strings.TrimSuffix(strings.Repeat("a.", size/2), ".")
	for _, c := range []struct{ name, text string }{
		{"a path of many keys", enough + "name = '" + deep + "'"},
		{"a path as long as the file", enough + "name = '" + deepest + "'"},
		{"a path of one key", enough + "name = '" + strings.Repeat("a", size) + "'"},
		{"a path of arrays", enough + "name = '" + strings.TrimSuffix(strings.Repeat("a[].", size/4), ".") + "'"},
		{"joined paths", enough + "name = '" + strings.TrimSuffix(strings.Repeat("a + ", size/4), " + ") + "'"},
		{"many paths", enough + "name = [" + strings.Repeat("'a',", size/4) + "]"},
		{"many different paths", enough + "name = [" + numbered(100_000, "'N'", ",") + "]"},
		{"many wrappers", enough + "orders = [" + numbered(100_000, "'N'", ",") + "]"},
		{"many wrappers of orders", enough + "order = [" + numbered(100_000, "'a.N'", ",") + "]"},
		{"a deep wrapper of orders", enough + "order = '" + deep + "'"},
		{"many lines", "phone = 'tel'\nline = { item = 'name', price = 'price' }\nlines = [" + numbered(60_000, "'aN[]'", ",") + "]"},
		{"deep lines", "phone = 'tel'\nline = { item = 'name', price = 'price' }\nlines = '" + deep + "[]'"},
		{"a deep condition", enough + "[skip.a]\n" + deep + " = '*'"},
		{"a deep condition in quotes", enough + "[skip.a]\n'" + deep + "' = '*'"},
		{"many conditions on one path", enough + numbered(40_000, "skip.aN.x='*'", "\n")},
		{"many conditions on many paths", enough + numbered(40_000, "skip.a.xN='*'", "\n")},
		{"many tables of conditions", enough + numbered(40_000, "[skip.aN]\nx='*'", "\n")},
		{"a deep table with many keys", enough + "[skip.a." + deep + "]\n" + numbered(50_000, "xN='*'", "\n")},
		{"a deep table in braces", enough + "skip = " + strings.Repeat("{a=", size/4-100) + "1" + strings.Repeat("}", size/4-100)},
		{"a deep list", enough + "name = " + strings.Repeat("[", size/2-100) + strings.Repeat("]", size/2-100)},
		{"a deep list without an end", enough + "name = " + strings.Repeat("[", size-100)},
		{"a deep table without an end", enough + "name = " + strings.Repeat("{a=", size/3-100)},
		{"many unknown keys", numbered(100_000, "xN=1", "\n")},
		{"many unknown keys in braces", "x = {" + numbered(100_000, "xN=1", ",") + "}"},
		{"many tables in braces", "x = [" + numbered(50_000, "{xN={y=1}}", ",") + "]"},
		{"many values", enough + "[skip.a]\nx = [" + strings.Repeat("'a',", size/4) + "]"},
		{"a long title", enough + "title = '" + strings.Repeat("a", size) + "'"},
		{"a long key", enough + strings.Repeat("a", size) + " = 1"},
	} {
		if len(c.text) > 1<<20 {
			t.Fatalf("%s: %d bytes are more than a file can have", c.name, len(c.text))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := mappings.Parse("m", []byte(c.text))
		runtime.ReadMemStats(&after)
		message := fmt.Sprint(err)
		taken := after.TotalAlloc - before.TotalAlloc + max(after.StackSys, before.StackSys) - before.StackSys
		if taken > maxAllocated {
			t.Errorf("%s: %d MiB were allocated", c.name, taken>>20)
		}
		if len(message) > 1000 {
			t.Errorf("%s: the message has %d bytes: %.200s…", c.name, len(message), message)
		}
	}
}
