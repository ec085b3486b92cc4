package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/html"

	"process-orders/server"
	"process-orders/store"
	"process-orders/store/sqlite"
)

// A browser has signed in. With isLive it does what the script of the page does: it asks for parts.
type browser struct {
	t      testing.TB
	url    string
	client *http.Client
	isLive bool
}

// newPage returns a server of an empty store and a browser that has signed in.
func newPage(t testing.TB, o server.Options) (*browser, store.Service) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "shop.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	}
	srv, err := server.New(s, o)
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(srv)
	t.Cleanup(func() {
		listener.Close()
		if err := srv.Shutdown(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return signedIn(t, s, listener.URL), s
}

// signedIn is a new browser that has signed in.
func signedIn(t testing.TB, s store.Service, address string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	name, value, _ := strings.Cut(signIn(t, s, address), "=")
	jar.SetCookies(at, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
	return &browser{t: t, url: address, client: &http.Client{Jar: jar}}
}

func (b *browser) do(r *http.Request) (int, string) {
	b.t.Helper()
	if b.isLive {
		r.Header.Set("X-Part", "files")
	}
	answer, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// get looks at a page, and send sends a form.
func (b *browser) get(path string) (int, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), "GET", b.url+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(r)
}

func (b *browser) send(path string, form url.Values) (int, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), "POST", b.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// drop drops a file.
func (b *browser) drop(name string, text io.Reader) (int, string) {
	b.t.Helper()
	in, out := io.Pipe()
	form := multipart.NewWriter(out)
	go func() {
		part, err := form.CreateFormFile("file", name)
		if err == nil {
			_, err = io.Copy(part, text)
		}
		if err == nil {
			err = form.Close()
		}
		out.CloseWithError(err)
	}()
	r, err := http.NewRequestWithContext(b.t.Context(), "POST", b.url+"/page/files", in)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	return b.do(r)
}

// settled looks until no file is worked on any more.
func (b *browser) settled() string {
	b.t.Helper()
	for {
		status, text := b.get("/page/files")
		if status != 200 {
			b.t.Fatalf("%d %s", status, text)
		}
		if !strings.Contains(text, "data-again") {
			return text
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// texts are the words that a page shows, one space apart.
func texts(t testing.TB, page string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for node := range root.Descendants() {
		if node.Type == html.TextNode && node.Parent.Data != "option" && node.Parent.Data != "script" {
			b.WriteString(node.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// wants checks what a page says.
func wants(t testing.TB, page string, all ...string) {
	t.Helper()
	shown := texts(t, page)
	for _, want := range all {
		if !strings.Contains(shown, want) {
			t.Errorf("the page does not say %q:\n%s", want, shown)
		}
	}
}

var fileIDs = regexp.MustCompile(`name="file" value="([A-Z0-9]{16})"`)

// filesOf are the ids of the files on a page, as forms have them.
func filesOf(t testing.TB, page string) (all []url.Values) {
	t.Helper()
	for _, id := range fileIDs.FindAllStringSubmatch(page, -1) {
		if n := len(all); n == 0 || all[n-1].Get("file") != id[1] {
			all = append(all, url.Values{"file": {id[1]}})
		}
	}
	if all == nil {
		t.Fatalf("there is no file on the page:\n%s", page)
	}
	return all
}

// fileOf is the last of them.
func fileOf(t testing.TB, page string) url.Values {
	t.Helper()
	all := filesOf(t, page)
	return all[len(all)-1]
}

const faultyOrders = `{"phone": "555-0101", "name": "Ann", "items": [{"name": "Tea", "price": 2.50}]}
{"phone": "555-0102", "name": "Bob", "items": [{"name": "Tea", "price": "cheap"}]}
{"phone": "555-0103", "name": "Cleo", "items": [{"name": "Cake", "price": 4}]}
`

// A file is dropped, looked at, applied on a click, and what was rejected is mended and sent: with
// the script of the page, and without.
func TestPageFile(t *testing.T) {
	t.Parallel()
	for _, isLive := range []bool{false, true} {
		t.Run(fmt.Sprintf("live %t", isLive), func(t *testing.T) {
			t.Parallel()
			b, s := newPage(t, server.Options{})
			_, text := b.get("/")
			wants(t, text, "No orders yet")
			b.isLive = isLive
			status, text := b.drop("orders.json", strings.NewReader(faultyOrders))
			if status != 200 || isLive == strings.Contains(text, "<html") {
				t.Fatalf("%d %s", status, text)
			}
			text = b.settled()
			wants(t, text, "orders.json", "the default shape", "orders 2 with 2 lines", "rejected 1 order",
				"orders.json:2:", `items[0].price: want a decimal number, got a text of 5 characters`, "Nothing is changed yet")
			if totals, err := s.Totals(t.Context()); totals.Customers != 0 || err != nil {
				t.Fatal(totals, err)
			}
			file := fileOf(t, text)
			if status, text = b.send("/page/files/apply", file); status != 200 {
				t.Fatalf("%d %s", status, text)
			}
			text = b.settled()
			wants(t, text, "2 orders; 1 order rejected; the store has 2 customers, 2 items in")
			if strings.Contains(text, "555-0102") || strings.Contains(text, "Bob") {
				t.Error("the text of a reject is shown before anybody has asked for it")
			}
			if acts := actsText(t, s); strings.Contains(acts, "rejects-read") {
				t.Error(acts)
			}
			_, text = b.send("/page/rejects", file)
			wants(t, text, "1 order of orders.json", "orders.json:2:", "555-0102")
			if acts := actsText(t, s); !strings.Contains(acts, "rejects-read") || strings.Contains(acts, "orders.json") {
				t.Error(acts)
			}
			file.Set("number", "0")
			file.Set("text", `{"phone": "555-0102", "name": "Bob", "items": [{"name": "Tea",`+"\r\n"+` "price": "dear"}]}`)
			status, text = b.send("/page/rejects/send", file)
			if want := map[bool]int{false: 200, true: 422}[isLive]; status != want {
				t.Errorf("%d, want %d", status, want)
			}
			wants(t, text, "line 2, column 11: items[0].price: want a decimal number", `"dear"`)
			file.Set("text", `{"phone": "555-0102", "name": "Bob", "items": [{"name": "Tea", "price": 2.50}]}`)
			for _, want := range []string{"Saved: 1 order.", "It was sent before, and counts once."} {
				status, text = b.send("/page/rejects/send", file)
				if status != 200 {
					t.Errorf("%d", status)
				}
				wants(t, text, want, "All of them were sent")
			}
			file.Set("text", `{"phone": "555-0102", "name": "Bob", "items": [{"name": "Tea", "price": 3}]}`)
			_, text = b.send("/page/rejects/send", file)
			wants(t, text, "an order was sent in its place before, mended otherwise")
			if bob, found, err := s.Customer(t.Context(), "555-0102"); !found || bob.Orders != 1 || err != nil {
				t.Errorf("%+v %t %v", bob, found, err)
			}
			_, text = b.send("/page/rejects/file", file)
			if strings.Count(text, "\n") != 1 || !strings.Contains(text, `"text":"{\"phone\": \"555-0102\"`) {
				t.Errorf("the file of rejects is %s", text)
			}
			b.isLive = false
			_, text = b.get("/")
			if strings.Contains(texts(t, text), "No orders yet") {
				t.Error("the store is said to be empty")
			}
			b.send("/page/files/discard", file)
			if text = b.settled(); strings.Contains(text, "orders.json") {
				t.Error("the file is still there")
			}
		})
	}
}

// actsText is the log of acts.
func actsText(t *testing.T, s store.Service) string {
	t.Helper()
	page, err := server.Audit(t.Context(), s, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%+v", page.Acts)
}

// Of each file the page says what it is, or what is wrong and what to do about it.
func TestPageFilesOfAllKinds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		choose     url.Values
		want       []string
		not        string
	}{
		{name: "shopify", text: shopifyOrders(1, 3, "2026-05-04T10:00:00Z"), want: []string{"Shopify: REST Admin API and webhooks", "found by looking at the file", "orders 3 with 3 lines", "Apply it"}},
		{name: "gzip", text: gzipped(lines(10)), want: []string{"orders 10 with 10 lines", "Apply it"}},
		{name: "workbook", text: workbookOf(t, shopifyTable), want: []string{"orders 2 with 3 lines", "Apply it"}},
		{name: "empty", text: "", want: []string{"the input is empty (0 bytes)", "Nothing was changed"}, not: "Choose below"},
		{name: "unknown system", text: "Column A,Column B\n1,2\n", want: []string{"It looks like a table (CSV): choose below which system it is from", "Nothing was changed"}, not: "Apply it"},
		{name: "other JSON", text: `{"a": 1}` + "\n" + `{"a": 2}`, want: []string{"Nothing was changed", "Choose below what it is"}, not: "Apply it"},
		{name: "picture", text: "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00", 100), want: []string{"Nothing was changed"}, not: "Apply it"},
		{name: "cut", text: lines(3)[:200], want: []string{"orders 2 with 2 lines", "rejected 1 order", "cut:3:37: order 3: the line ends within its order", "Apply it"}},
		{name: "cut gzip", text: gzipped(lines(1000))[:100], want: []string{"Nothing was changed"}, not: "Apply it"},
		{name: "wrong preset", text: shopifyOrders(1, 3, "2026-05-04T10:00:00Z"), choose: url.Values{"from": {"woocommerce"}},
			want: []string{"this looks like", "“Shopify: REST Admin API and webhooks”: choose that below", "Nothing was changed"}, not: "Apply it"},
		{name: "no preset", text: shopifyOrders(1, 3, "2026-05-04T10:00:00Z"), choose: url.Values{"from": {""}}, want: []string{"choose that below", "Nothing was changed"}, not: "Apply it"},
		{name: "bomb", text: gzipped(strings.Repeat(" ", 64<<20)), want: []string{"200 times as large"}, not: "Apply it"},
		{name: "encoding", text: strings.ReplaceAll(lines(3), "Tea", "Caf\xe9"), choose: url.Values{"encoding": {"windows-1252"}}, want: []string{"orders 3 with 3 lines", "Apply it"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b, s := newPage(t, server.Options{})
			if status, text := b.drop(c.name, strings.NewReader(c.text)); status != 200 {
				t.Fatalf("%d %s", status, text)
			}
			text := b.settled()
			if c.choose != nil {
				c.choose.Set("file", fileOf(t, text).Get("file"))
				b.send("/page/files/check", c.choose)
				text = b.settled()
			}
			wants(t, text, c.want...)
			if c.not != "" && strings.Contains(texts(t, text), c.not) {
				t.Errorf("the page says %q: %s", c.not, texts(t, text))
			}
			if totals, err := s.Totals(t.Context()); totals.Customers+totals.Items+totals.Orders != 0 || err != nil {
				t.Error(totals, err)
			}
		})
	}
}

// The choices of a form decide how a file is read, and those that cannot be are refused.
func TestPageFileChoices(t *testing.T) {
	t.Parallel()
	b, s := newPage(t, server.Options{})
	b.drop("orders", strings.NewReader(shopifyTable))
	file := fileOf(t, b.settled())
	b.isLive = true
	for field, value := range map[string]string{"from": "nothing", "shop": "a\x00b", "encoding": "nothing"} {
		wrong := url.Values{"file": file["file"], field: {value}}
		if status, text := b.send("/page/files/check", wrong); status != 400 || !strings.Contains(text, "role=\"alert\"") {
			t.Errorf("%s: %d %s", field, status, text)
		}
	}
	b.send("/page/files/check", url.Values{"file": file["file"], "from": {"shopify-csv"}, "shop": {"Main Street"}, "decimal": {"."}})
	text := b.settled()
	if !strings.Contains(text, `value="Main Street"`) || !strings.Contains(text, `<option value="." selected>`) {
		t.Errorf("the choices are not shown: %s", text)
	}
	b.send("/page/files/apply", file)
	wants(t, b.settled(), "2 orders; the store has")
	sources, err := s.Sources(t.Context())
	if err != nil || len(sources) != 1 || sources[0].Shop != "Main Street" || sources[0].Name != "orders" {
		t.Errorf("%+v %v", sources, err)
	}
}

// A file belongs to the session that has dropped it, and whoever has not signed in sees nothing.
func TestPageFileOfOthers(t *testing.T) {
	t.Parallel()
	b, s := newPage(t, server.Options{})
	other := signedIn(t, s, b.url)
	b.drop("orders", strings.NewReader(faultyOrders))
	file := fileOf(t, b.settled())
	other.isLive = true
	for _, path := range []string{"/page/files/check", "/page/files/apply", "/page/files/stop", "/page/files/discard", "/page/rejects", "/page/rejects/send", "/page/rejects/file"} {
		if status, _ := other.send(path, file); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
		stranger := &browser{t: t, url: b.url, client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
		if status, _ := stranger.send(path, file); status != 401 {
			t.Errorf("%s of a stranger: %d", path, status)
		}
	}
	if text := other.settled(); strings.Contains(text, "orders</bdi>") {
		t.Error(text)
	}
	wants(t, b.settled(), "Nothing is changed yet")
}

// Names of files may be anything. They stay texts.
func TestPageFileNames(t *testing.T) {
	t.Parallel()
	b, _ := newPage(t, server.Options{})
	for sent, want := range map[string]string{
		`<script>alert(1)</script>`: "<script>alert(1)<", "../../etc/passwd": "passwd", strings.Repeat("é", 400): strings.Repeat("é", 127),
		"\u202efdp.exe": `\u202efdp.exe`, "   ": "file", "the %22long%22 day.json": `the "long" day.json`, "50%25.json": "50%25.json",
	} {
		b.drop(sent, strings.NewReader(tea))
		text := b.settled()
		if strings.Contains(text, "<script>alert") {
			t.Fatal("a name is taken for HTML")
		}
		if strings.HasPrefix(sent, "<") { // a browser sends what comes after the last slash
			want = "script>"
		}
		wants(t, text, want)
		b.send("/page/files/discard", fileOf(t, text))
	}
}

// A name that no browser sends is refused in words.
func TestPageFileNameUnreadable(t *testing.T) {
	t.Parallel()
	b, _ := newPage(t, server.Options{})
	_, text := b.drop("a\x1b[31mb", strings.NewReader(tea))
	wants(t, text, "give it another name")
}

// Files are bounded in number, in size and in time.
func TestPageFilesAreBounded(t *testing.T) {
	t.Parallel()
	now := newClock()
	b, s := newPage(t, server.Options{Limits: server.Limits{FileBytes: 1000}, Now: now.Now})
	b.isLive = true
	if status, text := b.drop("large", strings.NewReader(lines(100))); status != 413 || !strings.Contains(text, "the file has more than 1000 bytes") {
		t.Errorf("%d %s", status, text)
	}
	for i := range 4 {
		if status, text := b.drop(fmt.Sprint("small ", i), strings.NewReader(tea)); status != 200 {
			t.Fatalf("%d %s", status, text)
		}
	}
	if status, text := b.drop("one more", strings.NewReader(tea)); status != 409 || !strings.Contains(text, "four files are here already") {
		t.Errorf("%d %s", status, text)
	}
	other := signedIn(t, s, b.url)
	other.isLive = true
	for i := range 3 {
		other.drop(fmt.Sprint("mine ", i), strings.NewReader(lines(5)))
	}
	if status, text := other.drop("mine", strings.NewReader(lines(10))); status != 503 {
		t.Errorf("%d %s", status, text)
	}
	now.wait(31 * time.Minute)
	if text := b.settled(); strings.Contains(text, "small 0") {
		t.Error("files are kept for too long")
	}
	if status, text := b.drop("one more", strings.NewReader(tea)); status != 200 {
		t.Errorf("%d %s", status, text)
	}
}

// A form without a file says so, and so does one that breaks off.
func TestPageFileMissing(t *testing.T) {
	t.Parallel()
	b, _ := newPage(t, server.Options{})
	b.isLive = true
	if status, text := b.drop("", strings.NewReader("")); status != 400 || !strings.Contains(text, "choose a file first") {
		t.Errorf("%d %s", status, text)
	}
	if status, _ := b.send("/page/files", url.Values{"file": {"x"}}); status != 415 {
		t.Errorf("%d", status)
	}
	r, _ := http.NewRequestWithContext(t.Context(), "POST", b.url+"/page/files", strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"+tea))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	if status, text := b.do(r); status != 400 || strings.Contains(text, "<article") {
		t.Errorf("%d %s", status, text)
	}
	b.isLive = false
	_, text := b.drop("", strings.NewReader(""))
	wants(t, text, "choose a file first")
	if _, text = b.get("/"); strings.Contains(text, "choose a file first") {
		t.Error("what was seen is shown again")
	}
}

// Two browsers drop the same file and apply it at once. It counts once.
func TestPageFileTwiceAtOnce(t *testing.T) {
	t.Parallel()
	b, s := newPage(t, server.Options{})
	text, want := lines(3000), newStore(t)
	asCommand(t, want, "orders", text, "", "")
	both := []*browser{b, signedIn(t, s, b.url)}
	var all sync.WaitGroup
	for _, one := range both {
		all.Go(func() {
			one.isLive = true
			if status, text := one.drop("orders", strings.NewReader(text)); status != 200 {
				t.Errorf("%d %s", status, text)
				return
			}
			file := fileOf(t, one.settled())
			one.send("/page/files/apply", file)
			shown := texts(t, one.settled())
			if !strings.Contains(shown, "3,000 orders; the store has 500 customers, 50 items in") {
				t.Error(shown)
			}
		})
	}
	all.Wait()
	if document(t, s) != document(t, want) {
		t.Error("the store has something else")
	}
	file := fileOf(t, b.settled())
	b.send("/page/files/discard", file)
	b.drop("again", strings.NewReader(text))
	b.send("/page/files/apply", fileOf(t, b.settled()))
	wants(t, b.settled(), "the store has it already, nothing was changed")
}

// A table's rejects are tables: they are mended and sent with their header.
func TestPageRejectsOfTable(t *testing.T) {
	t.Parallel()
	b, s := newPage(t, server.Options{})
	b.isLive = true
	b.drop("orders.csv", strings.NewReader(strings.Replace(shopifyTable, ",4.00,", ",four,", 1)))
	file := fileOf(t, b.settled())
	b.send("/page/files/apply", file)
	wants(t, b.settled(), "1 order rejected")
	_, text := b.send("/page/rejects", file)
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for node := range root.Descendants() {
		if node.Data == "textarea" && node.Type == html.ElementNode {
			file.Set("text", strings.ReplaceAll(strings.Replace(node.FirstChild.Data, "four", "4.00", 1), "\n", "\r\n"))
		}
	}
	file.Set("number", "0")
	_, text = b.send("/page/rejects/send", file)
	wants(t, text, "Saved: 1 order.")
	if o, found, err := s.Order(t.Context(), "shopify", "", "1"); !found || err != nil || o.Phone != "+15550101" {
		t.Errorf("%+v %t %v", o, found, err)
	}
}

// Files of the page wait for a place among all files that are read, and go on when there is one.
func TestPageFilesWait(t *testing.T) {
	t.Parallel()
	_, real := newServer(t, server.Options{})
	s := &stopping{Service: real}
	_, url := newServerOf(t, s, server.Options{Limits: server.Limits{Files: 1}})
	began, goesOn := make(chan struct{}), make(chan struct{})
	s.after = func(batches int) error {
		if batches == 0 {
			close(began)
			<-goesOn
		}
		return nil
	}
	one, other := signedIn(t, s, url), signedIn(t, s, url)
	one.isLive, other.isLive = true, true
	for _, b := range []*browser{one, other} {
		b.drop("orders", strings.NewReader(lines(5)))
		b.settled()
	}
	for i, b := range []*browser{one, other} {
		b.drop(fmt.Sprint("tea ", i), strings.NewReader(strings.Repeat(tea+"\n", 1+i)))
		b.settled()
	}
	_, first := one.get("/page/files")
	one.send("/page/files/apply", fileOf(t, first))
	<-began
	_, second := other.get("/page/files")
	if _, text := other.send("/page/files/apply", fileOf(t, second)); !strings.Contains(text, "is being applied: 0 %, 0 orders so far") {
		t.Errorf("it does not wait: %s", texts(t, text))
	}
	if _, text := other.send("/page/files/check", filesOf(t, second)[0]); !strings.Contains(text, "is being looked at: 0 %") {
		t.Errorf("it does not wait: %s", texts(t, text))
	}
	other.send("/page/files/stop", filesOf(t, second)[0])
	if n := customerOrders(t, real, "555-0101"); n != 0 {
		t.Errorf("%d orders", n)
	}
	close(goesOn)
	wants(t, one.settled(), "1 order; the store has 1 customer")
	wants(t, other.settled(), "2 orders; the store has 1 customer", "it was stopped")
}

// An uncounted store does not know what it has, if it should not.
type uncounted struct {
	store.Service
	isBroken atomic.Bool
}

func (u *uncounted) Totals(ctx context.Context) (store.Totals, error) {
	if u.isBroken.Load() {
		return store.Totals{}, errors.New("the store cannot be read")
	}
	return u.Service.Totals(ctx)
}

// TestPageFileWithoutTotals applies a file while what the store has cannot be read: the file is applied,
// and what was not accepted can be mended.
func TestPageFileWithoutTotals(t *testing.T) {
	t.Parallel()
	s := &uncounted{Service: newFile(t)}
	_, address := newServerOf(t, s, server.Options{Log: slog.New(slog.DiscardHandler)})
	b := signedIn(t, s, address)
	b.drop("orders.json", strings.NewReader(tea+`{"phone":"555-0102"}`))
	file := url.Values{"file": {fileIDs.FindStringSubmatch(b.settled())[1]}}
	s.isBroken.Store(true)
	b.isLive = true // asks for the part of files alone
	if status, text := b.send("/page/files/apply", file); status != 200 {
		t.Fatal(status, text)
	}
	shown := b.settled()
	wants(t, shown, "1 order", "1 order rejected")
	if strings.Contains(texts(t, shown), "the store has") || !strings.Contains(shown, "/page/rejects") {
		t.Error(texts(t, shown))
	}
	if n := customerOrders(t, s, "555-0101"); n != 1 {
		t.Errorf("%d orders", n)
	}
}

// Forms with files are refused where no file is expected: they would be kept on the disk. So is a
// form that is too long.
func TestPageFormsAreBounded(t *testing.T) {
	t.Parallel()
	b, _ := newPage(t, server.Options{})
	b.isLive = true
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, name := range []string{"file", "who", "id", "zone", "text"} {
		if err := form.WriteField(name, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	long := url.Values{"who": {strings.Repeat("x", 9<<20)}}.Encode()
	for _, path := range []string{
		"/sign-in", "/page/zone", "/page/find", "/page/find/show", "/page/erase", "/page/quarantine", "/page/quarantine/mend", "/page/files/check",
		"/page/files/apply", "/page/files/stop", "/page/files/discard", "/page/rejects", "/page/rejects/send", "/page/rejects/file",
	} {
		for _, sent := range []struct {
			kind, body string
			want       int
		}{{form.FormDataContentType(), body.String(), 400}, {"application/x-www-form-urlencoded", long, 413}} {
			r, err := http.NewRequestWithContext(t.Context(), "POST", b.url+path, strings.NewReader(sent.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", sent.kind)
			r.Header.Set("X-Part", "files")
			answer, err := b.client.Do(r)
			if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
				continue // it was refused before all was sent, and so the answer may be lost
			}
			if err != nil {
				t.Fatal(err)
			}
			if answer.Body.Close(); answer.StatusCode != sent.want {
				t.Errorf("%s with %.20s: %d, want %d", path, sent.kind, answer.StatusCode, sent.want)
			}
		}
	}
}
