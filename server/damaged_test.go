package server_test

import (
	"log/slog"
	"strings"
	"testing"

	"process-orders/server"
	"process-orders/store"
)

// TestDamagedQuarantine reads a quarantine that cannot be read. No answer asks to send it again, and orders are
// saved as before.
func TestDamagedQuarantine(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	_, url := newServerOf(t, s, server.Options{Log: slog.New(slog.DiscardHandler)})
	key := newKey(t, s, server.ScopeAdmin)
	const id = "0123456789ab0123456789abcdef"
	if err := s.Commit(t.Context(), func(tx store.Transaction) error {
		if err := tx.Put(store.Document{Kind: "quarantine-body", Key: id, Value: []byte("{}")}); err != nil {
			return err
		}
		return tx.Put(store.Document{Kind: "quarantine", Key: id, Value: []byte("x")})
	}); err != nil {
		t.Fatal(err)
	}
	for _, request := range []string{"GET /v1/quarantine", "GET /v1/quarantine/" + id, "POST /v1/quarantine/" + id + "/replay", "DELETE /v1/quarantine/" + id} {
		method, path, _ := strings.Cut(request, " ")
		answer, text := askRaw(t, method, url+path, "", "Authorization", "Bearer "+key)
		if answer.StatusCode != 500 || problemType(answer, text) != "store-damaged" || answer.Header.Get("Retry-After") != "" {
			t.Error(request, answer.Status, text)
		}
	}
	if err := s.Commit(t.Context(), func(tx store.Transaction) error { return tx.Delete("quarantine", id) }); err != nil {
		t.Fatal(err)
	}
	cookie := signIn(t, s, url)
	if answer, text := askRaw(t, "GET", url+"/", "", "Cookie", cookie); answer.StatusCode != 200 || strings.Contains(text, "cannot be saved") {
		t.Error(answer.Status, text)
	}
}
