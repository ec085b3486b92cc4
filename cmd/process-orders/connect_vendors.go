package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// secretFrom says where the secret is that another system makes.
var secretFrom = map[string]string{
	"shopify": "Shopify shows it under Settings > Notifications > Webhooks; of an app it is the client secret",
	"toast":   "Toast shows it with the subscription",
	"saleor":  "it is the secret key of the webhook; --jwks takes the public keys instead",
}

// toDo says for each kind of connection what to do in the other system. PATH is the path that
// webhooks are sent to.
var toDo = map[string][]string{
	"shopify": {
		"In Shopify: Settings > Notifications > Webhooks, format JSON, URL https://YOUR-HOSTPATH, a webhook for each of",
		"  order creation, update, payment, cancellation, fulfillment and deletion.",
		"An app subscribes to orders/create, orders/updated, orders/paid, orders/cancelled, orders/fulfilled and orders/delete,",
		"  and to the mandatory customers/redact, shop/redact and customers/data_request.",
		"Shopify may lose a webhook: apply an export from time to time. Each order counts once.",
	},
	"woocommerce": {
		"In WooCommerce: Settings > Advanced > Webhooks, one for each of Order created, Order updated, Order restored and Order deleted:",
		"  Status Active, Delivery URL https://YOUR-HOSTPATH, Secret the line of the file, API version WP REST API Integration v3.",
		"WooCommerce sends a webhook once, and never again: apply an export from time to time. Each order counts once.",
	},
	"toast": {
		"In Toast's developer portal: a subscription to order_updated with the URL https://YOUR-HOSTPATH.",
		"Toast sends a webhook three times at most: ask its Orders API each hour, and post the orders. Each order counts once.",
	},
	"saleor": {
		"In Saleor: a webhook of your app with the target URL https://YOUR-HOSTPATH, the events below, and this subscription query:",
		"  subscription {",
		"    event {",
		"      ... on OrderCreated { order { ...F } }",
		"      ... on OrderConfirmed { order { ...F } }",
		"      ... on OrderUpdated { order { ...F } }",
		"      ... on OrderPaid { order { ...F } }",
		"      ... on OrderFulfilled { order { ...F } }",
		"      ... on OrderRefunded { order { ...F } }",
		"      ... on OrderCancelled { order { ...F } }",
		"      ... on OrderExpired { order { ...F } }",
		"    }",
		"  }",
		"  fragment F on Order {",
		"    id status created updated_at: updatedAt",
		"    billing_address: billingAddress { phone first_name: firstName last_name: lastName }",
		"    shipping_address: shippingAddress { phone first_name: firstName last_name: lastName }",
		"    lines { product_name: productName variant_name: variantName quantity unit_price: unitPrice { gross { amount currency } } }",
		"  }",
	},
	"standard": {
		"In the other system: an endpoint with the URL https://YOUR-HOSTPATH, and the secret that is the line of the file.",
		"Types that have no order in their name are passed over.",
	},
	"generic": {
		"The other system posts to https://YOUR-HOSTPATH, and signs the body with the secret that is the line of the file.",
	},
}

const (
	mostKeysBytes = 1 << 20 // of a key set, which has some KiB
	keysTimeout   = 10 * time.Second
)

// publicKeys reads a JSON Web Key Set from a file, or from an https URL once. The server itself
// asks nobody for anything.
func publicKeys(ctx context.Context, from string) (json.RawMessage, error) {
	u, err := url.Parse(from)
	isURL := err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
	var text []byte
	switch {
	case isURL && u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, wrongUsage("--jwks: public keys are fetched by https only: whoever could change them could sign")
	case isURL:
		text, err = fetch(ctx, from)
	case strings.Contains(from, "://"):
		return nil, wrongUsage("--jwks: want a file, or an https URL")
	default:
		text, err = os.ReadFile(from)
	}
	if err != nil {
		return nil, fmt.Errorf("--jwks: %w", err)
	}
	if len(text) > mostKeysBytes || !json.Valid(text) {
		return nil, fmt.Errorf("--jwks: this is no JSON Web Key Set")
	}
	return text, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// fetch reads what is at a URL. It follows no redirect.
func fetch(ctx context.Context, from string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, keysTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, err
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the answer is %s", answer.Status)
	}
	return io.ReadAll(io.LimitReader(answer.Body, mostKeysBytes+1))
}
