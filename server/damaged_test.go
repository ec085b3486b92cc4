package server_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"process-orders/server"
	"process-orders/store"
)

const damagedID, soundID = "0123456789ab0123456789abcdef", "0123456789ac0123456789abcdef"

// putInQuarantine puts a delivery that can be read into quarantine, for so long, and one that cannot be
// read. A server removes those whose time is over whenever it comes to that.
func putInQuarantine(t *testing.T, s store.Service, stays time.Duration) {
	t.Helper()
	expires := time.Now().Add(stays).UTC().Format(time.RFC3339)
	sound := `{"id":"` + soundID + `","connection":"shop","reason":"no order","received":"2026-05-04T10:00:00Z","expires":"` + expires + `","bytes":2}`
	err := s.Commit(t.Context(), func(tx store.Transaction) error {
		return errors.Join(
			tx.Put(store.Document{Kind: "quarantine-size", Value: []byte(`{"deliveries":2,"bytes":4}`)}),
			tx.Put(store.Document{Kind: "quarantine-body", Key: damagedID, Value: []byte("{}")}),
			tx.Put(store.Document{Kind: "quarantine", Key: damagedID, Value: []byte("x")}),
			tx.Put(store.Document{Kind: "quarantine-body", Key: soundID, Value: []byte("{}")}),
			tx.Put(store.Document{Kind: "quarantine", Key: soundID, Value: []byte(sound)}),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A worn store has a document that is not what was put.
type worn struct {
	store.Service
	kind, key string
}

func (w *worn) Document(ctx context.Context, kind, key string) (store.Document, bool, error) {
	if kind == w.kind && key == w.key {
		return store.Document{}, false, store.ErrDamaged
	}
	return w.Service.Document(ctx, kind, key)
}

func (w *worn) Documents(ctx context.Context, kind, after string, isBackward bool, limit int) ([]store.Document, error) {
	all, err := w.Service.Documents(ctx, kind, after, isBackward, limit)
	for i := range all {
		if kind == w.kind && all[i].Key == w.key {
			all[i] = store.Document{Kind: kind, Key: w.key, Damaged: true}
		}
	}
	return all, err
}

// TestDamagedQuarantine damages a delivery in quarantine, in both ways. The lists have the others and say
// so, the page is there, and no answer asks to send something again.
func TestDamagedQuarantine(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"its text is no document", "its row is another one"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := store.Service(newStore(t))
			if how == "its row is another one" {
				s = &worn{s, "quarantine", damagedID}
			}
			_, url := newServerOf(t, s, server.Options{Log: slog.New(slog.DiscardHandler), StoreName: "our.db"})
			key, cookie := newKey(t, s, server.ScopeAdmin), signIn(t, s, url)
			putInQuarantine(t, s, time.Hour)
			var list struct {
				Quarantine []quarantined
				Damaged    []string
				Next       string
			}
			if status := get(t, "GET", url+"/v1/quarantine", key, &list); status != 200 || len(list.Quarantine) != 1 || list.Quarantine[0].ID != soundID || !slices.Equal(list.Damaged, []string{damagedID}) {
				t.Error(status, list)
			}
			if status := get(t, "GET", url+"/v1/quarantine?limit=1", key, &list); status != 200 || list.Next != damagedID {
				t.Error(status, list)
			}
			for _, request := range []string{"GET /v1/quarantine/" + damagedID, "POST /v1/quarantine/" + damagedID + "/replay"} {
				method, path, _ := strings.Cut(request, " ")
				answer, text := askRaw(t, method, url+path, "", "Authorization", "Bearer "+key)
				if answer.StatusCode != 500 || problemType(answer, text) != "store-damaged" || answer.Header.Get("Retry-After") != "" {
					t.Error(request, answer.Status, text)
				}
			}
			const says = "1 delivery is damaged in the store"
			if answer, text := askRaw(t, "GET", url+"/", "", "Cookie", cookie); answer.StatusCode != 200 || !strings.Contains(text, says) ||
				!strings.Contains(text, "doctor --store our.db") || !strings.Contains(text, soundID) || strings.Contains(text, damagedID) || strings.Contains(text, "cannot be saved") {
				t.Error(answer.Status, text)
			}
			if answer, text := askRaw(t, "DELETE", url+"/v1/quarantine/"+soundID, "", "Authorization", "Bearer "+key); answer.StatusCode != 204 {
				t.Error(answer.Status, text)
			}
			if answer, text := askRaw(t, "GET", url+"/", "", "Cookie", cookie); answer.StatusCode != 200 || !strings.Contains(text, says) || strings.Contains(text, "Nothing waits here") {
				t.Error(answer.Status, text)
			}
		})
	}
}

// What the page says of deliveries is damaged, and not what they are. All else is on the page.
func TestDamagedParts(t *testing.T) {
	t.Parallel()
	for _, w := range []worn{{kind: "quarantine-size"}, {kind: "hook-state", key: "shop"}} {
		t.Run(w.kind, func(t *testing.T) {
			t.Parallel()
			sound := newStore(t)
			w.Service = sound
			_, url := newServerOf(t, &w, server.Options{Log: slog.New(slog.DiscardHandler), StoreName: "our.db"})
			connect(t, sound, server.Connection{Name: "shop", Kind: "shopify"}, "sesame")
			answer, text := askRaw(t, "GET", url+"/", "", "Cookie", signIn(t, sound, url))
			const says = "The store is damaged, so this line does not know all"
			if answer.StatusCode != 200 || strings.Count(text, says) != 1 || strings.Count(text, "doctor --store our.db") != 1 || strings.Contains(text, "connection fine") {
				t.Error(answer.Status, text)
			}
			for _, part := range []string{"status", "files", "find", "connections", "quarantine", "backup"} {
				if !strings.Contains(text, `<section id="`+part+`">`) {
					t.Errorf("the page has no %s", part)
				}
			}
		})
	}
}

// A delivery that is damaged keeps no other one in quarantine longer than it may be there.
func TestDamagedStays(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	srv, _ := newServerOf(t, s, server.Options{Log: slog.New(slog.DiscardHandler)})
	putInQuarantine(t, s, -time.Hour)
	if err := srv.ExpireQuarantined(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left, err := s.Documents(t.Context(), "quarantine", "", false, 10); err != nil || len(left) != 1 || left[0].Key != damagedID {
		t.Error(left, err)
	}
}

// A body that is damaged may have the phone of a customer who is to be erased, so nobody says that it is done.
func TestEraseDamagedBody(t *testing.T) {
	t.Parallel()
	s := &worn{newStore(t), "quarantine-body", damagedID}
	_, url := newServerOf(t, s, server.Options{Log: slog.New(slog.DiscardHandler)})
	key := newKey(t, s, server.ScopeErase)
	putInQuarantine(t, s, time.Hour)
	answer, text := askRaw(t, "DELETE", url+"/v1/customers", `{"phone":"555-0101"}`, "Authorization", "Bearer "+key)
	if answer.StatusCode != 500 || problemType(answer, text) != "store-damaged" {
		t.Error(answer.Status, text)
	}
}

// The log of acts has the acts beside one that is damaged, and says where it is broken.
func TestDamagedAct(t *testing.T) {
	t.Parallel()
	s := &worn{newStore(t), "audit", "0000000000000002"}
	_, url := newServerOf(t, s, server.Options{Log: slog.New(slog.DiscardHandler)})
	key := newKey(t, s, server.ScopeAdmin)
	newKey(t, s, server.ScopeRead)
	newKey(t, s, server.ScopeRead)
	var page server.AuditPage
	if status := get(t, "GET", url+"/v1/audit", key, &page); status != 200 || len(page.Acts) != 3 || !slices.Contains(page.Broken, "0000000000000002") || page.Acts[1].Result != "unreadable" {
		t.Error(status, page)
	}
}
