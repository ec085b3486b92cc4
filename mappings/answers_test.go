package mappings_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/mappings"
	"process-orders/orders"
)

// errorAnswers are what APIs answer instead of orders.
var errorAnswers = map[string]string{
	"shopify":             `{"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"}`,
	"shopify, fields":     `{"errors":{"order":"Required parameter missing or invalid"}}`,
	"shopify, graphql":    `{"data":{"orders":null},"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],"extensions":{"cost":{"requestedQueryCost":102}}}`,
	"shopify, no data":    `{"errors":[{"message":"Field 'x' doesn't exist on type 'Order'","locations":[{"line":1,"column":3}],"path":["query","orders","x"]}]}`,
	"woocommerce":         `{"code":"woocommerce_rest_cannot_view","message":"Sorry, you cannot list resources.","data":{"status":401}}`,
	"woocommerce, legacy": `{"errors":[{"code":"woocommerce_api_authentication_error","message":"Consumer key is missing."}]}`,
	"square":              `{"errors":[{"category":"AUTHENTICATION_ERROR","code":"UNAUTHORIZED","detail":"This request could not be authorized."}]}`,
	"stripe":              `{"error":{"type":"invalid_request_error","message":"Invalid API Key provided","code":"api_key_expired","param":"limit"}}`,
	"amazon":              `{"errors":[{"code":"Unauthorized","message":"Access to requested resource is denied.","details":""}]}`,
	"bigcommerce":         `[{"status":401,"message":"No credentials were supplied in the request."}]`,
	"bigcommerce, V3":     `{"status":422,"title":"Bad input","type":"https://example.com","errors":{}}`,
	"magento":             `{"message":"The consumer isn't authorized to access %resources.","parameters":{"resources":"Magento_Sales::actions_view"},"trace":null}`,
	"toast":               `{"status":403,"code":10010,"message":"Missing scope","messageKey":null,"fieldName":null,"link":null,"requestId":"r-1","developerMessage":null,"errors":[],"canRetry":null}`,
	"clover":              `{"message":"401 Unauthorized","details":"Failed to validate authentication token."}`,
	"medusa":              `{"type":"not_allowed","message":"unauthorized"}`,
	"doordash":            `{"code":"validation_error","message":"Invalid request","field_errors":[{"field":"id","error":"missing"}]}`,
	"odoo":                `{"jsonrpc":"2.0","id":null,"error":{"code":200,"message":"Odoo Server Error","data":{"name":"odoo.exceptions.AccessDenied","arguments":["Access Denied"]}}}`,
	"ubereats":            `{"code":"unauthorized","message":"Invalid OAuth 2.0 credentials provided."}`,
	"saleor":              `{"data":{"orders":null},"errors":[{"message":"PermissionDenied","path":["orders"]}]}`,
	"a gateway":           `{"message":"Internal server error"}`,
	"a shop, success":     `{"success":false,"message":"Unauthenticated","data":[]}`,
	"a shop, ok":          `{"ok":false,"result":[]}`,
	"a shop, status":      `{"status":"error","orders":[]}`,
	"a shop, number":      `{"status":401,"elements":[]}`,
	"a shop, code":        `{"code":105002,"message":"Expired credentials","data":{"orders":[]}}`,
	"a shop, errno":       `{"errno":5,"errmsg":"token expired","data":[]}`,
	"a cloud":             `{"__type":"ThrottlingException","message":"Rate exceeded","records":[]}`,
	"nothing":             `{}`,
	"null":                `{"orders":null}`,
}

// No preset takes an error answer of any API for orders, nor for no orders.
func TestErrorAnswers(t *testing.T) {
	for api, answer := range errorAnswers {
		if got := mappings.Guess([]byte(answer)); got != "" {
			t.Errorf("the answer of %s: guessed %s", api, got)
		}
	}
	for _, preset := range append(mappings.Names(), "") {
		for api, answer := range errorAnswers {
			got := outcome(t, preset, answer)
			if got.accepted > 0 || got.skipped > 0 || !got.refused {
				t.Errorf("%s, the answer of %s: got %+v, want it refused", preset, api, got)
			}
		}
	}
}

// An ending is what became of a document.
type ending struct {
	accepted, skipped int64
	refused           bool // by an error, or as rejects
}

// outcome reads a document by a preset; "" is the default shape.
func outcome(t *testing.T, preset, document string) (e ending) {
	t.Helper()
	mapping := orders.Default()
	if preset != "" {
		m, ok := mappings.Preset(preset)
		if !ok {
			t.Fatalf("there is no preset %s", preset)
		}
		if m.Fits([]byte(document)) != nil {
			return ending{refused: true}
		}
		mapping = m.Mapping
	}
	o := orders.Options{Mapping: &mapping, Reject: func(*orders.Reject) error { e.refused = true; return nil }}
	o.SourceDone = func(_ string, read orders.Totals) error {
		e.accepted = read.Orders
		for _, n := range read.Skipped {
			e.skipped += n
		}
		return nil
	}
	source := input.Reader("in", strings.NewReader(document))
	for _, err := range orders.All(context.Background(), []input.Source{source}, o) {
		if err != nil {
			e.refused = true
		}
	}
	return e
}

// The order of the keys and that of the orders say nothing of what a document is.
func TestFitsInAnyOrder(t *testing.T) {
	for _, c := range documents {
		text, err := os.ReadFile(filepath.Join("testdata", c.file))
		if err != nil {
			t.Fatal(err)
		}
		var document any
		if json.Unmarshal(text, &document) != nil {
			continue // a table, or several documents
		}
		var sorted bytes.Buffer // by their keys
		if err := json.NewEncoder(&sorted).Encode(reversed(document)); err != nil {
			t.Fatal(err)
		}
		for _, name := range mappings.Names() {
			want := c.preset
			if name == c.preset {
				want = ""
			}
			if got := fits(t, name, sorted.String()); got != want {
				t.Errorf("%s for %s: got %q, want %q", c.file, name, got, want)
			}
		}
		if got := mappings.Guess(sorted.Bytes()); got != c.preset {
			t.Errorf("%s: guessed %q", c.file, got)
		}
	}
}

// reversed turns all arrays of a document around.
func reversed(document any) any {
	switch d := document.(type) {
	case []any:
		turned := make([]any, 0, len(d))
		for i := range d {
			turned = append(turned, reversed(d[len(d)-1-i]))
		}
		return turned
	case map[string]any:
		for key := range d {
			d[key] = reversed(d[key])
		}
	}
	return document
}
