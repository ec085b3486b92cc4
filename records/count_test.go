package records_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
)

// salesText is orders with repeated items, quantities, times and currencies; and with ids
// if they are wanted.
func salesText(random *rand.Rand, n int, ids bool) string {
	var text strings.Builder
	for i, s := range randomSales(random, n) {
		json := s.json()
		if ids {
			json = fmt.Sprintf(`{"id":"%d",`, i) + json[1:]
		}
		text.WriteString(json)
	}
	return text.String()
}

// eachKept calls for all options of what is kept and counted.
func eachKept(t *testing.T, test func(t *testing.T, o records.Options)) {
	for _, detail := range []records.Detail{records.DetailNone, records.DetailKept, records.DetailWritten} {
		for _, count := range []records.Count{records.CountLines, records.CountOrders, records.CountQuantity} {
			t.Run(fmt.Sprintf("detail %d, count %d", detail, count), func(t *testing.T) {
				m := orders.Detailed()
				m.ID = orders.Field{"id"}
				o := records.Options{Detail: detail, Count: count}
				o.Mapping = &m
				test(t, o)
			})
		}
	}
}

// Orders that are added one by one to records that Process made are counted as Process
// counts, and their details are kept.
func TestAddKeepsWhatProcessKeeps(t *testing.T) {
	text := salesText(rand.New(rand.NewPCG(5, 0)), 200, true)
	eachKept(t, func(t *testing.T, o records.Options) {
		want, _, err := records.Process(context.Background(), []input.Source{source(text)}, o)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := records.Process(context.Background(), []input.Source{source("[]")}, o)
		if err != nil {
			t.Fatal(err)
		}
		for order, err := range orders.All(context.Background(), []input.Source{source(text)}, o.Options) {
			if err != nil {
				t.Fatal(err)
			}
			got.Add(order)
		}
		if written(got) != written(want) {
			t.Errorf("got\n%s\nwant\n%s", written(got), written(want))
		}
		for _, all := range []func(*records.Records) any{
			func(r *records.Records) any { return maps.Collect(r.Customers.Details()) },
			func(r *records.Records) any { return maps.Collect(r.Items.Details()) },
			func(r *records.Records) any { return maps.Collect(r.Activity().Days()) },
			func(r *records.Records) any { return r.Activity().Revenue() },
			func(r *records.Records) any { return [2]any{r.Activity().Lines, r.Activity().With} },
		} {
			if (o.Detail != records.DetailNone) && !reflect.DeepEqual(all(got), all(want)) {
				t.Errorf("got %v\nwant %v", all(got), all(want))
			}
		}
	})
}

// What a caller can ask for makes an error and no panic.
func TestOddCalls(t *testing.T) {
	if text := new(records.RejectedError).Error(); text == "" {
		t.Error("no orders are rejected: no message")
	}
	for range (&records.Records{}).Activity().Days() {
		t.Error("no orders have days")
	}
}

func source(text string) input.Source { return input.Reader("in", strings.NewReader(text)) }
