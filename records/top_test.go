package records_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/money"
	"process-orders/records"
)

// The items that were ordered most are those that sorting all items finds, in memory and
// on disk, whatever is counted.
func TestTop(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	for _, count := range []records.Count{records.CountLines, records.CountOrders, records.CountQuantity} {
		for _, memory := range []int64{0, 1} {
			var text strings.Builder
			for range 3000 {
				fmt.Fprintf(&text, `{"phone":"1","items":[{"name":"Item %d","price":%d.50,"quantity":2.5},{"name":"Item %d","price":1}]}`+"\n",
					random.IntN(700), random.IntN(9), random.IntN(700))
			}
			o := records.Options{Count: count, MemoryBytes: memory, SpillFolder: t.TempDir(), Workers: 2}
			all, _, err := records.Process(context.Background(), []input.Source{input.Reader("in", strings.NewReader(text.String()))}, o)
			if err != nil {
				t.Fatal(err)
			}
			var want []records.TopItem
			details := map[string]records.ItemDetail{}
			for name, detail := range all.Items.Details() {
				details[name] = detail
			}
			for name, item := range all.Items.All() {
				top := records.TopItem{Name: name, Price: item.Price}
				top.Orders = money.FromInt(item.Orders)
				if count == records.CountQuantity {
					top.Orders = details[name].Quantity
				}
				want = append(want, top)
			}
			slices.SortStableFunc(want, func(a, b records.TopItem) int { return b.Orders.Cmp(a.Orders) })
			for _, n := range []int{-1, 0, 1, 10, 5000} {
				got, want := all.Items.Top(n), want[:min(max(n, 0), len(want))]
				same := slices.EqualFunc(got, want, func(a, b records.TopItem) bool {
					return cmp.Compare(a.Name, b.Name) == 0 && a.Price == b.Price && a.Orders.Cmp(b.Orders) == 0
				})
				if !same {
					t.Errorf("count %d, memory %d, the first %d are\n%v, want\n%v", count, memory, n, got[:min(5, len(got))], want[:min(5, len(want))])
				}
			}
			_ = all.Close()
		}
	}
	if got := new(records.Records).Items.Top(10); len(got) > 0 {
		t.Errorf("no orders have %v", got)
	}
}
