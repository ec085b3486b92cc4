package orders_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"process-orders/orders"
)

// shopTable is a mapping of a shop's table as those of its rows are mostly: the first row of an
// order has the fields of the order, and all have a line.
var shopTable = orders.Mapping{
	CSV: true, Group: orders.Field{"Name"}, ID: orders.Field{"Id", "Name"}, Time: orders.Field{"Created at"},
	Updated: []string{"Cancelled at"}, Currency: orders.Field{"Currency"}, NoPhone: orders.NoPhoneItems,
	Region: orders.Field{"Billing Country", "Shipping Country"},
	People: []orders.Person{
		{Phone: orders.Field{"Billing Phone"}, Name: orders.Field{"Billing Name"}},
		{Phone: orders.Field{"Shipping Phone"}, Name: orders.Field{"Shipping Name"}},
		{Phone: orders.Field{"Phone"}, Name: orders.Field{"Billing Name"}},
	},
	LineFields: orders.LineFields{Item: orders.Field{"Lineitem name"}, Price: orders.Field{"Lineitem price"}, Quantity: orders.Field{"Lineitem quantity"}},
	Skip: []orders.Condition{
		{Reason: "cancelled", Path: "Cancelled at", Values: []string{"*"}},
		{Reason: "voided", Path: "Financial Status", Values: []string{"voided"}},
	},
	SkipLines: []orders.Condition{{Reason: "tip", Path: "Lineitem name", Values: []string{"Tip"}}},
}

// shopColumns are the columns of a shop's table: those that a row has in each row, and those
// of an order's first row.
const shopColumns = "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount,Created at," +
	"Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Lineitem taxable,Billing Name,Billing Street,Billing City,Billing Zip,Billing Country,Billing Phone," +
	"Shipping Name,Shipping Street,Shipping City,Shipping Zip,Shipping Country,Shipping Phone,Notes,Cancelled at,Payment,Vendor,Id,Tags,Risk,Source," +
	"Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,Tax 3 Name,Tax 3 Value,Phone,Receipt,Duties,Payment ID"

// shopRows is a table as a shop writes it, of about benchBytes.
func shopRows() string {
	r := rand.New(rand.NewPCG(3, 4))
	var b strings.Builder
	b.WriteString(shopColumns + "\n")
	for number := 1000; b.Len() < benchBytes; number++ {
		first, last := benchFirst[r.IntN(len(benchFirst))], benchLast[r.IntN(len(benchLast))]
		at := fmt.Sprintf("2026-%02d-%02d %02d:%02d:%02d -0500", 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60))
		for i := range 1 + r.IntN(4) {
			head, address, tail := ",,,", strings.Repeat(",", 12), ",,,,"
			if i == 0 {
				street := fmt.Sprintf("%d Main Street", r.IntN(900))
				if r.IntN(4) == 0 {
					street = `"` + street + `, Apt 7"`
				}
				one := fmt.Sprintf("%s %s,%s,Springfield,'%05d,US,+1%d55501%02d,", first, last, street, r.IntN(99999), 200+r.IntN(800), r.IntN(100))
				head, address, tail = "paid,"+at+",fulfilled,"+at, one+one, fmt.Sprintf(",,Payments,,%d", 5_000_000+number)
				if r.IntN(9) == 0 {
					tail = "\"Leave it, please\nat the door\"" + tail
				}
			}
			fmt.Fprintf(&b, "#%d,%s%d@example.com,%s,%s,%s,%d,%s %s,%d.%02d,SKU-%d,true,%s%s,,Low,web,%s\n",
				number, strings.ToLower(first[:2]), number%1000, head, ifFirst(i, "USD,21.00,5.00,2.13,28.13,,0.00", ",,,,,,"), at, 1+r.IntN(2),
				benchSorts[r.IntN(len(benchSorts))], benchItems[r.IntN(len(benchItems))], 1+r.IntN(30), r.IntN(100), r.IntN(500), address, tail,
				ifFirst(i, "State Tax,2.13,,,,,,,,pay-123456", ",,,,,,,,,"))
		}
	}
	return b.String()
}

func ifFirst(i int, first, others string) string {
	if i == 0 {
		return first
	}
	return others
}

// BenchmarkScanTable scans a shop's table in memory, on one core.
func BenchmarkScanTable(b *testing.B) {
	text := shopRows()
	chunks, count := benchChunks(b, text, orders.Options{Mapping: &shopTable})
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		for _, chunk := range chunks {
			chunk.Scan()
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/float64(count), "ns/order")
}
