package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"process-orders/internal/durable"
)

// TestReportOfManyCustomers has more customers than a report shows, and many of them are alike. The
// report of a store is that of a run.
func TestReportOfManyCustomers(t *testing.T) {
	folder := t.TempDir()
	name := func(file string) string { return filepath.Join(folder, file) }
	var text strings.Builder
	for i := range 300 {
		fmt.Fprintf(&text, `{"phone":"555-%04d","name":"Ann","items":[{"name":"Tea","price":%d}]}`+"\n", i*7919%130, 1+i%2)
	}
	if err := os.WriteFile(name("orders.ndjson"), []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{name("orders.ndjson"), "-o", name("run"), "--report", name("run.html"), "--show-phones"},
		{name("orders.ndjson"), "-o", name("stored"), "--store", name("shop.db")},
		{"report", "--store", name("shop.db"), "-o", name("store.html"), "--show-phones"},
	} {
		if r := runHere(durable.OS, nil, args...); r.code != 0 {
			t.Fatalf("%v: exit code %d, %s", args, r.code, r.stderr)
		}
	}
	var pages [2]string
	for i, page := range []string{"run.html", "store.html"} {
		text, err := os.ReadFile(name(page))
		if err != nil {
			t.Fatal(err)
		}
		pages[i] = string(text)
	}
	if pages[0] != pages[1] || strings.Count(pages[0], "555-") < reportCustomers {
		t.Errorf("the report of a run is\n%s\nthat of the store\n%s", pages[0], pages[1])
	}
}
