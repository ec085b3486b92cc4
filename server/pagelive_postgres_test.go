package server_test

import (
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"process-orders/internal/pgtest"
	"process-orders/server"
	"process-orders/store"
	"process-orders/store/memory"
	"process-orders/store/postgres"
)

// The page of a store in a database is that of a store in memory that has the same orders: its live
// parts, of all shops and of one, and whom it finds.
func TestPageOfPostgres(t *testing.T) {
	t.Parallel()
	pg := pgtest.Start(t)
	database, err := postgres.Open(t.Context(), pg.URL("postgres"), postgres.Options{Retry: server.StoreRetry})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { database.Close() })
	l, same := filledDay(t, database), filledDay(t, memory.New())
	for _, of := range []string{"", "?shop=North", "?shop=South"} {
		parts, want := l.open("/page/events"+of).parts(), same.open("/page/events"+of).parts()
		if len(parts) != 6 {
			t.Errorf("%s: got %d parts", of, len(parts))
		}
		for name := range want {
			if parts[name] != want[name] {
				t.Errorf("%s: %s is\n%s\nwant\n%s", of, name, parts[name], want[name])
			}
		}
	}
	for _, test := range []struct{ who, want string }{{"0101", "phone ends in 01"}, {"ann", "phone ends in 01"}, {"Zoe", "Nobody has a name"}} {
		for _, one := range []*looker{l, same} {
			if text := one.find(test.who); !strings.Contains(text, test.want) {
				t.Errorf("%s: got %s", test.who, text)
			}
		}
	}
}

// filledDay looks at the page of a store that has orders of two shops, of today and of a week ago.
func filledDay(t *testing.T, s store.Service) *looker {
	t.Helper()
	l, _ := newLooker(t, s, server.Options{})
	key := newKey(t, s, server.ScopeIngest)
	for i := range 40 {
		at := thursday.Add(-time.Duration(i) * 11 * time.Minute)
		if i%2 == 1 {
			at = at.Add(weekAgo)
		}
		shop := []string{"North", "South"}[i%3/2]
		if a := ask(t, "POST", l.url+"/v1/orders?from=shopify&shop="+shop, key, placed(i, at)); a.status != 201 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	return l
}

// find looks for somebody, as the page without script does.
func (l *looker) find(who string) string {
	l.t.Helper()
	a, err := l.client.PostForm(l.url+"/page/find", url.Values{"who": {who}})
	if err != nil {
		l.t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	return string(text)
}
