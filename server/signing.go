package server

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// A sending is an order that is to be signed as the system does it for which a connection is.
type sending struct {
	connection *Connection
	secret     string
	order      []byte // JSON
	now        time.Time
}

// A sender makes a delivery of an order: its headers and its body. It reports false if the secret
// is none by which one can sign, as a public key. For each there is what verifies it, in
// signature.go.
type sender func(*sending) (header http.Header, body []byte, ok bool)

// withHeaders makes headers of names and values.
func withHeaders(all ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(all); i += 2 {
		h.Set(all[i], all[i+1])
	}
	return h
}

func shopifySend(s *sending) (http.Header, []byte, bool) {
	signature := asBase64(macOf([]byte(s.secret), s.order))
	return withHeaders("X-Shopify-Topic", "orders/create", "X-Shopify-Hmac-Sha256", signature), s.order, true
}

func woocommerceSend(s *sending) (http.Header, []byte, bool) {
	signature := asBase64(macOf([]byte(s.secret), s.order))
	return withHeaders("X-WC-Webhook-Topic", "order.created", "X-WC-Webhook-Signature", signature), s.order, true
}

func toastSend(s *sending) (http.Header, []byte, bool) {
	at := s.now.UTC().Format(time.RFC3339)
	body, err := json.Marshal(map[string]any{
		"timestamp": at, "eventType": "order_updated", "details": map[string]json.RawMessage{"order": s.order},
	})
	signature := asBase64(macOf([]byte(s.secret), body, []byte(at)))
	return withHeaders("Toast-Signature", signature), body, err == nil
}

// saleorSend signs in the older way. Of the newer one we have the public keys alone.
func saleorSend(s *sending) (http.Header, []byte, bool) {
	signature := hex.EncodeToString(macOf([]byte(s.secret), s.order))
	return withHeaders("Saleor-Event", "order_created", "Saleor-Signature", signature), s.order, len(s.connection.PublicKeys) == 0
}

func standardSend(s *sending) (http.Header, []byte, bool) {
	key, isPublic, err := standardKey(s.secret)
	if err != nil || isPublic {
		return nil, nil, false
	}
	id, stamp := "msg_process-orders-test", strconv.FormatInt(s.now.Unix(), 10)
	body, err := json.Marshal(map[string]any{
		"type": "order.created", "timestamp": s.now.UTC().Format(time.RFC3339), "data": json.RawMessage(s.order),
	})
	signature := "v1," + asBase64(macOf(key, []byte(id+"."+stamp+"."), body))
	return withHeaders("Webhook-Id", id, "Webhook-Timestamp", stamp, "Webhook-Signature", signature), body, err == nil
}

func genericSend(s *sending) (http.Header, []byte, bool) {
	encode := hex.EncodeToString
	if s.connection.Encoding == "base64" {
		encode = asBase64
	}
	return withHeaders(s.connection.Header, s.connection.Prefix+encode(macOf([]byte(s.secret), s.order))), s.order, true
}
