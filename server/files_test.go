package server_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/mappings"
	"process-orders/records"
	"process-orders/server"
	"process-orders/store"
	"process-orders/store/sqlite"
)

// lines are so many orders of the default shape, one a line.
func lines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"phone": "555-%04d", "name": "Ann", "items": [{"name": "Tea %d", "price": %d.50}]}`+"\n", i%500, i%50, i%9)
	}
	return b.String()
}

// shopifyOrders are orders with ids from first on.
func shopifyOrders(first, n int, updated string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = shopifyOrder(first+i, updated, "Ann", "")
	}
	return `{"orders":[` + strings.Join(all, ",") + `]}`
}

const shopifyTable = "Name,Email,Financial Status,Paid at,Currency,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Phone,Id,Billing Phone\n" +
	"#1001,,paid,,USD,5.00,2026-05-04 10:00:00 +0000,2,Tea,2.50,+15550101,1,\n" +
	"#1001,,,,,,,1,Cake,4.00,,,\n" +
	"#1002,,paid,,USD,2.50,2026-05-04 11:00:00 +0000,1,Tea,2.50,+15550102,2,\n"

// receivedFile is what became of a file.
func receivedFile(t *testing.T, a answered, status int) (r server.ReceivedFile) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &r); err != nil || a.status != status {
		t.Errorf("the file was not received: %d %s", a.status, a.body)
	}
	return r
}

// document is all that a store has, as the command writes it.
func document(t *testing.T, s store.Store) string {
	t.Helper()
	var b bytes.Buffer
	err := apply.Records(t.Context(), s, store.Reading{Details: true}, func(c iter.Seq2[records.Customer, error], i iter.Seq2[records.NamedItem, error]) error {
		_, err := records.WriteDocument(&b, c, i, records.Form{Detail: true})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// newStore is an empty store.
func newStore(t *testing.T) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "other.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// asCommand applies a file as the command does.
func asCommand(t *testing.T, s store.Store, name, text, preset, encoding string) apply.Result {
	t.Helper()
	var o apply.Options
	if preset != "" {
		m, _ := mappings.Preset(preset)
		o.Mapping, o.System, o.IDs = &m.Mapping, m.System, m.IDs()
	}
	source := input.Reader(name, strings.NewReader(text))
	source.Encoding = encoding
	result, err := apply.Apply(t.Context(), s, source, o)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// A file of any shape gives what the command makes of it, and counts once however often it comes,
// also if the command had it before.
func TestFilesOfAllShapes(t *testing.T) {
	t.Parallel()
	latin := strings.ReplaceAll(lines(3), "Tea", "Caf\xe9")
	for _, c := range []struct{ name, query, text, preset, encoding string }{
		{"lines", "", lines(1000), "", ""},
		{"array", "", "[" + tea + "," + tea + "]", "", ""},
		{"gzip", "", gzipped(lines(1000)), "", ""},
		{"zstd", "", zstded(lines(1000)), "", ""},
		{"preset", "from=shopify", shopifyOrders(1, 300, "2026-05-04T10:00:00Z"), "shopify", ""},
		{"table", "from=shopify-csv", shopifyTable, "shopify-csv", ""},
		{"workbook", "from=shopify-csv", workbookOf(t, shopifyTable), "shopify-csv", ""},
		{"encoding", "encoding=windows-1252", latin, "", "windows-1252"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv, s := newServer(t, server.Options{})
			key, other := newKey(t, s, server.ScopeIngest), newStore(t)
			want := asCommand(t, other, "orders", c.text, c.preset, c.encoding)
			url := srv.URL + "/v1/files?name=orders&" + c.query
			got := receivedFile(t, send(t, sending{url, key, c.text, nil}), 201)
			if got.Orders != want.Totals.Orders || got.Orders == 0 || got.BytesRead != int64(len(c.text)) || got.Bytes != want.Totals.Bytes || got.Known || got.Resumed || got.File != "orders" {
				t.Errorf("got %+v, want %+v", got, want)
			}
			wanted := document(t, other)
			if document(t, s) != wanted {
				t.Errorf("got %s\nwant %s", document(t, s), wanted)
			}
			if again := receivedFile(t, send(t, sending{url, key, c.text, nil}), 200); !again.Known || again.Orders != want.Totals.Orders {
				t.Errorf("again: %+v", again)
			}
			if known := asCommand(t, s, "orders", c.text, c.preset, c.encoding); !known.Known {
				t.Error("the command does not know the file")
			}
			if document(t, s) != wanted {
				t.Error("the file counted again")
			}
		})
	}
}

// workbookOf is a table as a workbook, of which all cells are texts.
func workbookOf(t *testing.T, table string) string {
	t.Helper()
	var rows strings.Builder
	for r, line := range strings.Split(strings.TrimSpace(table), "\n") {
		fmt.Fprintf(&rows, `<row r="%d">`, r+1)
		for _, cell := range strings.Split(line, ",") {
			fmt.Fprintf(&rows, `<c t="inlineStr"><is><t>%s</t></is></c>`, cell)
		}
		rows.WriteString(`</row>`)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"[Content_Types].xml":        `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
		"_rels/.rels":                `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Orders" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + rows.String() + `</sheetData></worksheet>`,
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, text)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A file that has grown counts what is new, if it has its name or is long. A short one without a
// name is a file of its own.
func TestGrownFile(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key := newKey(t, s, server.ScopeIngest)
	line := tea + "\n"
	for _, c := range []struct {
		query, text string
		orders      int64
		isGrown     bool
	}{
		{"?name=day.json", line, 1, false}, {"?name=day.json", line + line, 1, true},
		{"", strings.Repeat(line, 3), 3, false}, {"", strings.Repeat(line, 4), 4, false},
		{"", lines(200), 200, false}, {"", lines(300), 100, true},
	} {
		got := receivedFile(t, send(t, sending{srv.URL + "/v1/files" + c.query, key, c.text, nil}), 201)
		if got.Orders != c.orders || got.Grown != c.isGrown {
			t.Errorf("%s: %+v", c.query, got)
		}
	}
}

// A file with orders that cannot be accepted changes nothing, unless they are set aside.
func TestRejectsOfFile(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key, url := newKey(t, s, server.ScopeIngest), srv.URL+"/v1/files"
	bad := `{"phone": "555-0199", "items": [{"name": "Tea", "price": "a lot"}]}` + "\n"
	text := tea + "\n" + bad + tea + "\n"
	got := send(t, sending{url, key, text, nil})
	if p := got.problem(t); got.status != 422 || p.Type != "orders-rejected" || p.Count != 1 || p.Errors[0].Line != 2 || p.Errors[0].Pointer != "items[0].price" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if n := customerOrders(t, s, "555-0101"); n != 0 {
		t.Errorf("%d orders", n)
	}
	aside := receivedFile(t, send(t, sending{url + "?rejects=aside", key, text, nil}), 201)
	if aside.Orders != 2 || aside.Rejected != 1 || len(aside.Rejects) != 1 || aside.Rejects[0].Text != strings.TrimSpace(bad) || aside.RejectsLeftOut != 0 {
		t.Errorf("%+v", aside)
	}
	many := receivedFile(t, send(t, sending{url + "?rejects=aside", key, tea + "\n" + strings.Repeat(bad, 1500), nil}), 201)
	if many.Rejected != 1500 || len(many.Rejects) != 1000 || many.RejectsLeftOut != 500 {
		t.Errorf("%d rejects of %d, %d left out", len(many.Rejects), many.Rejected, many.RejectsLeftOut)
	}
	got = send(t, sending{url + "?rejects=aside", key, strings.Repeat(bad, 20), nil})
	if p := got.problem(t); got.status != 422 || p.Count != 20 || len(p.Errors) != 10 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// What cannot be a file of orders is refused with what the command says of it.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{Limits: server.Limits{FileBytes: 10_000}})
	key := newKey(t, s, server.ScopeIngest)
	for _, c := range []struct {
		query, text, media string
		status             int
		kind               string
	}{
		{"", lines(500), "", 413, "body-too-large"},
		{"", `{"phone": `, "", 400, "body-unreadable"},
		{"", "%PDF-1.4 and so on", "", 415, "content-unsupported"},
		{"", gzipped(lines(200))[:100], "", 400, "body-unreadable"},
		{"", gzipped(strings.Repeat(" ", 3<<20) + tea), "", 413, "body-too-large"},
		{"", tea, "multipart/form-data; boundary=x", 415, "content-unsupported"},
		{"", "a,b\n1,2\n", "text/csv", 415, "content-unsupported"},
		{"allow-repeats", tea, "", 400, "query-invalid"},
		{"encoding=none", tea, "", 400, "query-invalid"},
		{"name=a%0Ab", tea, "", 400, "query-invalid"},
		{"sheet=", tea, "", 400, "query-invalid"},
		{"from=none", tea, "", 400, "query-invalid"},
		{"from=shopify-csv&sheet=Other", workbookOf(t, shopifyTable), "", 400, "body-unreadable"},
		{"from=square", shopifyOrders(1, 2, "2026-05-04T10:00:00Z"), "", 0, ""},
	} {
		got := send(t, sending{srv.URL + "/v1/files?" + c.query, key, c.text, map[string]string{"Content-Type": c.media}})
		if p := got.problem(t); c.status != 0 && got.status != c.status || c.kind != "" && p.Type != c.kind || got.status < 400 || got.status >= 500 {
			t.Errorf("%s %.20q: %d %s", c.query, c.text, got.status, got.body)
		}
	}
	if got := send(t, sending{srv.URL + "/v1/orders?sheet=a", key, tea, nil}); got.status != 400 {
		t.Errorf("orders have no sheet: %d", got.status)
	}
	if got := document(t, s); strings.Contains(got, "555-") {
		t.Errorf("the store has %s", got)
	}
	if got := send(t, sending{srv.URL + "/v1/files", newKey(t, s, server.ScopeRead), tea, nil}); got.status != 403 {
		t.Errorf("without the scope: %d", got.status)
	}
}

// A sentSlowly is a body that ends when its test wants it to.
type sentSlowly struct {
	first  io.Reader
	goesOn chan struct{}
}

func (s *sentSlowly) Read(p []byte) (int, error) {
	if n, err := s.first.Read(p); err == nil {
		return n, nil
	}
	<-s.goesOn
	return 0, io.EOF
}

// Files that come slowly keep no others from being taken, up to how many may come of one key: more
// are refused before they are read. Orders are taken meanwhile. Whoever sends a file sees how far it
// has come.
func TestUploadsAtOnce(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{Limits: server.Limits{Files: 1, Uploads: 4}})
	key, url := newKey(t, s, server.ScopeIngest), srv.URL+"/v1/files"
	goesOn := make(chan struct{})
	var group sync.WaitGroup
	for i := range 2 {
		group.Go(func() {
			r, _ := http.NewRequest("POST", fmt.Sprint(url, "?name=", i), &sentSlowly{first: strings.NewReader(lines(500)), goesOn: goesOn})
			r.Header.Set("Authorization", "Bearer "+key)
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			defer answer.Body.Close()
			if answer.StatusCode != 201 && answer.StatusCode != 200 {
				t.Error(answer.Status)
			}
		})
	}
	running := func(key string) (all struct{ Files []server.Upload }) {
		get(t, "GET", url, key, &all)
		return all
	}
	isHere := func() bool {
		all := running(key).Files
		return len(all) == 2 && all[0].Received == int64(len(lines(500))) && all[1].Received == all[0].Received
	}
	for start := time.Now(); !isHere(); time.Sleep(time.Millisecond) {
		if time.Since(start) > 20*time.Second {
			t.Fatalf("%+v", running(key))
		}
	}
	got := send(t, sending{url, key, tea, nil})
	if p := got.problem(t); got.status != 503 || p.Type != "busy" || got.header.Get("Retry-After") == "" {
		t.Errorf("a third one: %d %s", got.status, got.body)
	}
	if got := send(t, sending{srv.URL + "/v1/orders?allow-repeats", key, tea, nil}); got.status != 201 {
		t.Errorf("orders: %d %s", got.status, got.body)
	}
	other := newKey(t, s, server.ScopeIngest)
	if all := running(other).Files; len(all) != 0 {
		t.Errorf("another key sees %+v", all)
	}
	receivedFile(t, send(t, sending{url, other, tea + "\n" + tea, nil}), 201)
	close(goesOn)
	group.Wait()
	if all := running(key).Files; len(all) != 0 {
		t.Errorf("%+v", all)
	}
	receivedFile(t, send(t, sending{url, key, tea, nil}), 201)
	// The two have one content, so they count once.
	if n := customerOrders(t, s, "555-0101"); n != 5 {
		t.Errorf("%d orders", n)
	}
}

// A file that is here waits until there is a place for it, or until nobody waits for it any more.
func TestFilesWait(t *testing.T) {
	t.Parallel()
	_, real := newServer(t, server.Options{})
	s := &stopping{Service: real}
	_, url := newServerOf(t, s, server.Options{Limits: server.Limits{Files: 1}})
	key := newKey(t, s, server.ScopeIngest)
	began, goesOn := make(chan struct{}), make(chan struct{})
	s.after = func(batches int) error {
		if batches == 0 {
			close(began)
			<-goesOn
		}
		return nil
	}
	upload := func(ctx context.Context, name, text string) (status int) {
		r, _ := http.NewRequestWithContext(ctx, "POST", url+"/v1/files?name="+name, strings.NewReader(text))
		r.Header.Set("Authorization", "Bearer "+key)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	waiting := func(n int) {
		t.Helper()
		for start := time.Now(); ; time.Sleep(time.Millisecond) {
			var all struct{ Files []server.Upload }
			get(t, "GET", url+"/v1/files", key, &all)
			isSo := len(all.Files) == 1+n
			for i, f := range all.Files {
				isSo = isSo && f.Received == f.Announced && (i == 0 || f.ToRead == 0)
			}
			if isSo {
				return
			}
			if time.Since(start) > 20*time.Second {
				t.Fatalf("%+v", all.Files)
			}
		}
	}
	var group sync.WaitGroup
	ctx, leave := context.WithCancel(t.Context())
	group.Go(func() {
		if status := upload(t.Context(), "first", tea); status != 201 {
			t.Error(status)
		}
	})
	<-began
	group.Go(func() {
		if status := upload(t.Context(), "second", tea+"\n"+tea); status != 201 {
			t.Error(status)
		}
	})
	waiting(1)
	group.Go(func() {
		if status := upload(ctx, "third", tea+"\n"+tea+"\n"+tea); status != 0 {
			t.Error(status)
		}
	})
	waiting(2)
	leave()
	waiting(1)
	close(goesOn)
	group.Wait()
	if n := customerOrders(t, real, "555-0101"); n != 3 {
		t.Errorf("%d orders", n)
	}
}

// A stopping store stops at a batch, as its test wants.
type stopping struct {
	store.Service
	mu    sync.Mutex
	after func(batches int) error
	n     int

	isApplying atomic.Bool
	together   atomic.Int64 // commits amid a batch
}

func (s *stopping) Commit(ctx context.Context, do func(store.Transaction) error) error {
	if s.isApplying.Load() {
		s.together.Add(1)
	}
	return s.Service.Commit(ctx, do)
}

func (s *stopping) Apply(ctx context.Context, b store.Batch) (store.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isApplying.Store(true)
	defer s.isApplying.Store(false)
	if s.after != nil {
		if err := s.after(s.n); err != nil {
			return store.Outcome{}, err
		}
	}
	s.n++
	return s.Service.Apply(ctx, b)
}

// A file whose sender goes away, whose server stops or whose store fails is applied in part, and
// goes on when it is sent again.
func TestFileInParts(t *testing.T) {
	t.Parallel()
	text, want := lines(3000), newStore(t)
	asCommand(t, want, "orders", text, "", "")
	for _, how := range []string{"sender", "server", "store"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			_, real := newServer(t, server.Options{})
			s := &stopping{Service: real}
			o := server.Options{Apply: apply.Options{BatchBytes: 20_000}}
			srv, url := newServerOf(t, s, o)
			key := newKey(t, s, server.ScopeIngest)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			stopped := make(chan error, 1)
			after := func(batches int) error {
				if batches != 3 {
					return nil
				}
				switch how {
				case "sender":
					cancel()
					time.Sleep(50 * time.Millisecond) // until the server notices, mostly
				case "server":
					go func() { stopped <- srv.Shutdown(context.Background()) }()
					time.Sleep(50 * time.Millisecond)
				default:
					return store.ErrFull
				}
				return nil
			}
			s.mu.Lock()
			s.after = after
			s.mu.Unlock()
			r, _ := http.NewRequestWithContext(ctx, "POST", url+"/v1/files?name=orders", strings.NewReader(text))
			r.Header.Set("Authorization", "Bearer "+key)
			answer, err := http.DefaultClient.Do(r)
			switch {
			case how == "sender":
				if !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			case err != nil:
				t.Fatal(err)
			default:
				_ = answer.Body.Close()
				if want := map[string]int{"server": 503, "store": 507}[how]; answer.StatusCode != want || answer.Header.Get("Retry-After") == "" {
					t.Errorf("%s: %s", how, answer.Status)
				}
			}
			if how == "server" {
				if err := <-stopped; err != nil {
					t.Error(err)
				}
			}
			s.mu.Lock()
			s.after = nil
			if s.n >= 12 {
				t.Errorf("%d batches were applied", s.n)
			}
			s.mu.Unlock()
			_, url = newServerOf(t, s, o)
			got := receivedFile(t, send(t, sending{url + "/v1/files?name=orders", key, text, nil}), 201)
			if !got.Resumed || got.Orders != 3000 {
				t.Errorf("%+v", got)
			}
			if document(t, s) != document(t, want) {
				t.Error("the store has something else")
			}
		})
	}
}

// Orders that come while a file is applied are committed between two of its batches.
func TestOrdersAmidFile(t *testing.T) {
	t.Parallel()
	_, real := newServer(t, server.Options{})
	s := &stopping{Service: real}
	_, url := newServerOf(t, s, server.Options{Apply: apply.Options{BatchBytes: 20_000}})
	key := newKey(t, s, server.ScopeIngest)
	var amid sync.WaitGroup
	s.after = func(batches int) error {
		if batches == 3 {
			amid.Go(func() {
				if got := send(t, sending{url + "/v1/orders?allow-repeats", key, tea, nil}); got.status != 201 {
					t.Errorf("%d %s", got.status, got.body)
				}
				s.mu.Lock()
				defer s.mu.Unlock()
				if s.n < 4 || s.n > 12 {
					t.Errorf("the order was answered after %d batches", s.n)
				}
			})
		}
		time.Sleep(20 * time.Millisecond) // a slice
		return nil
	}
	receivedFile(t, send(t, sending{url + "/v1/files", key, lines(5000), nil}), 201)
	amid.Wait()
	if n := s.together.Load(); n > 0 {
		t.Errorf("%d commits were amid a batch", n)
	}
	if s.n < 16 {
		t.Errorf("%d batches", s.n)
	}
}

// newServerOf returns a server of a store.
func newServerOf(t *testing.T, s store.Service, o server.Options) (*server.Server, string) {
	t.Helper()
	srv, err := server.New(s, o)
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(described(t, srv))
	t.Cleanup(func() {
		listener.Close()
		_ = srv.Shutdown(context.Background())
	})
	return srv, listener.URL
}

// Whatever comes into an empty store first, all else that goes by time comes in after it.
func TestFirstOrdersGoByTime(t *testing.T) {
	t.Parallel()
	mapping := "id = \"id\"\nphone = \"phone\"\nlines = \"items[]\"\n[line]\nitem = \"name\"\nprice = \"price\"\n"
	for _, c := range []struct{ name, path, body string }{
		{"file", "/v1/files", tea},
		{"file with a decimal comma", "/v1/files?decimal=,", tea},
		{"file with days first", "/v1/files?day-first", tea},
		{"orders", "/v1/orders?allow-repeats", tea},
		{"webhook", "/v1/hooks/till", `{"id":"a","phone":"555-0101","items":[{"name":"Tea","price":1}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv, s := newServer(t, server.Options{})
			connect(t, s, server.Connection{Name: "shop", Kind: "shopify"}, "sesame")
			connect(t, s, server.Connection{Name: "till", Kind: "generic", From: "till.toml", Mapping: mapping, Header: "X-Sig", Encoding: "hex"}, "sesame")
			key := newKey(t, s, server.ScopeIngest)
			first := send(t, sending{srv.URL + c.path, key, c.body, map[string]string{"X-Sig": fmt.Sprintf("%x", macOf("sesame", c.body))}})
			if first.status >= 300 || !strings.Contains(first.body, `"orders":1`) {
				t.Fatal(first.status, first.body)
			}
			body := order(1, "555-0101", "Ann", 1, "")
			if status, result := deliver(t, srv.URL+"/v1/hooks/shop", shopify("sesame", "orders/create", body), body); status != 200 || result != "applied" {
				t.Error("a webhook after it:", status, result)
			}
			if got := send(t, sending{srv.URL + "/v1/files?from=shopify", key, shopifyOrders(2, 3, "2026-05-04T10:00:00Z"), nil}); got.status != 201 {
				t.Error("a file after it:", got.status, got.body)
			}
		})
	}
}

// A store that goes by position takes files of the default shape, as it takes orders.
func TestFilesIntoStoreByPosition(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	asCommand(t, s, "orders", tea, "", "")
	key := newKey(t, s, server.ScopeIngest)
	for i, path := range []string{"/v1/files?name=other", "/v1/files?decimal=,&name=more", "/v1/orders?allow-repeats"} {
		if got := send(t, sending{srv.URL + path, key, lines(i + 2), nil}); got.status != 201 {
			t.Error(path, got.status, got.body)
		}
	}
}

// An upload whose client has fallen silent does not hold up a server that stops.
func TestDrainSilentUpload(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	srv, url := newServerOf(t, s, server.Options{Limits: server.Limits{BodyTime: time.Minute}})
	rest, pipe := io.Pipe()
	defer pipe.Close()
	r, err := http.NewRequestWithContext(t.Context(), "POST", url+"/v1/files", rest)
	if err != nil {
		t.Fatal(err)
	}
	key := newKey(t, s, server.ScopeIngest)
	r.Header.Set("Authorization", "Bearer "+key)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if answer, err := http.DefaultClient.Do(r); err == nil {
			answer.Body.Close()
		}
	}()
	_, _ = io.WriteString(pipe, lines(10))
	for received := ""; !strings.Contains(received, `"received":8`); time.Sleep(time.Millisecond) {
		var all any
		get(t, "GET", url+"/v1/files", key, &all)
		text, _ := json.Marshal(all)
		if received = string(text); t.Context().Err() != nil {
			return
		}
	}
	srv.Drain()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("it still waits for the client")
	}
}

// A file that the store has as orders of another shop does not count as those of this one, and the
// answer does not say that it does.
func TestFileOfOtherShop(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key := newKey(t, s, server.ScopeIngest)
	url := srv.URL + "/v1/files?from=shopify&shop="
	text := shopifyOrders(1, 3, "2026-05-04T10:00:00Z")
	receivedFile(t, send(t, sending{url + "one", key, text, nil}), 201)
	receivedFile(t, send(t, sending{url + "one", key, text, nil}), 200)
	if got := send(t, sending{url + "two", key, text, nil}); got.status != 409 || got.problem(t).Type != "other-shop-has-file" {
		t.Error(got.status, got.body)
	}
}
