package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"process-orders/internal/durable"
)

// A set of phones answers as a map does, and stops growing before it takes more than it may.
func TestPhoneSet(t *testing.T) {
	t.Parallel()
	for _, limit := range []int64{0, 100, 64 << 10, 1 << 20} {
		s := phoneSet{limit: limit}
		known := map[string]bool{}
		n := 0
		for ; n < 100_000 && !s.full(); n++ {
			phone := fmt.Sprint(n * 7919 % 70_001)
			if s.add([]byte(phone)) == known[phone] {
				t.Fatalf("limit %d: %q is new: %v", limit, phone, known[phone])
			}
			known[phone] = true
			if taken := int64(len(s.slots)) * slotBytes; limit > 0 && taken > limit {
				t.Fatalf("limit %d: the set takes %d bytes", limit, taken)
			}
		}
		if limit == 0 && n < 100_000 || limit == 100 && n > 0 || limit == 64<<10 && (n < 1000 || n == 100_000) {
			t.Errorf("limit %d: full after %d", limit, n)
		}
	}
}

// If the memory is not enough to compare all phones, check says that it found at least so
// many that are spelled differently.
func TestCheckAtLeast(t *testing.T) {
	var b strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&b, `{"phone":"+1 201%07d","items":[]}`+"\n", i)
		if i%100 == 0 {
			fmt.Fprintf(&b, `{"phone":"(201) %07d","items":[]}`+"\n", i)
		}
	}
	file := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"check", file, "--region", "US"}
	if r := runHere(durable.OS, nil, append(args, "--memory", "1GiB")...); !strings.Contains(r.stdout, "2,000 phone numbers are written in more than one way;") {
		t.Errorf("with memory: %v", r)
	}
	r := runHere(durable.OS, nil, append(args, "--memory", "64MiB")...)
	if !strings.Contains(r.stdout, "at least 1,9") {
		t.Errorf("with little memory: %v", r)
	}
}
