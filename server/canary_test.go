package server_test

import (
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"process-orders/server"
)

// Canaries are what must stay where it was put: a phone in two forms, a name and secrets.
const (
	canaryPhone  = "732-555-9876"
	canaryDigits = "7325559876"
	canaryName   = "Zebedia"
	canarySecret = "sesame-canary"
)

var canaries = []string{canaryPhone, canaryDigits, canaryName, canarySecret, "555-9876", "5559876"}

// hasCanary returns the canary that a text has, if any.
func hasCanary(text string) string {
	for _, c := range canaries {
		if strings.Contains(strings.ToLower(text), strings.ToLower(c)) {
			return c
		}
	}
	return ""
}

// TestCanaries sends personal data to every route, in every part of a request, and looks for it
// in all that is not made to hold it: logs, problems, headers, settings, states and acts.
func TestCanaries(t *testing.T) {
	t.Parallel()
	var logged lockedBuffer
	_, s := newServer(t, server.Options{})
	handler, err := server.New(s, server.Options{
		Log:    slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true})),
		Limits: server.Limits{FailRate: 1e6},
	})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(handler)
	srv.Config.ErrorLog = log.New(&logged, "", 0)
	srv.Start()
	defer srv.Close()
	connect(t, s, server.Connection{Name: "shop", Kind: "shopify"}, canarySecret)
	key, cookie := newKey(t, s, server.Scopes()...), signIn(t, s, srv.URL)
	other := newKey(t, s, server.ScopeIngest)

	good := fmt.Sprintf(`[{"id":"1","phone":%q,"name":%q,"items":[{"name":"Tea","price":2}]}]`, canaryPhone, canaryName)
	bodies := []string{
		good, good[:len(good)-5], strings.Replace(good, "2}", `"`+canaryName+`"}`, 1), strings.Replace(good, `"phone"`, `"`+canaryPhone+`"`, 1),
		`{"` + canaryPhone + `":"` + canaryName + `"}`, `"` + canaryPhone + `"`, canaryPhone, canaryPhone + "," + canaryName + "\n",
		`{"phone":"` + canaryPhone + `"}`, "\x1f\x8b" + canaryPhone, "\xff" + canaryName, strings.Repeat("[", 5000) + canaryPhone, order(1, canaryPhone, canaryName, 1, ""),
		`{"shop_id":1,"customer":{"phone":"` + canaryPhone + `"},"orders_to_redact":[1]}`,
	}
	texts := []string{canaryPhone, canaryName, canaryDigits}
	check := func(what string, answer *http.Response, text string) {
		t.Helper()
		if c := hasCanary(fmt.Sprint(answer.Header)); c != "" {
			t.Errorf("%s: %s: %s in %v", what, answer.Status, c, answer.Header)
		}
		if c := hasCanary(text); c != "" && answer.StatusCode >= 300 {
			t.Errorf("%s: %s: %s in %s", what, answer.Status, c, text)
		}
	}
	for _, route := range server.RoutesOf(handler) {
		if server.IsStream(route.Path) {
			continue
		}
		name := route.Method + " " + route.Path
		for i, body := range bodies {
			wild := texts[i%len(texts)]
			query := url.Values{}
			for j, parameter := range []string{"phone", "limit", "after", "before", "from", "shop", "rejects", "cursor", "include", "decimal", "allow-repeats", "x"} {
				if (i+j)%3 == 0 {
					query.Set(parameter, wild)
				}
			}
			for _, target := range []string{fillPath(route.Path, wild), fillPath(route.Path, "shop"), fillPath(route.Path, "shop") + "?" + query.Encode(), fillPath(route.Path, "shop") + "/" + wild, "/" + wild} {
				headers := []string{"Authorization", "Bearer " + key, "Idempotency-Key", wild + fmt.Sprint(i)}
				switch i % 4 {
				case 1: // headers that are not good
					headers = append(headers, "Content-Type", wild, "X-Request-Id", wild, "Traceparent", wild, "X-Forwarded-For", wild, "User-Agent", wild, "Referer", "http://localhost/"+wild, "If-None-Match", wild, "X-Shopify-Topic", wild)
				case 2:
					headers = []string{"Authorization", "Bearer " + canarySecret, "Origin", "http://" + canaryName}
				case 3:
					headers = []string{"Authorization", "Bearer " + other, "X-Shopify-Topic", wild}
				}
				if route.IsHook && i%2 == 0 {
					for k, v := range shopify(canarySecret, []string{"orders/create", "customers/redact", wild, "orders/delete"}[i/2%4], body) {
						headers = append(headers, k, v)
					}
				}
				answer, text := askRaw(t, route.Method, srv.URL+target, body, headers...)
				check(fmt.Sprintf("%s %d", name, i), answer, text)
				if !route.IsPage || route.Path == "/sign-out" {
					continue
				}
				// A form that is wrong, from a browser that has signed in, and from one that has not, which
				// sees nothing of it whatever the status is.
				form := url.Values{"token": {wild}, "zone": {wild}, "phone": {wild}, "name": {wild}, "text": {body}, "id": {wild}}.Encode()
				formed := []string{"Content-Type", "application/x-www-form-urlencoded", "Accept", "text/html", "Accept-Language", wild, "X-Part", []string{"", "status", wild}[i%3]}
				answer, text = askRaw(t, route.Method, srv.URL+target, form, append(formed, "Cookie", cookie)...)
				check(fmt.Sprintf("%s %d signed in", name, i), answer, text)
				answer, text = askRaw(t, route.Method, srv.URL+target, form, append(formed, "Cookie", "session="+wild)...)
				check(fmt.Sprintf("%s %d not signed in", name, i), answer, text)
				if c := hasCanary(text); c != "" {
					t.Errorf("%s %d: %s shows %s to who has not signed in: %s", name, i, answer.Status, c, text)
				}
			}
		}
	}
	redaction := bodies[len(bodies)-1]
	if status, result := deliver(t, srv.URL+"/v1/hooks/shop", shopify(canarySecret, "customers/redact", redaction), redaction); result != "erased" {
		t.Error(status, result)
	}
	answer, text := askRaw(t, "GET", srv.URL+"/", "", "Host", canaryName)
	check("a host", answer, text)
	for _, d := range quarantine(t, srv.URL, key) {
		if c := hasCanary(d.Reason + d.Topic + d.Connection + d.ID); c != "" {
			t.Errorf("the reason for quarantine has %s: %+v", c, d)
		}
		for _, step := range []string{"GET ", "POST /replay", "DELETE "} {
			method, rest, _ := strings.Cut(step, " ")
			answer, text := askRaw(t, method, srv.URL+"/v1/quarantine/"+d.ID+rest, "", "Authorization", "Bearer "+key)
			check("quarantine "+step, answer, text)
		}
	}
	w := httptest.NewRecorder()
	handler.Ops().ServeHTTP(w, httptest.NewRequest("GET", "http://localhost/metrics", nil))
	if c := hasCanary(w.Body.String()); c != "" || !strings.Contains(w.Body.String(), `route="/page"`) {
		t.Errorf("the metrics have %q: %s", c, w.Body)
	}
	srv.Close()
	if err := handler.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if _, found, err := s.Document(t.Context(), "settings", ""); err != nil || !found {
		t.Fatal(found, err)
	}
	n := 0
	for _, kind := range []string{"settings", "audit", "audit-head", "key-use", "hook-state", "quarantine-size", "sign-ins"} {
		all, err := s.Documents(t.Context(), kind, "", false, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if d, found, err := s.Document(t.Context(), kind, ""); err != nil {
			t.Fatal(err)
		} else if found {
			all = append(all, d)
		}
		for _, d := range all {
			n++
			if c := hasCanary(d.Key + string(d.Value)); c != "" {
				t.Errorf("a document of the kind %s has %s: %s %s", kind, c, d.Key, d.Value)
			}
		}
	}
	if n < 10 || strings.Count(logged.String(), "\n") < 500 {
		t.Error(n, "documents, and a log of", len(logged.String()), "bytes")
	}
	for line := range strings.Lines(logged.String()) {
		if c := hasCanary(line); c != "" {
			t.Errorf("the log has %s: %s", c, line)
		}
	}
}
