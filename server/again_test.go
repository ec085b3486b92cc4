package server_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"process-orders/server"
	"process-orders/store"
)

// A forgetful store commits each transaction, and then does it once more, as a database does that has taken over
// from another one and does not know whether that has committed it.
type forgetful struct{ store.Service }

func (f *forgetful) Commit(ctx context.Context, do func(store.Transaction) error) error {
	if err := f.Service.Commit(ctx, do); err != nil {
		return err
	}
	return f.Service.Commit(ctx, do)
}

// TestDoneAgain does all that the log of acts has by such a store: each is done once, is logged once,
// and says what it says otherwise.
func TestDoneAgain(t *testing.T) {
	t.Parallel()
	s, ctx := &forgetful{newFile(t)}, t.Context()
	if _, err := server.AddKey(ctx, s, server.Key{Name: "till", Scopes: server.Scopes()}); err != nil {
		t.Fatal(err)
	}
	if all, err := server.Keys(ctx, s); err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	if key, err := server.RevokeKey(ctx, s, "till"); err != nil || key.Name != "till" {
		t.Error(key, err)
	}
	_, url := newServerOf(t, s, server.Options{Log: slog.New(slog.DiscardHandler)})
	key := newKey(t, s, server.ScopeAdmin)
	hook := server.Connection{Name: "till", Kind: "generic", From: "till.toml", Header: "X-Sig", Encoding: "hex"}
	hook.Mapping = "id = \"id\"\nphone = \"tel\"\nlines = \"items[]\"\n[line]\nitem = \"name\"\nprice = \"price\"\n"
	connect(t, s, hook, "sesame")
	const body = `{"id":"a","phone":"555-0101","items":[{"name":"Tea","price":1}]}`
	for range 2 {
		if status, result := deliver(t, url+"/v1/hooks/till", map[string]string{"X-Sig": fmt.Sprintf("%x", macOf("sesame", body))}, body); status != 200 || result != "quarantined" {
			t.Fatal(status, result)
		}
	}
	all := quarantine(t, url, key)
	if len(all) != 2 {
		t.Fatal(all)
	}
	hook.Mapping = "id = \"id\"\nphone = \"phone\"\nlines = \"items[]\"\n[line]\nitem = \"name\"\nprice = \"price\"\n"
	connect(t, s, hook, "sesame")
	var replayed server.HookAnswer
	if status := get(t, "POST", url+"/v1/quarantine/"+all[0].ID+"/replay", key, &replayed); status != 200 || replayed.Orders == nil || replayed.Orders.Orders != 1 {
		t.Error("replayed:", status, replayed)
	}
	if status := do(t, "DELETE", url+"/v1/quarantine/"+all[1].ID, key); status != 204 {
		t.Error("deleted:", status)
	}
	if found, err := server.Erase(ctx, s, store.Erasure{Phone: "555-0101"}, "555-0101"); err != nil || !found {
		t.Error("erased:", found, err)
	}
	if err := server.Disconnect(ctx, s, "till"); err != nil {
		t.Error("disconnected:", err)
	}
	if _, err := server.NewLink(ctx, s); err != nil {
		t.Error(err)
	}
	if sessions, links, err := server.SignOutAll(ctx, s); sessions != 0 || links != 1 || err != nil {
		t.Error("signed out:", sessions, links, err)
	}
	log, broken := acts(t, url, key)
	var got []string
	for _, a := range slices.Backward(log) {
		got = append(got, a.What+" "+a.Result)
	}
	want := []string{
		"key-add done", "key-revoke done", "key-add done", "connect done", "connect done", "quarantine-replay done",
		"quarantine-delete done", "erase done", "disconnect done", "link done", "sign-out-all done",
	}
	if !slices.Equal(got, want) || len(broken) > 0 {
		t.Errorf("the log of acts has %q, want %q; broken %q", got, want, broken)
	}
}
