package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"process-orders/server"
	"process-orders/store/sqlite"
)

// TestBrowser uses the page in a real browser: see testdata/browser. Each of its lines is a subtest.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	modules := nodeModules(t, "browser", "the page in a browser")
	chromium := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
			break
		}
	}
	if chromium == "" {
		t.Skip("NOT CHECKED: the page in a browser: there is no chromium")
	}
	street := httptest.NewServer(newStreet(t))
	defer street.Close()
	node := exec.CommandContext(t.Context(), "node", "testdata/browser/run.mjs")
	node.Env = append(os.Environ(), "MODULES="+modules, "CHROMIUM="+chromium, "STREET="+street.URL, "SCENARIOS="+os.Getenv("SCENARIOS"))
	output, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var failed bytes.Buffer
	node.Stderr = &failed
	if err := node.Start(); err != nil {
		t.Skipf("NOT CHECKED: the page in a browser: %v", err)
	}
	count := 0
	lines := bufio.NewScanner(output)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var result struct {
			Name, Failed string
			Took         int
		}
		if err := json.Unmarshal(lines.Bytes(), &result); err != nil {
			t.Errorf("%s: %v", lines.Text(), err)
			continue
		}
		count++
		t.Run(result.Name, func(t *testing.T) {
			t.Logf("took %d ms", result.Took)
			if result.Failed != "" {
				t.Error(result.Failed)
			}
		})
	}
	if err := node.Wait(); err != nil || count == 0 {
		t.Errorf("%d scenarios: %v: %s", count, err, failed.String())
	}
}

// A street has shops that a browser can visit. Scenarios open them by HTTP.
type street struct {
	t      *testing.T
	folder string // which is there until all shops are closed
	mux    http.ServeMux

	mu    sync.Mutex
	shops map[string]*streetShop
}

func newStreet(t *testing.T) *street {
	s := &street{t: t, folder: t.TempDir(), shops: map[string]*streetShop{}}
	for path, do := range map[string]func(*streetShop, *http.Request) (any, error){
		"/link":    (*streetShop).link,
		"/trouble": (*streetShop).trouble,
		"/stop":    func(s *streetShop, _ *http.Request) (any, error) { return nil, s.stop() },
		"/start":   func(s *streetShop, _ *http.Request) (any, error) { return nil, s.start() },
		"/acts":    func(s *streetShop, _ *http.Request) (any, error) { return actsText(t, s.store), nil },
	} {
		s.mux.HandleFunc("POST /{shop}"+path, func(w http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			shop := s.shops[r.PathValue("shop")]
			s.mu.Unlock()
			answerStreet(w)(do(shop, r))
		})
	}
	s.mux.HandleFunc("POST /open", func(w http.ResponseWriter, r *http.Request) { answerStreet(w)(s.open(r.FormValue("with"))) })
	t.Cleanup(func() {
		for _, shop := range s.shops {
			_ = shop.stop()
			if err := shop.store.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return s
}

func (s *street) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func answerStreet(w http.ResponseWriter) func(any, error) {
	return func(v any, err error) {
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(v)
	}
}

// A streetShop is a server of a store in a file.
type streetShop struct {
	t       *testing.T
	options server.Options
	store   *sqlite.Store
	at      string // its address, which stays when it is started again
	server  *server.Server
	http    *http.Server
}

// noon is a clock that was at noon, and a bit, when the test started: a day has a morning then, and
// is not over soon.
func noon() func() time.Time {
	start := time.Now()
	y, m, d := start.UTC().Date()
	shift := time.Date(y, m, d, 12, 30, 20, 0, time.UTC).Sub(start)
	return func() time.Time { return time.Now().Add(shift) }
}

// open opens a shop. With a day it has orders of today and of a week ago, and a connection; with
// trouble, a delivery in quarantine too; with shops, two shops.
func (s *street) open(with string) (any, error) {
	folder, err := os.MkdirTemp(s.folder, "")
	if err != nil {
		return nil, err
	}
	opened, err := sqlite.Open(s.t.Context(), filepath.Join(folder, "shop.db"), sqlite.Options{})
	if err != nil {
		return nil, err
	}
	shop := &streetShop{t: s.t, store: opened, at: "127.0.0.1:0", options: server.Options{
		Now: noon(), Zone: time.UTC, StoreName: "shop.db",
		Log:        slog.New(slog.NewTextHandler(s.t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
		FirstOrder: []string{"curl -d @order.json http://127.0.0.1:8080/v1/orders"}, FirstConnection: "process-orders connect --store shop.db shopify shop",
	}}
	if err := shop.start(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	id := fmt.Sprint("shop", len(s.shops))
	s.shops[id] = shop
	s.mu.Unlock()
	key := newKey(s.t, opened, server.ScopeIngest, server.ScopeRead)
	if with != "" {
		if err := shop.fill(s.t, key, strings.Fields(with)); err != nil {
			return nil, err
		}
	}
	return map[string]string{"id": id, "url": "http://" + shop.at, "key": key, "now": shop.options.Now().Format(time.RFC3339)}, nil
}

// start serves a shop, at the address that it had before.
func (s *streetShop) start() error {
	var listener net.Listener
	var err error
	for range 100 { // the port may be in use for a moment
		if listener, err = net.Listen("tcp", s.at); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		return err
	}
	if s.server, err = server.New(s.store, s.options); err != nil {
		return err
	}
	s.at, s.http = listener.Addr().String(), &http.Server{Handler: s.server}
	go func() { _ = s.http.Serve(listener) }()
	return nil
}

// stop stops its server, as if the machine started again.
func (s *streetShop) stop() error {
	_ = s.http.Close()
	return s.server.Shutdown(context.Background())
}

// link is a new link to sign in, by the clock of the shop.
func (s *streetShop) link(r *http.Request) (any, error) {
	path, err := server.NewLinkAt(r.Context(), s.store, s.options.Now())
	return "http://" + s.at + path, err
}

var streetItems = []struct {
	name  string
	cents int
}{{"Tea", 250}, {"Coffee", 290}, {"Burger with cheese", 1490}, {"Margherita", 1050}, {"Lemonade", 350}, {"Chocolate cake", 650}, {"Risotto", 1450}, {"Water", 250}}

// fill brings the orders of a day.
func (s *streetShop) fill(t *testing.T, key string, with []string) error {
	now, names := s.options.Now(), []string{"Ann Lee", "Bob Ray", "Cleo", "Dan", "Eve"}
	shops := []string{""}
	if slices.Contains(with, "shops") {
		shops = []string{"&shop=North", "&shop=South"}
	}
	for i, shop := range shops {
		var all []string
		for n := range 160 {
			ago := time.Duration(n) * 97 * time.Second
			if n%2 == 1 {
				ago += 7 * 24 * time.Hour
			}
			at, a, b := now.Add(-ago), streetItems[n*n%7%len(streetItems)], streetItems[n%len(streetItems)]
			if n%2 == 1 {
				a.cents -= 30
			}
			all = append(all, fmt.Sprintf(`{"id":%d,"phone":"555-0%d","customer":{"first_name":%q},"created_at":%q,"updated_at":%[4]q,"currency":"USD","line_items":[{"name":%q,"price":"%d.%02d","quantity":%d},{"name":%q,"price":"%d.%02d","quantity":1}]}`,
				1000*i+n, 100+n%60, names[n%len(names)], at.Format(time.RFC3339), a.name, a.cents/100, a.cents%100, 1+n%3/2, b.name, b.cents/100, b.cents%100))
		}
		if a := ask(t, "POST", "http://"+s.at+"/v1/orders?from=shopify"+shop, key, `{"orders":[`+strings.Join(all, ",")+`]}`); a.status != 201 {
			return fmt.Errorf("%d %s", a.status, a.body)
		}
	}
	connect(t, s.store, server.Connection{Name: "web", Kind: "shopify", Shop: "North"}, "sesame")
	if slices.Contains(with, "trouble") {
		_, err := s.trouble(nil)
		return err
	}
	return nil
}

// trouble delivers an order that cannot be read.
func (s *streetShop) trouble(*http.Request) (any, error) {
	body := order(9001, "555-0199", "Zoe", 1, "")
	body = strings.Replace(body, `"id":9001,`, "", 1)
	if status, result := deliver(s.t, "http://"+s.at+"/v1/hooks/web", shopify("sesame", "orders/create", body), body); status != 200 || result != "quarantined" {
		return nil, fmt.Errorf("%d %s", status, result)
	}
	return nil, nil
}
