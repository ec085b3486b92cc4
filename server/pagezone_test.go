package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"process-orders/server"
)

// TestZoneChoice chooses a time zone at sign-in and on the page. Each browser has its own.
func TestZoneChoice(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	srv, s := newServer(t, server.Options{Zone: berlin})
	zoneOf := func(cookie string) string {
		answer, text := askRaw(t, "GET", srv.URL+"/", "", "Cookie", cookie)
		_, value, found := strings.Cut(text, `name="zone" value="`)
		if answer.StatusCode != 200 || !found {
			t.Fatal(answer.Status, text)
		}
		value, _, _ = strings.Cut(value, `"`)
		return value
	}
	byBrowser := func(zone string) string {
		answer, text := postForm(t, srv.URL+"/sign-in", "", url.Values{"token": {newLink(t, s)}, "zone": {zone}})
		if answer.StatusCode != http.StatusSeeOther {
			t.Fatal(answer.Status, text)
		}
		return cookieOf(t, answer)
	}
	for zone, want := range map[string]string{"Asia/Tokyo": "Asia/Tokyo", "": "", "Mars/Olympus": "", "Local": "", "../../etc/passwd": "", strings.Repeat("a", 1000): ""} {
		if got := zoneOf(byBrowser(zone)); got != want {
			t.Errorf("a browser in %.40s has %q, want %q", zone, got, want)
		}
	}
	one, other := byBrowser(""), byBrowser("Asia/Tokyo")
	if answer, text := postForm(t, srv.URL+"/page/zone", one, url.Values{"zone": {"America/New_York"}}); answer.StatusCode != 303 || answer.Header.Get("Location") != "/" {
		t.Error(answer.Status, text)
	}
	if a, b := zoneOf(one), zoneOf(other); a != "America/New_York" || b != "Asia/Tokyo" {
		t.Error(a, b)
	}
	for _, part := range []string{"", "zone"} {
		var headers []string
		if part != "" {
			headers = []string{"X-Part", part}
		}
		answer, text := postForm(t, srv.URL+"/page/zone", one, url.Values{"zone": {"Mars/Olympus"}}, headers...)
		if answer.StatusCode != 400 || !strings.Contains(text, "no time zone of that name") || !strings.Contains(text, "New_York") || strings.Contains(text, "<html") != (part == "") {
			t.Error(answer.Status, text)
		}
	}
	if answer, _ := postForm(t, srv.URL+"/page/zone", one, url.Values{"zone": {""}}); answer.StatusCode != 303 || zoneOf(one) != "" {
		t.Error("the zone of the server:", answer.Status, zoneOf(one))
	}
	if answer, text := askRaw(t, "GET", srv.URL+"/page/zone", "", "Cookie", one); answer.StatusCode != 405 {
		t.Error("GET changes nothing:", answer.Status, text)
	}
}
