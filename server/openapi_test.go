package server_test

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"golang.org/x/net/html"

	"process-orders/server"
	"process-orders/store"
	"process-orders/store/sqlite"
)

// TestDescriptionHasAllRoutes holds the description against the table of routes, both ways.
func TestDescriptionHasAllRoutes(t *testing.T) {
	t.Parallel()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "shop.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	srv, err := server.New(s, server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Shutdown(t.Context())
	d, known := readDescription(t), map[string]bool{}
	for _, route := range srv.Routes() {
		known[route.Method+" "+route.Path] = true
		item := d.Paths.Value(route.Path)
		if item == nil || item.GetOperation(route.Method) == nil {
			t.Errorf("the route %s %s (scope %q) has no description: add it to paths in server/openapi.json", route.Method, route.Path, route.Scope)
			continue
		}
		operation := item.GetOperation(route.Method)
		if operation.Security == nil {
			t.Errorf("%s %s: the description does not say who may ask", route.Method, route.Path)
			continue
		}
		var have string
		for _, one := range *operation.Security {
			for scheme, scopes := range one {
				have += scheme + " " + strings.Join(scopes, " ")
			}
		}
		want := "key " + string(route.Scope)
		switch {
		case route.IsHook:
			want = "signature "
		case route.Scope == "":
			want = ""
		}
		if have != want {
			t.Errorf("%s %s: the description wants %q of who asks, and the route %q", route.Method, route.Path, have, want)
		}
		if operation.Responses.Default() == nil || operation.Summary == "" || len(operation.Tags) != 1 {
			t.Errorf("%s %s: want a summary, a tag and a default answer", route.Method, route.Path)
		}
	}
	for path, item := range d.Paths.Map() {
		for method := range item.Operations() {
			if !known[method+" "+path] {
				t.Errorf("server/openapi.json describes %s %s, and there is no such route", method, path)
			}
		}
	}
}

// TestDescriptionOfLimits holds the most that a list gives against what the description says of it.
func TestDescriptionOfLimits(t *testing.T) {
	t.Parallel()
	d := readDescription(t)
	for what, schema := range map[string]*openapi3.SchemaRef{
		"Limit":          d.Components.Parameters["Limit"].Value.Schema,
		"CustomerSearch": d.Components.Schemas["CustomerSearch"].Value.Properties["limit"],
	} {
		if most := schema.Value.Max; most == nil || *most != store.MostListed {
			t.Errorf("%s: the description says %v, want %d", what, most, store.MostListed)
		}
	}
}

// TestComparison shows that a comparison with the description can fail.
func TestComparison(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what, path, content string
		status              int
		body, want          string
	}{
		{"as described", "/v1/connections", "application/json", 200, `{"connections":[]}`, ""},
		{"a property too many", "/v1/connections", "application/json", 200, `{"connections":[],"more":1}`, "more"},
		{"none", "/v1/connections", "application/json", 200, `{}`, "connections"},
		{"another type of a property", "/v1/connections", "application/json", 200, `{"connections":{}}`, "array"},
		{"another type", "/v1/connections", "text/plain", 200, `{"connections":[]}`, "text/plain"},
		{"no type", "/v1/connections", "", 200, ``, "type"},
		{"another status", "/v1/connections", "application/problem+json", 418, `{"type":"a","title":"A","status":418}`, "418"},
		{"a usual status", "/v1/connections", "application/problem+json", 500, `{"type":"a","title":"A","status":500}`, ""},
		{"no problem", "/v1/connections", "application/problem+json", 401, `{}`, "type"},
		{"no problem of the usual ones", "/v1/connections", "application/problem+json", 500, `{"type":"a","title":"A"}`, "status"},
		{"another path", "/v1/nothing", "application/json", 200, `{}`, "not described"},
		{"refused at another path", "/v1/nothing", "application/problem+json", 404, `{"type":"a","title":"A","status":404}`, ""},
		{"no problem at another path", "/v1/nothing", "application/problem+json", 404, `{}`, "type"},
	} {
		t.Run(c.what, func(t *testing.T) {
			answer := &overheard{ResponseWriter: httptest.NewRecorder()}
			answer.Header().Set("Content-Type", c.content)
			answer.WriteHeader(c.status)
			_, _ = io.WriteString(answer, c.body)
			err := readDescription(t).check(httptest.NewRequest("GET", c.path, nil), answer)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// TestDocs looks at the page of the description: it is whole, refers to what is there, and takes
// nothing from elsewhere.
func TestDocs(t *testing.T) {
	t.Parallel()
	srv, _ := newServer(t, server.Options{})
	for _, path := range []string{"/docs", "/openapi.json"} {
		answer := askPage(t, srv.URL+path, "")
		tag := answer.header.Get("ETag")
		if answer.status != 200 || tag == "" || answer.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", path, answer.status, answer.header)
		}
		if again := askPage(t, srv.URL+path, tag); again.status != 304 || again.body != "" {
			t.Errorf("%s again: %d", path, again.status)
		}
	}
	page := askPage(t, srv.URL+"/docs", "")
	root, err := html.Parse(strings.NewReader(page.body))
	if err != nil {
		t.Fatal(err)
	}
	ids, links := map[string]bool{}, []string(nil)
	for node := range root.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		if node.Data == "script" || node.Data == "img" || node.Data == "link" {
			t.Errorf("the page has a %s", node.Data)
		}
		for _, a := range node.Attr {
			switch {
			case a.Key == "id" && ids[a.Val]:
				t.Errorf("the id %s is there twice", a.Val)
			case a.Key == "id":
				ids[a.Val] = true
			case a.Key == "href":
				links = append(links, a.Val)
			case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
				t.Errorf("%s has %s, which the policy forbids", node.Data, a.Key)
			}
		}
	}
	for _, link := range links {
		if id, isHere := strings.CutPrefix(link, "#"); isHere && !ids[id] || !isHere && link != "/openapi.json" {
			t.Errorf("the page refers to %s, which is not there", link)
		}
	}
	for path, item := range readDescription(t).Paths.Map() {
		for _, operation := range item.Operations() {
			if !ids["op-"+operation.OperationID] || !strings.Contains(page.body, path) {
				t.Errorf("the page lacks %s of %s", operation.OperationID, path)
			}
		}
	}
	last := -1
	for _, id := range []string{"postOrders", "postFile", "listFiles", "listOrders", "getOrder", "listItems", "getSummary", "listCustomers", "deleteCustomer", "postHook", "getDescription"} {
		at := strings.Index(page.body, `<article id="op-`+id+`"`)
		if at <= last {
			t.Errorf("%s is not where the description has it", id)
		}
		last = at
	}
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(page.body)
	if style == nil {
		t.Fatal("the page has no style")
	}
	sum := sha256.Sum256([]byte(style[1]))
	policy := page.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") || strings.Contains(policy, "unsafe") || !strings.HasPrefix(policy, "default-src 'none'") {
		t.Errorf("the policy is %s", policy)
	}
}

// askPage gets a page that everybody may have, unless it is the one with the tag.
func askPage(t *testing.T, url, tag string) answered {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if tag != "" {
		r.Header.Set("If-None-Match", tag)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{answer.StatusCode, answer.Header, string(text)}
}
