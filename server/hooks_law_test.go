package server_test

import (
	"bytes"
	"fmt"
	"iter"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/internal/soak"
	"process-orders/mappings"
	"process-orders/records"
	"process-orders/server"
	"process-orders/store"
	"process-orders/store/sqlite"
)

// A history is what becomes of some orders: their states, as deliveries, and the last of each.
type history struct {
	deliveries []hookDelivery
	last       []string
}

type hookDelivery struct{ topic, body string }

// newHistory makes orders that are created, changed, paid, cancelled, refunded and deleted.
func newHistory(random *rand.Rand) (h history) {
	for id := range 1 + random.IntN(8) {
		phone, states := fmt.Sprintf("555-01%02d", random.IntN(4)), 1+random.IntN(4)
		for minute := range states {
			topic, more := "orders/updated", ""
			switch isLast := minute == states-1; {
			case minute == 0:
				topic = "orders/create"
			case isLast && random.IntN(4) == 0:
				topic, more = "orders/cancelled", fmt.Sprintf(`,"cancelled_at":"2026-05-04T10:%02d:00Z"`, minute)
			case isLast && random.IntN(4) == 0:
				more = `,"financial_status":"refunded"`
			}
			body := fmt.Sprintf(`{"id":%d,"phone":%q,"customer":{"first_name":"Ann %d"},"created_at":"2026-05-04T09:%02d:00Z","updated_at":"2026-05-04T10:%02d:00Z",`+
				`"currency":"USD","line_items":[{"name":"Tea %d","price":"%d.50","quantity":%d}]%s}`,
				id, phone, random.IntN(9), id*7%60, minute, random.IntN(3), 1+random.IntN(9), 1+random.IntN(3), more)
			h.deliveries = append(h.deliveries, hookDelivery{topic, body})
			if minute == states-1 && random.IntN(5) == 0 {
				h.deliveries = append(h.deliveries, hookDelivery{"orders/delete", fmt.Sprintf(`{"id":%d}`, id)})
			} else if minute == states-1 {
				h.last = append(h.last, body)
			}
		}
	}
	return h
}

// TestShuffledDeliveries delivers states of orders doubled, late and in any order, by several
// connections at once. The records are those of one run over the last states.
func TestShuffledDeliveries(t *testing.T) {
	t.Parallel()
	random := soak.Random(t)
	for l := soak.NewLoop(t, "schedules", soak.Rounds{Short: 3, Default: 10, Soak: 2000}); l.Next(); {
		h := newHistory(random)
		all := append([]hookDelivery{}, h.deliveries...)
		for range random.IntN(len(all) + 1) {
			all = append(all, h.deliveries[random.IntN(len(h.deliveries))])
		}
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		srv, s := newServer(t, server.Options{})
		connect(t, s, server.Connection{Name: "shop", Kind: "shopify", Shop: "one"}, "sesame")
		var wait sync.WaitGroup
		for i := range 3 {
			wait.Go(func() {
				for j := i; j < len(all); j += 3 {
					if status, result := deliver(t, srv.URL+"/v1/hooks/shop", shopify("sesame", all[j].topic, all[j].body), all[j].body); status != 200 || result != "applied" {
						t.Errorf("%s: %d %s", all[j].topic, status, result)
					}
				}
			})
		}
		wait.Wait()
		if got, want := documentOf(t, s), inOneRun(t, h.last); got != want {
			t.Fatalf("round %d: got\n%s\nwant\n%s\nof %v", l.Round, got, want, all)
		}
	}
}

// inOneRun is the records of orders that are applied in one run.
func inOneRun(t *testing.T, bodies []string) string {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "one.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	m, _ := mappings.Preset("shopify")
	o := apply.Options{System: m.System, IDs: m.IDs()}
	o.Mapping = &m.Mapping
	var text bytes.Buffer
	for _, body := range bodies {
		text.WriteString(body + "\n")
	}
	if text.Len() > 0 {
		if _, err := apply.Apply(t.Context(), s, input.Source{Name: "all", Shop: "one", Open: input.Reader("all", &text).Open}, o); err != nil {
			t.Fatal(err)
		}
	}
	return documentOf(t, s)
}

// documentOf is all records of a store, with their details.
func documentOf(t *testing.T, s store.Store) string {
	t.Helper()
	var text bytes.Buffer
	err := apply.Records(t.Context(), s, store.Reading{Details: true}, func(customers iter.Seq2[records.Customer, error], items iter.Seq2[records.NamedItem, error]) error {
		_, err := records.WriteDocument(&text, customers, items, records.Form{Detail: true})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}
