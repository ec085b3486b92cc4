package server_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"process-orders/internal/soak"
	"process-orders/server"
	"process-orders/store/sqlite"
)

// BenchmarkPage asks for the page of a store with 100,000 customers, or a million in the soak, who have
// ordered in each minute of eight days: while nothing comes, and after each order. It reports how long
// half of the answers take at most until their first byte, and 99 of 100.
func BenchmarkPage(b *testing.B) {
	customers := 100_000
	if soak.On() {
		customers = 1_000_000
	}
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "shop.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	l, _ := newLooker(b, s, server.Options{Log: slog.New(slog.DiscardHandler)})
	key := newKey(b, s, server.ScopeIngest)
	l.fillWeek(key, customers)
	if status, text := l.get("/"); !strings.Contains(text, `<th scope="row">00:00</th>`) {
		b.Fatalf("%d: the day has no orders", status)
	}
	number := 0
	for _, test := range []struct {
		name   string
		before func()
	}{
		{"quiet", func() {}},
		{"after-orders", func() {
			number++
			if a := ask(b, "POST", l.url+"/v1/orders?from=shopify", key, placed(number, thursday)); a.status != 201 {
				b.Fatalf("%d %s", a.status, a.body)
			}
		}},
	} {
		b.Run(test.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				test.before()
				took = append(took, l.firstByte())
			}
			slices.Sort(took)
			b.ReportMetric(took[len(took)/2].Seconds()*1000, "ms-median")
			b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "ms-p99")
		})
	}
}

// fillWeek sends an order of each customer as a file, the last one at the time of the clock.
func (l *looker) fillWeek(key string, customers int) {
	l.t.Helper()
	text, out := io.Pipe()
	between := 8 * 24 * time.Hour / time.Duration(customers)
	go func() {
		w := bufio.NewWriterSize(out, 64<<10)
		for i := range customers {
			at := thursday.Add(-time.Duration(customers-1-i) * between)
			fmt.Fprintf(w, `{"phone":"%03d-555-%04d","name":"Ann %d","created_at":%q,"currency":"USD","items":[{"name":"Tea %d","price":2.50}]}`+"\n",
				200+i/10_000, i%10_000, i, at.Format(time.RFC3339), i%500)
		}
		out.CloseWithError(w.Flush())
	}()
	r, err := http.NewRequestWithContext(l.t.Context(), "POST", l.url+"/v1/files", text)
	if err != nil {
		l.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/x-ndjson")
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		l.t.Fatal(err)
	}
	defer a.Body.Close()
	if answer, _ := io.ReadAll(a.Body); a.StatusCode/100 != 2 || !strings.Contains(string(answer), fmt.Sprint(customers)) {
		l.t.Fatalf("%d %s", a.StatusCode, answer)
	}
}

// firstByte asks for the page, and returns how long the answer took to start.
func (l *looker) firstByte() time.Duration {
	start := time.Now()
	a, err := l.client.Get(l.url + "/")
	took := time.Since(start)
	if err != nil || a.StatusCode != 200 {
		l.t.Fatal(a, err)
	}
	_, _ = io.Copy(io.Discard, a.Body)
	a.Body.Close()
	return took
}
