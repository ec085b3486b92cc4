package report_test

import (
	"strings"
	"time"

	"process-orders/internal/report"
	"process-orders/money"
)

// date is a day in UTC.
func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// amount is an amount of money.
func amount(text string) money.Amount {
	a, ok := money.Parse([]byte(text))
	if !ok {
		panic("no number: " + text)
	}
	return a
}

// sums are amounts and their currencies.
func sums(texts ...string) (all []money.Sum) {
	for i := 0; i < len(texts); i += 2 {
		currency, _ := money.ParseCurrency([]byte(texts[i+1]))
		all = append(all, money.Sum{Currency: currency, Amount: amount(texts[i])})
	}
	return all
}

// shop returns the data of a small restaurant, with something in every part.
func shop() *report.Data {
	d := &report.Data{
		Sources:   []string{"orders-march.json", "orders-april.json.gz"},
		Orders:    12345,
		Lines:     30208,
		Customers: 2917,
		Items:     24,
		Rejected:  3,
		Skipped:   []report.Count{{"cancelled", 112}, {"a test order", 7}},
		From:      date(2026, time.March, 3).Add(9 * time.Hour),
		To:        date(2026, time.April, 19).Add(21 * time.Hour),
		Untimed:   41,
		Revenue:   sums("1234567.50", "USD", "8901.2345", "EUR"),
	}
	for i := range 48 {
		day := d.From.AddDate(0, 0, i).Truncate(24 * time.Hour)
		if day.Weekday() != time.Monday { // the day off
			d.Days = append(d.Days, report.Day{Date: day, Orders: int64(180 + 37*int(day.Weekday()) + 53*(i*i%7))})
		}
	}
	d.ItemsByOrders = []report.Item{
		{"Masala Dosa", "4821", "5120", "11.50", sums("58880.00", "USD", "412.50", "EUR")},
		{"Filter Coffee", "3977", "6230", "2.95", sums("18378.50", "USD")},
		{"இட்லி", "2210", "4002", "6.00", sums("24012.00", "USD")},
		{"Plain Dosa & Chutney", "1500.5", "1500.5", "9.25", sums("13879.625", "USD")},
		{"مسالا دوسا", "312", "400", "11.50", sums("4600.00", "USD")},
		{"Gulab Jamun 🍮", "1", "2", "1234.00", sums("2468.00", "USD")},
	}
	d.ItemsByRevenue = []report.Item{d.ItemsByOrders[0], d.ItemsByOrders[2], d.ItemsByOrders[1], d.ItemsByOrders[3]}
	d.TopCustomers = []report.Customer{
		{"***-***-**09", "Damodhar", 312, sums("9120.75", "USD")},
		{"***-***-**39", "Sunny", 120, sums("3310.00", "USD", "17.25", "EUR")},
		{"***-***-**17", "ப்ரியா", 44, sums("1002.10", "USD")},
		{"***-***-**01", "Unknown", 3, nil},
	}
	d.PriceChanges = []report.PriceChange{
		{"Masala Dosa", []report.PriceStep{
			{date(2026, time.March, 3), "10.95"}, {date(2026, time.March, 21), "11.25"}, {date(2026, time.April, 4), "11.50"},
		}},
		{"Filter Coffee", []report.PriceStep{{time.Time{}, "3.10"}, {date(2026, time.April, 1), "2.95"}}},
	}
	return d
}

// hostile are names that try to break the page.
var hostile = []string{
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`' onmouseover='alert(1)`,
	"\u202egnp.exe\u202c \u2066open\u2069\u2069\u2069",
	strings.Repeat("long name ", 1000),
	strings.Repeat("W", 10_000),
	"👩‍👩‍👧‍👦 " + strings.Repeat("👨🏽‍🍳", 100),
	"a\x00b\x01c\x1bd\x7fe\u0085f\u2028g\ufffeh",
	"\xff\xfe bytes \xc3\x28",
	"</title></style></svg></td></table><iframe src=//evil.example>",
	"--><!-- ]]> <![CDATA[ {{.}} &lt;b&gt; &#60;b&#62;",
	"javascript:alert(1)",
	"}</style><style>*{background:url(https://evil.example/a)}",
	"Z" + strings.Repeat("\u0301", 500) + "algo",
}

// blank are names that show nothing.
var blank = []string{"", " ", "\n\t \u200b", "\u202e\u2066"}

// filled returns data with a text in every field that takes one, also instead of numbers.
// It has as many rows as there are hostile names.
func filled(texts func(i int) string) *report.Data {
	d := &report.Data{Orders: 1, From: date(2026, time.May, 1), To: date(2026, time.May, 2)}
	for i := range len(hostile) {
		text := texts(i)
		some := sums("1", "USD")
		item := report.Item{Name: text, Orders: text, Quantity: text, Price: text, Revenue: some}
		d.Sources = append(d.Sources, text)
		d.Skipped = append(d.Skipped, report.Count{Reason: text, Count: 1})
		d.Revenue = append(d.Revenue, some...)
		d.ItemsByOrders = append(d.ItemsByOrders, item)
		d.ItemsByRevenue = append(d.ItemsByRevenue, item)
		d.TopCustomers = append(d.TopCustomers, report.Customer{Phone: text, Name: text, Orders: 1, Spent: some})
		d.PriceChanges = append(d.PriceChanges, report.PriceChange{
			Item: text, Steps: []report.PriceStep{{Price: text}, {From: d.From, Price: text}},
		})
	}
	return d
}
