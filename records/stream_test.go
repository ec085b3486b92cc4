package records_test

import (
	"bytes"
	"context"
	"iter"
	"testing"

	"process-orders/input"
	"process-orders/records"
)

// What is written from a sequence is what the records themselves write.
func TestWriteSequences(t *testing.T) {
	for _, text := range []string{
		`[]`,
		`[{"phone":"1","name":"A \"quote\" \u0001 ü","items":[{"name":"Tea\\","price":1.50},{"name":"Cake","price":"2"}]},{"phone":"2","items":[{"name":"Cake","price":3}]}]`,
	} {
		out := outcomeOf(documents(text), options(1, 0))
		all, _, err := records.Process(context.Background(), []input.Source{source(text)}, records.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var customers, items bytes.Buffer
		if _, err := records.WriteCustomers(&customers, all.Customers.All()); err != nil || customers.String() != out.customers {
			t.Errorf("%s: customers %s, want %s: %v", text, customers.String(), out.customers, err)
		}
		if _, err := records.WriteItems(&items, all.Items.All()); err != nil || items.String() != out.items {
			t.Errorf("%s: items %s, want %s: %v", text, items.String(), out.items, err)
		}
	}
	var b bytes.Buffer
	var one iter.Seq2[string, string] = func(yield func(string, string) bool) { yield("1", "") }
	if _, err := records.WriteCustomers(&b, one); err != nil || b.String() != "{\n    \"1\": \"Unknown\"\n}\n" {
		t.Errorf("without a name: %s, %v", b.String(), err)
	}
}
