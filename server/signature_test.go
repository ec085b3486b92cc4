package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"process-orders/server"
)

// A signing is what a library of others made: how to connect, and a delivery.
type signing struct {
	Name, Kind, Secret       string
	Keys                     json.RawMessage
	Header, Encoding, Prefix string
	Body                     string
	Headers                  map[string]string
}

func (s *signing) connection() server.Connection {
	c := server.Connection{Name: s.Name, Kind: s.Kind, PublicKeys: s.Keys, Header: s.Header, Encoding: s.Encoding, Prefix: s.Prefix}
	if s.Kind == "generic" || s.Kind == "standard" {
		c.From = "shopify"
	}
	return c
}

func (s *signing) header() http.Header {
	h := http.Header{}
	for name, value := range s.Headers {
		h.Set(name, value)
	}
	return h
}

// nodeModules is the folder with what testdata/NAME/package-lock.json lists, which ./scripts/test
// installs. Without it the test is skipped, and says what is not checked.
func nodeModules(t *testing.T, name, what string) string {
	t.Helper()
	folder := os.Getenv("NODE_FOLDERS")
	if folder == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Skipf("NOT CHECKED: %s: %v", what, err)
		}
		folder = filepath.Join(cache, "process-orders")
	}
	folder = filepath.Join(folder, name)
	want, err := os.ReadFile("testdata/" + name + "/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(folder, "package-lock.json")); err != nil || !bytes.Equal(got, want) {
		t.Skipf("NOT CHECKED: %s: ./scripts/test installs what it takes, with npm", what)
	}
	return folder
}

// signings has a body signed by the libraries of those who send, which ./scripts/test installs.
func signings(t *testing.T, body string, at time.Time) (all []signing) {
	t.Helper()
	folder := nodeModules(t, "signers", "signatures of the senders' own libraries")
	script, err := os.ReadFile("testdata/signers/sign.mjs")
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", "--input-type=module", "-e", string(script))
	input, _ := json.Marshal(map[string]any{"body": body, "time": at.Unix()})
	node.Dir, node.Stdin = folder, bytes.NewReader(input)
	var failed bytes.Buffer
	node.Stderr = &failed
	output, err := node.Output()
	if err == nil {
		err = json.Unmarshal(output, &all)
	}
	if err != nil || len(all) < 10 {
		t.Fatalf("%v: %d signings: %s", err, len(all), failed.String())
	}
	return all
}

// signedOrder is an order that all presets of connections read.
const signedOrder = `{"id":1,"guid":"1","phone":"555-0101","name":"Ann \u00e9 é","customer":{"first_name":"Ann"},"billing":{"phone":"555-0101","first_name":"Ann"},` +
	`"billing_address":{"phone":"555-0101","first_name":"Ann","last_name":""},"created":"2026-05-04T10:00:00Z","created_at":"2026-05-04T10:00:00Z","date_created_gmt":"2026-05-04T10:00:00",` +
	`"openedDate":"2026-05-04T10:00:00.000+0000","currency":"USD","line_items":[{"name":"Tea","price":"2.50","quantity":1}],` +
	`"lines":[{"product_name":"Tea","variant_name":"","quantity":1,"currency":"USD","unit_price_gross_amount":"2.50"}],` +
	`"checks":[{"paymentStatus":"CLOSED","customer":{"phone":"555-0101","firstName":"Ann"},"selections":[{"displayName":"Tea","receiptLinePrice":2.5,"price":2.5,"quantity":1}]}]}`

// TestSigners takes what the libraries of others sign, and refuses it if a bit is flipped.
func TestSigners(t *testing.T) {
	t.Parallel()
	now := time.Now()
	all := signings(t, signedOrder, now)
	for i := range all {
		t.Run(all[i].Name, func(t *testing.T) {
			t.Parallel()
			one := &all[i]
			srv, s := newServer(t, server.Options{})
			c := one.connection()
			if one.Keys != nil {
				if err := server.Connect(t.Context(), s, c); err != nil {
					t.Fatal(err)
				}
			} else {
				connect(t, s, c, one.Secret)
			}
			if status, result := deliver(t, srv.URL+"/v1/hooks/"+one.Name, one.Headers, one.Body); status != 200 || result != "applied" {
				t.Error(status, result)
			}
			if _, found, err := s.Customer(t.Context(), "555-0101"); !found || err != nil {
				t.Error(found, err)
			}
			flip(t, one, &c, now)
		})
	}
}

// flip flips every bit of the body, of the signature, and of what else is signed.
func flip(t *testing.T, one *signing, c *server.Connection, now time.Time) {
	secrets := []string{one.Secret}
	if one.Keys != nil {
		secrets = nil
	}
	isSigned := func(h http.Header, body []byte) bool { return server.IsSigned(c, secrets, h, body, now) }
	if !isSigned(one.header(), []byte(one.Body)) {
		t.Fatal("the signature is refused as it is")
	}
	body, h := []byte(one.Body), one.header()
	for i := range len(body) * 8 {
		body[i/8] ^= 1 << (i % 8)
		if isSigned(h, body) {
			t.Errorf("bit %d of the body is flipped: taken", i)
		}
		body[i/8] ^= 1 << (i % 8)
	}
	for name, value := range one.Headers {
		if strings.HasSuffix(name, "Topic") || strings.HasSuffix(name, "Type") || strings.HasSuffix(name, "Event") {
			continue // is not signed
		}
		text := []byte(value)
		for i := range len(text) * 8 {
			text[i/8] ^= 1 << (i % 8)
			h.Set(name, string(text))
			// A signature that no secret made may be damaged: another one is good.
			isOther := i/8 < strings.IndexByte(value, ' ')
			if isSigned(h, body) && !isOther {
				t.Errorf("bit %d of %s is flipped: taken", i, name)
			}
			text[i/8] ^= 1 << (i % 8)
		}
		h.Set(name, value)
		h.Add(name, value)
		if isSigned(h, body) {
			t.Errorf("%s twice: taken", name)
		}
		h.Del(name)
		if isSigned(h, body) {
			t.Errorf("no %s: taken", name)
		}
		h.Set(name, value)
	}
	for _, secrets := range [][]string{nil, {""}, {one.Secret + "x"}} {
		if one.Keys == nil && server.IsSigned(c, secrets, h, body, now) {
			t.Errorf("taken with %d other secrets", len(secrets))
		}
	}
	if one.Kind == "standard" {
		// The time of the signature has whole seconds.
		signed := now.Truncate(time.Second)
		for after, want := range map[time.Duration]bool{-301: false, -300: true, 300: true, 301: false} {
			if got := server.IsSigned(c, secrets, h, body, signed.Add(after*time.Second)); got != want {
				t.Errorf("%d s later: %v", after, got)
			}
		}
	}
}

// TestStandardExample verifies an example that the specification of Standard Webhooks has.
func TestStandardExample(t *testing.T) {
	t.Parallel()
	c := &server.Connection{Name: "x", Kind: "standard"}
	h := http.Header{}
	h.Set("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
	h.Set("webhook-timestamp", "1614265330")
	h.Set("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
	secrets := []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
	if !server.IsSigned(c, secrets, h, []byte(`{"test": 2432232314}`), time.Unix(1614265330, 0)) {
		t.Error("refused")
	}
	h.Set("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330")
	if server.IsSigned(c, secrets, h, []byte(`{"test": 2432232314}`), time.Unix(1614265330, 0)) {
		t.Error("an id with a dot is taken")
	}
}

// TestPing takes what WooCommerce sends without a signature, and nothing else without one.
func TestPing(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	connect(t, s, server.Connection{Name: "woo", Kind: "woocommerce"}, "sesame")
	connect(t, s, server.Connection{Name: "shop", Kind: "shopify"}, "sesame")
	for body, want := range map[string]int{"webhook_id=17": 200, "webhook_id=x": 401, `{"id":1}`: 401, "": 401, "webhook_id=17&a=b": 401} {
		if status, result := deliver(t, srv.URL+"/v1/hooks/woo", nil, body); status != want {
			t.Errorf("%q: %d %s", body, status, result)
		}
	}
	if status, _ := deliver(t, srv.URL+"/v1/hooks/woo", map[string]string{"X-WC-Webhook-Signature": "x"}, "webhook_id=17"); status != 401 {
		t.Error("a ping with a signature that is not good:", status)
	}
	if status, _ := deliver(t, srv.URL+"/v1/hooks/shop", nil, "webhook_id=17"); status != 401 {
		t.Error("a ping of another kind:", status)
	}
}

func TestHasPhone(t *testing.T) {
	t.Parallel()
	for i, one := range []struct {
		body, phone string
		want        bool
	}{
		{`{"phone":"+1 (732) 555-5509"}`, "+17325555509", true},
		{`{"phone":"732.555.5509"}`, "+17325555509", true},
		{`{"phone":7325555509}`, "732-555-5509", true},
		{`{"phone":"732-555-5508"}`, "+17325555509", false},
		{`{"phone":"555-0101"}`, "555-0101", true},
		{`{"phone":"555","x":"0101"}`, "555-0101", false},
		{`{"phone":"12","x":"1234"}`, "12", true},
		{`{"phone":"123","x":"1234"}`, "12", false},
		{`{}`, "", false},
		{`{"note":["call 0151 2345‑6789"]}`, "+4915123456789", true}, // as an iPhone writes them
		{`{"phone":"0151\u00a02345\u200b6789"}`, "+4915123456789", true},
		{`{"phone":"\u0030151 23\u00345 6789"}`, "+4915123456789", true},
		{`{"phone":"٠١٥١ ٢٣٤٥ ٦٧٨٩"}`, "+4915123456789", true},
		{`{"phone":"＋４９ １５１ ２３４５６７８９"}`, "0151 2345 6789", true},
		{`{"phone":"0151 2345 6789"}`, "０１５１ ２３４５ ６７８９", true},
		{`{"phone":"732-555-5509 ext. 12"}`, "+1 732 555 5509 x12", true},
		{`{"phone":"call \u0041nn"}`, "call Ann", true},
		{`{"a":"0151234","b":"56789"}`, "015123456789", false}, // are two texts
		{`{"a":1512345,"b":6789}`, "+4915123456789", false},
		{`{"quantity":12}`, "12", false},
		{"phone=+49 151 2345 6789&total=12", "+4915123456789", true}, // is no JSON
		{"phone=1512345&total=6789", "+4915123456789", false},
		{`{"phone":"0151 2345 6789`, "+4915123456789", true}, // ends too early
		{`{"phone":"0151 2345 6789"}{"x":1}`, "+4915123456789", true},
		{`{"x":1}{"phone":"0151 2345 6789"}`, "+4915123456789", true},
	} {
		if got := server.HasPhone(one.body, one.phone); got != one.want {
			t.Error(fmt.Sprint(i, " ", one.body), got)
		}
	}
}
