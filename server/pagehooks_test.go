package server_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"strings"
	"testing"

	"process-orders/server"
	"process-orders/store"
)

// recordsOf are all customers and items, as text.
func recordsOf(t *testing.T, s store.Service) string {
	t.Helper()
	var all strings.Builder
	err := s.Records(t.Context(), store.Reading{Details: true}, func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
		for c, err := range customers {
			if err != nil {
				return err
			}
			fmt.Fprintln(&all, c)
		}
		for i, err := range items {
			if err != nil {
				return err
			}
			fmt.Fprintln(&all, i)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	minutes, err := s.Minutes(t.Context(), store.NoTime, 1<<60)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(all.String(), minutes)
}

// TestPageTestOrder sends test orders by connections of all kinds. They change no record.
func TestPageTestOrder(t *testing.T) {
	t.Parallel()
	v := newVisitor(t, newFile(t), server.Options{})
	v.home().has(200, "No shop or till sends its orders here yet", "process-orders connect")
	whsec := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("s", 32)))
	whpk := "whpk_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("p", 32)))
	counting := "id = \"id\"\nphone = \"tel\"\nlines = \"items[]\"\n[line]\nitem = \"name\"\nprice = \"price\"\n"
	const passed, signed, noKey = "A test order came all the way", "No test order is known for this mapping", "Only the other system can sign"
	kinds := []struct {
		c            server.Connection
		secret, want string
		orders       int64
	}{
		{server.Connection{Kind: "shopify", Shop: "one"}, "sesame", passed, 1},
		{server.Connection{Kind: "shopify", Shop: "two"}, "new\nold", passed, 1},
		{server.Connection{Kind: "woocommerce"}, "sesame", passed, 1},
		{server.Connection{Kind: "toast"}, "sesame", passed, 1},
		{server.Connection{Kind: "saleor"}, "sesame", passed, 1},
		{server.Connection{Kind: "standard", From: "shopify", Shop: "three"}, whsec, passed, 1},
		{server.Connection{Kind: "standard", From: "shopify"}, whpk, noKey, 0},
		{server.Connection{Kind: "generic", From: "woocommerce", Shop: "four", Header: "X-Sig", Encoding: "hex", Prefix: "sha256="}, "sesame", passed, 1},
		{server.Connection{Kind: "generic", From: "toast", Shop: "five", Header: "X-Sig", Encoding: "base64"}, "sesame", passed, 1},
		{server.Connection{Kind: "generic", From: "till.toml", Mapping: counting, Header: "X-Sig", Encoding: "hex"}, "sesame", signed, 0},
		{server.Connection{Kind: "shopify", From: "till.toml", Mapping: counting}, "sesame", signed, 0},
		{server.Connection{Kind: "shopify", From: "square"}, "sesame", signed, 0},
	}
	before := recordsOf(t, v.store)
	for i, k := range kinds {
		k.c.Name = fmt.Sprintf("c%d", i)
		connect(t, v.store, k.c, k.secret)
		was, err := v.store.Totals(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			s := v.send("connections", "/page/connections/test", "connection", k.c.Name)
			if s.has(200, k.want, k.c.Name); t.Failed() {
				t.Fatal(i, k.c, s.text(), v.logged)
			}
			if got := v.lastActs(1)[0]; (got == "connection-test done true false "+k.c.Name) != (k.want != noKey) {
				t.Errorf("%+v: the act %s", k.c, got)
			}
		}
		is, err := v.store.Totals(t.Context())
		if err != nil || is.Customers != 0 || is.Items != 0 || is.Orders != was.Orders+k.orders {
			t.Errorf("%+v: %+v %v, was %+v", k.c, is, err, was)
		}
	}
	if after := recordsOf(t, v.store); after != before {
		t.Errorf("%s, was %s", after, before)
	}
	for _, state := range connections(t, v.url, newKey(t, v.store, server.ScopeAdmin)) {
		if state["deliveries"] != 0.0 || state["last_delivery"] != nil || state["skipped"] != 0.0 || state["last_error"] != nil {
			t.Error("a test is a delivery of the shop:", state)
		}
	}
	v.send("", "/page/connections/test", "connection", "c0").has(200, passed, "Find a customer", "none has come yet")
	v.send("connections", "/page/connections/test", "connection", "none").has(404, "no such connection")
	if all := quarantine(t, v.url, newKey(t, v.store, server.ScopeAdmin)); len(all) > 0 {
		t.Error(all)
	}
}

// TestPageTestOrderFails sends test orders that cannot go all the way.
func TestPageTestOrderFails(t *testing.T) {
	t.Parallel()
	v := newVisitor(t, newFile(t), server.Options{})
	secret := connect(t, v.store, server.Connection{Name: "shop", Kind: "shopify"}, "sesame")
	if err := os.Remove(secret); err != nil {
		t.Fatal(err)
	}
	v.send("connections", "/page/connections/test", "connection", "shop").has(200, "The secret cannot be used")
	if err := os.WriteFile(secret, []byte("sesame"), 0o600); err != nil {
		t.Fatal(err)
	}
	v.send("connections", "/page/connections/test", "connection", "shop").has(200, "came all the way")
	body := order(1, "555-0101", "Ann", 1, "")
	deliver(t, v.url+"/v1/hooks/shop", shopify("wrong", "orders/create", body), body)
	deliver(t, v.url+"/v1/hooks/shop", shopify("sesame", "orders/create", body), body)
	v.home().has(200, "a signature was not good").hasNot("none has come yet")
	restart := newVisitor(t, v.store, server.Options{Apply: normalOptions(t, "US")}) // by other rules than the store's
	restart.send("connections", "/page/connections/test", "connection", "shop").has(200, "The test order was refused: the store keeps")
	if all := quarantine(t, v.url, newKey(t, v.store, server.ScopeAdmin)); len(all) > 0 {
		t.Error(all)
	}
}

// TestTestOrderCounts sends orders that would count, or be erased or quarantined, as test orders.
// Nothing comes of them.
func TestTestOrderCounts(t *testing.T) {
	t.Parallel()
	v := newVisitor(t, newFile(t), server.Options{})
	connect(t, v.store, server.Connection{Name: "shop", Kind: "shopify"}, "sesame")
	for body, want := range map[string]string{
		order(1, "555-0101", "Ann", 1, ""): "counts", `{"nothing":1}`: "refused", order(2, "555-0101", "Ann", 1, `,"test":true`): "passed",
		"[" + order(3, "555-0101", "Ann", 1, `,"test":true`) + "," + order(4, "555-0101", "Ann", 1, "") + "]": "counts",
	} {
		if got, err := v.server.SendTest(t.Context(), "shop", body); err != nil || got != want {
			t.Errorf("%s: %s %v, want %s", body, got, err, want)
		}
	}
	totals, err := v.store.Totals(t.Context())
	if err != nil || totals.Customers != 0 || totals.Items != 0 || totals.Orders != 1 {
		t.Error(totals, err)
	}
	if all := quarantine(t, v.url, newKey(t, v.store, server.ScopeAdmin)); len(all) > 0 {
		t.Error(all)
	}
}

// TestTestOrderFromOutside sends the test order as others could: it is a delivery like all others.
func TestTestOrderFromOutside(t *testing.T) {
	t.Parallel()
	v := newVisitor(t, newFile(t), server.Options{})
	connect(t, v.store, server.Connection{Name: "shop", Kind: "shopify"}, "sesame")
	body := `{"id":"process-orders-test","test":true,"line_items":[{"name":"Test","price":"1.00","quantity":1}]}`
	if status, result := deliver(t, v.url+"/v1/hooks/shop", shopify("sesame", "orders/create", body), body); status != 200 || result != "applied" {
		t.Error(status, result)
	}
	if state := connections(t, v.url, newKey(t, v.store, server.ScopeAdmin))[0]; state["deliveries"] != 1.0 {
		t.Error(state)
	}
}

// TestPageQuarantine looks at deliveries, mends one, sends one again, and removes one.
func TestPageQuarantine(t *testing.T) {
	t.Parallel()
	v := newVisitor(t, newFile(t), server.Options{})
	connect(t, v.store, server.Connection{Name: "shop", Kind: "shopify"}, "sesame")
	send := func(topic, body string) string {
		t.Helper()
		if status, result := deliver(t, v.url+"/v1/hooks/shop", shopify("sesame", topic, body), body); status != 200 || result != "quarantined" {
			t.Fatal(status, result)
		}
		all := quarantine(t, v.url, newKey(t, v.store, server.ScopeAdmin))
		return all[len(all)-1].ID
	}
	v.home().has(200, "Nothing waits here.")
	hostile := send("orders/create", `{"x":"</textarea><script>alert(1)</script>","y":12345678901234567890.10}`)
	broken := send("orders/create", strings.Replace(order(7, "732-555-0101", "Ann Willow", 1, ""), `"price":"2.50"`, `"price":"2,x"`, 1))
	people := send("shop/redact", `{"shop_id":1,"shop_domain":"x"}`)
	odd := send("orders/create", "\xff{")

	list := v.send("quarantine", "/page/quarantine").has(200, "shop · orders/create", "shop · shop/redact", "kept until").hasNot("Willow", "0101", "<html")
	if got := list.values("id"); len(got) != 4 || got[0] != odd || got[3] != hostile {
		t.Error("not the newest first:", got)
	}
	v.send("quarantine", "/page/quarantine/look", "id", hostile).has(200, `"y": 12345678901234567890.10`, "</textarea><script>").hasNot("<script>alert")
	if got := v.lastActs(1)[0]; got != "quarantine-read done true false "+hostile {
		t.Error(got)
	}
	v.send("quarantine", "/page/quarantine/look", "id", odd).has(200, "or is no text").hasNot("textarea")
	looked := v.send("", "/page/quarantine/look", "id", broken).has(200, "Find a customer", "Ann Willow")
	text := textIn(looked)
	var compared, given any
	if json.Unmarshal([]byte(text), &given) != nil || json.Unmarshal([]byte(strings.Replace(order(7, "732-555-0101", "Ann Willow", 1, ""), `"price":"2.50"`, `"price":"2,x"`, 1)), &compared) != nil || fmt.Sprint(given) != fmt.Sprint(compared) {
		t.Error("the text is another one:", text)
	}
	v.send("quarantine", "/page/quarantine/mend", "id", broken, "text", "  ").has(422, "The text was empty", "Ann Willow")
	still := v.send("quarantine", "/page/quarantine/mend", "id", broken, "text", strings.Replace(text, "2,x", "2,y", 1)).has(422, "It was not accepted", "2,y")
	if strings.Contains(textIn(still), "2,x") {
		t.Error("what was typed is lost")
	}
	if n := len(v.send("quarantine", "/page/quarantine").values("id")); n != 4 {
		t.Error(n)
	}
	mended := strings.ReplaceAll(strings.Replace(text, "2,x", "2.50", 1), "\n", "\r\n") // as a browser sends it
	v.send("quarantine", "/page/quarantine/mend", "id", broken, "text", mended).has(200, "It was accepted: 1 order counts now.")
	if got := v.lastActs(1)[0]; got != "quarantine-mend done true false "+broken {
		t.Error(got)
	}
	if c, found, err := v.store.Customer(t.Context(), "732-555-0101"); err != nil || !found || c.Orders != 1 {
		t.Error(c, found, err)
	}
	for _, path := range []string{"look", "mend", "replay", "delete"} {
		for _, id := range []string{broken, "", "x", strings.Repeat("0", 28), "732-555-0101"} {
			v.send("quarantine", "/page/quarantine/"+path, "id", id, "text", "{}").has(404, "not in quarantine any more")
		}
	}
	v.send("quarantine", "/page/quarantine/replay", "id", people).has(422, "It was not accepted: it is for people")
	v.send("quarantine", "/page/quarantine/delete", "id", people).has(200, "The delivery was removed.")
	if got := v.lastActs(1)[0]; got != "quarantine-delete done true false "+people {
		t.Error(got)
	}
	redaction := `{"shop_id":1,"customer":{"phone":"732-555-0101"},"orders_to_redact":[7]}`
	v.send("quarantine", "/page/quarantine/replay", "id", odd).has(422)
	late := send("customers/redact", strings.Replace(redaction, "[7]", "7", 1))
	v.send("quarantine", "/page/quarantine/mend", "id", late, "text", redaction).has(200, "a customer was to be erased, and is")
	if err := server.Disconnect(t.Context(), v.store, "shop"); err != nil {
		t.Fatal(err)
	}
	v.send("quarantine", "/page/quarantine/replay", "id", hostile).has(409, "It was not accepted: the connection of the delivery is gone")
	for _, c := range []string{"Willow", "732-555-0101"} { // an id may have a part of it
		if strings.Contains(v.logged.String(), c) {
			t.Error("the log has", c)
		}
	}
}

func textIn(s *seen) string {
	for n := range s.root.Descendants() {
		if n.Data == "textarea" && n.FirstChild != nil {
			return n.FirstChild.Data
		}
	}
	return ""
}

// TestPageQuarantineMany goes through a long list.
func TestPageQuarantineMany(t *testing.T) {
	t.Parallel()
	v := newVisitor(t, newFile(t), server.Options{})
	connect(t, v.store, server.Connection{Name: "shop", Kind: "shopify"}, "sesame")
	for i := range 23 {
		body := fmt.Sprintf(`{"nothing":%d}`, i)
		deliver(t, v.url+"/v1/hooks/shop", shopify("sesame", "orders/create", body), body)
	}
	seenIDs, before := map[string]bool{}, ""
	for page := 0; page == 0 || before != ""; page++ {
		s := v.send("quarantine", "/page/quarantine", "before", before).has(200, "Quarantine 23")
		for _, id := range s.values("id") {
			if seenIDs[id] || before != "" && id >= before {
				t.Error("not once, or not the newest first")
			}
			seenIDs[id] = true
		}
		before = strings.Join(s.values("before"), "")
		if page > 3 {
			t.Fatal("no end")
		}
	}
	if len(seenIDs) != 23 {
		t.Error(len(seenIDs))
	}
	v.send("quarantine", "/page/quarantine", "before", "732-555-0101").has(200, "Quarantine 23").hasNot("Back to the newest")
}
