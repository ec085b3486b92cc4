package sqlstore

import "testing"

// TestUnsealAllocates checks a row: its body is not copied for that.
func TestUnsealAllocates(t *testing.T) {
	body, _ := seal(make([]byte, 10_000), 0, "table", "column")
	allocations := testing.AllocsPerRun(100, func() {
		if _, _, err := unseal(body, "table", "column"); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 0 {
		t.Errorf("%v allocations for a row", allocations)
	}
}
