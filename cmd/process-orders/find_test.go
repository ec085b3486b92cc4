package main

import (
	"fmt"
	"strings"
	"testing"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/internal/durable"
	"process-orders/orders"
	"process-orders/phones"
	"process-orders/records"
	"process-orders/store/sqlite"
)

// TestFindReadsAllPages finds customers and items by the ends of names that are so long that an
// index has only the start of them, which many others share.
func TestFindReadsAllPages(t *testing.T) {
	t.Chdir(t.TempDir())
	const others = 450
	name, item := strings.Repeat("ann ", 15), strings.Repeat("tea ", 60)
	var b strings.Builder
	for i := range others {
		fmt.Fprintf(&b, `{"phone":"555-%04d","name":"%s%04d","items":[{"name":"%s%04d","price":1}]}`+"\n", i, name, i, item, i)
	}
	find := func(text string, flags ...string) result {
		return runHere(durable.OS, strings.NewReader(""), append([]string{"find", "--store", "shop.db", text}, flags...)...)
	}
	runHere(durable.OS, strings.NewReader(b.String()), "--store", "shop.db", "-o", "out", "-").want(t, exitDone, "")
	for _, text := range []string{name + "0449", item + "0449"} {
		for _, limit := range []string{"1", "20", "1000"} {
			r := find(text, "--limit", limit)
			if r.code != exitDone || strings.Count(r.stdout, "\n") != 1 || r.stderr != "" {
				t.Errorf("the last one with limit %s: %v", limit, r)
			}
		}
		if r := find(text[:len(text)-1], "--limit", "9"); strings.Count(r.stdout, "\n") != 9 || !strings.Contains(r.stderr, "there are more") {
			t.Errorf("nine of ten: %v", r)
		}
		if r := find(text[:len(text)-1], "--limit", "10"); strings.Count(r.stdout, "\n") != 10 || r.stderr != "" {
			t.Errorf("all of ten: %v", r)
		}
	}
	// What has just this phone comes first, and counts.
	if r := find("555-0007", "--limit", "1"); strings.Count(r.stdout, "\n") != 1 || r.stderr != "" {
		t.Errorf("one by its phone: %v", r)
	}
}

// TestPhonesOfFeeds looks for a phone in a store that no file was applied to, as one of a server.
// Until orders have come, nothing says how it keeps phones, so they are looked for as they are
// given, and the message says so.
func TestPhonesOfFeeds(t *testing.T) {
	t.Chdir(t.TempDir())
	s, err := sqlite.Open(t.Context(), "shop.db", sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	e164, err := phones.New("DE")
	if err != nil {
		t.Fatal(err)
	}
	var o apply.Options
	o.Phone = func(dst, phone, _ []byte) ([]byte, bool) { return e164.E164(dst, phone) }
	o.PhoneForm = "e164, region DE"
	for _, name := range []string{"find", "erase"} {
		r := runHere(durable.OS, strings.NewReader(""), name, "--store", "shop.db", "0171 2345678")
		if r.code != exitFailed || !strings.Contains(r.stderr, "is looked for exactly as it is given, as the store has no orders yet") || strings.Contains(r.stderr, "2345") {
			t.Errorf("%s: %v", name, r)
		}
	}
	body := input.Reader("body", strings.NewReader(`{"phone":"0171 2345678","name":"Ann","items":[]}`))
	g, err := apply.ReadGroup(t.Context(), []input.Source{body}, apply.Feed{Name: "web"}, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Apply(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"find", "erase"} {
		if r := runHere(durable.OS, strings.NewReader(""), name, "--store", "shop.db", " 0171 2345678 "); r.code != exitDone {
			t.Errorf("%s: %v", name, r)
		}
	}
}

// TestFindOrdersOfFeeds finds an order by its id in a store that has orders of feeds alone, as one
// of a server, in two systems that have an order of that id.
func TestFindOrdersOfFeeds(t *testing.T) {
	t.Chdir(t.TempDir())
	s, err := sqlite.Open(t.Context(), "shop.db", sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	m := orders.Default()
	m.ID = orders.Field{"id"}
	for _, system := range []string{"web", "till"} {
		body := input.Reader("body", strings.NewReader(`{"id":"1001","phone":"555-0101","name":"Ann","items":[{"name":"Tea","price":1}]}`))
		o := apply.Options{Options: orders.Options{Mapping: &m}, System: system}
		g, err := apply.ReadGroup(t.Context(), []input.Source{body}, apply.Feed{Name: system}, o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.Apply(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	r := runHere(durable.OS, strings.NewReader(""), "find", "--store", "shop.db", "1001")
	if r.code != exitDone || strings.Count(r.stdout, "1001") != 2 || strings.Count(r.stdout, "Tea") != 2 {
		t.Errorf("got %v", r)
	}
}

// TestCountOfFeeds reads a store to which only feeds brought orders, as of a server that counts
// orders: export and runs know what it counts.
func TestCountOfFeeds(t *testing.T) {
	t.Chdir(t.TempDir())
	s, err := sqlite.Open(t.Context(), "shop.db", sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const order = `{"phone":"555-0101","name":"Ann","items":[{"name":"Tea","price":1},{"name":"Tea","price":1}]}`
	g, err := apply.ReadGroup(t.Context(), []input.Source{input.Reader("body", strings.NewReader(order))}, apply.Feed{Name: "web"}, apply.Options{Count: records.CountOrders})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Apply(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	runHere(durable.OS, strings.NewReader(""), "export", "--store", "shop.db", "--count", "orders", "-o", "out").want(t, exitDone, "")
	if r := runHere(durable.OS, strings.NewReader(""), "export", "--store", "shop.db", "--count", "lines", "-o", "out"); r.code != exitUsage {
		t.Errorf("lines are not counted: %v", r)
	}
	r := runHere(durable.OS, strings.NewReader(order), "--store", "shop.db", "--count", "quantity", "-o", "out", "-")
	if r.code != exitDone {
		t.Errorf("a run that writes quantities: %v", r)
	}
}
