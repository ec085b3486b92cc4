package orders_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/orders"
)

// notes are those about one source, read by so many workers in blocks of that size.
func notes(t *testing.T, text string, o orders.Options, workers, block int) (texts []string) {
	t.Helper()
	o.BlockBytes = block
	totals, err := orders.Columns(context.Background(), []input.Source{input.Reader("in", strings.NewReader(text))}, o, workers,
		func(*columns.Orders) (func() error, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range totals.Notes {
		if n.Source != "in" {
			t.Errorf("the note %q is about %q", n.Text, n.Source)
		}
		texts = append(texts, n.Text)
	}
	return texts
}

// What no order has, while most have something like it, is a note; the same for any blocks
// and workers.
func TestSilence(t *testing.T) {
	detailed := orders.Detailed()
	nested := orders.Detailed()
	nested.Name, nested.Time, nested.ID = orders.Field{"customer.first + customer.last"}, nil, orders.Field{"id"}
	nested.Order = []string{"order"}
	rows := orders.Mapping{
		Group: orders.Field{"order"}, Phone: orders.Field{"phone"}, Name: orders.Field{"name"},
		LineFields: orders.LineFields{Item: orders.Field{"item"}, Price: orders.Field{"price"}, Quantity: orders.Field{"quantity"}},
	}
	states := stateMapping(func(m *orders.Mapping) {
		m.Time, m.Currency, m.Name, m.Quantity, m.Updated = nil, nil, nil, nil, []string{"changed", "meta.at", "events[].at"}
	})
	const end = ": if that is the name, a mapping can say so"
	for _, c := range []struct {
		what    string
		mapping *orders.Mapping
		text    string
		want    []string
	}{
		{"a usual key", nil,
			`[{"phone":"1","customer":"Ann","items":[]},{"phone":"2","customer":"Ben","items":[]}]`,
			[]string{`no order has "name", but 2 of the first 2 have "customer"` + end}},
		{"the more usual of two", nil,
			`{"phone":"1","contact":"Ann","full_name":"Ann","items":[]}`,
			[]string{`no order has "name", but the first has "full_name"` + end}},
		{"any key", nil,
			`{"phone":"1","besteller":"Ann Bo","items":[]}` + "\n" + `{"phone":"2","besteller":"Zoë","items":[]}` + "\n" + `{"phone":"2","items":[]}`,
			[]string{`no order has "name", but 2 of the first 3 have "besteller"` + end}},
		{"below an object", nil,
			`{"phone":"1","customer":{"id":1,"name":"Ann"},"items":[]}`,
			[]string{`no order has "name", but the first has "customer.name"` + end}},
		{"one of two", nil,
			`{"phone":"1","full_name":"Ann","items":[]}{"phone":"2","items":[]}`,
			[]string{`no order has "name", but 1 of the first 2 has "full_name"` + end}},
		{"fewer than half", nil,
			`{"phone":"1","customer":"Ann","items":[]}{"phone":"2","items":[]}{"phone":"2","items":[]}`, nil},
		{"one order has it", nil,
			`{"phone":"1","customer":"Ann","items":[]}{"phone":"2","customer":"Ben","items":[]}{"phone":"2","name":"Cy","items":[]}`, nil},
		{"nothing like it", nil,
			`{"phone":"1","items":[],"status":"Paid","town":"Ulm","sum":4,"code":"X1","ok":true,"by":null}`, nil},
		{"always the same", nil,
			`{"phone":"1","a":"Web","items":[]}{"phone":"2","a":"Web","items":[]}{"phone":"3","a":"Web","items":[]}`, nil},
		{"a key that may be personal", nil, `{"phone":"1","Ann Lee (555)":"Ann","items":[]}`, nil},
		{"not read", nil, `{"phone":"1","name":"Ann","ordered_at":"2026-01-02","items":[{"name":"Tea","price":1,"qty":2}]}`, nil},
		{"time, currency and quantity", &detailed,
			`{"phone":"1","name":"Ann","ordered_at":"2026-01-02 10:00:00","currency_code":"EUR","table":4,"items":[{"name":"Tea","price":1,"qty":2},{"name":"Bun","price":1,"qty":1}]}`,
			[]string{
				`no order has "timestamp", "time", "created_at" or "date", but the first has "ordered_at": if that is the time, a mapping can say so`,
				`no order has "currency", but the first has "currency_code": if that is the currency, a mapping can say so`,
				`no line has "quantity", but 2 of the first 2 have "qty": if that is the quantity, a mapping can say so`,
			}},
		{"beside the field", &nested,
			`{"order":{"order_id":7,"phone":"1","currency":"EUR","customer":{"first_name":"x","full_name":"Ann"},"items":[{"name":"Tea","price":1,"pcs":"2"}]}}`,
			[]string{
				`no order has "customer.first + customer.last", but the first has "customer.full_name"` + end,
				`no order has "id", but the first has "order_id": if that is the id, a mapping can say so`,
				`no line has "quantity", but the first has "pcs": if that is the quantity, a mapping can say so`,
			}},
		{"the last change", &states,
			`{"id":1,"phone":"1","modified":"2026-01-02","delivered":"2026-01-03","lines":[]}` + "\n" + `{"id":2,"phone":"1","modified":"2026-01-02","delivered":"2026-01-03","lines":[]}`,
			[]string{`no order has "changed", "meta.at" or "events[].at", but 2 of the first 2 have "modified": if that is the time of the last change, a mapping can say so`}},
		{"a last change that cannot be read", &states, `{"id":1,"phone":"1","meta":{"at":"soon"},"modified":"2026-01-02","lines":[]}`, nil},
		{"a last change of one of several", &states,
			`{"id":1,"phone":"1","modified":"2026-01-02","lines":[]}` + "\n" + `{"id":2,"phone":"1","modified":"2026-01-02","events":[{},{"at":"2026-01-03"}],"lines":[]}`, nil},
		{"rows", &rows,
			`{"order":1,"phone":"1","name":"Ann","item":"Tea","price":1,"qty":2}` + "\n" + `{"order":1,"item":"Bun","price":1,"qty":2}`,
			[]string{`no line has "quantity", but the first has "qty": if that is the quantity, a mapping can say so`}},
		{"a rejected order counts for nothing", nil,
			`{"phone":"1","customer":"Ann","items":[]}` + "\n" + `{"name":"Ann","items":[]}`,
			[]string{`no order has "name", but the first has "customer"` + end}},
	} {
		for way, as := range orders.Ways {
			o := as(orders.Options{Mapping: c.mapping, Reject: func(*orders.Reject) error { return nil }})
			for _, block := range []int{1, 30, 1 << 20} {
				for _, workers := range []int{1, 3} {
					if got := notes(t, c.text, o, workers, block); !slices.Equal(got, c.want) {
						t.Errorf("%s, %s, %d workers, blocks of %d:\n got %q\nwant %q", c.what, way, workers, block, got, c.want)
					}
				}
			}
		}
	}
}

// Only the first orders are looked at, and an order that is too large is none of them.
func TestSilenceSample(t *testing.T) {
	var text strings.Builder
	for i := range 1000 {
		key := "customer"
		if i >= 100 {
			key = "client"
		}
		fmt.Fprintf(&text, `{"phone":"1","%s":"Ann","items":[]}`+"\n", key)
	}
	want := []string{`no order has "name", but 100 of the first 100 have "customer": if that is the name, a mapping can say so`}
	large := fmt.Sprintf(`{"phone":"1","customer":"Ann","items":[],"note":%q}`, strings.Repeat("x", 70<<10))
	for _, block := range []int{100, 1 << 20} {
		if got := notes(t, text.String(), orders.Options{}, 2, block); !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
		if got := notes(t, large, orders.Options{}, 2, block); got != nil {
			t.Errorf("got %q", got)
		}
	}
}

// Notes are of the source that they are about, and found names are no note.
func TestSilenceSources(t *testing.T) {
	sources := []input.Source{
		input.Reader("a", strings.NewReader(`{"phone":"1","customer":"Ann","items":[]}`)),
		input.Reader("b", strings.NewReader(`{"phone":"1","name":"Ann","customer":"Ann","items":[]}`)),
		input.Reader("c", strings.NewReader(`{"phone":"1","buyer":"Ann","items":[]}`)),
	}
	var done []int
	o := orders.Options{SourceDone: func(_ string, t orders.Totals) error { done = append(done, len(t.Notes)); return nil }}
	totals, err := orders.Columns(context.Background(), sources, o, 2, func(*columns.Orders) (func() error, error) { return nil, nil })
	if err != nil || len(totals.Notes) != 2 || totals.Notes[0].Source != "a" || totals.Notes[1].Source != "c" || !slices.Equal(done, []int{1, 0, 1}) {
		t.Errorf("got %+v, %v, %v", totals.Notes, done, err)
	}
}
