package server_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"process-orders/server"
	"process-orders/store"
)

// signIn signs in, and returns the cookie as a browser sends it.
func signIn(t testing.TB, s store.Service, base string) string {
	t.Helper()
	answer, text := postForm(t, base+"/sign-in", "", url.Values{"token": {newLink(t, s)}})
	if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != "/" {
		t.Fatal(answer.Status, text)
	}
	return cookieOf(t, answer)
}

// newLink makes a link, and returns its token.
func newLink(t testing.TB, s store.Service) string {
	t.Helper()
	path, err := server.NewLink(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	token, ok := strings.CutPrefix(path, "/sign-in?token=")
	if !ok {
		t.Fatal(path)
	}
	return token
}

func cookieOf(t testing.TB, answer *http.Response) string {
	t.Helper()
	all := answer.Cookies()
	if len(all) != 1 {
		t.Fatal(answer.Header)
	}
	return all[0].Name + "=" + all[0].Value
}

// postForm sends a form as a browser does, and follows nothing.
func postForm(t testing.TB, url, cookie string, form url.Values, headers ...string) (*http.Response, string) {
	t.Helper()
	headers = append(headers, "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
	if cookie != "" {
		headers = append(headers, "Cookie", cookie)
	}
	return askRaw(t, "POST", url, form.Encode(), headers...)
}

// TestSignIn goes from a link to the page and out again.
func TestSignIn(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{StoreName: "shop.db"})
	if answer, text := askRaw(t, "GET", srv.URL+"/", ""); answer.StatusCode != 401 || !strings.Contains(text, "serve link --store shop.db") || strings.Contains(text, "sign-out") || answer.Header.Get("WWW-Authenticate") == "" {
		t.Error(answer.Status, text)
	}
	token := newLink(t, s)
	for _, method := range []string{"GET", "HEAD", "GET"} { // previews do not use it up
		answer, text := askRaw(t, method, srv.URL+"/sign-in?token="+token, "")
		if answer.StatusCode != 200 || len(answer.Cookies()) > 0 || strings.Contains(text, `value="`+token+`"`) != (method == "GET") {
			t.Error(method, answer.Status, text)
		}
	}
	answer, text := postForm(t, srv.URL+"/sign-in", "", url.Values{"token": {token}})
	if answer.StatusCode != 303 {
		t.Fatal(answer.Status, text)
	}
	cookie := answer.Cookies()[0]
	port := srv.URL[strings.LastIndexByte(srv.URL, ':')+1:]
	if cookie.Name != "session"+port || !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Secure || cookie.Path != "/" || cookie.Domain != "" || cookie.MaxAge != 30*24*3600 || cookie.Value == token {
		t.Errorf("%+v", cookie)
	}
	sent := cookie.Name + "=" + cookie.Value
	for _, method := range []string{"GET", "HEAD"} {
		answer, text := askRaw(t, method, srv.URL+"/", "", "Cookie", sent)
		if answer.StatusCode != 200 || answer.ContentLength < 500 || (method == "HEAD") != (text == "") {
			t.Error(method, answer.Status, text)
		}
	}
	for range 2 { // it is good once
		for _, ask := range []func() (*http.Response, string){
			func() (*http.Response, string) {
				return postForm(t, srv.URL+"/sign-in", "", url.Values{"token": {token}})
			},
			func() (*http.Response, string) { return askRaw(t, "GET", srv.URL+"/sign-in?token="+token, "") },
		} {
			if answer, text := ask(); answer.StatusCode != 410 || !strings.Contains(text, "used already") || !strings.Contains(text, "serve link --store shop.db") || len(answer.Cookies()) > 0 {
				t.Error(answer.Status, text)
			}
		}
	}
	other := signIn(t, s, srv.URL)
	answer, text = postForm(t, srv.URL+"/sign-out", sent, nil)
	if answer.StatusCode != 303 || answer.Cookies()[0].MaxAge != -1 || answer.Cookies()[0].Name != cookie.Name {
		t.Error(answer.Status, answer.Header, text)
	}
	for cookie, want := range map[string]int{sent: 401, other: 200} {
		if answer, _ := askRaw(t, "GET", srv.URL+"/", "", "Cookie", cookie); answer.StatusCode != want {
			t.Error(cookie, answer.Status)
		}
	}
	if got, want := actsOf(t, s), []string{"link", "sign-in", "link", "sign-in", "sign-out"}; !slices.Equal(got, want) {
		t.Errorf("acts: %v, want %v", got, want)
	}
}

// actsOf are what was done, the first first.
func actsOf(t *testing.T, s store.Service) (all []string) {
	t.Helper()
	log, err := server.Audit(t.Context(), s, "", 1000)
	if err != nil || len(log.Broken) > 0 {
		t.Fatal(log, err)
	}
	for _, a := range log.Acts {
		all = append(all, a.What)
		if a.What == "sign-in" && (!strings.HasPrefix(a.Who, "page-") || a.Of == "") {
			t.Errorf("%+v", a)
		}
	}
	slices.Reverse(all)
	return all
}

// TestLinkTime uses links and sessions until they expire, and after that.
func TestLinkTime(t *testing.T) {
	t.Parallel()
	now := newClock()
	wait := now.wait
	srv, s := newServer(t, server.Options{Now: now.Now})
	first, second, third := newLink(t, s), newLink(t, s), newLink(t, s)
	wait(server.LinkTime - time.Minute)
	answer, text := postForm(t, srv.URL+"/sign-in", "", url.Values{"token": {first}})
	if answer.StatusCode != 303 {
		t.Fatal(answer.Status, text)
	}
	cookie := cookieOf(t, answer)
	wait(2 * time.Minute)
	for _, ask := range []func() (*http.Response, string){
		func() (*http.Response, string) { return askRaw(t, "GET", srv.URL+"/sign-in?token="+second, "") },
		func() (*http.Response, string) {
			return postForm(t, srv.URL+"/sign-in", "", url.Values{"token": {second}})
		},
	} {
		if answer, text := ask(); answer.StatusCode != 410 || !strings.Contains(text, "has expired") {
			t.Error(answer.Status, text)
		}
	}
	wait(25 * time.Hour)
	if answer, text := askRaw(t, "GET", srv.URL+"/sign-in?token="+third, ""); answer.StatusCode != 410 {
		t.Error("an old link that nothing has tidied:", answer.Status, text)
	}
	wait(server.SessionTime - 25*time.Hour - 3*time.Minute)
	if answer, _ := askRaw(t, "GET", srv.URL+"/", "", "Cookie", cookie); answer.StatusCode != 200 {
		t.Error("a session:", answer.Status)
	}
	wait(4 * time.Minute)
	if answer, _ := askRaw(t, "GET", srv.URL+"/", "", "Cookie", cookie); answer.StatusCode != 401 {
		t.Error("a session that has ended:", answer.Status)
	}
	before, _, _ := s.Document(t.Context(), "sign-ins", "")
	if err := server.ServerOf(srv.Config.Handler).ExpireSignIns(t.Context()); err != nil {
		t.Error(err)
	}
	after, _, err := s.Document(t.Context(), "sign-ins", "")
	if len(before.Value) < 100 || string(after.Value) != "{}" || err != nil {
		t.Errorf("after it is tidied: %s %v", after.Value, err)
	}
}

// TestLinksAtOnce uses one link by many browsers at once. One of them is signed in.
func TestLinksAtOnce(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{Limits: server.Limits{FailRate: 1000}})
	token := newLink(t, s)
	var group sync.WaitGroup
	statuses := make(chan int, 32)
	for range cap(statuses) {
		group.Go(func() {
			answer, _ := postForm(t, srv.URL+"/sign-in", "", url.Values{"token": {token}})
			statuses <- answer.StatusCode
		})
	}
	group.Wait()
	close(statuses)
	in := 0
	for status := range statuses {
		if status == 303 {
			in++
		} else if status != 410 {
			t.Error(status)
		}
	}
	if in != 1 {
		t.Errorf("%d browsers are signed in by one link", in)
	}
}

// TestWrongLinks tries tokens. Too many of them are refused, and a good one never is.
func TestWrongLinks(t *testing.T) {
	t.Parallel()
	now := time.Now()
	srv, s := newServer(t, server.Options{Limits: server.Limits{FailRate: 0.2}, Now: func() time.Time { return now }})
	token := newLink(t, s)
	wrong := []string{"x", token[:len(token)-1], token + "A", strings.ToLower(token), " " + token, "", "A"}
	for i, one := range wrong {
		answer, text := postForm(t, srv.URL+"/sign-in", "", url.Values{"token": {one}})
		want, says := 401, "not known"
		if i >= 4 {
			want, says = 429, "Wait a minute"
		}
		if answer.StatusCode != want || !strings.Contains(text, says) || (answer.Header.Get("Retry-After") != "") != (want == 429) {
			t.Errorf("%q: %s %s", one, answer.Status, text)
		}
	}
	if answer, _ := askRaw(t, "GET", srv.URL+"/", "", "Cookie", "session=x"); answer.StatusCode != 429 {
		t.Error("a wrong cookie:", answer.Status)
	}
	if answer, text := postForm(t, srv.URL+"/sign-in", "", url.Values{"token": {token}}); answer.StatusCode != 303 {
		t.Error("a good link among wrong ones:", answer.Status, text)
	}
	if answer, text := askRaw(t, "POST", srv.URL+"/sign-in?token="+newLink(t, s), "", "Content-Type", "application/x-www-form-urlencoded"); answer.StatusCode == 303 {
		t.Error("a token in the URL signs in:", text)
	}
}

// TestSecureCookie signs in by TLS and behind a proxy that does TLS.
func TestSecureCookie(t *testing.T) {
	t.Parallel()
	plain, s := newServer(t, server.Options{Hosts: []string{"orders.example.com"}})
	secure := httptest.NewTLSServer(plain.Config.Handler)
	defer secure.Close()
	client := secure.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client.Transport.(*http.Transport).TLSClientConfig.MinVersion = tls.VersionTLS12
	answer, err := client.PostForm(secure.URL+"/sign-in", url.Values{"token": {newLink(t, s)}})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	byProxy, text := postForm(t, plain.URL+"/sign-in", "", url.Values{"token": {newLink(t, s)}}, "Host", "orders.example.com", "X-Forwarded-Proto", "https")
	if byProxy.StatusCode != 303 {
		t.Fatal(text)
	}
	for _, one := range []*http.Response{answer, byProxy} {
		raw := one.Header.Get("Set-Cookie")
		if c := one.Cookies(); len(c) != 1 || c[0].Name != "__Host-session" || !c[0].Secure || !c[0].HttpOnly || c[0].SameSite != http.SameSiteStrictMode || c[0].Path != "/" || c[0].Domain != "" {
			t.Error(raw)
		}
	}
	cookie := cookieOf(t, byProxy)
	_, value, _ := strings.Cut(cookie, "=")
	for _, test := range []struct {
		headers []string
		want    int
	}{
		{[]string{"Cookie", cookie, "X-Forwarded-Proto", "https"}, 200},
		{[]string{"Cookie", cookie, "X-Forwarded-Proto", "HTTPS, http"}, 200},
		{[]string{"Cookie", "session=" + value, "X-Forwarded-Proto", "https"}, 401}, // whoever set it, it was not this host by TLS
		{[]string{"Cookie", cookie}, 401},
	} {
		if answer, _ := askRaw(t, "GET", plain.URL+"/", "", append(test.headers, "Host", "orders.example.com")...); answer.StatusCode != test.want {
			t.Error(test.headers, answer.Status)
		}
	}
}

// TestSignOutAll ends all sessions and links.
func TestSignOutAll(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	all := []string{signIn(t, s, srv.URL), signIn(t, s, srv.URL), signIn(t, s, srv.URL)}
	token, key := newLink(t, s), newKey(t, s, server.ScopeRead)
	if sessions, links, err := server.SignOutAll(t.Context(), s); sessions != 3 || links != 1 || err != nil {
		t.Error(sessions, links, err)
	}
	for _, cookie := range all {
		if answer, _ := askRaw(t, "GET", srv.URL+"/", "", "Cookie", cookie); answer.StatusCode != 401 {
			t.Error(answer.Status)
		}
	}
	if answer, text := postForm(t, srv.URL+"/sign-in", "", url.Values{"token": {token}}); answer.StatusCode != 401 || !strings.Contains(text, "all browsers were signed out") {
		t.Error(answer.Status, text)
	}
	if answer, _ := askRaw(t, "GET", srv.URL+"/v1/summary", "", "Authorization", "Bearer "+key); answer.StatusCode != 200 {
		t.Error("keys stay:", answer.Status)
	}
	if got := actsOf(t, s); got[len(got)-1] != "sign-out-all" {
		t.Error(got)
	}
}

// TestManySessions makes more links and sessions than there may be. The oldest end.
func TestManySessions(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{Limits: server.Limits{FailRate: 1000}})
	first := signIn(t, s, srv.URL)
	for range 99 {
		signIn(t, s, srv.URL)
	}
	if answer, _ := askRaw(t, "GET", srv.URL+"/", "", "Cookie", first); answer.StatusCode != 200 {
		t.Error("the first of 100:", answer.Status)
	}
	last := signIn(t, s, srv.URL)
	for cookie, want := range map[string]int{first: 401, last: 200} {
		if answer, _ := askRaw(t, "GET", srv.URL+"/", "", "Cookie", cookie); answer.StatusCode != want {
			t.Error(answer.Status, want)
		}
	}
	oldest := newLink(t, s)
	for range 50 {
		newLink(t, s)
	}
	if answer, _ := askRaw(t, "GET", srv.URL+"/sign-in?token="+oldest, ""); answer.StatusCode != 401 {
		t.Error("the first of 51 links:", answer.Status)
	}
	d, _, err := s.Document(t.Context(), "sign-ins", "")
	if err != nil || len(d.Value) > 64<<10 {
		t.Error(len(d.Value), "bytes", err)
	}
}

// TestTokensStayAway looks for tokens where they must not be: the store, the log and the log of acts.
func TestTokensStayAway(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	srv, s := newServer(t, server.Options{Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	used, open := newLink(t, s), newLink(t, s)
	askRaw(t, "GET", srv.URL+"/sign-in?token="+used, "")
	answer, _ := postForm(t, srv.URL+"/sign-in", "", url.Values{"token": {used}})
	_, session, _ := strings.Cut(cookieOf(t, answer), "=")
	askRaw(t, "GET", srv.URL+"/", "", "Cookie", cookieOf(t, answer))
	_, text := askRaw(t, "GET", srv.URL+"/sign-in?token="+used, "")
	var kept strings.Builder
	for _, kind := range []string{"sign-ins", "settings", "audit"} {
		d, _, err := s.Document(t.Context(), kind, "")
		list, err2 := s.Documents(t.Context(), kind, "", false, 100)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		kept.Write(d.Value)
		for i := range list {
			kept.Write(list[i].Value)
		}
	}
	for _, token := range []string{used, open, session} {
		for where, text := range map[string]string{"the log": log.String(), "the store": kept.String(), "a page": text} {
			if strings.Contains(strings.ToUpper(text), token) {
				t.Errorf("a token is in %s", where)
			}
		}
	}
	if !strings.Contains(log.String(), `"key":"page-`) || !json.Valid([]byte(strings.SplitN(log.String(), "\n", 2)[0])) {
		t.Error(log.String())
	}
}

// TestWhoSeesPages asks for every page with a session, with keys of all scopes and with neither.
func TestWhoSeesPages(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{Limits: server.Limits{FailRate: 1000}})
	cookie, key := signIn(t, s, srv.URL), newKey(t, s, server.Scopes()...)
	name, value, _ := strings.Cut(cookie, "=")
	bad := map[string][]string{
		"none": nil, "a key": {"Authorization", "Bearer " + key}, "a key as a cookie": {"Cookie", name + "=" + key}, "cut": {"Cookie", cookie[:len(cookie)-1]},
		"another name": {"Cookie", "__Host-session=" + value}, "other case": {"Cookie", name + "=" + strings.ToLower(value)},
		"in a header": {"Authorization", "Bearer " + value}, "empty": {"Cookie", name + "="},
	}
	pages := 0
	for _, route := range server.RoutesOf(srv.Config.Handler) {
		if !route.IsPage || route.IsPublic {
			continue
		}
		pages++
		url, what := srv.URL+fillPath(route.Path, "x"), route.Method+" "+route.Path
		for why, headers := range bad {
			for _, part := range []string{"", "status"} {
				all := append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)
				if part != "" {
					all = append(all, "X-Part", part)
				}
				answer, text := askRaw(t, route.Method, url, "", all...)
				if answer.StatusCode != 401 || !strings.Contains(text, "serve link") || strings.Contains(text, "<html") != (part == "") {
					t.Errorf("%s, %s: %s %s", what, why, answer.Status, text)
				}
			}
		}
		if server.IsStream(route.Path) || route.Path == "/sign-out" {
			continue
		}
		answer, text := askRaw(t, route.Method, url, "", "Cookie", cookie, "Content-Type", "application/x-www-form-urlencoded")
		if answer.StatusCode == 401 || answer.StatusCode == 403 || answer.StatusCode >= 500 || strings.HasPrefix(answer.Header.Get("Content-Type"), "application/problem") {
			t.Errorf("%s: %s %s", what, answer.Status, text)
		}
	}
	if pages < 3 {
		t.Error(pages, "pages")
	}
}

// TestProblemsForPeople asks as browsers do for what is not there, and for what cannot be done.
func TestProblemsForPeople(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	cookie := signIn(t, s, srv.URL)
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, test := range []struct {
		request string
		headers []string
		status  int
		says    string
	}{
		{"GET /none", nil, 404, "nothing at this address"},
		{"GET /page/zone", nil, 405, "only takes what a form sends"},
		{"GET /", []string{"Host", "evil.example.com"}, 421, "serve --host NAME"},
		{"POST /page/zone", []string{"Sec-Fetch-Site", "cross-site"}, 403, "Another site sent this"},
		{"POST /sign-in", []string{"Content-Type", "application/x-www-form-urlencoded", "Body", "token=%zz"}, 400, "cannot be read"},
		{"POST /page/zone", []string{"Content-Type", "application/x-www-form-urlencoded", "Body", strings.Repeat("a", 17<<10)}, 413, "too large for a form"},
		{"GET /", []string{"Cookie", "", "Sec-Fetch-Site", "cross-site"}, 401, "signed in with this browser before"},
	} {
		method, path, _ := strings.Cut(test.request, " ")
		headers, body := []string{"Accept", browser}, ""
		if !slices.Contains(test.headers, "Cookie") {
			headers = append(headers, "Cookie", cookie)
		}
		for i := 0; i < len(test.headers); i += 2 {
			if test.headers[i] == "Body" {
				body = test.headers[i+1]
			} else {
				headers = append(headers, test.headers[i:i+2]...)
			}
		}
		answer, text := askRaw(t, method, srv.URL+path, body, headers...)
		if answer.StatusCode != test.status || !strings.Contains(text, test.says) || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %s %s", test.request, answer.Status, text)
		}
	}
	if answer, text := askRaw(t, "GET", srv.URL+"/v1/none", "", "Accept", browser); problemType(answer, text) != "not-found" {
		t.Error("programs get documents:", answer.Status, text)
	}
	h := server.WithFailingPage(t, s, errors.New("the phone 555-0101"))
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "http://localhost/failing", nil).WithContext(context.Background())
	if h.ServeHTTP(w, r); w.Code != 500 || strings.Contains(w.Body.String(), "555-") || !strings.Contains(w.Body.String(), w.Header().Get("X-Request-Id")) || !strings.Contains(w.Body.String(), "<html") {
		t.Error(w.Code, w.Body)
	}
}

// TestNoPage serves without the page.
func TestNoPage(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{NoPage: true})
	if answer, text := askRaw(t, "GET", srv.URL+"/", "", "Accept", "text/html"); answer.StatusCode != 200 || !strings.Contains(text, "/docs") || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/plain") {
		t.Error(answer.Status, text)
	}
	for _, path := range []string{"/sign-in?token=" + newLink(t, s), "/page/zone", "/none"} {
		if answer, text := askRaw(t, "GET", srv.URL+path, "", "Accept", "text/html"); answer.StatusCode != 404 || problemType(answer, text) != "not-found" {
			t.Error(path, answer.Status, text)
		}
	}
	if answer, _ := askRaw(t, "GET", srv.URL+"/docs", ""); answer.StatusCode != 200 {
		t.Error(answer.Status)
	}
}
