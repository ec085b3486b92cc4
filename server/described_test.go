package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"process-orders/server"
)

// described hands on requests, and compares each answer with the description: its status, its
// type, its headers and its document. All tests of this package that ask a server go by it. Pages are
// for people, and are compared with what all pages have.
func described(t testing.TB, next http.Handler) http.Handler {
	d, pages := readDescription(t), pagesOf(next)
	return &comparing{next, func(w http.ResponseWriter, r *http.Request) {
		answer := &overheard{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(answer, r)
		// What is said of paths that are not clean, and to whoever asks for methods, is the same
		// of all routes.
		if r.Method == http.MethodOptions || r.URL.Path != path.Clean(r.URL.Path) {
			return
		}
		if r.Context().Err() != nil {
			return // nobody has got the answer
		}
		isGuarded := answer.status == http.StatusForbidden || answer.status == http.StatusMisdirectedRequest // before anybody looks for a route
		if _, pattern := pages.Handler(r); pattern != "" && !isGuarded || strings.HasPrefix(answer.Header().Get("Content-Type"), "text/html") && r.URL.Path != "/docs" {
			if err := checkPage(answer.status, answer.Header()); err != nil {
				t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
			}
			return
		}
		if err := d.check(r, answer); err != nil {
			t.Errorf("server/openapi.json: %s %s is answered otherwise than described: %v\n%.2000s", r.Method, r.URL.Path, err, answer.body.Bytes())
		}
	}}
}

// pagesOf takes the requests that are for pages.
func pagesOf(h http.Handler) *http.ServeMux {
	mux := http.NewServeMux()
	for _, route := range server.RoutesOf(h) {
		if route.IsPage {
			mux.HandleFunc(route.Method+" "+route.Path, func(http.ResponseWriter, *http.Request) {})
		}
	}
	return mux
}

// checkPage returns what an answer for people lacks.
func checkPage(status int, h http.Header) error {
	want := map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin"}
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	switch {
	case kind == "text/html":
		want["Cross-Origin-Opener-Policy"], want["Cache-Control"], want["Referrer-Policy"] = "same-origin", "no-store", "same-origin"
		if policy := h.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self'; style-src 'self';") || strings.Contains(policy, "unsafe") || !strings.HasPrefix(policy, "default-src 'none'") {
			return fmt.Errorf("the policy of a page is %q", policy)
		}
	case kind == "text/css", kind == "text/javascript":
		want["Cache-Control"] = "public, max-age=31536000, immutable"
	case kind == "text/plain", kind == "text/event-stream": // the server without its page, and what is live
	case kind == "application/vnd.sqlite3", kind == "application/x-ndjson": // downloads, which have phones
		want["Cache-Control"] = "no-store"
		if !strings.HasPrefix(h.Get("Content-Disposition"), "attachment; ") {
			return fmt.Errorf("a browser shows what it should keep: %q", h.Get("Content-Disposition"))
		}
	case status == http.StatusSeeOther && kind == "":
		want["Cache-Control"] = "no-store"
	default:
		return fmt.Errorf("the answer %d of a page has the type %q", status, kind)
	}
	for name, value := range want {
		if h.Get(name) != value {
			return fmt.Errorf("%s of a page is %q, want %q", name, h.Get(name), value)
		}
	}
	return nil
}

// A comparing is a handler that compares the answers of another one.
type comparing struct {
	of http.Handler
	http.HandlerFunc
}

// Unwrap returns the handler whose answers are compared.
func (c *comparing) Unwrap() http.Handler { return c.of }

// An overheard answer is kept as it goes by.
type overheard struct {
	http.ResponseWriter
	status int
	isSent bool
	body   bytes.Buffer
}

func (o *overheard) WriteHeader(status int) {
	if !o.isSent && status >= 200 {
		o.status, o.isSent = status, true
	}
	o.ResponseWriter.WriteHeader(status)
}

func (o *overheard) Write(p []byte) (int, error) {
	o.isSent = true
	if o.isDocument() {
		o.body.Write(p)
	}
	return o.ResponseWriter.Write(p)
}

// isDocument reports whether the body is one that can be compared: not a stream, nor a page.
func (o *overheard) isDocument() bool {
	kind, _, _ := mime.ParseMediaType(o.Header().Get("Content-Type"))
	return kind == "application/json" || kind == "application/problem+json"
}

// Unwrap is for [http.ResponseController], and Flush for those who do without.
func (o *overheard) Unwrap() http.ResponseWriter { return o.ResponseWriter }
func (o *overheard) Flush()                      { _ = http.NewResponseController(o.ResponseWriter).Flush() }

// A descriptionOfAll is the description, ready to be compared with answers.
type descriptionOfAll struct {
	*openapi3.T
	mux    *http.ServeMux
	routes map[string]*routers.Route // by the patterns of the mux
	known  sync.Map                  // are answers that are as described
}

var description = sync.OnceValues(func() (*descriptionOfAll, error) {
	text, err := os.ReadFile("openapi.json")
	if err != nil {
		return nil, err
	}
	var document any
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	tighten(document)
	if text, err = json.Marshal(document); err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, err
	}
	d := &descriptionOfAll{T: doc, mux: http.NewServeMux(), routes: map[string]*routers.Route{}}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			pattern := method + " " + path
			if path == "/" {
				pattern += "{$}"
			}
			d.mux.HandleFunc(pattern, func(http.ResponseWriter, *http.Request) {})
			d.routes[pattern] = &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: operation}
		}
	}
	return d, nil
})

func readDescription(t testing.TB) *descriptionOfAll {
	t.Helper()
	d, err := description()
	if err != nil {
		t.Fatalf("server/openapi.json: %v", err)
	}
	return d
}

// tighten lets no object have a property that is not described, unless it says so. The document
// itself does not say that, as there may be more properties one day.
func tighten(document any) {
	switch v := document.(type) {
	case map[string]any:
		if _, ok := v["additionalProperties"]; !ok && v["properties"] != nil && v["type"] == "object" {
			v["additionalProperties"] = false
		}
		for _, inner := range v {
			tighten(inner)
		}
	case []any:
		for _, inner := range v {
			tighten(inner)
		}
	}
}

// check returns how an answer is not as described.
func (d *descriptionOfAll) check(r *http.Request, answer *overheard) error {
	asked := r
	if r.Method == http.MethodHead {
		asked = r.Clone(r.Context())
		asked.Method = http.MethodGet
	}
	_, pattern := d.mux.Handler(asked)
	route := d.routes[pattern]
	if route == nil {
		// Whatever is refused at other paths is refused with a problem too.
		problem := d.Components.Responses["Problem"].Value
		return checkProblem(problem, answer)
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: route},
		Status:                 answer.status, Header: answer.Header(), Body: io.NopCloser(bytes.NewReader(answer.body.Bytes())),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, ExcludeResponseBody: !answer.isDocument()},
	}
	response := route.Operation.Responses.Status(answer.status)
	if response == nil {
		response = route.Operation.Responses.Default()
		statuses := statusesOf(response)
		if !slices.Contains(statuses, answer.status) {
			return fmt.Errorf("the status %d is not described, nor among those that any request may have: %v", answer.status, statuses)
		}
	}
	if err := checkContent(response.Value, answer); err != nil {
		return err
	}
	if r.Method == http.MethodHead {
		return nil
	}
	// To compare takes longer than to answer, and many answers are the same.
	same := fmt.Sprintln(pattern, answer.status, answer.Header()["Retry-After"], answer.Header()["Idempotent-Replayed"], answer.body.String())
	if _, isKnown := d.known.Load(same); isKnown {
		return nil
	}
	err := openapi3filter.ValidateResponse(r.Context(), input)
	if err == nil && len(same) < 1<<10 {
		d.known.Store(same, true)
	}
	return err
}

// statusesOf are the statuses that the default answer says it is for.
func statusesOf(response *openapi3.ResponseRef) (all []int) {
	if response == nil {
		return nil
	}
	list, _ := response.Value.Extensions["x-statuses"].([]any)
	for _, one := range list {
		n, _ := one.(float64)
		all = append(all, int(n))
	}
	return all
}

// checkContent compares the type of an answer.
func checkContent(response *openapi3.Response, answer *overheard) error {
	got := answer.Header().Get("Content-Type")
	kind, _, _ := mime.ParseMediaType(got)
	if len(response.Content) == 0 {
		if got != "" {
			return fmt.Errorf("the answer %d has no body as described, and has one of the type %q", answer.status, got)
		}
		return nil
	}
	if response.Content[kind] == nil {
		return fmt.Errorf("the answer %d has the type %q, which is not described", answer.status, got)
	}
	return nil
}

func checkProblem(response *openapi3.Response, answer *overheard) error {
	if answer.status < 400 {
		return fmt.Errorf("the path is not described, and the status is %d", answer.status)
	}
	if answer.status == http.StatusMethodNotAllowed {
		return nil // net/http says so by itself
	}
	if err := checkContent(response, answer); err != nil {
		return err
	}
	var value any
	if err := json.Unmarshal(answer.body.Bytes(), &value); err != nil {
		return err
	}
	return response.Content["application/problem+json"].Schema.Value.VisitJSON(value, openapi3.EnableJSONSchema2020())
}
