package records_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"process-orders/orders"
	"process-orders/records"
)

// The example day, which the README shows.
func TestProcessFileOfTheExample(t *testing.T) {
	all, err := records.ProcessFile(filepath.Join("..", "examples", "orders.json"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	customers, items := filepath.Join(dir, "customers.json"), filepath.Join(dir, "items.json")
	if err := errors.Join(records.WriteJSON(customers, &all.Customers), records.WriteJSON(items, &all.Items)); err != nil {
		t.Fatal(err)
	}
	holds(t, customers, string(must(os.ReadFile(filepath.Join("..", "examples", "customers.json")))))
	holds(t, items, string(must(os.ReadFile(filepath.Join("..", "examples", "items.json")))))
}

func TestTheExampleAgreesWithTheNaiveFold(t *testing.T) {
	text := string(must(os.ReadFile(filepath.Join("..", "examples", "orders.json"))))
	for _, o := range manyWays() {
		if o.BlockBytes > 1 {
			checkNaively(t, trial{documents(text), o.Workers, o.BlockBytes})
		}
	}
}

func TestProcessFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "orders.json")
	for _, c := range []struct{ name, text string }{
		{"plain", good}, {"gzip", string(gzipOf(good))},
	} {
		if err := os.WriteFile(name, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		all, err := records.ProcessFile(name)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		same(t, all, newNaive(purchase{"1", "Jo", []purchaseLine{{"Idli", "6"}}}))
	}
}

func TestProcessFileThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for _, c := range []struct {
		name, want string
		is         func(error) bool
	}{
		{filepath.Join(dir, "none.json"), "none.json: no such file", nil},
		{dir, "is a folder", nil},
		{file("empty.json", ""), "empty.json:1:1: the input is empty", isSyntax},
		{file("cut.json", "["+good), "cut.json:1:71: the array of orders has no end", isSyntax},
		{file("bad.json", bad), "bad.json:1:66: order 1: items[0].price: want a decimal number", isRejected},
	} {
		all, err := records.ProcessFile(c.name)
		if all != nil || err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !c.is(err) {
			t.Errorf("%s: got %v, %v", c.name, all, err)
		}
	}
}

func isSyntax(err error) bool   { return errors.As(err, new(*orders.SyntaxError)) }
func isRejected(err error) bool { return errors.As(err, new(*records.RejectedError)) }
