package report_test

import (
	"bytes"
	"strings"
	"testing"

	"process-orders/internal/report"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// written returns the page about some data.
func written(t testing.TB, d *report.Data) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func parsed(t testing.TB, page []byte) *html.Node {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// shown is the page about some data as a browser would read it.
func shown(t testing.TB, d *report.Data) *html.Node {
	t.Helper()
	return parsed(t, written(t, d))
}

// all returns the elements of HTML below a node that have a name, in order.
func all(n *html.Node, name atom.Atom) (found []*html.Node) {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.DataAtom == name && d.Namespace == "" {
			found = append(found, d)
		}
	}
	return found
}

// text is the text of an element, with white space as a browser shows it.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// elements counts the elements of each name.
func elements(doc *html.Node) map[string]int {
	counts := map[string]int{}
	for d := range doc.Descendants() {
		if d.Type == html.ElementNode {
			counts[d.Data]++
		}
	}
	return counts
}

// headings are the sections that a page has.
func headings(doc *html.Node) (found []string) {
	for _, h := range all(doc, atom.H2) {
		found = append(found, text(h))
	}
	return found
}

// totals are the figures at the top: name, number and perhaps a note.
func totals(doc *html.Node) (found []string) {
	for _, div := range all(all(doc, atom.Dl)[0], atom.Div) {
		var parts []string
		for c := range div.ChildNodes() {
			if c.Type == html.ElementNode {
				parts = append(parts, text(c))
			}
		}
		found = append(found, strings.Join(parts, " | "))
	}
	return found
}

// table returns the rows of a section's table without the header, with bars between the
// cells. It returns nil if there is no table.
func table(doc *html.Node, heading string) (rows []string) {
	for _, section := range all(doc, atom.Section) {
		if h := all(section, atom.H2); text(h[0]) != heading {
			continue
		}
		for _, body := range all(section, atom.Tbody) {
			for _, tr := range all(body, atom.Tr) {
				var cells []string
				for c := range tr.ChildNodes() {
					if c.Type == html.ElementNode {
						cells = append(cells, text(c))
					}
				}
				rows = append(rows, strings.Join(cells, " | "))
			}
		}
	}
	return rows
}

// checkHarmless reports everything in a page that can do more than be read.
func checkHarmless(t testing.TB, doc *html.Node) {
	t.Helper()
	known := "html head meta title link style body header h1 p time bdi main dl div dt dd section h2 svg line text g rect tspan " +
		"path circle details summary table caption thead tbody tr th td span ol li"
	for n := range doc.Descendants() {
		switch {
		case n.Type == html.CommentNode:
			t.Errorf("a comment: %q", n.Data)
		case n.Type != html.ElementNode:
		case !strings.Contains(" "+known+" ", " "+n.Data+" "):
			t.Errorf("an element <%s>", n.Data)
		case n.DataAtom == atom.Style && (strings.Contains(text(n), "url(") || strings.Contains(text(n), "@import")):
			t.Error("the style sheet loads something")
		}
		for _, a := range n.Attr {
			switch key := strings.ToLower(a.Key); {
			case strings.HasPrefix(key, "on"), key == "src", key == "srcset", key == "xlink:href", key == "action":
				t.Errorf("<%s> has the attribute %s=%q", n.Data, a.Key, a.Val)
			case key == "href" && a.Val != "data:,":
				t.Errorf("<%s> refers to %q", n.Data, a.Val)
			case key == "style" && strings.ContainsAny(a.Val, "(:;\\") && !strings.HasPrefix(a.Val, "--gutter: "):
				t.Errorf("<%s> has the style %q", n.Data, a.Val)
			}
		}
	}
	policy := ""
	for _, m := range all(doc, atom.Meta) {
		if attribute(m, "http-equiv") == "Content-Security-Policy" {
			policy = attribute(m, "content")
		}
	}
	if want := "default-src 'none'; style-src 'unsafe-inline'; img-src data:"; policy != want {
		t.Errorf("content security policy %q, want %q", policy, want)
	}
}

// checkShop reports what a page does not show of the shop's data.
func checkShop(t testing.TB, doc *html.Node) {
	t.Helper()
	equal(t, "totals", totals(doc), []string{
		"Orders | 12,345",
		"Revenue | 1,234,567.50 USD | and 1 other currency",
		"Customers | 2,917",
		"Items | 24 | in 30,208 order lines",
		"Left out | 122 | 3 rejected",
	})
	equal(t, "headings", headings(doc), []string{
		"Orders over time", "Items ordered most", "Items that earned most", "Customers who ordered most",
		"Prices that changed", "Revenue by currency", "What was left out",
	})
	for heading, want := range map[string][]string{
		"Items ordered most": {
			"Masala Dosa | 4,821 | 5,120 | 11.50",
			"Filter Coffee | 3,977 | 6,230 | 2.95",
			"இட்லி | 2,210 | 4,002 | 6.00",
			"Plain Dosa & Chutney | 1,500.5 | 1,500.5 | 9.25",
			"مسالا دوسا | 312 | 400 | 11.50",
			"Gulab Jamun 🍮 | 1 | 2 | 1,234.00",
		},
		"Items that earned most": {
			"Masala Dosa | 58,880.00 USD412.50 EUR | 4,821 | 5,120",
			"இட்லி | 24,012.00 USD | 2,210 | 4,002",
			"Filter Coffee | 18,378.50 USD | 3,977 | 6,230",
			"Plain Dosa & Chutney | 13,879.625 USD | 1,500.5 | 1,500.5",
		},
		"Customers who ordered most": {
			"Damodhar | ***-***-**09 | 312 | 9,120.75 USD",
			"Sunny | ***-***-**39 | 120 | 3,310.00 USD17.25 EUR",
			"ப்ரியா | ***-***-**17 | 44 | 1,002.10 USD",
			"Unknown | ***-***-**01 | 3 | –",
		},
		"Prices that changed": {
			"Masala Dosa | 3 Mar 202610.95 21 Mar 202611.25 4 Apr 202611.50 | +0.55+5.0 % |",
			"Filter Coffee | unknown3.10 1 Apr 20262.95 | −0.15−4.8 % |",
		},
		"Revenue by currency": {"USD | 1,234,567.50", "EUR | 8,901.2345"},
		"What was left out": {
			"rejected: not an order that can be accepted | 3", "cancelled | 112", "a test order | 7",
		},
	} {
		got := table(doc, heading)
		for i, row := range got {
			got[i] = strings.TrimSpace(row)
		}
		equal(t, heading, got, want)
	}
	days := table(doc, "Orders over time")
	if len(days) != 48 || days[0] != "Tue 3 Mar 2026 | 254" || days[6] != "Mon 9 Mar 2026 | 0" {
		t.Errorf("days: got %q", days)
	}
	if got, want := text(all(doc, atom.Title)[0]), "Orders, 3 Mar – 19 Apr 2026"; got != want {
		t.Errorf("title %q, want %q", got, want)
	}
	sub := text(all(doc, atom.Header)[0])
	if want := "Orders 3 Mar 2026 – 19 Apr 2026 (UTC) Read from orders-march.json, orders-april.json.gz"; sub != want {
		t.Errorf("header %q, want %q", sub, want)
	}
}

func equal(t testing.TB, what string, got, want []string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s:\n%s\nwant:\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
