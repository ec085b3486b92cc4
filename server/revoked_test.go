package server_test

import (
	"testing"

	"process-orders/server"
)

// A key that is revoked brings no order from the next request on, although the server knows the
// settings as they were before: it looks at the key when it commits, and before it says anything
// else.
func TestRevokedKeyBringsNothing(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	url, claim := srv.URL+"/v1/orders", map[string]string{"Idempotency-Key": "first"}
	posts := []sending{
		{url + "?allow-repeats", "", tea, nil},      // it would be committed
		{url, "", tea, claim},                       // it is a replay
		{url, "", tea + tea, claim},                 // its claim is another one's
		{url + "?allow-repeats", "", "{", nil},      // it cannot be read
		{url + "?from=nothing", "", tea, nil},       // nor can its query
		{url, "", tea, nil},                         // it lacks a claim
		{url + "?allow-repeats", "", "[null]", nil}, // it has no order
	}
	key := newKey(t, s, server.ScopeIngest)
	for i, want := range []int{201, 201, 422, 400, 400, 400} {
		p := posts[i]
		p.key = key
		if got := send(t, p); got.status != want {
			t.Errorf("%d: %d %s, want %d", i, got.status, got.body, want)
		}
	}
	before := document(t, s)
	if _, err := server.RevokeKey(t.Context(), s, key[3:15]); err != nil {
		t.Fatal(err)
	}
	for i, p := range posts {
		p.key = key
		if got := send(t, p); got.status != 401 || got.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%d: %d %s", i, got.status, got.body)
		}
	}
	if document(t, s) != before {
		t.Error("an order of it counts")
	}
}
