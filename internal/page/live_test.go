package page_test

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"process-orders/internal/page"
	"process-orders/money"

	"golang.org/x/net/html"
)

var noon = time.Date(2026, 5, 7, 12, 30, 0, 0, time.UTC) // a Thursday

func atNoon() *page.Reader { return page.NewReader("en", time.UTC, noon) }

func sum(amount, currency string) money.Sum {
	a, _ := money.Parse([]byte(amount))
	c, _ := money.ParseCurrency([]byte(currency))
	return money.Sum{Currency: c, Amount: a}
}

// shown is the text of a part, with spaces as a browser shows them.
func shown(t *testing.T, name string, view any) string {
	t.Helper()
	part, err := atNoon().Part(page.Part{Name: name, View: view})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(strings.NewReader(string(part)))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(b.String(), "\u00a0", " ")), " ")
}

func TestToday(t *testing.T) {
	for _, test := range []struct {
		name      string
		now, then page.Sums
		want      []string
	}{
		{"nothing", page.Sums{}, page.Sums{}, []string{"orders 0 | | 0 a week ago", "customers 0 | | 0 a week ago"}},
		{"more, less and the same",
			page.Sums{Orders: 12, NewCustomers: 1, Revenue: []money.Sum{sum("30", "USD")}},
			page.Sums{Orders: 10, NewCustomers: 2, Revenue: []money.Sum{sum("30.00", "USD")}},
			[]string{"orders 12 | up +20 % | 10 a week ago", "revenue-USD 30.00 USD | same the same | 30.00 a week ago",
				"customers 1 | down −50 % | 2 a week ago", "average 2.50 USD | down −17 % | 3.00 a week ago"}},
		{"there was nothing",
			page.Sums{Orders: 1, NewCustomers: 1, Revenue: []money.Sum{sum("2.5", "EUR")}}, page.Sums{},
			[]string{"orders 1 | new new | 0 a week ago", "revenue-EUR 2.50 EUR | new new | 0.00 a week ago",
				"customers 1 | new new | 0 a week ago", "average 2.50 EUR | new new | 0.00 a week ago"}},
		{"several currencies are apart, and nobody knows an average",
			page.Sums{Orders: 3, Revenue: []money.Sum{sum("5", "EUR"), sum("1234.5", "USD")}},
			page.Sums{Orders: 3, Revenue: []money.Sum{sum("500", "JPY"), sum("1234.5", "USD")}},
			[]string{"orders 3 | same the same | 3 a week ago", "revenue-EUR 5.00 EUR | new new | 0.00 a week ago",
				"revenue-JPY 0 JPY | down −100 % | 500 a week ago", "revenue-USD 1,234.50 USD | same the same | 1,234.50 a week ago",
				"customers 0 | | 0 a week ago"}},
	} {
		view := atNoon().NewToday(test.now, test.then)
		var got []string
		for _, c := range view.Cards {
			text := c.Key + " " + c.Number + " " + c.Currency
			text = strings.TrimSpace(text) + " | " + strings.TrimSpace(c.Trend.Kind+" "+c.Trend.Text)
			got = append(got, strings.ReplaceAll(strings.TrimSpace(text), "\u00a0", " ")+" | "+c.Then)
		}
		if a, b := strings.Join(got, "\n"), strings.Join(test.want, "\n"); a != b {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, a, b)
		}
	}
}

// The curve has the hours in which there is something, and a few more, and the table the same.
func TestDay(t *testing.T) {
	at := func(now, then string) (hours []page.Hour) {
		hours = make([]page.Hour, 24)
		for h := range hours {
			hours[h].Now.Orders = int64(strings.Count(now, fmt.Sprintf("%02d", h)))
			hours[h].Then.Orders = int64(strings.Count(then, fmt.Sprintf("%02d", h)))
		}
		return hours
	}
	for _, test := range []struct {
		name, now, then string
		present         int
		first, last     string
		rows            int
	}{
		{"evening", "10 11 20", "11 12 21", 20, "10:00 1 0", "21:00 1", 12},
		{"few hours", "12", "12 13", 12, "12:00 so far 1 1", "19:00 0", 8},
		{"the day starts, and all is to come", "", "10 11", 0, "00:00 so far 0 0", "11:00 1", 12},
		{"late", "23", "", 23, "16:00 0 0", "23:00 so far 1 0", 8},
	} {
		view := atNoon().NewDay(at(test.now, test.then), test.present)
		row := func(r page.HourRow) string {
			text := r.Time
			if r.IsOpen {
				text += " so far"
			}
			return strings.Join(strings.Fields(text+" "+r.Orders+" "+r.Then), " ")
		}
		first, last := row(view.Rows[0]), row(view.Rows[len(view.Rows)-1])
		if first != test.first || last != test.last || len(view.Rows) != test.rows || len(view.Curve.Slots) != test.rows {
			t.Errorf("%s: got %d rows from %q to %q, want %d from %q to %q", test.name, len(view.Rows), first, last, test.rows, test.first, test.last)
		}
		shown(t, "day", view)
	}
	if view := atNoon().NewDay(at("", ""), 12); view.Curve != nil {
		t.Error("there is a curve of nothing")
	}
}

func TestStatus(t *testing.T) {
	for _, test := range []struct {
		health page.Health
		want   string
	}{
		{page.Health{}, "no order dated within the last week all saved"},
		{page.Health{IsEmpty: true}, "no order yet all saved"},
		{page.Health{LastOrder: noon.Add(-59 * time.Second), Connections: 1}, "last order just now all saved 1 connection fine"},
		{page.Health{LastOrder: noon.Add(-5 * time.Minute), Connections: 3}, "last order 5 min ago all saved 3 connections fine"},
		{page.Health{LastOrder: noon.Add(-3 * time.Hour), Missed: 9}, "last order at 09:30 all saved"},
		{page.Health{LastOrder: noon.Add(-3 * time.Hour), Missed: 10},
			"last order at 09:30 all saved The last order came at 09:30. On the same day a week ago, 10 came from then to this minute. Look at it"},
		{page.Health{LastOrder: noon.AddDate(0, 0, -2), CannotSave: true},
			"last order on 5 May 2026 at 12:30 Orders cannot be saved at present. Who sends one gets the answer to send it again."},
		{page.Health{CannotRead: true}, "The store cannot be read at present. The figures are as they were before."},
		{page.Health{LastOrder: noon, Connections: 5, Ailing: []string{"a", "b", "c", "d", "e"}, Quarantined: 1},
			"last order just now all saved The last delivery of the connection a had an error. Look at it " +
				"The last delivery of the connection b had an error. Look at it The last delivery of the connection c had an error. Look at it " +
				"The last deliveries of 2 more connections had an error. Look at it 1 delivery could not be read and waits for you. Look at it"},
	} {
		got := shown(t, "status", atNoon().NewStatus(&test.health))
		_, got, _ = strings.Cut(strings.Replace(got, " Pause", "", 1), "As of 12:30")
		if got = strings.TrimSpace(got); got != test.want {
			t.Errorf("%+v: got %q, want %q", test.health, got, test.want)
		}
	}
}

func TestFeed(t *testing.T) {
	order := page.Order{
		Key: "k", Placed: noon, Cost: []money.Sum{sum("7.5", "USD")},
		Lines: []page.Line{{Item: "Tea"}, {Item: "Cake", Quantity: "2"}, {Item: "Pie", Quantity: "1"}, {Item: "Jam"}, {Item: "Milk"}, {Item: "Egg"}},
	}
	old := page.Order{Key: "l", Placed: noon.AddDate(0, 0, -1), Skipped: "cancelled", Shop: "Corner"}
	got := shown(t, "feed", atNoon().NewFeed([]page.Order{order, old, {Key: "m"}}, false))
	want := "Latest orders Pause By the time at which they were placed 12:30 Tea , 2 × Cake , Pie , Jam and 2 more 7.50 USD " +
		"12:30 6 May 2026 – Corner does not count: cancelled – no time – –"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for hasOthers, want := range map[bool]string{true: "have no id", false: "No orders yet"} {
		if got := shown(t, "feed", atNoon().NewFeed(nil, hasOthers)); !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Texts from outside stay texts: a page of hostile ones has the same elements as one of plain ones, and
// nothing in it that the policy of pages refuses.
func TestHostile(t *testing.T) {
	made := func(text string) *html.Node {
		r := atNoon()
		hours := make([]page.Hour, 24)
		hours[12].Now = page.Sums{Orders: 3, Revenue: []money.Sum{sum("1", "USD")}}
		r.Shop = text
		f := &page.Frame{Reader: r, Shops: []string{text, "b"}, Events: "/page/events?shop=x", Parts: []page.Part{
			{Name: "status", View: r.NewStatus(&page.Health{Ailing: []string{text}})},
			{Name: "today", View: r.NewToday(hours[12].Now, page.Sums{})},
			{Name: "day", View: r.NewDay(hours, 12)},
			{Name: "items", View: r.NewItems([]page.Item{{Name: text, Orders: 1, Price: text, Prices: []page.Price{{Price: "1"}, {Price: text}}}}, false)},
			{Name: "backup", View: page.Backup{IsFile: true}},
			{Name: "feed", View: r.NewFeed([]page.Order{{Key: "a", Shop: text, Skipped: text, Lines: []page.Line{{Item: text, Quantity: text}}}}, false)},
		}}
		var b strings.Builder
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		if found := forbidden.FindString(b.String()); found != "" {
			t.Errorf("the page has %s", found)
		}
		doc, err := html.Parse(strings.NewReader(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	elements := func(doc *html.Node) map[string]int {
		counts := map[string]int{}
		for n := range doc.Descendants() {
			if n.Type == html.ElementNode {
				counts[n.Data]++
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
					t.Errorf("there is the attribute %s", a.Key)
				}
			}
		}
		return counts
	}
	plain := elements(made("plain"))
	for _, text := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, "\u202egnp.exe",
		strings.Repeat("W", 10_000), "a\x00b\x1bc", "\xff\xfe", "</title></style></section><iframe src=//evil.example>", "{{.}}", "javascript:alert(1)",
	} {
		if got := elements(made(text)); !maps.Equal(got, plain) {
			t.Errorf("%.40q: elements %v, want %v", text, got, plain)
		}
	}
}

var forbidden = regexp.MustCompile(`(?i)<[^<>]* (style|on[a-z]+)=|<script>|<style>|https?://`)

// What a browser loads before it has the page is small.
func TestSize(t *testing.T) {
	all := 0
	for _, a := range page.Assets() {
		all += len(a.Text)
	}
	if all > 30<<10 {
		t.Errorf("the style and the script have %d bytes", all)
	}
}
