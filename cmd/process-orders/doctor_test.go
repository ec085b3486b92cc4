package main

import (
	"os"
	"strings"
	"testing"

	"process-orders/internal/durable"
)

// TestDoctorSaysWhy looks at a store that cannot be opened. Its fault says why, and has no name.
func TestDoctorSaysWhy(t *testing.T) {
	t.Chdir(t.TempDir())
	run := func(args ...string) result {
		return runHere(durable.OS, strings.NewReader(shopOrders(50, 0)), args...)
	}
	run("--from", "shopify", "--store", "our shop.db", "-o", "out", "-").want(t, exitDone, "")
	file, err := os.ReadFile("our shop.db")
	if err != nil {
		t.Fatal(err)
	}
	file[20] = 0 // how much of a page is for checksums
	if err := os.WriteFile("our shop.db", file, 0o600); err != nil {
		t.Fatal(err)
	}
	r := run("doctor", "--store", "our shop.db", "--bundle", "bundle.json")
	const want = "fault: it is so damaged that it cannot be opened: its first bytes do not say what pages it has\n"
	if r.code != exitFailed || r.stdout != want {
		t.Errorf("got %v, want %q", r, want)
	}
	if bundle, err := os.ReadFile("bundle.json"); err != nil || strings.Contains(string(bundle), "our shop") || !strings.Contains(string(bundle), "first bytes") {
		t.Errorf("the bundle is %s, %v", bundle, err)
	}
}
