package nearest_test

import (
	"testing"

	"process-orders/internal/nearest"
)

func TestName(t *testing.T) {
	names := []string{"shopify", "square", "stripe", "out"}
	for typed, want := range map[string]string{
		"shopify": "shopify", "shopfiy": "shopify", "shopif": "shopify", "sqare": "square", "strype": "stripe",
		"uot": "out", "o": "", "magento": "", "": "",
	} {
		if got := nearest.Name(typed, names); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}
