package records_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
)

// Verify and Process need no more memory for ids than they may take.
func TestIDsBeyondMemory(t *testing.T) {
	var text strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&text, `{"id": %d, "phone": "1", "items": []}`, i%2000)
	}
	m := orders.Default()
	m.ID = orders.Field{"id"}
	for _, memory := range []int64{0, 1000, 1 << 20} {
		o := records.Options{MemoryBytes: memory, SpillFolder: t.TempDir()}
		o.Mapping, o.BlockBytes = &m, 4<<10
		verified, err := records.Verify(context.Background(), []input.Source{source(text.String())}, o)
		if err != nil || verified.Orders != 2000 || verified.Repeated+verified.Superseded != 1000 {
			t.Errorf("%d bytes of memory: verified %+v, %v", memory, verified, err)
		}
		all, totals, err := records.Process(context.Background(), []input.Source{source(text.String())}, o)
		if err != nil || totals.Orders != 2000 || totals.Repeated+totals.Superseded != 1000 {
			t.Fatalf("%d bytes of memory: processed %+v, %v", memory, totals, err)
		}
		if err := all.Close(); err != nil {
			t.Error(err)
		}
	}
}
