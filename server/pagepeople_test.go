package server_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/phones"
	"process-orders/server"
	"process-orders/store"
	"process-orders/store/memory"
	"process-orders/store/sqlite"
)

// A visitor is somebody who has signed in and uses the page without its script.
type visitor struct {
	t      *testing.T
	url    string
	store  store.Service
	cookie string
	logged *lockedBuffer
	server *server.Server
}

// newVisitor serves a store and signs in.
func newVisitor(t *testing.T, s store.Service, o server.Options) *visitor {
	t.Helper()
	v := &visitor{t: t, store: s, logged: new(lockedBuffer)}
	o.Log = slog.New(slog.NewTextHandler(v.logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	srv, err := server.New(s, o)
	if err != nil {
		t.Fatal(err)
	}
	v.server = srv
	listener := httptest.NewServer(srv)
	t.Cleanup(func() {
		listener.Close()
		_ = srv.Shutdown(t.Context())
	})
	v.url = listener.URL
	v.signIn()
	return v
}

// signIn takes the session of somebody else.
func (v *visitor) signIn() {
	v.t.Helper()
	path, err := server.NewLink(v.t.Context(), v.store)
	if err != nil {
		v.t.Fatal(err)
	}
	_, token, _ := strings.Cut(path, "token=")
	answer, _ := askRaw(v.t, "POST", v.url+"/sign-in", url.Values{"token": {token}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	for _, one := range answer.Cookies() {
		v.cookie = one.Name + "=" + one.Value
	}
	if v.cookie == "" {
		v.t.Fatal("no session: ", answer.Status)
	}
}

func newFile(t *testing.T) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "shop.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// A seen is what a browser has understood of an answer.
type seen struct {
	t      *testing.T
	status int
	header http.Header
	raw    string
	root   *html.Node
}

// send posts a form, of names and values. With a part it asks for that alone.
func (v *visitor) send(part, path string, fields ...string) *seen {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	headers := []string{"Cookie", v.cookie, "Content-Type", "application/x-www-form-urlencoded"}
	if part != "" {
		headers = append(headers, "X-Part", part)
	}
	return v.look("POST", path, form.Encode(), headers...)
}

// home opens the page.
func (v *visitor) home() *seen {
	v.t.Helper()
	return v.look("GET", "/", "", "Cookie", v.cookie)
}

func (v *visitor) look(method, path, body string, headers ...string) *seen {
	v.t.Helper()
	answer, text := askRaw(v.t, method, v.url+path, body, headers...)
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		v.t.Fatal(err)
	}
	return &seen{v.t, answer.StatusCode, answer.Header, text, root}
}

// each calls do for each element of a name.
func (s *seen) each(name string, do func(*html.Node)) {
	for n := range s.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == name {
			do(n)
		}
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// values are those of all inputs of a name.
func (s *seen) values(name string) (all []string) {
	s.each("input", func(n *html.Node) {
		if attribute(n, "name") == name {
			all = append(all, attribute(n, "value"))
		}
	})
	return all
}

// text is all text that people see, with one space between words.
func (s *seen) text() string {
	var all strings.Builder
	for n := range s.root.Descendants() {
		if n.Type == html.TextNode {
			all.WriteString(n.Data + " ")
		}
	}
	return strings.Join(strings.Fields(all.String()), " ")
}

// has wants a status, and texts that people see.
func (s *seen) has(status int, texts ...string) *seen {
	s.t.Helper()
	if s.status != status {
		s.t.Errorf("the status %d, want %d", s.status, status)
	}
	for _, one := range texts {
		if !strings.Contains(s.text(), one) {
			s.t.Errorf("%q is not in: %s", one, s.text())
		}
	}
	return s
}

func (s *seen) hasNot(texts ...string) *seen {
	s.t.Helper()
	for _, one := range texts {
		if strings.Contains(s.raw, one) {
			s.t.Errorf("%q is in: %s", one, s.raw)
		}
	}
	return s
}

// bring posts orders.
func (v *visitor) bring(orders string) {
	v.t.Helper()
	if answer := post(v.t, v.url+"/v1/orders", newKey(v.t, v.store, server.ScopeIngest), orders); answer.StatusCode != 201 {
		text, _ := io.ReadAll(answer.Body)
		v.t.Fatal(answer.Status, string(text))
	}
}

func boughtBy(phone, name string) string {
	return fmt.Sprintf(`{"phone":%q,"name":%q,"time":"2026-05-04T10:00:00Z","items":[{"name":"Tea","price":2.5,"currency":"USD"}]}`, phone, name)
}

// lastActs are the latest acts, the last first: what, result, and whether it was done to a person.
func (v *visitor) lastActs(n int) (all []string) {
	v.t.Helper()
	page, err := server.Audit(v.t.Context(), v.store, "", n)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, a := range page.Acts {
		all = append(all, fmt.Sprint(a.What, " ", a.Result, " ", strings.HasPrefix(a.Who, "page-"), " ", a.Person != "", " ", a.Of))
	}
	return all
}

// TestPageFind finds customers, who are masked until somebody reveals one.
func TestPageFind(t *testing.T) {
	t.Parallel()
	v := newVisitor(t, newFile(t), server.Options{})
	v.bring("[" + boughtBy("732-555-0101", "Ann Willow") + "," + boughtBy("732-555-0102", "Bob Stone") + "," + boughtBy("555-0199", "") + "]")
	for who, want := range map[string]string{
		"0101": "A. W. · phone ends in 01 1 order, the last on 4 May 2026", "732-555-0101": "A. W.", "  ann ": "A. W.", "wil": "A. W.", "ANN W": "A. W.",
		"٠١٠١": "A. W.", "０１０１": "A. W.", "0199": "No name · phone ends in 99",
	} {
		part := v.send("find", "/page/find", "who", who).has(200, want).hasNot("Willow", "<html", "Bob")
		if !strings.Contains(who, "555") {
			part.hasNot("555-0101")
		}
		if n := len(part.values("customer")); n != 1 {
			t.Errorf("%q finds %d", who, n)
		}
	}
	for who, want := range map[string]string{
		"": "Type the last digits", " \t": "Type the last digits", "---": "no letter and no digit", "9999": "Nobody has a phone that ends so", "Eve": "Nobody has a name",
		strings.Repeat("1", 65): "longer than a phone", strings.Repeat("a", 201): "longer than a phone", "a\x00": "no letter", "a\xff": "no letter",
	} {
		if part := v.send("find", "/page/find", "who", who).has(200, want); len(part.values("customer")) != 0 {
			t.Errorf("%q finds somebody", who)
		}
	}
	before := v.lastActs(1)
	whole := v.send("", "/page/find", "who", "0101").has(200, "Find a customer", "Connections", "A. W.")
	if after := v.lastActs(1); after[0] != before[0] {
		t.Error("a search is an act:", after)
	}
	shown := v.send("find", "/page/find/show", "customer", whole.values("customer")[0], "who", "0101").
		has(200, "Ann Willow", "732-555-0101", "2.50 USD", "4 May 2026", "in the log of acts", "last four digits")
	if got := v.lastActs(1); got[0] != "customers done true true POST /page/find/show" {
		t.Error(got)
	}
	german := url.Values{"customer": whole.values("customer")}.Encode()
	v.look("POST", "/page/find/show", german, "Cookie", v.cookie, "Content-Type", "application/x-www-form-urlencoded", "X-Part", "find", "Accept-Language", "de").
		has(200, "2,50 USD")
	if shown.header.Get("Cache-Control") != "no-store" {
		t.Error(shown.header)
	}
	v.send("", "/page/find/show", "customer", whole.values("customer")[0]).has(200, "Ann Willow", "Connections")
	for _, bad := range []string{"", "x", whole.values("customer")[0][1:], "732-555-0101"} {
		v.send("find", "/page/find/show", "customer", bad).has(400, "too old").hasNot("Ann")
		v.send("find", "/page/erase", "customer", bad, "confirm", "0101").has(400, "too old").hasNot("Ann")
	}
	sealed := whole.values("customer")[0]
	v.signIn() // as somebody else
	v.send("find", "/page/find/show", "customer", sealed).has(400, "too old").hasNot("Ann")
	v.cookie = ""
	for _, path := range []string{"/page/find", "/page/find/show", "/page/erase"} {
		if s := v.send("", path, "who", "0101", "customer", sealed, "confirm", "0101"); s.status != 401 || strings.Contains(s.raw, "Ann") {
			t.Error(path, s.status)
		}
	}
	if c := strings.ToLower(v.logged.String()); strings.Contains(c, "555-0101") || strings.Contains(c, "willow") {
		t.Error("the log has a customer:", c)
	}
}

// TestPageSealsPhones opens what the page says of a customer with all that is not secret, in a store
// that never had a key: the secret is made before the first customer is shown, and stays.
func TestPageSealsPhones(t *testing.T) {
	t.Parallel()
	s := memory.New()
	ann := input.Reader("orders", strings.NewReader(boughtBy("732-555-0101", "Ann Willow")))
	if _, err := apply.Apply(t.Context(), s, ann, apply.Options{}); err != nil {
		t.Fatal(err)
	}
	v := newVisitor(t, s, server.Options{})
	sealed := v.send("find", "/page/find", "who", "0101").has(200, "A. W.").values("customer")[0]
	page, err := server.Audit(t.Context(), s, "", 1)
	if err != nil || page.Acts[0].What != server.ActSignIn {
		t.Fatal(page, err)
	}
	for _, secret := range [][]byte{nil, {}, make([]byte, 32)} {
		key, err := hkdf.Key(sha256.New, secret, nil, "cursors of lists", 32)
		if err != nil {
			t.Fatal(err)
		}
		block, _ := aes.NewCipher(key)
		seal, _ := cipher.NewGCMWithRandomNonce(block)
		raw, _ := base64.RawURLEncoding.DecodeString(sealed)
		if phone, err := seal.Open(nil, nil, raw, []byte("customers of the page\x00"+page.Acts[0].Who)); err == nil {
			t.Errorf("whoever sees the page can read %q", phone)
		}
	}
	v.send("find", "/page/find/show", "customer", sealed).has(200, "Ann Willow")
}

// TestPageFindMany finds more than a page shows.
func TestPageFindMany(t *testing.T) {
	t.Parallel()
	v := newVisitor(t, newFile(t), server.Options{})
	var all []string
	for i := range 3000 {
		all = append(all, boughtBy(fmt.Sprintf("732-55%d-%04d", i%10, i), fmt.Sprintf("Ann %c", 'A'+i%26)))
	}
	v.bring("[" + strings.Join(all, ",") + "]")
	for who, want := range map[string]string{"7": "one more digit", "ann": "more of the name"} {
		if part := v.send("find", "/page/find", "who", who).has(200, "More than 20 customers fit", want); len(part.values("customer")) != 20 {
			t.Error(who, len(part.values("customer")))
		}
	}
	if part := v.send("find", "/page/find", "who", "2987"); len(part.values("customer")) != 1 || strings.Contains(part.text(), "More than") {
		t.Error(part.text())
	}
}

// normalOptions normalises phones as those of a country.
func normalOptions(t *testing.T, region string) apply.Options {
	t.Helper()
	normal, err := phones.New(region)
	if err != nil {
		t.Fatal(err)
	}
	o := apply.Options{PhoneForm: apply.E164Form(region)}
	o.Phone = normal.E164In
	return o
}

// TestPageNormalised finds a phone that is written in another way than the store keeps it.
func TestPageNormalised(t *testing.T) {
	t.Parallel()
	v := newVisitor(t, newFile(t), server.Options{Apply: normalOptions(t, "AT")})
	v.bring("[" + boughtBy("0664 1234567", "Ann Willow") + "]")
	for _, who := range []string{"0664/1234567", "+43 664 1234567", "4567"} {
		found := v.send("find", "/page/find", "who", who).has(200, "A. W.")
		if n := len(found.values("customer")); n != 1 {
			t.Errorf("%s finds %d", who, n)
		}
	}
}

// TestPageErase erases a customer, after the last four digits were typed.
func TestPageErase(t *testing.T) {
	t.Parallel()
	v := newVisitor(t, newFile(t), server.Options{ScrubAt: "03:00"})
	v.bring("[" + boughtBy("732-555-0101", "Ann Willow") + "," + boughtBy("12", "Bob Stone") + "]")
	connect(t, v.store, server.Connection{Name: "shop", Kind: "shopify"}, "sesame")
	body := `{"nothing":"732 555 0101"}`
	deliver(t, v.url+"/v1/hooks/shop", shopify("sesame", "orders/create", body), body)
	one := v.send("find", "/page/find", "who", "0101").values("customer")[0]
	for _, typed := range []string{"", "0102", "101", "10101", "a0101", "5550101"} {
		v.send("find", "/page/erase", "customer", one, "confirm", typed, "who", "0101").has(422, "Nobody was erased: these are not the last four digits", "Ann Willow")
		if _, found, err := v.store.Customer(t.Context(), "732-555-0101"); err != nil || !found {
			t.Fatal(found, err)
		}
	}
	if got := v.lastActs(1); got[0] != "customers done true true POST /page/erase" {
		t.Error("who is shown once more is no act:", got)
	}
	v.send("", "/page/erase", "customer", one, "confirm", " 01 01 ").has(200, "The customer is erased.", "scrubbed on", "03:00", "Remove the phone also from exports", "Nothing waits here").hasNot("Willow")
	if _, found, err := v.store.Customer(t.Context(), "732-555-0101"); err != nil || found {
		t.Error(found, err)
	}
	if got := v.lastActs(1); got[0] != "erase done true true " {
		t.Error(got)
	}
	v.send("find", "/page/erase", "customer", one, "confirm", "0101").has(200, "Nobody was erased: the store does not have this customer")
	v.send("find", "/page/find/show", "customer", one).has(404, "does not have this customer any more")
	short := v.send("find", "/page/find", "who", "12").has(200, "phone hidden").values("customer")[0]
	v.send("find", "/page/find/show", "customer", short).has(200, "type the phone as it is shown")
	v.send("find", "/page/erase", "customer", short, "confirm", "2").has(422, "this is not the phone above")
	v.send("find", "/page/erase", "customer", short, "confirm", "12").has(200, "The customer is erased.")
	never := newVisitor(t, newFile(t), server.Options{StoreName: "shop.db"})
	never.bring(boughtBy("732-555-0101", "Ann Willow"))
	one = never.send("find", "/page/find", "who", "0101").values("customer")[0]
	never.send("find", "/page/erase", "customer", one, "confirm", "0101").has(200, "process-orders erase --now --store shop.db")
	never.home().has(200, "process-orders connect --store shop.db --secret-file")
}

// TestPageHostile shows names and phones that try to be more than texts.
func TestPageHostile(t *testing.T) {
	t.Parallel()
	for i, name := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onfocus='alert(1)`, "{{.Words}}", "</textarea><script>", "a\u202eb", strings.Repeat("x", 5000),
		"javascript:alert(1)", "<!--", "</section></main>",
	} {
		v := newVisitor(t, memory.New(), server.Options{})
		phone := name + "0101"
		v.bring("[" + boughtBy(phone, name) + "]")
		found := v.send("find", "/page/find", "who", "0101")
		if len(found.values("customer")) != 1 {
			t.Fatalf("%d: %s", i, found.raw)
		}
		shown := v.send("", "/page/find/show", "customer", found.values("customer")[0], "who", name)
		for _, s := range []*seen{found, shown, v.send("", "/page/find", "who", name)} {
			for n := range s.root.Descendants() {
				if n.Type != html.ElementNode {
					continue
				}
				if n.Data == "img" || n.Data == "script" && attribute(n, "src") == "" {
					t.Errorf("%d: a %s", i, n.Data)
				}
				for _, a := range n.Attr {
					if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.HasPrefix(a.Val, "javascript:") && a.Key != "value" {
						t.Errorf("%d: %s=%s", i, a.Key, a.Val)
					}
				}
			}
		}
		for _, path := range []string{"/page/find", "/page/find/show", "/page/erase", "/page/connections/test", "/page/quarantine", "/page/quarantine/look", "/page/quarantine/mend", "/page/quarantine/replay", "/page/quarantine/delete"} {
			v.send("", path, "who", name, "customer", name, "confirm", name, "connection", name, "id", name, "text", name, "before", name).hasNot("<script>alert", "<img")
		}
		if len(name) < 1000 && strings.Contains(v.logged.String(), name) {
			t.Error("the log has it")
		}
	}
}
