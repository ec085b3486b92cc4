package server

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"process-orders/internal/lazy"
)

// An asked is what a delivery asks for.
type asked byte

const (
	asksNothing  asked = iota // it is about something else
	asksOrders                // it brings orders, each whole
	asksDeletion              // an order was deleted, of which it has the id alone
	asksErasure               // a customer is to be erased
	asksPeople                // somebody must look at it and decide
)

// A hookKind is a system that sends webhooks.
type hookKind struct {
	preset string // that reads its orders; "" if there is none
	// isSigned verifies the signature.
	isSigned func(*signed) bool
	// send signs an order of our own, as the system does.
	send sender
	// checkSecret returns what is wrong with a secret; nil takes any.
	checkSecret func(secret string) error
	// takesKeys reports whether it may sign with a private key, and isFree whether the
	// connection says where the signature is.
	takesKeys, isFree bool
	// topic finds what a delivery is about; "" if it does not say.
	topic func(http.Header, []byte) string
	// asks says what is to be done for a topic.
	asks func(topic string) asked
	// orders finds the orders in the body, if they are in an object that the presets do not
	// know.
	orders func(body []byte) []byte
	// isPing reports whether a delivery without a signature asks nothing but whether
	// somebody is here.
	isPing func(http.Header, []byte) bool
}

var hookKinds map[string]*hookKind

func init() { // it refers to itself by way of connections
	hookKinds = map[string]*hookKind{
		"shopify": {
			preset: "shopify", isSigned: shopifySigned, send: shopifySend,
			topic: fromHeader("X-Shopify-Topic", "Shopify-Topic"), asks: shopifyAsks,
		},
		"woocommerce": {
			preset: "woocommerce", isSigned: woocommerceSigned, send: woocommerceSend, isPing: woocommercePing,
			topic: fromHeader("X-WC-Webhook-Topic"), asks: woocommerceAsks,
		},
		"toast": {
			preset: "toast", isSigned: toastSigned, send: toastSend, topic: toastTopic, asks: toastAsks,
			orders: func(body []byte) []byte { return inside(body, "details", "order") },
		},
		"saleor": {
			preset: "saleor", isSigned: saleorSigned, send: saleorSend, takesKeys: true,
			topic: fromHeader("Saleor-Event"), asks: saleorAsks,
		},
		"standard": {
			isSigned: standardSigned, send: standardSend, checkSecret: checkStandardSecret,
			topic: func(_ http.Header, body []byte) string { return textInside(body, "type") }, asks: standardAsks,
			orders: func(body []byte) []byte { return inside(body, "data") },
		},
		"generic": {
			isSigned: genericSigned, send: genericSend, isFree: true,
			topic: func(http.Header, []byte) string { return "" }, asks: func(string) asked { return asksOrders },
		},
	}
}

// ConnectionKinds returns the kinds of connections, sorted.
func ConnectionKinds() []string { return slices.Sorted(maps.Keys(hookKinds)) }

// thinKinds are systems whose webhooks say only which order has changed, and what to do instead.
var thinKinds = map[string]string{
	"square":      "webhooks of Square have the id of an order, and not the order: fetch the order by SearchOrders, and post it to /v1/orders?from=square",
	"stripe":      "webhooks of Stripe have no lines of what was bought: list the sessions with expand[]=data.line_items, and post them to /v1/orders?from=stripe",
	"bigcommerce": "webhooks of BigCommerce have the id of an order, and not the order: fetch the order with include=consignments.line_items, and post it to /v1/orders?from=bigcommerce",
	"ubereats":    "webhooks of Uber Eats have the address of an order, and not the order: fetch it from its resource_href, and post it to /v1/orders?from=ubereats",
}

// plainTopic is what topics look like. Others are kept as a word of ours, as a header of a
// delivery is not signed.
var plainTopic = lazy.Regexp(`^[A-Za-z0-9_./-]{0,100}$`)

const oddTopic = "odd"

// topicOf is what a delivery is about.
func (k *hookKind) topicOf(h http.Header, body []byte) string {
	if topic := k.topic(h, body); plainTopic().MatchString(topic) {
		return topic
	}
	return oddTopic
}

func fromHeader(names ...string) func(http.Header, []byte) string {
	return func(h http.Header, _ []byte) string {
		for _, name := range names {
			if topic := h.Get(name); topic != "" {
				return topic
			}
		}
		return ""
	}
}

// shopifyAsks knows the topics whose body is an order. That of orders/edited is not.
func shopifyAsks(topic string) asked {
	switch topic {
	case "", "orders/create", "orders/updated", "orders/paid", "orders/cancelled", "orders/fulfilled", "orders/partially_fulfilled":
		return asksOrders
	case "orders/delete":
		return asksDeletion
	case "customers/redact":
		return asksErasure
	case "shop/redact", "customers/data_request":
		return asksPeople
	}
	return asksNothing
}

func woocommerceAsks(topic string) asked {
	switch topic {
	case "", "order.created", "order.updated", "order.restored":
		return asksOrders
	case "order.deleted":
		return asksDeletion
	}
	return asksNothing
}

// pingBody is what WooCommerce sends when a webhook is made.
var pingBody = lazy.Regexp(`^webhook_id=[0-9]{1,20}$`)

// woocommercePing knows the delivery by which WooCommerce tries out a URL. Nobody signs it, and
// the webhook cannot be made without the answer 200.
func woocommercePing(h http.Header, body []byte) bool {
	return len(h.Values("X-WC-Webhook-Signature")) == 0 && pingBody().Match(body)
}

// toastTopic goes by the body, which is signed.
func toastTopic(h http.Header, body []byte) string {
	if topic := textInside(body, "eventType"); topic != "" {
		return topic
	}
	return h.Get("Toast-Event-Type")
}

func toastAsks(topic string) asked {
	if topic == "" || topic == "order_updated" {
		return asksOrders
	}
	return asksNothing
}

func saleorAsks(topic string) asked {
	topic = strings.ToLower(topic)
	if topic == "" || strings.HasPrefix(topic, "order_") {
		return asksOrders
	}
	return asksNothing
}

// orderWord finds that a type is about orders: order.created, shop.order_paid, orders/cancelled.
var orderWord = lazy.Regexp(`(?i)(^|[^a-z])orders?([^a-z]|$)`)

func standardAsks(topic string) asked {
	switch {
	case topic == "":
		return asksOrders
	case !orderWord().MatchString(topic):
		return asksNothing
	case strings.HasSuffix(topic, "deleted"), strings.HasSuffix(topic, "delete"):
		return asksDeletion
	}
	return asksOrders
}

// inside returns the JSON that is at the keys of an object; nil if that is no object or array.
func inside(body []byte, keys ...string) []byte {
	for _, key := range keys {
		var object map[string]json.RawMessage
		if json.Unmarshal(body, &object) != nil {
			return nil
		}
		body = object[key]
	}
	if body = bytes.TrimSpace(body); len(body) > 0 && (body[0] == '{' || body[0] == '[') {
		return body
	}
	return nil
}

// textInside returns the text that is at a key of an object; "" if there is none.
func textInside(body []byte, key string) (text string) {
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil || json.Unmarshal(object[key], &text) != nil {
		return ""
	}
	return text
}
