package records_test

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
)

// An order without a phone makes no customer, and its items count. A refund that is
// subtracted counts as no sale. Process and Add agree on both.
func TestNoPhoneAndRefunds(t *testing.T) {
	m := orders.Detailed()
	m.NoPhone, m.Total = orders.NoPhoneItems, orders.Field{"total"}
	text := `{"phone":"1","name":"Ann","currency":"USD","items":[{"name":"Tea","quantity":3,"total":"10.00"}]}
{"name":"Nobody","currency":"USD","items":[{"name":"Tea","price":"3.50","quantity":2},{"name":"Jam","price":4}]}
{"phone":"2","items":[]}
{"currency":"USD","items":[{"name":"Jam","price":5,"quantity":-1},{"name":"Jam","price":5},{"name":"Jam","price":5},{"name":"Mug","price":8,"quantity":"-2"}]}
`
	const customers = `"1": Ann 1 10.00; "2": Unknown 1;`
	for _, c := range []struct {
		count records.Count
		want  string
	}{
		{records.CountLines, customers + " Tea 3.50 2 17.00; Jam 5 3 9; Mug 8 0 -16;"},
		{records.CountOrders, customers + " Tea 3.50 2 17.00; Jam 5 2 9; Mug 8 0 -16;"},
	} {
		o := records.Options{Options: orders.Options{Mapping: &m, BlockBytes: 120}, Detail: records.DetailWritten, Count: c.count}
		source := input.Source{Name: "in", Size: int64(len(text)), Reopens: true, Open: input.Reader("in", strings.NewReader(text)).Open}
		processed, totals, err := records.Process(context.Background(), []input.Source{source}, o)
		if err != nil || totals.NoPhone != 2 || totals.Orders != 4 {
			t.Fatalf("got %+v, %v", totals, err)
		}
		if got := brief(processed); got != c.want {
			t.Errorf("count %d: got  %s\nwant %s", c.count, got, c.want)
		}
		o.Options.Mapping = nil
		added, _, err := records.Process(context.Background(), nil, o)
		if err != nil {
			t.Fatal(err)
		}
		for order, err := range orders.All(context.Background(), []input.Source{input.Reader("in", strings.NewReader(text))}, orders.Options{Mapping: &m}) {
			if err != nil {
				t.Fatal(err)
			}
			added.Add(order)
		}
		var a, b bytes.Buffer
		for w, r := range map[*bytes.Buffer]*records.Records{&a: processed, &b: added} {
			if _, err := r.Items.WriteTo(w); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Customers.WriteTo(w); err != nil {
				t.Fatal(err)
			}
		}
		if a.String() != b.String() {
			t.Errorf("count %d: processed %s\nadded %s", c.count, &a, &b)
		}
	}
}

// brief is customers with how many orders and what they spent, and items with price, orders
// and revenue.
func brief(r *records.Records) string {
	var b strings.Builder
	for phone, d := range r.Customers.Details() {
		b.WriteString(`"` + phone + `": ` + d.Name + " " + itoa(d.Orders))
		for _, s := range d.Spent {
			b.WriteString(" " + s.Amount.String())
		}
		b.WriteString("; ")
	}
	for item, d := range r.Items.Details() {
		b.WriteString(item + " " + d.Price + " " + itoa(d.Orders))
		for _, s := range d.Revenue {
			b.WriteString(" " + s.Amount.String())
		}
		b.WriteString("; ")
	}
	return strings.TrimSpace(b.String())
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
