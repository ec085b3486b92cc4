package records_test

import (
	"context"
	"io"
	"testing"

	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
)

// Options that mean nothing are refused, and calls that a caller can get wrong do not panic.
func TestWrongUse(t *testing.T) {
	options := map[string]records.Options{
		"MemoryBytes": {MemoryBytes: -1},
		"Detail":      {Detail: records.DetailWritten + 1},
		"Count":       {Count: records.CountQuantity + 1},
		"BlockBytes":  {Options: orders.Options{BlockBytes: -1}},
		"PriceUnit":   {Options: orders.Options{Mapping: &orders.Mapping{Phone: orders.Field{"p"}, Lines: []string{"l[]"}, LineFields: orders.LineFields{Item: orders.Field{"i"}, Price: orders.Field{"x"}}, PriceUnit: orders.Total + 1}}},
	}
	for name, o := range options {
		sources := func() []input.Source { return []input.Source{source("[]")} }
		if _, _, err := records.Process(context.Background(), sources(), o); err == nil {
			t.Errorf("Process takes a wrong %s", name)
		}
		if _, err := records.Verify(context.Background(), sources(), o); err == nil {
			t.Errorf("Verify takes a wrong %s", name)
		}
	}
	if _, err := records.WriteCustomers(io.Discard, nil, records.Form{}); err == nil {
		t.Error("WriteCustomers takes nil")
	}
	if _, err := records.WriteItems(io.Discard, nil, records.Form{}); err == nil {
		t.Error("WriteItems takes nil")
	}
	if e := (&orders.Reject{}).Excerpt(); e.Text != "" {
		t.Errorf("the zero Reject has the excerpt %q", e.Text)
	}
	for _, err := range orders.Read(nil) {
		if err == nil {
			t.Error("Read takes nil")
		}
	}
}
