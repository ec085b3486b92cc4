package records_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/orders"
	"process-orders/records"
)

// Verify keeps within the memory that Process keeps within.
func TestVerifyOfIDsBeyondMemory(t *testing.T) {
	var text strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&text, `{"id": %d, "phone": "1", "items": []}`, i)
	}
	m := orders.Default()
	m.ID = orders.Field{"id"}
	for memory, wantError := range map[int64]bool{0: false, 1000: true, 1 << 20: false} {
		o := records.Options{MemoryBytes: memory}
		o.Mapping = &m
		_, err := records.Verify(context.Background(), []input.Source{source(text.String())}, o)
		var ids *columns.IDError
		if errors.As(err, &ids) != wantError || !wantError && err != nil {
			t.Errorf("%d bytes of memory: %v", memory, err)
		}
	}
}
