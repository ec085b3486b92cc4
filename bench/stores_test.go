package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDealOut deals out lines: each goes to one file, in turn.
func TestDealOut(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "all.ndjson")
	if err := os.WriteFile(file, []byte("0\n1\n2\n3\n4\n5\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	parts, err := dealOut(file, folder)
	if err != nil || len(parts) != quarters {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	for i, want := range []string{"0\n4\n", "1\n5\n", "2\n", "3\n"} {
		text, err := os.ReadFile(parts[i])
		if string(text) != want || err != nil {
			t.Errorf("part %d: %q, %v; want %q", i, text, err, want)
		}
	}
	if err := os.WriteFile(file, []byte(strings.Repeat("x", 1<<20)), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := dealOut(file, folder); err == nil {
		t.Error("a line that is longer than any order was dealt out")
	}
}
