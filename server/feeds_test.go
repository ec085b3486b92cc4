package server_test

import (
	"net/url"
	"testing"

	"process-orders/server"
	"process-orders/store"
)

// TestFeeds posts orders of several systems and shops: no feed has orders of two of them.
func TestFeeds(t *testing.T) {
	at, key, f, _ := newFaulty(t, server.Options{})
	feeds := map[string]store.Feed{}
	f.set(func() {
		f.apply = func(b store.Batch) error {
			of := store.Feed{Name: b.Feed.Name, System: b.Feed.System, Shop: b.Feed.Shop}
			if have, known := feeds[of.Name]; known && have != of {
				t.Errorf("%+v and %+v are one feed", have, of)
			}
			feeds[of.Name] = of
			return nil
		}
	})
	plain := `[{"phone": "555-0101", "items": [{"name": "Tea", "price": 1}]}]`
	for _, query := range []string{"?allow-repeats", "?allow-repeats&shop=", "?from=shopify", "?from=shopify&shop="} {
		for _, shop := range []string{"one", "two"} {
			body, to := plain, at+query
			if query[1] == 'f' {
				body = shopifyOrder(1, "2026-05-04T10:00:00Z", "Ann", "")
			}
			if query[len(query)-1] == '=' {
				to += url.QueryEscape(shop)
			}
			if got := send(t, sending{url: to, key: key, body: body}); got.status != 201 {
				t.Fatalf("%s: %d %s", to, got.status, got.body)
			}
		}
	}
	if len(feeds) != 6 {
		t.Errorf("%d feeds: want 6: %v", len(feeds), feeds)
	}
}
