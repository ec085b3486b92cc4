package server_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"process-orders/apply"
	"process-orders/records"
	"process-orders/server"
	"process-orders/store"
)

// fetch sends a request without a body.
func fetch(t testing.TB, url, key string, header ...string) answered {
	t.Helper()
	return ask(t, "GET", url, key, "", header...)
}

// ask sends a request. Headers are names, each with its value.
func ask(t testing.TB, method, url, key, body string, header ...string) answered {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{answer.StatusCode, answer.Header, string(text)}
}

// into reads the JSON of an answer.
func into[T any](t testing.TB, a answered) (to T) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(a.body))
	d.DisallowUnknownFields()
	if err := d.Decode(&to); err != nil || a.status != 200 {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return to
}

// orderOf is an order in the default shape.
func orderOf(id int, phone, name, item, price, placed string) string {
	text, _ := json.Marshal(map[string]any{
		"id": fmt.Sprint(id), "phone": phone, "name": name, "created_at": placed, "currency": "USD",
		"items": []any{map[string]any{"name": item, "price": json.Number(price), "quantity": 2}},
	})
	return string(text)
}

// fill posts orders.
func fill(t testing.TB, url string, s store.Service, orders ...string) {
	t.Helper()
	a := ask(t, "POST", url+"/v1/orders?allow-repeats", newKey(t, s, server.ScopeIngest), strings.Join(orders, "\n"))
	if a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
}

var hostile = []string{"=1+1", "+1 (555) 0102", "-2", "@SUM(A1)", "\tx", "\rx", "a,b", `say "hi"`, "two\nlines", "Zoë", " =1", "'quoted", "＝1", "a/b", "50%", "?x=1&y", "..", "naïve;x"}

// Exports are byte for byte what the functions of the command write, and their tables hold every
// cell, of which none is a formula.
func TestExports(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key := newKey(t, s, server.ScopeRead, server.ScopeReadPhones)
	var orders []string
	for i, text := range hostile {
		orders = append(orders, orderOf(i, "555-01"+fmt.Sprint(10+i), "N"+text, "I"+text, "1.50", "2026-05-04T10:00:00Z"),
			orderOf(100+i, "+1 555 01"+fmt.Sprint(10+i), text, text, "2", "2026-05-04T11:00:00Z"))
	}
	orders = append(orders, strings.Replace(orderOf(500, "555-0110", "", "Itwo\nlines", "3", "2026-05-04T12:00:00Z"), "USD", "EUR", 1),
		`{"phone":"555-0199","items":[{"name":"Free","price":-1.5}]}`)
	fill(t, srv.URL, s, orders...)
	for _, query := range []string{"", "?detail", "?count=quantity", "?detail&count=quantity", "?detail=false"} {
		form := records.Form{Detail: strings.HasPrefix(query, "?detail") && !strings.Contains(query, "false")}
		if strings.Contains(query, "count") {
			form.Count = records.CountQuantity
		}
		var customers, items bytes.Buffer
		var people []records.Customer
		var things []records.NamedItem
		err := apply.Records(t.Context(), s, store.Reading{Details: true}, func(c iter.Seq2[records.Customer, error], i iter.Seq2[records.NamedItem, error]) error {
			for one := range c {
				people = append(people, one)
			}
			for one := range i {
				things = append(things, one)
			}
			_, _ = records.WriteCustomers(&customers, of(people), form)
			_, err := records.WriteItems(&items, of(things), form)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{"customers": customers.String(), "items": items.String()} {
			a := fetch(t, srv.URL+"/v1/export/"+name+".json"+query, key)
			if a.status != 200 || a.body != want || a.header.Get("Content-Type") != "application/json" {
				t.Errorf("%s%s: got %d %q, want %q", name, query, a.status, a.body, want)
			}
			table := fetch(t, srv.URL+"/v1/export/"+name+".csv"+query, key)
			rows, err := csv.NewReader(strings.NewReader(table.body)).ReadAll()
			if err != nil || !strings.HasPrefix(table.header.Get("Content-Type"), "text/csv") {
				t.Fatalf("%v in %q", err, table.body)
			}
			texts := map[string]bool{}
			for _, row := range rows {
				for _, cell := range row {
					if _, isNumber := json.Number(cell).Float64(); isNumber != nil && strings.ContainsAny(cell+" ", "=+-@\t\r＝＋－＠") && strings.IndexAny(cell, "=+-@\t\r＝＋－＠") == 0 {
						t.Errorf("a formula: %q", cell)
					}
				}
				texts[strings.TrimPrefix(row[0], "'")] = true
				texts[strings.TrimPrefix(row[1], "'")] = true
			}
			for i := range people {
				if text := people[i].Name; name == "customers" && text != "" && !texts[strings.TrimPrefix(strings.ReplaceAll(text, "\r\n", "\n"), "'")] {
					t.Errorf("no %q in %q", text, table.body)
				}
			}
			for i := range things {
				if text := things[i].Name; name == "items" && !texts[strings.TrimPrefix(text, "'")] {
					t.Errorf("no %q in %q", text, table.body)
				}
			}
		}
	}
	table := fetch(t, srv.URL+"/v1/export/customers.csv?detail", key).body
	if !strings.Contains(table, "555-0110,N=1+1,2,EUR,6.00,2026-05-04T10:00:00Z,2026-05-04T12:00:00Z\n555-0110,,,USD,3.00,,\n") || !strings.Contains(table, "\n'+1 555 0110,'=1+1,1,USD,4.00,") {
		t.Errorf("got %s", table)
	}
	if table := fetch(t, srv.URL+"/v1/export/items.csv?detail", key).body; !strings.Contains(table, "\nFree,-1.5,1,1,XXX,-1.5\n") {
		t.Errorf("got %s", table)
	}
	for _, query := range []string{"?detail=x", "?count=lines", "?x", "?detail&detail"} {
		if a := fetch(t, srv.URL+"/v1/export/items.json"+query, key); a.status != 400 || a.header.Get("Content-Disposition") != "" {
			t.Errorf("%s: got %d %v", query, a.status, a.header)
		}
	}
}

func of[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, one := range all {
			if !yield(one, nil) {
				return
			}
		}
	}
}

// Pages give all customers and items, as the store's reader does, while others come in.
func TestPages(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key, ingest := newKey(t, s, server.ScopeRead, server.ScopeReadPhones), newKey(t, s, server.ScopeIngest)
	var orders []string
	for i := range 57 {
		orders = append(orders, orderOf(i, fmt.Sprintf("555-%04d", i), "Ann", fmt.Sprintf("Tea %d", i), "2.50", fmt.Sprintf("2026-05-04T10:%02d:00Z", i)))
		if a := send(t, sending{srv.URL + "/v1/orders?from=shopify", ingest, shopifyOrder(i, "2026-05-04T10:00:00Z", "Ann", ""), nil}); a.status != 201 {
			t.Fatal(a.status, a.body)
		}
	}
	fill(t, srv.URL, s, orders...)
	for _, list := range []string{"customers", "items", "orders"} {
		seen := map[string]int{}
		after := ""
		for page := range 20 {
			text := fetch(t, srv.URL+"/v1/"+list+"?limit=7&after="+after, key)
			var all map[string]json.RawMessage
			var rows []struct{ Phone, Name, ID string }
			if err := json.Unmarshal([]byte(text.body), &all); err != nil || text.status != 200 || json.Unmarshal(all[list], &rows) != nil {
				t.Fatalf("%d %s", text.status, text.body)
			}
			for _, row := range rows {
				seen[map[string]string{"customers": row.Phone, "items": row.Name, "orders": row.ID}[list]]++
			}
			fill(t, srv.URL, s, orderOf(1000+page, fmt.Sprintf("555-9%03d", page), "Bob", fmt.Sprintf("Tea %d", 100+page), "1", "2026-05-05T10:00:00Z"))
			send(t, sending{srv.URL + "/v1/orders?from=shopify", ingest, shopifyOrder(1000+page, "2026-05-05T10:00:00Z", "Bob", ""), nil})
			after = ""
			if next := all["next"]; next != nil {
				_ = json.Unmarshal(next, &after)
			}
			// Random letters may well have three digits of a phone, but not a whole one.
			if raw, _ := base64.RawURLEncoding.DecodeString(after); bytes.Contains(raw, []byte("555-")) || strings.Contains(after, "555-0") {
				t.Errorf("the cursor %s", after)
			}
			if after == "" {
				break
			}
		}
		for i := range 57 {
			if n := seen[map[string]string{"customers": fmt.Sprintf("555-%04d", i), "items": fmt.Sprintf("Tea %d", i), "orders": fmt.Sprint(i)}[list]]; n != 1 {
				t.Errorf("%s %d came %d times", list, i, n)
			}
		}
	}
	// Against the reader itself.
	want, _, err := s.Customers(t.Context(), store.Search{}, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	got := into[server.CustomerPage](t, fetch(t, srv.URL+"/v1/customers?limit=1000", key)).Customers
	if len(got) != len(want) {
		t.Fatalf("%d customers, want %d", len(got), len(want))
	}
	for i, c := range want {
		if g := got[i]; g.Phone != c.Phone || g.Name != c.Name || g.Orders != c.Orders || string(g.Spent["USD"]) != c.Spent[0].Written().String() || g.First.UnixMilli() != c.FirstPlaced || g.Last.UnixMilli() != c.LastPlaced {
			t.Errorf("got %+v, want %+v", g, c)
		}
	}
	items, _, err := s.Items(t.Context(), store.Search{Name: "tea 1"}, "", 1000)
	if err != nil || len(items) < 11 {
		t.Fatal(items, err)
	}
	for i, g := range into[server.ItemPage](t, fetch(t, srv.URL+"/v1/items?name=tea+1&limit=1000", key)).Items {
		if w := items[i]; g.Name != w.Name || string(g.Price) != w.Price || g.Orders != w.Orders || string(g.Quantity) != w.Quantity.String() {
			t.Errorf("got %+v, want %+v", g, w)
		}
	}
}

// A cursor is good for its list, its search and its key, whatever server opens it.
func TestCursors(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key, other := newKey(t, s, server.ScopeRead, server.ScopeReadPhones), newKey(t, s, server.ScopeRead, server.ScopeReadPhones)
	for i := range 4 {
		fill(t, srv.URL, s, orderOf(i, fmt.Sprintf("555-010%d", i), "Ann", fmt.Sprintf("Tea %d", i), "2.50", "2026-05-04T10:00:00Z"))
	}
	next := into[server.CustomerPage](t, fetch(t, srv.URL+"/v1/customers?limit=2", key)).Next
	second, err := server.New(s, server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Shutdown(context.Background())
	twin := serve(t, second)
	if page := into[server.CustomerPage](t, fetch(t, twin+"/v1/customers?limit=2&after="+next, key)); len(page.Customers) != 2 || page.Next != "" {
		t.Errorf("got %+v", page)
	}
	for what, a := range map[string]answered{
		"another key":    fetch(t, srv.URL+"/v1/customers?after="+next, other),
		"another list":   fetch(t, srv.URL+"/v1/items?after="+next, key),
		"another search": ask(t, "POST", srv.URL+"/v1/customers/find", key, `{"name":"ann","after":"`+next+`"}`),
		"a phone":        ask(t, "POST", srv.URL+"/v1/customers/find", key, `{"phone":"555-0101","after":"`+next+`"}`),
		"cut off":        fetch(t, srv.URL+"/v1/customers?after="+next[:len(next)-1], key),
		"longer":         fetch(t, srv.URL+"/v1/customers?after="+next+"A", key),
		"no cursor":      fetch(t, srv.URL+"/v1/customers?after=555-0101", key),
	} {
		if a.status != 400 || a.problem(t).Type != "cursor-invalid" {
			t.Errorf("%s: got %d %s", what, a.status, a.body)
		}
	}
	for i := range next {
		changed := []byte(next)
		if changed[i]++; changed[i] > 'z' || !strings.ContainsRune("0123456789-_", rune(changed[i])) && (changed[i]|0x20 < 'a' || changed[i]|0x20 > 'z') {
			changed[i] = 'A'
		}
		if string(changed) == next {
			continue
		}
		if a := fetch(t, srv.URL+"/v1/customers?after="+string(changed), key); a.status != 400 {
			t.Errorf("byte %d: got %d %s", i, a.status, a.body)
		}
	}
	page := into[server.CustomerPage](t, ask(t, "POST", srv.URL+"/v1/customers/find", key, `{"ending":"01","limit":1}`))
	if len(page.Customers) > 1 {
		t.Errorf("got %+v", page)
	}
}

// Customers are found by phones as people write them, by endings and by names.
func TestFind(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key := newKey(t, s, server.ScopeReadPhones)
	fill(t, srv.URL, s, orderOf(1, "555-0101", "Ann Miller", "Tea", "2.50", "2026-05-04T10:00:00Z"), orderOf(2, "555-0102", "Bob", "Tea", "2.50", "2026-05-04T10:00:00Z"))
	for body, want := range map[string]string{
		`{"phone":" 555-0101 "}`: "Ann Miller", `{"phone":"5550101"}`: "", `{"ending":"0102"}`: "Bob",
		`{"ending":"010"}`: "", `{"name":"mill"}`: "Ann Miller", `{"name":"x"}`: "", `{"name":"b","limit":1}`: "Bob", `{"phone":"a\u0000"}`: "",
	} {
		var names []string
		for _, c := range into[server.CustomerPage](t, ask(t, "POST", srv.URL+"/v1/customers/find", key, body)).Customers {
			names = append(names, c.Name)
		}
		if strings.Join(names, ",") != want {
			t.Errorf("%s: got %v, want %s", body, names, want)
		}
	}
	for _, body := range []string{`{}`, `{"phone":"1","name":"a"}`, `{"nam":"a"}`, `[]`, `{"name":"a","limit":1001}`, `{"name":"a"}{}`, `{"ending":"x"}`, `{"name":"a\u0000"}`, ``, `{"name":"a","limit":-1}`} {
		if a := ask(t, "POST", srv.URL+"/v1/customers/find", key, body); a.status != 400 || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got %d %s", body, a.status, a.body)
		}
	}
	if a := ask(t, "POST", srv.URL+"/v1/customers/find?phone=555-0101", key, `{}`); a.status != 400 || strings.Contains(a.body, "555-") {
		t.Errorf("got %d %s", a.status, a.body)
	}
}

// Items and orders are given one by one, whatever characters their names have.
func TestOne(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key, people := newKey(t, s, server.ScopeRead), newKey(t, s, server.ScopeRead, server.ScopeReadPhones)
	var orders []string
	for i, name := range hostile {
		orders = append(orders, orderOf(i, "555-0101", "Ann", name, "2.50", fmt.Sprintf("2026-05-04T10:%02d:00Z", i)))
	}
	fill(t, srv.URL, s, orders...)
	for _, name := range hostile {
		want, isKnown, err := s.Item(t.Context(), name)
		if err != nil || !isKnown {
			continue // names are kept as they are read, without spaces around them
		}
		path := url.PathEscape(name)
		if name == ".." {
			path = "%2E%2E"
		}
		a := fetch(t, srv.URL+"/v1/items/"+path, key)
		if got := into[server.KnownItem](t, a); got.Name != want.Name || got.Orders != want.Orders || len(got.Prices) != 1 || got.Prices[0].Price != "2.50" || got.Prices[0].Since.IsZero() {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if again := fetch(t, srv.URL+"/v1/items/"+path, key, "If-None-Match", `"x", W/`+a.header.Get("ETag")); again.status != 304 || again.body != "" || again.header.Get("ETag") != a.header.Get("ETag") {
			t.Errorf("%s: got %d %s", name, again.status, again.body)
		}
	}
	if a := fetch(t, srv.URL+"/v1/items/none", key); a.status != 404 || a.problem(t).Type != "item-unknown" {
		t.Errorf("got %d %s", a.status, a.body)
	}
	// Shops: none, one whose name is a hyphen, and another.
	for _, c := range []struct{ shop, path string }{{"", "-"}, {"-", "--"}, {"Mitte/1", "Mitte%2F1"}} {
		shopKey, err := server.AddKey(t.Context(), s, server.Key{Name: fmt.Sprint("shop-", len(c.path)), Scopes: []server.Scope{server.ScopeIngest}, Shop: c.shop})
		if err != nil {
			t.Fatal(err)
		}
		if a := send(t, sending{srv.URL + "/v1/orders?from=shopify", shopKey, shopifyOrder(7, "2026-05-04T10:00:00Z", "Ann", ""), nil}); a.status != 201 {
			t.Fatalf("got %d %s", a.status, a.body)
		}
		at := srv.URL + "/v1/orders/" + c.path + "/7?system=shopify"
		order := into[server.KnownOrder](t, fetch(t, at, people))
		if order.ID != "7" || order.Shop != c.shop || order.Phone == "" || order.Name != "Ann Lee" || len(order.Items) != 1 || order.Items[0].Name != "Tea" || order.Placed.IsZero() {
			t.Errorf("got %+v", order)
		}
		a := fetch(t, at, key)
		if order := into[server.KnownOrder](t, a); order.Phone != "" || order.Name != "" || order.ID != "7" || strings.Contains(a.body, "5550101") || strings.Contains(a.body, "Ann") {
			t.Errorf("a key that may not read people got %+v", order)
		}
		if a := fetch(t, strings.Replace(at, "shopify", "square", 1), key); a.status != 404 {
			t.Errorf("got %d %s", a.status, a.body)
		}
	}
	if a := fetch(t, srv.URL+"/v1/orders", key); a.status != 200 || strings.Contains(a.body, "555-") || strings.Contains(a.body, "Ann") || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %d %s", a.status, a.body)
	}
	if a := fetch(t, srv.URL+"/v1/orders", people); a.status != 200 || !strings.Contains(a.body, "555") || !strings.Contains(a.body, "Ann") {
		t.Errorf("got %d %s", a.status, a.body)
	}
}

// No key reads more than its scopes say.
func TestReadScopes(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	paths := map[server.Scope][]string{
		server.ScopeRead:       {"GET /v1/items", "GET /v1/items/Tea", "GET /v1/orders", "GET /v1/summary", "GET /v1/hours", "GET /v1/events", "GET /v1/export/items.json", "GET /v1/export/items.csv", "GET /v1/orders/-/1"},
		server.ScopeReadPhones: {"GET /v1/customers", "POST /v1/customers/find", "GET /v1/export/customers.json", "GET /v1/export/customers.csv"},
		server.ScopeErase:      {"DELETE /v1/customers", "POST /v1/customers/erase"},
	}
	for _, has := range server.Scopes() {
		key := newKey(t, s, has)
		for needs, all := range paths {
			for _, one := range all {
				if has == needs {
					continue
				}
				method, path, _ := strings.Cut(one, " ")
				if a := ask(t, method, srv.URL+path, key, `{"phone":"555-0101"}`); a.status != 403 {
					t.Errorf("%s with %s: got %d %s", one, has, a.status, a.body)
				}
			}
		}
	}
}

// An erased customer is gone, and who may not read phones learns nothing of whether there was one.
func TestEraseCustomer(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key, both := newKey(t, s, server.ScopeErase), newKey(t, s, server.ScopeErase, server.ScopeReadPhones)
	for i := range 3 {
		fill(t, srv.URL, s, orderOf(i, fmt.Sprintf("555-010%d", i), "Ann", "Tea", "2.50", "2026-05-04T10:00:00Z"))
	}
	known := ask(t, "DELETE", srv.URL+"/v1/customers", key, `{"phone":" 555-0101"}`)
	unknown := ask(t, "DELETE", srv.URL+"/v1/customers", key, `{"phone":"555-0101"}`)
	if known.status != 200 || known.body != unknown.body || unknown.status != 200 || !strings.Contains(known.body, "--now") {
		t.Errorf("got %d %s, %d %s", known.status, known.body, unknown.status, unknown.body)
	}
	if _, found, err := s.Customer(t.Context(), "555-0101"); found || err != nil {
		t.Error("the customer is there", err)
	}
	for i, want := range []bool{true, false} {
		if a := into[server.EraseAnswer](t, ask(t, "POST", srv.URL+"/v1/customers/erase", both, `{"phone":"555-0102"}`)); a.Found == nil || *a.Found != want {
			t.Errorf("%d: got %+v", i, a)
		}
	}
	if a := ask(t, "DELETE", srv.URL+"/v1/customers", key, `{"system":"shopify","shop":"x","ids":["9"]}`); a.status != 200 {
		t.Errorf("got %d %s", a.status, a.body)
	}
	if o, found, err := s.Order(t.Context(), "shopify", "x", "9"); err != nil || !found || !o.Erased || !o.Unseen {
		t.Errorf("got %+v %v %v", o, found, err)
	}
	if a := fetch(t, srv.URL+"/v1/orders/x/9?system=shopify", newKey(t, s, server.ScopeRead)); a.status != 404 {
		t.Errorf("got %d %s", a.status, a.body)
	}
	for _, body := range []string{`{}`, `{"phone":" "}`, `{"ids":[""]}`, `{"ids":["a\u0000"]}`, `{"phone":"a\u0000"}`, `{"phones":["1"]}`, `{"ids":[` + strings.Repeat(`"1",`, 1000) + `"1"]}`} {
		if a := ask(t, "DELETE", srv.URL+"/v1/customers", key, body); a.status != 400 {
			t.Errorf("%.40s: got %d %s", body, a.status, a.body)
		}
	}
	if customers, _, err := s.Customers(t.Context(), store.Search{}, "", 10); err != nil || len(customers) != 1 {
		t.Errorf("got %v %v", customers, err)
	}
}

// The summary and the hours are those of the orders, in the zone that is asked for.
func TestFigures(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 26, 9, 30, 20, 0, time.UTC) // the day after the clocks went back
	srv, s := newServer(t, server.Options{Now: func() time.Time { return now }})
	key := newKey(t, s, server.ScopeRead)
	for i, placed := range []string{
		"2026-10-26T09:30:05Z", "2026-10-26T00:10:00Z", "2026-10-25T23:30:00Z", // today, today, today in Berlin
		"2026-10-19T09:30:00Z", "2026-10-19T09:31:00Z", "2026-10-19T08:30:59Z", "2026-10-18T22:30:00Z", // a week ago
		"2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "1999-01-01T00:00:00Z", "",
	} {
		fill(t, srv.URL, s, orderOf(i, fmt.Sprintf("555-01%02d", i), "Ann", "Tea", "2.50", placed))
	}
	a := fetch(t, srv.URL+"/v1/summary", key)
	got := into[server.Summary](t, a)
	if got.Customers != 11 || got.Items != 1 || got.Total.Orders != 11 || got.Total.Untimed != 1 || got.Total.Revenue["USD"] != "55.00" || got.Total.Average != "5.00" {
		t.Errorf("got %s", a.body)
	}
	if d := got.Today; d.Date != "2026-10-26" || d.Zone != "UTC" || d.SoFar.Orders != 2 || *d.SoFar.NewCustomers != 2 || d.SoFar.Revenue["USD"] != "10.00" || d.WeekAgo.Orders != 2 {
		t.Errorf("got %s", a.body)
	}
	// In Berlin it is 10:30, and a week ago that was 08:30 in UTC.
	if d := into[server.Summary](t, fetch(t, srv.URL+"/v1/summary?zone=Europe/Berlin", key)).Today; d.SoFar.Orders != 3 || d.WeekAgo.Orders != 2 || d.Zone != "Europe/Berlin" {
		t.Errorf("got %+v", d)
	}
	if again := fetch(t, srv.URL+"/v1/summary", key, "If-None-Match", a.header.Get("ETag")); again.status != 304 || a.header.Get("Cache-Control") != "private, no-cache" {
		t.Errorf("got %d %v", again.status, a.header)
	}
	fill(t, srv.URL, s, orderOf(99, "555-0100", "Ann", "Tea", "2.50", "2026-10-26T09:00:00Z"))
	for isOld := true; isOld; { // on a slow machine the total may be of a moment ago
		again := fetch(t, srv.URL+"/v1/summary", key, "If-None-Match", a.header.Get("ETag"))
		got := into[server.Summary](t, again)
		if isOld = !got.Total.AsOf.IsZero(); got.Today.SoFar.Orders != 3 || !isOld && got.Total.Orders != 12 {
			t.Errorf("got %s", again.body)
		}
	}
	starts := func(query string) string {
		var all []string
		for _, p := range into[server.Timeline](t, fetch(t, srv.URL+"/v1/hours?"+query, key)).Periods {
			all = append(all, p.Start.Format("02T15:04=")+fmt.Sprint(p.Orders))
		}
		return strings.Join(all, " ")
	}
	for query, want := range map[string]string{
		"":                   "26T00:00=1 26T09:00=2",
		"zone=Europe/Berlin": "25T23:00=1 26T00:00=1 26T09:00=2",
		"by=minute":          "26T00:10=1 26T09:00=1 26T09:30=1",
		"from=2026-10-25&zone=Europe/Berlin&by=day":                 "24T22:00=2 25T23:00=4",
		"from=2026-10-25&to=2026-10-26&zone=Europe/Berlin":          "25T00:00=1 25T01:00=1",
		"from=2026-10-25T23:30:59Z&to=2026-10-26T00:11:00Z":         "25T23:00=1 26T00:00=1",
		"from=2026-10-18&by=day":                                    "18T00:00=1 19T00:00=3 25T00:00=3 26T00:00=3",
		"from=2026-10-19T00:00:00Z&to=2026-10-20&zone=Asia/Kolkata": "19T08:30=1 19T09:30=2",
		"from=1998-12-31&to=1999-01-02&by=day":                      "01T00:00=1",
		"from=2018-01-01&by=day":                                    "18T00:00=1 19T00:00=3 25T00:00=3 26T00:00=3",
	} {
		if got := starts(query); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	for _, query := range []string{"hours?from=x", "hours?by=week", "hours?zone=Mars", "hours?zone=Local", "hours?zone=../../etc/passwd", "hours?from=2026-10-28", "hours?from=2026-01-01&by=minute", "hours?x=1", "summary?zone=x", "summary?x", "summary?shop=a&shop=b", "items?limit=0", "items?limit=1001", "items?limit=x", "customers?limit=0", "items?name=%00", "orders?x=", "items/Tea?x"} {
		k := newKey(t, s, server.ScopeRead, server.ScopeReadPhones)
		if a := fetch(t, srv.URL+"/v1/"+query, k); a.status != 400 || a.problem(t).Type != "query-invalid" {
			t.Errorf("%s: got %d %s", query, a.status, a.body)
		}
	}
}

// The figures of one shop are those of its orders, and have nothing that is known of all shops only.
func TestFiguresOfShop(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 26, 9, 30, 20, 0, time.UTC)
	srv, s := newServer(t, server.Options{Now: func() time.Time { return now }})
	key := newKey(t, s, server.ScopeRead, server.ScopeIngest)
	for i, o := range []struct{ shop, price, placed string }{
		{"Corner & Co", "1.00", "2026-10-26T08:10:00Z"}, {"Corner & Co", "2.00", "2026-10-26T09:10:00Z"}, {"Corner & Co", "4.00", ""},
		{"Market", "8.00", "2026-10-26T09:20:00Z"}, {"Market", "16.00", "2026-10-19T09:20:00Z"},
		{"", "32.00", "2026-10-26T07:00:00Z"},
	} {
		to := srv.URL + "/v1/orders?allow-repeats"
		if o.shop != "" {
			to += "&shop=" + url.QueryEscape(o.shop)
		}
		if a := ask(t, "POST", to, key, orderOf(i, fmt.Sprintf("555-01%02d", i), "Ann", "Tea", o.price, o.placed)); a.status != 201 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	for _, c := range []struct {
		query                          string
		total, untimed, today, weekAgo int64
		revenue, ofToday, hours        string // each order has two of its item
	}{
		{"", 6, 1, 4, 1, "126.00", "86.00", "07=1 08=1 09=2"},
		{"?shop=Corner+%26+Co", 3, 1, 2, 0, "14.00", "6.00", "08=1 09=1"},
		{"?shop=Market", 2, 0, 1, 1, "48.00", "16.00", "09=1"},
		{"?shop=", 1, 0, 1, 0, "64.00", "64.00", "07=1"},
	} {
		a := fetch(t, srv.URL+"/v1/summary"+c.query, key)
		got, isOne := into[server.Summary](t, a), c.query != ""
		if got.Total.Orders != c.total || got.Total.Untimed != c.untimed || string(got.Total.Revenue["USD"]) != c.revenue ||
			got.Today.SoFar.Orders != c.today || string(got.Today.SoFar.Revenue["USD"]) != c.ofToday || got.Today.WeekAgo.Orders != c.weekAgo {
			t.Errorf("%s: got %s", c.query, a.body)
		}
		if (got.Shop != nil) != isOne || (got.StoreSummary == nil) != isOne || strings.Contains(a.body, "customers") == isOne {
			t.Errorf("%s: got %s", c.query, a.body)
		}
		if again := fetch(t, srv.URL+"/v1/summary"+c.query, key, "If-None-Match", a.header.Get("ETag")); again.status != 304 {
			t.Errorf("%s again: got %d", c.query, again.status)
		}
		a = fetch(t, srv.URL+"/v1/hours"+c.query, key)
		line, hours := into[server.Timeline](t, a), ""
		for _, p := range line.Periods {
			hours += p.Start.Format(" 15=") + fmt.Sprint(p.Orders)
		}
		if hours != " "+c.hours || (line.Shop != nil) != isOne || strings.Contains(a.body, "customers") == isOne {
			t.Errorf("%s: got %s", c.query, a.body)
		}
	}
	for _, path := range []string{"summary", "hours"} {
		if a := fetch(t, srv.URL+"/v1/"+path+"?shop=Cornr", key); a.status != 404 || a.problem(t).Type != "shop-unknown" {
			t.Errorf("%s: got %d %s", path, a.status, a.body)
		}
	}
	for i := range 70 { // more than totals are kept of
		shop := fmt.Sprint("Stall ", i)
		if a := ask(t, "POST", srv.URL+"/v1/orders?allow-repeats&shop="+url.QueryEscape(shop), key, orderOf(100+i, "555-0199", "Bob", "Tea", "1.00", "2026-10-01T00:00:00Z")); a.status != 201 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		if got := into[server.Summary](t, fetch(t, srv.URL+"/v1/summary?shop="+url.QueryEscape(shop), key)); got.Total.Orders != 1 {
			t.Errorf("%s: got %+v", shop, got.Total)
		}
	}
}

// The answer to an erasure says when the server removes the rest.
func TestEraseSaysWhen(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 26, 9, 30, 20, 0, time.UTC)
	srv, s := newServer(t, server.Options{Now: func() time.Time { return now }, ScrubAt: "03:00"})
	a := into[server.EraseAnswer](t, ask(t, "DELETE", srv.URL+"/v1/customers", newKey(t, s, server.ScopeErase), `{"phone":"555-0101"}`))
	if !strings.HasSuffix(a.Later, "the server does that, next at 2026-10-27T03:00:00Z") {
		t.Errorf("got %q", a.Later)
	}
}
