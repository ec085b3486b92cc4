package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"process-orders/internal/durable"
)

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
