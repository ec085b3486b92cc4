package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"process-orders/server"
	"process-orders/store"
	"process-orders/store/memory"
)

// thursday is when the tests of the page look at it.
var thursday = time.Date(2026, 5, 7, 12, 30, 20, 0, time.UTC)

// A looker is a browser that has signed in.
type looker struct {
	t      testing.TB
	url    string
	client *http.Client
}

// newLooker serves a store, whose page is looked at on that Thursday if the options have no clock.
func newLooker(t testing.TB, s store.Service, o server.Options) (*looker, *server.Server) {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return thursday }
	}
	srv, err := server.New(s, o)
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(srv)
	t.Cleanup(func() {
		_ = srv.Shutdown(context.Background())
		listener.Close()
	})
	return looksAt(t, s, listener.URL), srv
}

// looksAt is somebody who has signed in.
func looksAt(t testing.TB, s store.Service, at string) *looker {
	t.Helper()
	name, value, _ := strings.Cut(signIn(t, s, at), "=")
	return &looker{t, at, &http.Client{Transport: withCookie{&http.Cookie{Name: name, Value: value}}}}
}

// withCookie sends a cookie always. A jar would lose one that has expired by the clock of the machine.
type withCookie struct{ cookie *http.Cookie }

func (w withCookie) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.AddCookie(w.cookie)
	return http.DefaultTransport.RoundTrip(r)
}

// get returns the page at a path.
func (l *looker) get(path string) (status int, page string) {
	l.t.Helper()
	a, err := l.client.Get(l.url + path)
	if err != nil {
		l.t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	return a.StatusCode, string(text)
}

// An openPage reads the events of a page.
type openPage struct {
	t      testing.TB
	events chan string // the data of each, with its name; closed at the end
}

func (l *looker) open(path string) *openPage {
	l.t.Helper()
	r, err := http.NewRequestWithContext(l.t.Context(), "GET", l.url+path, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	a, err := l.client.Do(r)
	if err != nil || a.StatusCode != 200 || a.Header.Get("Content-Type") != "text/event-stream" {
		l.t.Fatalf("%v %v", a, err)
	}
	p := &openPage{l.t, make(chan string, 1000)}
	l.t.Cleanup(func() { a.Body.Close() })
	go func() {
		defer close(p.events)
		defer a.Body.Close()
		name := ""
		lines := bufio.NewScanner(a.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if text, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				name = text
			} else if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				p.events <- name + " " + text
			} else if strings.HasPrefix(lines.Text(), "retry: ") {
				p.events <- "retry"
			}
		}
	}()
	return p
}

// next is the next event; "" if the stream has ended.
func (p *openPage) next() string {
	p.t.Helper()
	select {
	case e := <-p.events:
		return e
	case <-time.After(20 * time.Second):
		p.t.Fatal("no event came")
		return ""
	}
}

// parts are those of the next event that has parts.
func (p *openPage) parts() (parts map[string]string) {
	p.t.Helper()
	for start := time.Now(); ; {
		text := p.next()
		if strings.HasPrefix(text, "alive ") && time.Since(start) < 20*time.Second {
			continue
		}
		data, ok := strings.CutPrefix(text, "parts ")
		if err := json.Unmarshal([]byte(data), &parts); err != nil || !ok {
			p.t.Fatalf("%q: %v", text, err)
		}
		return parts
	}
}

// until reads events until a part has a text, and returns the names of all parts that came meanwhile.
func (p *openPage) until(name, text string) []string {
	p.t.Helper()
	came := map[string]bool{}
	for start := time.Now(); ; {
		if time.Since(start) > 20*time.Second {
			p.t.Fatalf("%s never has %s", name, text)
		}
		parts := p.parts()
		for name := range parts {
			came[name] = true
		}
		if strings.Contains(parts[name], text) {
			return slices.Sorted(maps.Keys(came))
		}
	}
}

// placed is an order of one tea and its id.
func placed(id int, at time.Time) string {
	return strings.ReplaceAll(shopifyOrder(id, at.Format(time.RFC3339), "Ann", ""), `"created_at":"2026-05-04T10:00:00Z"`, `"created_at":"`+at.Format(time.RFC3339)+`"`)
}

func (l *looker) post(s store.Service, orders ...string) {
	l.t.Helper()
	key := newKey(l.t, s, server.ScopeIngest)
	for _, one := range orders {
		if a := ask(l.t, "POST", l.url+"/v1/orders?from=shopify", key, one); a.status != 201 {
			l.t.Fatalf("%d %s", a.status, a.body)
		}
	}
}

const today, weekAgo = 0, -7 * 24 * time.Hour

// The page has what the orders of the day come to, and of the same day a week ago up to the same
// minute: what came then in a later minute is in the curve alone.
func TestPageFigures(t *testing.T) {
	t.Parallel()
	s := memory.New()
	l, _ := newLooker(t, s, server.Options{})
	_, empty := l.get("/")
	l.post(s, placed(1, thursday.Add(-time.Hour)), placed(2, thursday.Add(-time.Minute)), placed(3, thursday),
		placed(4, thursday.Add(weekAgo+30*time.Second)), placed(5, thursday.Add(weekAgo+time.Minute)), placed(6, thursday.Add(weekAgo-13*time.Hour)))
	status, text := l.get("/")
	for _, want := range []string{
		`data-digits="orders">3<`, `1 a week ago`, "&#43;200\u00a0%", // an hour apart, as the page is of the day alone
		`data-digits="revenue-USD">7.50<`, `data-digits="average">2.50<`, "last order just now", "all saved",
		`<th scope="row">11:00</th><td class="n by">1</td><td class="n">0</td>`,
		`<th scope="row">12:00 <span class="quiet">so far</span></th><td class="n by">2</td><td class="n">2</td>`,
		`data-events="/page/events"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Count(text, "<li data-key=") != 6 || status != 200 {
		t.Errorf("%d: the page has %d orders", status, strings.Count(text, "<li data-key="))
	}
	for _, not := range []string{"555", "Ann", `name="shop"`} {
		if strings.Contains(text, not) {
			t.Errorf("the page has %s", not)
		}
	}
	for _, want := range []string{"No orders yet", "No items yet", "No orders today", `data-digits="orders">0<`, "no order yet"} {
		if !strings.Contains(empty, want) {
			t.Errorf("the page of an empty store lacks %s", want)
		}
	}
}

// Orders without an id are in all figures, and the list says why they are not in it.
func TestPageWithoutIDs(t *testing.T) {
	t.Parallel()
	s := memory.New()
	l, _ := newLooker(t, s, server.Options{})
	fill(t, l.url, s, orderOf(1, "555-0101", "Ann", "Tea", "2.50", thursday.Format(time.RFC3339)))
	_, text := l.get("/")
	for _, want := range []string{`data-digits="orders">1<`, "The orders of this shop have no id", "last order just now"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

// An open page is sent all live parts first, as the page has them, and then those that change.
func TestPageEvents(t *testing.T) {
	t.Parallel()
	s := memory.New()
	l, srv := newLooker(t, s, server.Options{})
	srv.SetPace(10*time.Millisecond, 10*time.Millisecond, time.Hour, 10*time.Second)
	l.post(s, placed(1, thursday.Add(-time.Hour)))
	p := l.open("/page/events")
	parts := p.parts()
	if got, want := slices.Sorted(maps.Keys(parts)), []string{"day", "empty", "feed", "items", "status", "today"}; !slices.Equal(got, want) {
		t.Errorf("the parts are %v, want %v", got, want)
	}
	_, text := l.get("/")
	for name, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("the part %s is not on the page as it is sent", name)
		}
	}
	l.post(s, placed(2, thursday))
	if came, want := p.until("today", `data-digits="orders">2<`), []string{"day", "feed", "items", "status", "today"}; !slices.Equal(came, want) {
		t.Errorf("%v came, want %v", came, want)
	}
	// An order of long ago changes nothing of the day but that its customer was not new.
	l.post(s, placed(3, thursday.AddDate(0, 0, -30)))
	if came, want := p.until("items", `<td class="n by">3</td>`), []string{"feed", "items", "today"}; !slices.Equal(came, want) {
		t.Errorf("%v came, want %v", came, want)
	}
}

// Pages that show the same are sent the same bytes, which are made once; and a page that comes later
// starts with what the others have.
func TestPageEventsShared(t *testing.T) {
	t.Parallel()
	s := &counted{Service: memory.New()}
	l, srv := newLooker(t, s, server.Options{})
	srv.SetPace(time.Hour, time.Millisecond, time.Hour, 10*time.Second)
	const many = 100
	var pages [many]*openPage
	var opened sync.WaitGroup
	for i := range pages {
		opened.Go(func() { pages[i] = l.open("/page/events") })
	}
	opened.Wait()
	first := pages[0].next()
	for _, p := range pages[1:] {
		if got := p.next(); got != first {
			t.Fatalf("got %s, want %s", got, first)
		}
	}
	before := s.minutes.Load()
	l.post(s, placed(1, thursday))
	for _, p := range pages {
		p.until("today", `data-digits="orders">1<`)
	}
	if read := s.minutes.Load() - before; read > 20 { // two for each version, of which a post makes some
		t.Errorf("%d pages made the server read minutes %d times", many, read)
	}
	if text := l.open("/page/events").parts()["today"]; !strings.Contains(text, `data-digits="orders">1<`) {
		t.Errorf("got %s", text)
	}
}

// A counted store counts how often its minutes are read, and fails if its test wants it to.
type counted struct {
	store.Service
	minutes atomic.Int64
	fails   atomic.Bool
}

func (c *counted) Minutes(ctx context.Context, from, to int64) ([]store.Minute, error) {
	c.minutes.Add(1)
	if c.fails.Load() {
		return nil, errors.New("no disk")
	}
	return c.Service.Minutes(ctx, from, to)
}

// The page that stands still says so, and goes on by itself.
func TestPageEventsOfBrokenStore(t *testing.T) {
	t.Parallel()
	s := &counted{Service: memory.New()}
	l, srv := newLooker(t, s, server.Options{Log: slog.New(slog.DiscardHandler)})
	srv.SetPace(time.Millisecond, time.Millisecond, 20*time.Millisecond, 10*time.Second)
	p := l.open("/page/events")
	p.until("today", `data-digits="orders">0<`)
	s.fails.Store(true)
	l.post(s, placed(1, thursday))
	if came := p.until("status", "The store cannot be read at present."); !slices.Equal(came, []string{"status"}) {
		t.Errorf("%v came, want the status alone", came)
	}
	s.fails.Store(false)
	if came := p.until("today", `data-digits="orders">1<`); !slices.Contains(came, "status") {
		t.Errorf("%v came, want the status too", came)
	}
}

// Something comes though nothing changes, so that the page knows that it is not cut off.
func TestPageEventsAlive(t *testing.T) {
	t.Parallel()
	l, srv := newLooker(t, memory.New(), server.Options{})
	srv.SetPace(time.Millisecond, time.Millisecond, 20*time.Millisecond, 10*time.Second)
	p := l.open("/page/events")
	for p.next() != "alive 1" {
	}
}

// The day goes on though nothing is committed: what was placed in the next minute counts then.
func TestPageGoesOn(t *testing.T) {
	t.Parallel()
	s, passed := memory.New(), atomic.Int64{}
	l, srv := newLooker(t, s, server.Options{Now: func() time.Time { return thursday.Add(time.Duration(passed.Load())) }})
	srv.SetPace(time.Millisecond, time.Millisecond, 20*time.Millisecond, 10*time.Second)
	l.post(s, placed(1, thursday.Add(time.Minute)))
	p := l.open("/page/events")
	p.until("today", `data-digits="orders">0<`)
	passed.Store(int64(time.Minute))
	p.until("today", `data-digits="orders">1<`)
}

// Who signs out is sent nothing any more; nor is anybody once the server stops, who is asked to come
// back.
func TestPageEventsEnd(t *testing.T) {
	t.Parallel()
	s := memory.New()
	l, srv := newLooker(t, s, server.Options{})
	srv.SetPace(time.Millisecond, time.Millisecond, 20*time.Millisecond, 10*time.Second)
	if a, err := http.Get(l.url + "/page/events"); err != nil || a.StatusCode != 401 {
		t.Errorf("without a session: %v %v", a, err)
	}
	gone, stays := l.open("/page/events"), looksAt(t, s, l.url)
	p := stays.open("/page/events")
	a, err := l.client.PostForm(l.url+"/sign-out", nil)
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	for text := gone.next(); text != ""; text = gone.next() {
		if text == "retry" {
			t.Error("it was asked to come back")
		}
	}
	p.parts()
	if n := srv.OpenPages(); n != 1 {
		t.Errorf("%d pages are open, want 1", n)
	}
	srv.Drain()
	for p.next() != "retry" {
	}
	if text := p.next(); text != "" {
		t.Errorf("after the end came %s", text)
	}
	for start := time.Now(); srv.OpenPages() != 0 || srv.Listeners() != 0; time.Sleep(time.Millisecond) {
		if time.Since(start) > 20*time.Second {
			t.Fatalf("%d pages are open", srv.OpenPages())
		}
	}
	if a, err := stays.client.Get(l.url + "/page/events"); err != nil || a.StatusCode != 503 {
		t.Errorf("when it stops: %v %v", a, err)
	}
}

// If the store has several shops the page is of all, or of the one that is chosen.
func TestPageOfShops(t *testing.T) {
	t.Parallel()
	s := memory.New()
	l, _ := newLooker(t, s, server.Options{})
	key := newKey(t, s, server.ScopeIngest)
	if a := ask(t, "POST", l.url+"/v1/orders?from=shopify&shop="+url.QueryEscape("Corner & <b>"), key, placed(1, thursday)); a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := ask(t, "POST", l.url+"/v1/orders?from=shopify&shop=Market", key, placed(2, thursday.AddDate(0, 0, -1))); a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for _, test := range []struct {
		query  string
		orders int
		feed   int
	}{{"", 1, 2}, {"?shop=", 1, 2}, {"?shop=Market", 0, 1}, {"?shop=Corner+%26+%3Cb%3E", 1, 1}} {
		status, text := l.get("/" + test.query)
		if status != 200 || !strings.Contains(text, fmt.Sprintf(`data-digits="orders">%d<`, test.orders)) || strings.Count(text, "<li data-key=") != test.feed {
			t.Errorf("%s: %d, want %d orders, and %d in the list", test.query, status, test.orders, test.feed)
		}
		if isOne := test.query != "" && test.query != "?shop="; strings.Contains(text, `data-digits="customers"`) == isOne || strings.Contains(text, "of all shops") != isOne {
			t.Errorf("%s: it has the new customers of all shops, or does not say whose items it shows", test.query)
		}
		if !strings.Contains(text, `<select id="shop" name="shop">`) {
			t.Errorf("%s: there is nothing to choose from", test.query)
		}
	}
	if text := l.open("/page/events?shop=Market").parts()["today"]; !strings.Contains(text, `data-digits="orders">0<`) {
		t.Errorf("got %s", text)
	}
	if status, _ := l.get("/?shop=Other"); status != 404 {
		t.Errorf("a shop that is not there: %d", status)
	}
}

// TestFeedOfQuietShop shows the orders of a shop beside one that has many more and later ones. If
// there are none among those that are looked at, the page does not say that they have no id.
func TestFeedOfQuietShop(t *testing.T) {
	t.Parallel()
	s := memory.New()
	l, _ := newLooker(t, s, server.Options{})
	key := newKey(t, s, server.ScopeIngest)
	busy := func(from, to int) {
		t.Helper()
		var body strings.Builder
		for i := from; i < to; i++ {
			body.WriteString(placed(i, thursday) + "\n")
		}
		if a := ask(t, "POST", l.url+"/v1/orders?from=shopify&shop=Busy", key, body.String()); a.status != 201 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	if a := ask(t, "POST", l.url+"/v1/orders?from=shopify&shop=Quiet", key, placed(1, thursday.AddDate(0, 0, -1))); a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	busy(2, 302)
	if _, text := l.get("/?shop=Quiet"); strings.Count(text, "<li data-key=") != 1 || strings.Contains(text, "have no id") {
		t.Error("an order behind 300 of another shop is not shown")
	}
	busy(302, 2102)
	if _, text := l.get("/?shop=Quiet"); strings.Count(text, "<li data-key=") != 0 || strings.Contains(text, "have no id") || !strings.Contains(text, "None of the latest 2,000 orders of all shops is of this one.") {
		t.Error("it is not said that only the latest orders were looked at")
	}
}
