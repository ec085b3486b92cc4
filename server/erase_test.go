package server_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"process-orders/server"
	"process-orders/store"
)

// TestEraseWithoutClient has a client go away while its erasure is on the way to the disk. It is finished:
// what came to quarantine meanwhile goes too.
func TestEraseWithoutClient(t *testing.T) {
	t.Parallel()
	_, _, f, srv := newFaulty(t, server.Options{Log: slog.New(slog.DiscardHandler)})
	key := newKey(t, f, server.ScopeErase)
	const id, phone = "000000000000" + "0123456789abcdef", "732-555-0101"
	hold := make(chan struct{})
	f.set(func() { f.hold = hold })
	before := f.commits.Load()
	ctx, leave := context.WithCancel(t.Context())
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		r := httptest.NewRequestWithContext(ctx, "POST", "http://localhost/v1/customers/erase", strings.NewReader(`{"phone":"`+phone+`"}`))
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Content-Type", "application/json")
		srv.ServeHTTP(httptest.NewRecorder(), r)
	}()
	for f.commits.Load() == before {
		time.Sleep(time.Millisecond)
	}
	if err := f.Service.Commit(t.Context(), func(tx store.Transaction) error { // of a delivery that came just before
		for kind, value := range map[string]string{"quarantine": `{"id":"` + id + `","bytes":24}`, "quarantine-body": `{"phone":"` + phone + `"}`, "quarantine-size": `{"deliveries":1,"bytes":24}`} {
			d := store.Document{Kind: kind, Key: id, Value: []byte(value)}
			if kind == "quarantine-size" {
				d.Key = ""
			}
			if err := tx.Put(d); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	leave()
	time.Sleep(20 * time.Millisecond) // it is noticed by then; the test is right without it
	f.set(func() { f.hold = nil })
	close(hold)
	<-answered
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if page, err := server.Audit(t.Context(), f, "", 1); err != nil || page.Acts[0].What != server.ActErase {
		t.Error("the erasure was not committed:", page, err)
	}
	if _, found, err := f.Document(t.Context(), "quarantine-body", id); found || err != nil {
		t.Error("the phone is still in quarantine:", found, err)
	}
}
