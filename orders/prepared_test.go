package orders_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/internal/soak"
	"process-orders/orders"
)

// A mapping that was prepared reads all sources as it does otherwise, whatever it read before and
// reads at once. A changed copy of it is another mapping.
func TestPrepared(t *testing.T) {
	t.Parallel()
	plain := orders.Detailed()
	withID := orders.Detailed()
	withID.ID, withID.Updated = orders.Field{"id"}, []string{"at"}
	table := orders.Mapping{CSV: true, Group: orders.Field{"id"}, ID: orders.Field{"id"}, Phone: orders.Field{"phone"}}
	table.Item, table.Price = orders.Field{"item"}, orders.Field{"price"}
	wide := strings.Repeat("x", 300)
	kinds := []struct {
		mapping orders.Mapping
		texts   []string
	}{
		{plain, []string{
			`{"phone":"1","name":"Ann","items":[{"name":"Tea","price":1}]}`, ``, `[]`, `[`, `{}`, `{"phone":"1"`, `{"error":"no"}`, "\xff",
			`{"orders":[{"phone":"2","items":[{"name":"Cake","price":"2.50"}]},{"phone":"3","items":[{"name":"","price":1}]}]}`,
			`{"items":[{"price":1,"name":"Tea"}],"note":"` + wide + `","phone":"4"}` + "\n" + `{"phone":"5","items":[]}`,
			strings.Repeat(`{"phone":"6","name":"Bob","currency":"EUR","items":[{"name":"Tea","price":1,"quantity":2}]}`+"\n", 3000),
		}},
		{withID, []string{
			`{"id":1,"at":"2026-05-04T10:00:00Z","phone":"1","items":[{"name":"Tea","price":1}]}`,
			`[{"id":"b","phone":"2","items":[]},{"phone":"3","items":[]},{"id":"b","at":"x","phone":"2","items":[]}]`,
		}},
		{table, []string{
			"id,phone,item,price\n1,555-0101,Tea,1\n1,,Cake,2\n", "phone;price;item;id\n1;1;Tea;7\n", "id,phone\n1,2\n", "id,phone,item,price\n1,1,\"Tea,1\n",
		}},
	}
	random := soak.Random(t)
	for _, kind := range kinds {
		ready, err := kind.mapping.Prepared()
		if err != nil {
			t.Fatal(err)
		}
		read := func(m *orders.Mapping, text string) string {
			var r reading
			o := orders.Options{Mapping: m, RejectLines: true}
			o.Reject = func(reject *orders.Reject) error { r.rejects = append(r.rejects, reject); return nil }
			r.totals, r.err = orders.States(context.Background(), []input.Source{source("in", text)}, o, 1, func(b *columns.Orders) (func() error, error) {
				r.take(b)
				return nil, nil
			})
			return r.withExcerpts()
		}
		want := map[string]string{}
		for _, text := range kind.texts {
			want[text] = read(&kind.mapping, text)
		}
		var group sync.WaitGroup
		for range 4 {
			mine := rand.New(rand.NewPCG(random.Uint64(), 1))
			group.Go(func() {
				for range 200 {
					text := kind.texts[mine.IntN(len(kind.texts))]
					if len(text) > 10_000 && mine.IntN(10) > 0 {
						continue
					}
					if got := read(ready, text); got != want[text] {
						t.Errorf("%.80q: got\n%.500s\nwant\n%.500s", text, got, want[text])
						return
					}
				}
			})
		}
		group.Wait()
		changed := *ready
		changed.Phone = orders.Field{"nobody"}
		if text := kind.texts[0]; read(&changed, text) == want[text] {
			t.Errorf("a copy that was changed is read as %s", fmt.Sprint(want[text]))
		}
	}
	if _, err := (&orders.Mapping{}).Prepared(); err == nil {
		t.Error("a mapping that cannot be is prepared")
	}
}
