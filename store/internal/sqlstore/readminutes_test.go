package sqlstore_test

import (
	"math"
	"reflect"
	"testing"

	"process-orders/internal/soak"
	"process-orders/money"
	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// Minutes of several shops, some of which have the same name, are those of all rows added up, and
// adding to the sums of one leaves the next one as it is.
func TestMinutesOf(t *testing.T) {
	random := soak.Random(t)
	shops := map[int64]sqlstore.Shop{1: {}, 2: {Name: "north"}, 3: {System: "other", Name: "north"}, 4: {System: "other"}}
	for range 200 {
		var hours []sqlstore.Hour
		var all []store.Minute
		for hour := range int64(random.IntN(30)) {
			for shop := range int64(5) {
				var minutes []store.Minute
				for minute := range int64(60) {
					if random.IntN(1+random.IntN(40)) > 0 {
						continue
					}
					m := store.Minute{Start: (60*hour + minute) * store.MinuteMilliseconds, Orders: 1 + random.Int64N(9), NewCustomers: random.Int64N(3)}
					for _, code := range []string{"EUR", "USD"} {
						currency, _ := money.ParseCurrency([]byte(code))
						for _, price := range []string{"1", "2.50"} {
							if amount, _ := money.Parse([]byte(price)); random.IntN(2) > 0 {
								m.Sums = append(m.Sums, store.MinuteSum{Sum: money.Sum{Currency: currency, Amount: amount}, Lines: 1})
							}
						}
					}
					minutes = append(minutes, m)
					m.Shop, m.Sums = shops[shop].Name, store.AddMinuteSums(nil, m.Sums)
					all = append(all, m)
				}
				if len(minutes) > 0 {
					hours = append(hours, sqlstore.NewHour(sqlstore.HourKey{Start: 60 * hour * store.MinuteMilliseconds, Shop: shop}, minutes))
				}
			}
		}
		from, to := int64(math.MinInt64), int64(math.MaxInt64)
		if random.IntN(2) > 0 {
			from, to = random.Int64N(600)*store.MinuteMilliseconds, random.Int64N(1200)*store.MinuteMilliseconds
		}
		var want []store.Minute
		for _, m := range store.AddMinutes(all) {
			if m.Start >= from && m.Start < to {
				want = append(want, m)
			}
		}
		got, err := sqlstore.MinutesOf(hours, shops, from, to)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			_ = append(got[i].Sums, store.MinuteSum{Lines: -1})
			if len(got[i].Sums) == 0 {
				got[i].Sums = nil
			}
		}
		for i := range want {
			if len(want[i].Sums) == 0 {
				want[i].Sums = nil
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%d minutes, want %d:\n%v\nwant\n%v", len(got), len(want), got, want)
		}
	}
}
