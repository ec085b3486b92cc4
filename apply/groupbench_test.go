package apply_test

import (
	"bytes"
	"context"
	"io"
	"testing"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/orders"
)

// BenchmarkReadGroup reads the body of a small request.
func BenchmarkReadGroup(b *testing.B) {
	text := []byte(`{"id":"A-1001","phone":"555-0101","name":"Ann","items":[{"name":"Tea","price":2.50},{"name":"Cake","price":"4.00"}]}`)
	withID := orders.Detailed()
	withID.ID = orders.Field{"id"}
	plain := orders.Detailed()
	for _, c := range []struct {
		name    string
		mapping *orders.Mapping
	}{{"default", &plain}, {"id", &withID}} {
		b.Run(c.name, func(b *testing.B) {
			var o apply.Options
			ready, err := c.mapping.Prepared()
			if err != nil {
				b.Fatal(err)
			}
			o.Mapping, o.System = ready, "test"
			b.ReportAllocs()
			for b.Loop() {
				source := input.Source{Name: "body", Size: int64(len(text)), Reopens: true, Open: func() (io.ReadCloser, error) {
					return io.NopCloser(bytes.NewReader(text)), nil
				}}
				if _, err := apply.ReadGroup(context.Background(), []input.Source{source}, apply.Feed{Name: "web", Received: received}, o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
