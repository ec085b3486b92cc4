package report_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"process-orders/internal/report"
	"process-orders/money"

	"golang.org/x/net/html/atom"
)

func TestShop(t *testing.T) {
	doc := shown(t, shop())
	checkShop(t, doc)
	checkHarmless(t, doc)
}

func TestEmpty(t *testing.T) {
	doc := shown(t, new(report.Data))
	checkHarmless(t, doc)
	equal(t, "totals", totals(doc), []string{"Orders | 0", "Customers | 0", "Items | 0 | in 0 order lines"})
	equal(t, "headings", headings(doc), []string{"No orders"})
}

func TestUntimed(t *testing.T) {
	doc := shown(t, &report.Data{Orders: 1, Untimed: 1})
	equal(t, "headings", headings(doc), []string{"Orders over time"})
	want := "Without a date that can be read, and so not shown over time: 1 order."
	if got := text(all(doc, atom.Section)[0]); !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSameBytes also checks that the data is not changed.
func TestSameBytes(t *testing.T) {
	d := shop()
	first := written(t, d)
	if !reflect.DeepEqual(d, shop()) {
		t.Error("the data was changed")
	}
	if !bytes.Equal(first, written(t, shop())) {
		t.Error("the same data made another page")
	}
}

func TestWriteError(t *testing.T) {
	full := errors.New("disk full")
	r, w := io.Pipe()
	r.CloseWithError(full)
	if err := report.Write(w, shop()); !errors.Is(err, full) {
		t.Errorf("got %v, want %v", err, full)
	}
}

// TestHostile checks that texts stay texts: a page of hostile ones has the same elements
// as a page of plain ones.
func TestHostile(t *testing.T) {
	plain := shown(t, filled(func(i int) string { return fmt.Sprintf("plain %c", 'a'+i) }))
	bad := shown(t, filled(func(i int) string { return hostile[i] }))
	checkHarmless(t, bad)
	if got, want := elements(bad), elements(plain); !maps.Equal(got, want) {
		t.Errorf("elements %v, want %v", got, want)
	}
}

func FuzzNames(f *testing.F) {
	for _, s := range slices.Concat(hostile, blank) {
		f.Add(s)
	}
	name := func(s string) *report.Data {
		d := shop()
		d.Sources[0], d.Skipped[0].Reason = s, s
		d.ItemsByOrders[0].Name, d.TopCustomers[0].Name, d.TopCustomers[0].Phone, d.PriceChanges[0].Item = s, s, s, s
		return d
	}
	plain := elements(shown(f, shop()))
	f.Fuzz(func(t *testing.T, s string) {
		page := written(t, name(s))
		if !utf8.Valid(page) {
			t.Error("not UTF-8")
		}
		if got := elements(parsed(t, page)); !maps.Equal(got, plain) {
			t.Errorf("elements %v, want %v", got, plain)
		}
	})
}

func TestNames(t *testing.T) {
	family := "👨‍👩‍👧‍👦" // seven characters to a computer
	for _, test := range []struct{ name, want, title string }{
		{"Masala Dosa", "Masala Dosa", ""},
		{"<b>bold</b> & \"quoted\"", "<b>bold</b> & \"quoted\"", ""},
		{"two\nlines\tand a tab", "two lines and a tab", ""},
		{"bell \a, nul \x00", "bell ␇, nul ␀", ""},
		{"\u202ereversed\u202c", "reversed", ""},
		{"not \xff UTF-8", "not � UTF-8", ""},
		{strings.Repeat("é", 60), strings.Repeat("é", 60), ""},
		{strings.Repeat("é", 61), strings.Repeat("é", 60) + "…", strings.Repeat("é", 61)},
		{strings.Repeat("x", 1000), strings.Repeat("x", 60) + "…", strings.Repeat("x", 300) + "…"},
		{strings.Repeat("x", 59) + "e\u0301 and more", strings.Repeat("x", 59) + "…", strings.Repeat("x", 59) + "e\u0301 and more"},
		{strings.Repeat(family, 10), strings.Repeat(family, 8) + "…", strings.Repeat(family, 10)},
		{"Z" + strings.Repeat("\u0301", 100), "Z\u0301\u0301\u0301\u0301", ""},
		{blank[0], "(blank)", ""},
		{blank[1], "(blank)", ""},
		{blank[2], "(blank)", ""},
		{blank[3], "(blank)", ""},
	} {
		doc := shown(t, &report.Data{ItemsByOrders: []report.Item{{Name: test.name}}})
		name := all(all(doc, atom.Section)[1], atom.Bdi)[0]
		if got := text(name); got != test.want {
			t.Errorf("%.80q is shown as %q, want %q", test.name, got, test.want)
		}
		if got := attribute(name, "title"); got != test.title {
			t.Errorf("%.80q has the title %q, want %q", test.name, got, test.title)
		}
	}
}

func TestAmounts(t *testing.T) {
	for _, test := range [][2]string{
		{"0", "0"},
		{"12.5", "12.50"},
		{"999.99", "999.99"},
		{"1000", "1,000"},
		{"-1234.50", "−1,234.50"},
		{"-123.4567", "−123.4567"},
		{"123456789012345678901234567890.12345678900", "123,456,789,012,345,678,901,234,567,890.12345678900"},
		{"0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"},
	} {
		got := totals(shown(t, &report.Data{Revenue: sums(test[0], "")}))[1]
		if want := "Revenue | " + test[1]; got != want {
			t.Errorf("%s: %q, want %q", test[0], got, want)
		}
	}
	if got := totals(shown(t, &report.Data{Revenue: sums("5", "usd", "1", "")}))[1]; got != "Revenue | 5.00 USD | and 1 other currency" {
		t.Errorf("got %q", got)
	}
}

// A number that is given as text may be no number.
func TestNumbers(t *testing.T) {
	for _, test := range [][2]string{
		{"1234567.50", "1,234,567.50"}, {"1e9", "1e9"}, {"1.", "1."}, {"a lot", "a lot"}, {"<i>", "<i>"},
	} {
		doc := shown(t, &report.Data{ItemsByOrders: []report.Item{{Name: "a", Price: test[0], Orders: "1"}}})
		if got := table(doc, "Items ordered most")[0]; got != "a | 1 | "+test[1] {
			t.Errorf("%s: %q, want %q", test[0], got, test[1])
		}
	}
}

func TestHugeNumbers(t *testing.T) {
	long := strings.Repeat("9", 5000)
	huge := amount(strings.Repeat("9", 100)) // and sums are not limited to what can be read
	for range 6 {
		huge = huge.Mul(huge)
	}
	d := &report.Data{
		Orders: math.MaxInt64, Lines: math.MaxInt64, Customers: math.MaxInt64, Items: math.MaxInt64,
		Untimed: math.MaxInt64, Rejected: math.MaxInt64,
		Revenue:        []money.Sum{{Amount: huge}},
		Days:           []report.Day{{date(2026, time.May, 1), math.MaxInt64}, {date(2026, time.May, 2), 1}},
		ItemsByOrders:  []report.Item{{Name: "long", Orders: long}, {Name: "short", Orders: "2"}},
		ItemsByRevenue: []report.Item{{Name: "below", Revenue: sums("-1", "USD")}, {Name: "zero", Revenue: sums("0", "USD")}},
		PriceChanges:   []report.PriceChange{{Item: "long", Steps: []report.PriceStep{{Price: "0.00"}, {Price: long}}}},
	}
	page := written(t, d)
	doc := parsed(t, page)
	checkHarmless(t, doc)
	if got, want := totals(doc)[0], "Orders | 9,223,372,036,854,775,807"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !strings.Contains(string(page), strings.Repeat("999,", 1600)) {
		t.Error("the long number is not shown in full")
	}
	for _, wrong := range []string{"NaN", "Inf", "e+", `height="-`, `width="-`} {
		if strings.Contains(string(page), wrong) {
			t.Errorf("a number went wrong: %s", wrong)
		}
	}
}

// TestBars compares the bars with the numbers beside them.
func TestBars(t *testing.T) {
	d := shop()
	d.ItemsByRevenue[0].Revenue = sums("999999", "EUR", "100", "USD")
	d.ItemsByRevenue[1].Revenue = sums("50.00", "USD")
	d.ItemsByRevenue[2].Revenue = sums("70", "EUR")
	d.ItemsByRevenue[3].Revenue = sums("0.001", "USD")
	doc := shown(t, d)
	var widths []string
	for _, section := range all(doc, atom.Section) {
		if text(all(section, atom.H2)[0]) == "Items that earned most" {
			for n := range section.Descendants() {
				if attribute(n, "class") == "fill" {
					widths = append(widths, attribute(n, "width"))
				}
			}
		}
	}
	equal(t, "bars", widths, []string{"100.000%", "50.000%", "0%", "0.500%"})
	if got, want := table(doc, "Items that earned most")[0], "Masala Dosa | 100.00 USD999,999.00 EUR | 4,821 | 5,120"; got != want {
		t.Errorf("the main currency comes first: got %q, want %q", got, want)
	}
}

func TestPeriods(t *testing.T) {
	for _, test := range []struct {
		name        string
		days        []report.Day
		unit        string
		count       int
		first, last string
	}{
		{"one day", []report.Day{{date(2026, time.May, 1), 7}},
			"day", 1, "Fri 1 May 2026 | 7", "Fri 1 May 2026 | 7"},
		{"a gap", []report.Day{{date(2024, time.February, 28), 1}, {date(2024, time.March, 1), 2}},
			"day", 3, "Wed 28 Feb 2024 | 1", "Fri 1 Mar 2024 | 2"},
		{"a hundred days", every(date(2026, time.January, 1), 100),
			"day", 100, "Thu 1 Jan 2026 | 1", "Fri 10 Apr 2026 | 1"},
		{"more", every(date(2025, time.December, 27), 101),
			"week", 16, "week 52, 22 – 28 Dec 2025 | 2", "week 15, 6 – 12 Apr 2026 | 1"},
		{"a year with 53 weeks", every(date(2020, time.December, 28), 140),
			"week", 20, "week 53, 28 Dec 2020 – 3 Jan 2021 | 7", "week 19, 10 – 16 May 2021 | 7"},
		{"before 1970", every(date(1969, time.December, 22), 140),
			"week", 20, "week 52, 22 – 28 Dec 1969 | 7", "week 19, 4 – 10 May 1970 | 7"},
		{"two years", every(date(2024, time.January, 31), 731),
			"month", 25, "January 2024 | 1", "January 2026 | 30"},
		{"fifty years", every(date(1950, time.December, 31), 18265),
			"year", 52, "1950 | 1", "2001 | 1"},
		{"one that went wrong", []report.Day{{date(1, time.January, 2), 1}, {date(2026, time.May, 1), 9}},
			"100 years", 21, "0000 – 0099 | 1", "2000 – 2099 | 9"},
		{"out of order and twice", []report.Day{{date(2026, time.May, 2), 1}, {date(2026, time.May, 1), 5}, {date(2026, time.May, 2), 2}},
			"day", 2, "Fri 1 May 2026 | 5", "Sat 2 May 2026 | 3"},
		{"elsewhere", []report.Day{{time.Date(2026, time.May, 1, 23, 0, 0, 0, time.FixedZone("", -5*3600)), 1}},
			"day", 1, "Sat 2 May 2026 | 1", "Sat 2 May 2026 | 1"},
	} {
		doc := shown(t, &report.Data{Days: test.days})
		rows := table(doc, "Orders over time")
		caption := text(all(doc, atom.Caption)[0])
		if len(rows) != test.count || caption != "Orders by "+test.unit || rows[0] != test.first || rows[len(rows)-1] != test.last {
			t.Errorf("%s: %s: %d rows from %q to %q, want by %s: %d from %q to %q",
				test.name, caption, len(rows), rows[0], rows[len(rows)-1], test.unit, test.count, test.first, test.last)
		}
		ticks := 0
		for n := range doc.Descendants() {
			if strings.HasPrefix(attribute(n, "class"), "x") {
				ticks++
			}
		}
		if ticks == 0 || ticks > 9 {
			t.Errorf("%s: %d dates at the axis", test.name, ticks)
		}
	}
}

// every returns n days in a row with one order each.
func every(first time.Time, n int) (days []report.Day) {
	for i := range n {
		days = append(days, report.Day{Date: first.AddDate(0, 0, i), Orders: 1})
	}
	return days
}

// TestFarTimes is about times beyond all calendars. They may look like anything, but there
// has to be a page.
func TestFarTimes(t *testing.T) {
	far := []time.Time{{}, time.Unix(math.MaxInt64, 0), time.Unix(math.MinInt64, 0), time.Unix(1<<55, 0), date(-1, 1, 1), date(99999, 1, 1)}
	for _, a := range far {
		for _, b := range far {
			written(t, &report.Data{
				From: a, To: b,
				Days:         []report.Day{{a, 1}, {b, 2}},
				PriceChanges: []report.PriceChange{{"Idli", []report.PriceStep{{a, "1"}, {b, "2"}}}},
			})
		}
	}
}

func TestPriceChanges(t *testing.T) {
	steps := func(prices ...string) (all []report.PriceStep) {
		for i, p := range prices {
			all = append(all, report.PriceStep{From: date(2026, time.May, 1+i), Price: p})
		}
		return all
	}
	d := &report.Data{PriceChanges: []report.PriceChange{
		{"none", nil},
		{"one", steps("1.00")},
		{"up", steps("9.5", "10")},
		{"free", steps("0", "2.50")},
		{"back", steps("1.00", "2.00", "1.00")},
		{"many", steps("1", "2", "3", "4", "5", "6", "7", "8")},
		{"words", steps("cheap", "dear")},
	}}
	doc := shown(t, d)
	equal(t, "rows", table(doc, "Prices that changed"), []string{
		"up | 1 May 20269.5 2 May 202610 | +0.5+5.3 % | ",
		"free | 1 May 20260 2 May 20262.50 | +2.50 | ",
		"back | 1 May 20261.00 2 May 20262.00 3 May 20261.00 | 0.000.0 % | ",
		"many | 1 May 20261 … 3 more … 5 May 20265 6 May 20266 7 May 20267 8 May 20268 | +7+700.0 % | ",
		"words | 1 May 2026cheap 2 May 2026dear |  | ",
	})
	if drawn := elements(doc)["path"]; drawn != 4 {
		t.Errorf("%d drawings, want 4", drawn)
	}
}

func TestManyRows(t *testing.T) {
	d := shop()
	for i := range 1000 {
		d.Sources = append(d.Sources, fmt.Sprintf("%d.json", i))
		d.ItemsByOrders = append(d.ItemsByOrders, report.Item{Name: "x", Orders: "1"})
		d.TopCustomers = append(d.TopCustomers, report.Customer{Name: "x"})
	}
	doc := shown(t, d)
	if n := len(table(doc, "Items ordered most")); n != 100 {
		t.Errorf("%d items", n)
	}
	if n := len(table(doc, "Customers who ordered most")); n != 100 {
		t.Errorf("%d customers", n)
	}
	if header := text(all(doc, atom.Header)[0]); !strings.HasSuffix(header, ", 5.json and 994 more") {
		t.Errorf("header %q", header)
	}
}
