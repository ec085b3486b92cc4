package server

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
)

// A test order goes the whole way of a connection's deliveries: it is signed with the secret of the
// connection, and goes through the handler of this server like a request of the sender. It says of
// itself that it is a test, or a draft, so that the preset skips it. It has no customer, and no time
// by which it would be among the latest orders. It is always the same order, so that the store has
// it once for each shop.

// testOrders are test orders by the presets that skip them.
var testOrders = map[string]string{
	"shopify": `{"id":"process-orders-test","test":true,"line_items":[{"name":"Test","price":"1.00","quantity":1}]}`,
	"woocommerce": `{"id":"process-orders-test","status":"checkout-draft",` +
		`"line_items":[{"name":"Test","price":"1.00","quantity":1}]}`,
	"toast": `{"guid":"process-orders-test","createdInTestMode":true,` +
		`"checks":[{"selections":[{"displayName":"Test","receiptLinePrice":1,"quantity":1}]}]}`,
	"saleor": `{"id":"process-orders-test","status":"DRAFT",` +
		`"lines":[{"product_name":"Test","unit_price_gross_amount":"1.00","quantity":1}]}`,
}

// errTestCounts refuses a test order that is not skipped, as by the mapping of somebody who wants
// such orders to count.
var errTestCounts = newProblem(http.StatusConflict, "test-counts", "by the mapping of the connection a test order would count, so it was not saved")

type testKey struct{}

// testOf returns the act that a test order is, by the context of its request; nil of all requests
// that come from elsewhere.
func testOf(ctx context.Context) *Act {
	act, _ := ctx.Value(testKey{}).(*Act)
	return act
}

// A testResult says how far a test order came.
type testResult string

const (
	testPassed  testResult = "passed"  // it was read and skipped, and that is on the disk
	testSigned  testResult = "signed"  // no test order is known for the mapping; the signature is good
	testNoKey   testResult = "no-key"  // only the sender can sign
	testCounts  testResult = "counts"  // its signature is good, and it would count
	testSecret  testResult = "secret"  // the secret cannot be used
	testRefused testResult = "refused" // it was refused for another reason
)

// testConnection sends a test order by a connection. Detail says why it was refused.
func (s *Server) testConnection(ctx context.Context, c *Connection) (r testResult, detail string, err error) {
	kind := hookKinds[c.Kind]
	secrets, err := c.secrets()
	if err != nil {
		s.log.Error("the secret of a connection cannot be used", "connection", c.Name, "error", err)
		return testSecret, "", nil
	}
	if len(secrets) == 0 {
		return testNoKey, "", nil
	}
	order, isKnown := "{}", false
	if c.Mapping == "" {
		if text, ok := testOrders[cmp.Or(c.From, kind.preset)]; ok {
			order, isKnown = text, true
		}
	}
	header, body, ok := kind.send(&sending{c, secrets[0], []byte(order), s.now()})
	if !ok {
		return testNoKey, "", nil
	}
	act := (&Act{What: ActConnectionTest, Of: c.Name}).by(ctx)
	if !isKnown {
		if err := s.verify(c, header, body); err != nil {
			return testRefused, problemOf(err).Detail, nil
		}
		return testSigned, "", s.record(ctx, act)
	}
	return s.sendTest(context.WithValue(ctx, testKey{}, act), c, header, body)
}

// sendTest sends a test order through the handler of the server.
func (s *Server) sendTest(ctx context.Context, c *Connection, header http.Header, body []byte) (testResult, string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost"+HookPath(c.Name), bytes.NewReader(body))
	if err != nil {
		return "", "", err
	}
	r.Header = header
	answer := &heldAnswer{header: http.Header{}}
	s.ServeHTTP(answer, r)
	if answer.status == http.StatusOK {
		return testPassed, "", nil
	}
	var p problem
	if err := json.Unmarshal(answer.body.Bytes(), &p); err != nil {
		return "", "", err
	}
	if p.Type == errTestCounts.Type {
		return testCounts, "", nil
	}
	return testRefused, p.Detail, nil
}

// A heldAnswer is an answer that stays here.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *heldAnswer) Header() http.Header { return a.header }

func (a *heldAnswer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *heldAnswer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}
