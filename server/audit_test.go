package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"process-orders/server"
	"process-orders/store"
	"process-orders/store/sqlite"
)

// acts reads the whole log of acts in pages, the latest first.
func acts(t *testing.T, url, key string) (all []server.Act, broken []string) {
	t.Helper()
	for before := ""; ; {
		var page server.AuditPage
		if status := get(t, "GET", url+"/v1/audit?limit=3&before="+before, key, &page); status != 200 {
			t.Fatal(status)
		}
		all, broken = append(all, page.Acts...), append(broken, page.Broken...)
		if before = page.Next; before == "" {
			return all, broken
		}
	}
}

// TestAudit does all that the log of acts has, and reads it.
func TestAudit(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key := newKey(t, s, server.ScopeAdmin)
	connect(t, s, server.Connection{Name: "shop", Kind: "shopify"}, "sesame")
	hook := srv.URL + "/v1/hooks/shop"
	for _, body := range []string{`{"no":1}`, `{"no":2}`, order(1, "732-555-0101", "Ann", 1, "")} {
		deliver(t, hook, shopify("sesame", "orders/create", body), body)
	}
	redaction := `{"shop_id":1,"customer":{"id":3,"phone":"732-555-0101"},"orders_to_redact":[1]}`
	deliver(t, hook, shopify("sesame", "customers/redact", redaction), redaction)
	request := `{"shop_id":1,"customer":{"id":3,"phone":"732-555-0101"},"orders_to_redact":7}`
	deliver(t, hook, shopify("sesame", "customers/redact", request), request)
	found := quarantine(t, srv.URL, key)
	for _, step := range []string{"GET /", "DELETE /"} {
		method, _, _ := strings.Cut(step, " ")
		do(t, method, srv.URL+"/v1/quarantine/"+found[0].ID, key)
		do(t, method, srv.URL+"/v1/quarantine/"+found[0].ID[:27]+"x", key) // is none, and no act
	}
	do(t, "POST", srv.URL+"/v1/quarantine/"+found[1].ID+"/replay", key) // is refused, and no act
	if _, err := server.Erase(t.Context(), s, store.Erasure{Phone: "732-555-0101"}, "732-555-0101"); err != nil {
		t.Error(err)
	}
	if err := server.Disconnect(t.Context(), s, "shop"); err != nil {
		t.Error(err)
	}
	if err := server.Disconnect(t.Context(), s, "shop"); err == nil { // no act
		t.Error("disconnected twice")
	}
	id := key[3:15]
	all, broken := acts(t, srv.URL, key)
	person, err := server.Person(t.Context(), s, "732-555-0101")
	if err != nil || len(person) != 32 || len(broken) > 0 {
		t.Fatal(person, err, broken)
	}
	var got []string
	for i := range all {
		a := &all[i]
		got = append(got, strings.TrimSpace(fmt.Sprint(a.What, " ", a.Who, " ", a.Connection, " ", a.Of, " ", a.Result, " ", a.Person)))
		if (a.Request == "") != (a.Who == "command") || a.ID != fmt.Sprintf("%016x", len(all)-i) || time.Since(a.At) > time.Minute {
			t.Errorf("%+v", a)
		}
	}
	want := []string{
		"disconnect command  shop done",
		"erase command   unknown " + person,
		"quarantine-delete " + id + "  " + found[0].ID + " done",
		"quarantine-read " + id + " shop " + found[0].ID + " done",
		"redact webhook shop  done " + person,
		"connect command  shop done",
		"key-add command  " + id + " done",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, query := range []string{"limit=0", "limit=x", "limit=100000", "before=555-0101"} {
		if status := do(t, "GET", srv.URL+"/v1/audit?"+query, key); status != 400 {
			t.Error(query, status)
		}
	}
}

// TestAuditShowsChanges changes the log of acts behind the server's back, in each of its places.
func TestAuditShowsChanges(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key := newKey(t, s, server.ScopeAdmin)
	for range 7 {
		newKey(t, s, server.ScopeRead)
	}
	all, err := s.Documents(t.Context(), "audit", "", false, 100)
	if err != nil || len(all) != 8 {
		t.Fatal(len(all), err)
	}
	change := func(do func(store.Transaction) error) {
		t.Helper()
		if err := s.Commit(t.Context(), do); err != nil {
			t.Fatal(err)
		}
	}
	for i, d := range all {
		other := d
		other.Value = []byte(strings.Replace(string(d.Value), `"done"`, `"Done"`, 1))
		for name, do := range map[string]func(store.Transaction) error{
			"changed": func(tx store.Transaction) error { return tx.Put(other) },
			"unreadable": func(tx store.Transaction) error {
				return tx.Put(store.Document{Kind: d.Kind, Key: d.Key, Value: []byte("{")})
			},
			"removed": func(tx store.Transaction) error { return tx.Delete(d.Kind, d.Key) },
		} {
			change(do)
			_, broken := acts(t, srv.URL, key)
			if isOldest := i == 0 && name == "removed"; (len(broken) == 0) != isOldest {
				t.Errorf("%d %s: broken at %v", i, name, broken)
			}
			change(func(tx store.Transaction) error { return tx.Put(d) })
		}
	}
	if _, broken := acts(t, srv.URL, key); len(broken) > 0 {
		t.Error("as it was:", broken)
	}
	change(func(tx store.Transaction) error {
		for _, d := range all {
			if err := tx.Delete(d.Kind, d.Key); err != nil {
				return err
			}
		}
		return nil
	})
	if _, broken := acts(t, srv.URL, key); len(broken) == 0 {
		t.Error("all is gone, and nobody says so")
	}
}

// TestAuditIsBounded writes more acts than the log keeps, and ones that are old.
func TestAuditIsBounded(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key := newKey(t, s, server.ScopeAdmin)
	for i := range 3 {
		newKey(t, s, server.ScopeRead)
		// What the log kept so far becomes old, or is what comes before the most that it keeps.
		err := s.Commit(t.Context(), func(tx store.Transaction) error {
			if i == 0 {
				d, _, err := tx.Document("audit-head", "")
				if err != nil {
					return err
				}
				var head map[string]any
				_ = json.Unmarshal(d.Value, &head)
				head["acts"] = server.MostActs
				d.Value, _ = json.Marshal(head)
				return tx.Put(d)
			}
			d, found, err := tx.Document("audit", fmt.Sprintf("%016x", server.MostActs+i))
			if d.At -= (2*365*24 + 1) * time.Hour.Milliseconds(); err != nil || !found {
				return fmt.Errorf("%v %v", found, err)
			}
			return tx.Put(d)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	newKey(t, s, server.ScopeRead)
	all, err := s.Documents(t.Context(), "audit", "", false, 100)
	if err != nil || len(all) != 1 || all[0].Key != fmt.Sprintf("%016x", server.MostActs+3) {
		t.Error(all, err)
	}
	if _, broken := acts(t, srv.URL, key); len(broken) > 0 {
		t.Error("what the log no longer keeps is said to be missing:", broken)
	}
}

// TestKeysOfProcesses makes and revokes keys in a process of their own, beside a running server.
func TestKeysOfProcesses(t *testing.T) {
	if file := os.Getenv("KEYS_OF"); file != "" {
		otherProcess(t, file)
		return
	}
	t.Parallel()
	file := filepath.Join(t.TempDir(), "shop.db")
	other := func(do string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKeysOfProcesses$", "-test.v")
		cmd.Env = append(os.Environ(), "KEYS_OF="+file, "KEYS_DO="+do)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		_, said, _ := strings.Cut(string(out), "SAID ")
		said, _, _ = strings.Cut(said, " END")
		return said
	}
	first := other("add first") // makes the store
	srv := serverOf(t, file)
	if status := do(t, "GET", srv+"/v1/connections", first); status != 200 {
		t.Error(status)
	}
	for i := range 3 {
		name := fmt.Sprint("till", i)
		key := other("add " + name)
		if status := do(t, "GET", srv+"/v1/connections", key); status != 200 {
			t.Error("a new key:", status)
		}
		other("revoke " + name)
		if status := do(t, "GET", srv+"/v1/connections", key); status != 401 {
			t.Error("a revoked key:", status)
		}
	}
}

// otherProcess is what the other process does.
func otherProcess(t *testing.T, file string) {
	s, err := sqlite.Open(t.Context(), file, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	what, name, _ := strings.Cut(os.Getenv("KEYS_DO"), " ")
	secret := ""
	if what == "add" {
		secret, err = server.AddKey(t.Context(), s, server.Key{Name: name, Scopes: []server.Scope{server.ScopeAdmin}})
	} else {
		_, err = server.RevokeKey(t.Context(), s, name)
	}
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("SAID", secret, "END")
}

// TestKeys makes keys that are refused, and sees when a key was used.
func TestKeys(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC()
	_, s := newServer(t, server.Options{})
	srv, err := server.New(s, server.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	add := func(k server.Key) error { _, err := server.AddKey(t.Context(), s, k); return err }
	read := []server.Scope{server.ScopeRead}
	for i, k := range []server.Key{
		{}, {Name: "a"}, {Scopes: read}, {Name: "a b", Scopes: read}, {Name: "a", Scopes: []server.Scope{"other"}}, {Name: "a", Scopes: []server.Scope{""}},
		{Name: "a", Scopes: []server.Scope{"read", "read"}}, {Name: strings.Repeat("a", 64), Scopes: read}, {Name: "0123456789ab", Scopes: read},
		{Name: "a", Scopes: read, Shop: strings.Repeat("s", 65)}, {Name: "a", Scopes: read, Shop: "a\nb"}, {Name: "a", Scopes: read, Expires: now.Add(-time.Second)},
	} {
		if add(k) == nil {
			t.Error(i, "is accepted")
		}
	}
	if all, err := server.Keys(t.Context(), s); err != nil || len(all) > 0 {
		t.Error(all, err)
	}
	soon := server.Key{Name: "soon", Scopes: read, Expires: time.Now().Add(1500 * time.Millisecond)}
	if err := add(soon); err != nil {
		t.Error(err)
	}
	time.Sleep(1600 * time.Millisecond)
	for i := range 3 { // an expired one does not count
		if err := add(server.Key{Name: "soon", Scopes: read}); (err != nil) != (i == 2) {
			t.Error(i, err)
		}
	}
	key := newKey(t, s, server.ScopeAdmin)
	w := statusOf(srv, "GET", "/v1/connections", key)
	if w != http.StatusOK {
		t.Fatal(w)
	}
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	all, err := server.Keys(t.Context(), s)
	if err != nil || len(all) != 4 {
		t.Fatal(all, err)
	}
	for _, k := range all {
		if want := k.ID == key[3:15]; k.Used.Equal(now.Truncate(time.Minute)) != want || k.Used.IsZero() == want || k.Hash != "" {
			t.Errorf("%+v", k)
		}
	}
	_, err = server.RevokeKey(t.Context(), s, "soon")
	if err != server.ErrTwoKeys {
		t.Error(err)
	}
	if _, err := server.RevokeKey(t.Context(), s, key[:15]); err != server.ErrNoKey {
		t.Error(err)
	}
	if k, err := server.RevokeKey(t.Context(), s, key[3:15]); err != nil || k.ID != key[3:15] {
		t.Error(k, err)
	}
}

// Orders with people are customers who are given out; those without are not.
func TestAuditOfOrders(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	ingest, admin := newKey(t, s, server.ScopeIngest), newKey(t, s, server.ScopeAdmin)
	send(t, sending{srv.URL + "/v1/orders?from=shopify", ingest, shopifyOrder(1, "2026-05-04T10:00:00Z", "Ann", ""), nil})
	given := func() (n int) {
		all, _ := acts(t, srv.URL, admin)
		for i := range all {
			if all[i].What == server.ActCustomers {
				n++
			}
		}
		return n
	}
	plain, people := newKey(t, s, server.ScopeRead), newKey(t, s, server.ScopeRead, server.ScopeReadPhones)
	for _, path := range []string{"/v1/orders", "/v1/orders/-/1?system=shopify"} {
		before := given()
		if status := do(t, "GET", srv.URL+path, plain); status != 200 || given() != before {
			t.Error(path, "without people:", status, given()-before, "acts")
		}
		if status := do(t, "GET", srv.URL+path, people); status != 200 || given() != before+1 {
			t.Error(path, "with people:", status, given()-before, "acts")
		}
	}
}
