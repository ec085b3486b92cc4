package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// TestReportInBrowser looks in a browser at the page of a run, and at that of a store: its
// numbers are those of the JSON beside it.
func TestReportInBrowser(t *testing.T) {
	orders := filepath.Join(repository, "examples", "orders.json")
	for name, commands := range map[string][][]string{
		"of a run":   {{"--detail", "--report", "report.html", "-o", ".", orders}},
		"of a store": {{"--detail", "--store", "shop.db", "-o", ".", orders}, {"report", "--store", "shop.db", "-o", "report.html"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, args := range commands {
				for i, arg := range args {
					switch arg {
					case ".", "report.html", "shop.db":
						args[i] = filepath.Join(dir, arg)
					}
				}
				if r := runOrders(t, args...); r.code != exitDone {
					t.Fatalf("exit code %d: %s", r.code, r.stderr)
				}
			}
			checkPage(t, dir)
		})
	}
}

// checkPage checks report.html in a folder with the records.
func checkPage(t *testing.T, dir string) {
	dom := inBrowser(t, filepath.Join(dir, "report.html"))

	type itemRecord struct {
		Price, Orders, Quantity json.Number
		Revenue                 map[string]json.Number
	}
	items, customers := map[string]itemRecord{}, map[string]struct {
		Name   string
		Orders json.Number
		Spent  map[string]json.Number
	}{}
	readJSON(t, filepath.Join(dir, "items.json"), &items)
	readJSON(t, filepath.Join(dir, "customers.json"), &customers)

	seen := map[string]int{}
	for _, table := range all(dom, "table") {
		var caption string
		for _, c := range all(table, "caption") {
			caption = textOf(c)
		}
		for _, row := range all(table, "tr") {
			var cells []string
			for cell := range row.ChildNodes() {
				if cell.Type == html.ElementNode {
					cells = append(cells, textOf(cell))
				}
			}
			switch item, ok := items[cells[0]]; {
			case strings.HasPrefix(caption, "By the number of orders, with") && ok:
				seen["orders"]++
				want(t, cells, cells[0], item.Orders.String(), item.Quantity.String(), item.Price.String())
			case strings.HasPrefix(caption, "By revenue") && ok:
				seen["revenue"]++
				want(t, cells, cells[0], item.Revenue["XXX"].String(), item.Orders.String(), item.Quantity.String())
			case caption == "By the number of orders" && len(cells) == 4 && cells[0] != "Customer":
				seen["customers"]++
				found := false
				for phone, c := range customers {
					same := c.Name == cells[0] && c.Orders.String() == cells[2] && strings.ReplaceAll(cells[3], "–", "") == c.Spent["XXX"].String()
					found = found || same && strings.HasSuffix(phone, cells[1][len(cells[1])-2:])
				}
				if !found {
					t.Errorf("no customer is %q", cells)
				}
			}
		}
	}
	if seen["orders"] != 20 || seen["revenue"] != 20 || seen["customers"] != len(customers) {
		t.Errorf("rows: %v", seen)
	}
	if scripts := all(dom, "script"); len(scripts) > 0 {
		t.Errorf("%d scripts", len(scripts))
	}
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", got, want)
	}
}

func readJSON(t *testing.T, name string, to any) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(data, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// inBrowser is what a page has become in a browser.
func inBrowser(t *testing.T, page string) *html.Node {
	t.Helper()
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil && browser == "" {
			browser = path
		}
	}
	if browser == "" || testing.Short() {
		t.Skip("there is no chromium, chromium-browser or google-chrome here, or -short is set")
	}
	profile, err := os.MkdirTemp("", "browser")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(profile) })
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--user-data-dir="+profile, "--dump-dom", "file://"+page)
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", browser, err)
	}
	dom, err := html.Parse(strings.NewReader(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	return dom
}

func all(n *html.Node, tag string) (found []*html.Node) {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == tag {
			found = append(found, d)
		}
	}
	return found
}

// textOf is the text of an element, but for its charts.
func textOf(n *html.Node) (text string) {
	if n.Type == html.TextNode {
		return n.Data
	}
	if n.Data == "svg" {
		return ""
	}
	for c := range n.ChildNodes() {
		text += textOf(c)
	}
	return strings.TrimSpace(text)
}
