package server_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/internal/soak"
	"process-orders/mappings"
	"process-orders/records"
	"process-orders/server"
	"process-orders/store"
	"process-orders/store/memory"
	"process-orders/store/sqlite"
)

// A history is what becomes of some orders: their states, as deliveries, and the last of each.
type history struct {
	deliveries []hookDelivery
	last       []string
}

type hookDelivery struct{ topic, body string }

// An author makes histories of one system. Those of histories with other numbers have nothing in
// common with them.
type author struct {
	kind      string // of the connection, and the preset
	deletions string // their topic
	write     func(random *rand.Rand, number int) history
}

var authors = []author{{"shopify", "orders/delete", newHistory}, {"woocommerce", "order.deleted", newHeldHistory}}

// newHistory makes orders that are created, changed, paid, cancelled, refunded and deleted.
func newHistory(random *rand.Rand, number int) (h history) {
	for i := range 1 + random.IntN(8) {
		id, phone, states := 100*number+i, fmt.Sprintf("555-%04d", 10*number+random.IntN(4)), 1+random.IntN(4)
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
				`"currency":"USD","line_items":[{"name":"Tea %d.%d","price":"%d.50","quantity":%d}]%s}`,
				id, phone, random.IntN(9), i*7, minute, number, random.IntN(3), 1+random.IntN(9), 1+random.IntN(3), more)
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

// newHeldHistory makes orders that are made on hold, paid and taken back. What follows on a state in
// its second is more final than it, or both are on hold: nobody could tell two others apart.
func newHeldHistory(random *rand.Rand, number int) (h history) {
	ranks := map[string]int{"checkout-draft": 0, "pending": 0, "on-hold": 0, "processing": 1, "completed": 1, "cancelled": 2, "refunded": 2, "failed": 2}
	next := [][]string{{"checkout-draft", "pending", "on-hold", "processing", "processing"}, {"completed", "processing", "refunded", "cancelled", "on-hold"}, {"processing", "pending"}}
	for i := range 1 + random.IntN(8) {
		id, phone, status, second := 100*number+i, fmt.Sprintf("555-%04d", 10*number+random.IntN(4)), "checkout-draft", 0
		states := 1 + random.IntN(5)
		for n := range states {
			topic := "order.created"
			if n > 0 {
				topic = "order.updated"
				before := ranks[status]
				status = next[before][random.IntN(len(next[before]))]
				if now := ranks[status]; now < before || now == before && now > 0 || random.IntN(3) == 0 {
					second++
				}
			}
			body := fmt.Sprintf(`{"id":%d,"status":%q,"date_created_gmt":"2026-05-04T09:%02d:00","date_modified_gmt":"2026-05-04T10:00:%02d","currency":"USD",`+
				`"billing":{"phone":%q,"first_name":"Ann %d"},"line_items":[{"name":"Tea %d.%d","total":"%d.50","quantity":%d}]}`,
				id, status, i*7, second, phone, random.IntN(9), number, random.IntN(3), 1+random.IntN(9), 1+random.IntN(3))
			h.deliveries = append(h.deliveries, hookDelivery{topic, body})
			switch isLast := n == states-1; {
			case isLast && random.IntN(5) == 0:
				h.deliveries = append(h.deliveries, hookDelivery{"order.deleted", fmt.Sprintf(`{"id":%d}`, id)})
			case isLast:
				h.last = append(h.last, body)
			}
		}
	}
	return h
}

// A schedule is requests that bring the states of a history: by webhooks, and by programs, alone
// or several in a body. Each state comes at least once.
type schedule struct {
	history
	requests []request
}

// A request is a delivery of a webhook if it has a topic.
type request struct {
	from              string        // the system that it is from
	topic, body, name string        // name is its Idempotency-Key, or ""
	delay, patience   time.Duration // if patience is not 0, the client goes away after it, and sends all again
}

func newSchedule(random *rand.Rand, of author, number int) *schedule {
	s := &schedule{history: of.write(random, number)}
	all := append([]hookDelivery{}, s.deliveries...)
	for range random.IntN(len(all) + 1) {
		all = append(all, s.deliveries[random.IntN(len(s.deliveries))])
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for i, one := range all {
		r := request{from: of.kind, topic: one.topic, body: one.body}
		if random.IntN(3) == 0 {
			r.delay = time.Duration(random.IntN(5)) * time.Millisecond
		}
		if random.IntN(4) == 0 {
			r.patience = time.Duration(1+random.IntN(3000)) * time.Microsecond
		}
		if one.topic != of.deletions && random.IntN(2) == 0 {
			r.topic = ""
			for random.IntN(3) == 0 { // states of several orders in a body, and of one
				if more := all[random.IntN(len(all))]; more.topic != of.deletions {
					r.body += "\n" + more.body
				}
			}
			if random.IntN(2) == 0 {
				r.name = fmt.Sprintf("%d.%d", number, i)
			}
			if random.IntN(3) == 0 {
				r.body = gzipped(r.body)
			}
		}
		s.requests = append(s.requests, r)
	}
	return s
}

// send sends a request until it is answered, and returns what is wrong with the answer.
func (r *request) send(ctx context.Context, url, key string) error {
	time.Sleep(r.delay)
	if r.patience > 0 {
		short, cancel := context.WithTimeout(ctx, r.patience)
		_, _ = r.once(short, url, key)
		cancel()
	}
	status, err := r.once(ctx, url, key)
	if want := map[bool]int{true: 201, false: 200}[r.topic == ""]; err == nil && status != want {
		err = fmt.Errorf("%q is answered with %d, want %d", r.topic, status, want)
	}
	return err
}

func (r *request) once(ctx context.Context, url, key string) (status int, err error) {
	q, err := r.newRequest(ctx, url, key)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, err
}

// newRequest makes the request to a server.
func (r *request) newRequest(ctx context.Context, url, key string) (*http.Request, error) {
	if r.topic == "" {
		url += "/v1/orders?shop=one&from=" + r.from
	} else {
		url += "/v1/hooks/shop"
	}
	q, err := http.NewRequestWithContext(ctx, "POST", url, strings.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	if r.topic == "" {
		q.Header.Set("Authorization", "Bearer "+key)
	} else {
		headers := shopify
		if r.from == "woocommerce" {
			headers = woocommerce
		}
		for name, value := range headers("sesame", r.topic, r.body) {
			q.Header.Set(name, value)
		}
	}
	if r.name != "" {
		q.Header.Set("Idempotency-Key", `"`+r.name+`"`)
	}
	return q, nil
}

// TestLaw sends states of orders shuffled, doubled, late and at once, by webhooks and by programs,
// some of which go away before they are answered and send again. The records are those of one run
// over the last states.
func TestLaw(t *testing.T) {
	t.Parallel()
	const atOnce = 25 // in one store, as making one takes longer than a schedule
	random := soak.Random(t)
	l := soak.NewLoop(t, "schedules", soak.Rounds{Short: 50, Default: 1000, Soak: 10_000})
	for n, hasMore := 0, true; hasMore; n++ {
		of := authors[n%len(authors)]
		var all []*schedule
		for hasMore && len(all) < atOnce {
			if hasMore = l.Next(); hasMore {
				all = append(all, newSchedule(random, of, len(all)))
			}
		}
		t.Run(fmt.Sprint(of.kind, " to ", l.Round), func(t *testing.T) { testLaw(t, of.kind, all) })
	}
}

func testLaw(t *testing.T, kind string, all []*schedule) {
	srv, s := newServerIn(t, folderInMemory(t), server.Options{Log: slog.New(slog.DiscardHandler)})
	connect(t, s, server.Connection{Name: "shop", Kind: kind, Shop: "one"}, "sesame")
	key := newKey(t, s, server.ScopeIngest)
	const clients = 3 // of each schedule
	var wait sync.WaitGroup
	var last []string
	for _, one := range all {
		last = append(last, one.last...)
		for i := range clients {
			wait.Go(func() {
				for j := i; j < len(one.requests); j += clients {
					if err := one.requests[j].send(t.Context(), srv.URL, key); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wait.Wait()
	if got, want := documentOf(t, s), inOneRun(t, kind, last); got != want {
		t.Fatalf("the records are not those of one run:\n%s", difference(got, want))
	}
}

// folderInMemory is a folder for a store whose disk is not what is tested, in memory if there is
// such a place.
func folderInMemory(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("/dev/shm", "law")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

// difference is the first lines in which two texts differ.
func difference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d: got\n%s\nwant\n%s", i+1, strings.Join(a[max(0, i-5):min(len(a), i+5)], "\n"), strings.Join(b[max(0, i-5):min(len(b), i+5)], "\n"))
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(a), len(b))
}

// TestLawWithoutUpdated sends states of orders at once that do not say when they were changed. The
// records are those of the same requests one after the other, in one of their orders.
func TestLawWithoutUpdated(t *testing.T) {
	t.Parallel()
	random := soak.Random(t)
	for l := soak.NewLoop(t, "schedules", soak.Rounds{Short: 5, Default: 100, Soak: 2000}); l.Next(); {
		var bodies []string
		for i := range 2 + random.IntN(3) {
			if i > 0 && random.IntN(4) == 0 {
				bodies = append(bodies, bodies[random.IntN(i)])
				continue
			}
			bodies = append(bodies, fmt.Sprintf(`{"id":%d,"phone":"555-010%d","customer":{"first_name":"Ann %d"},"created_at":"2026-05-04T09:00:00Z","currency":"USD",`+
				`"line_items":[{"name":"Tea %d","price":"%d.50","quantity":1}]}`, random.IntN(2), random.IntN(2), i, random.IntN(2), 1+i))
		}
		t.Run(fmt.Sprint(l.Round), func(t *testing.T) { testSerial(t, bodies) })
	}
}

func testSerial(t *testing.T, bodies []string) {
	srv, s := newServerIn(t, folderInMemory(t), server.Options{Log: slog.New(slog.DiscardHandler)})
	key := newKey(t, s, server.ScopeIngest)
	var wait sync.WaitGroup
	for _, body := range bodies {
		wait.Go(func() {
			r := request{from: "shopify", body: body}
			if err := r.send(t.Context(), srv.URL, key); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	got, serial := documentOf(t, s), map[string]bool{}
	for order := range permutations(bodies) {
		want := serially(t, order)
		serial[want] = true
		if got == want {
			return
		}
	}
	t.Fatalf("the records are those of no order of the requests, of which there are %d:\n%s\nof %q", len(serial), got, bodies)
}

// permutations are all orders of some texts.
func permutations(all []string) iter.Seq[[]string] {
	return func(yield func([]string) bool) { permute(slices.Clone(all), 0, yield) }
}

func permute(all []string, from int, yield func([]string) bool) bool {
	if from == len(all) {
		return yield(all)
	}
	for i := from; i < len(all); i++ {
		all[from], all[i] = all[i], all[from]
		if !permute(all, from+1, yield) {
			return false
		}
		all[from], all[i] = all[i], all[from]
	}
	return true
}

// serially is the records of bodies that were posted one after the other.
func serially(t *testing.T, bodies []string) string {
	t.Helper()
	s := memory.New()
	srv, err := server.New(s, server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Shutdown(context.Background())
	key := newKey(t, s, server.ScopeIngest)
	for _, body := range bodies {
		r := httptest.NewRequest("POST", "/v1/orders?from=shopify&shop=one", strings.NewReader(body))
		r.Host = "localhost"
		r.Header.Set("Authorization", "Bearer "+key)
		w := httptest.NewRecorder()
		if srv.ServeHTTP(w, r); w.Code != 201 {
			t.Fatal(w.Code, w.Body)
		}
	}
	return documentOf(t, s)
}

// inOneRun is the records of orders that are applied in one run.
func inOneRun(t *testing.T, preset string, bodies []string) string {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(folderInMemory(t), "one.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	m, _ := mappings.Preset(preset)
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
