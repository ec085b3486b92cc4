package server_test

import (
	"bytes"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"process-orders/server"
)

// BenchmarkPostOrders posts single orders with 256 clients over loopback, beside the server on
// the same cores. Each is on the disk when it is answered.
func BenchmarkPostOrders(b *testing.B) {
	for _, c := range []struct{ name, query string }{{"default", "allow-repeats"}, {"shopify", "from=shopify"}} {
		b.Run(c.name, func(b *testing.B) { benchmarkPost(b, c.query) })
	}
}

func benchmarkPost(b *testing.B, query string) {
	const clients = 256
	srv, s := newServer(b, server.Options{})
	key := newKey(b, s, server.ScopeIngest)
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	var number atomic.Int64
	b.SetParallelism(clients / 2)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := number.Add(1)
			body := fmt.Sprintf(`{"phone": "555-%04d", "name": "Ann", "items": [{"name": "Tea", "price": 2.50}, {"name": "Cake %d", "price": 4}]}`, n%5000, n%100)
			if query != "allow-repeats" {
				body = shopifyOrder(int(n), "2026-05-04T10:00:00Z", "Ann", "")
			}
			r, err := http.NewRequest("POST", srv.URL+"/v1/orders?"+query, bytes.NewReader([]byte(body)))
			if err != nil {
				b.Error(err)
				return
			}
			r.Header.Set("Authorization", "Bearer "+key)
			answer, err := client.Do(r)
			if err != nil {
				b.Error(err)
				return
			}
			var text bytes.Buffer
			_, err = text.ReadFrom(answer.Body)
			_ = answer.Body.Close()
			if err != nil || answer.StatusCode != 201 {
				b.Errorf("%d %s %v", answer.StatusCode, text.String(), err)
				return
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
}
