package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
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
	host := strings.TrimPrefix(srv.URL, "http://")
	head := "POST /v1/orders?" + query + " HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + key + "\r\nContent-Length: "
	var number atomic.Int64
	b.SetParallelism(clients / 2)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		conn, err := net.Dial("tcp", host)
		if err != nil {
			b.Error(err)
			return
		}
		defer conn.Close()
		answers := bufio.NewReader(conn)
		for pb.Next() {
			n := number.Add(1)
			body := fmt.Sprintf(`{"phone": "555-%04d", "name": "Ann", "items": [{"name": "Tea", "price": 2.50}, {"name": "Cake %d", "price": 4}]}`, n%5000, n%100)
			if query != "allow-repeats" {
				body = shopifyOrder(int(n), "2026-05-04T10:00:00Z", "Ann", "")
			}
			if err := postBare(conn, answers, head, body); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
}

// postBare is a client that takes little of the cores: it writes a request at once, and reads the
// answer where it wrote.
func postBare(conn net.Conn, answers *bufio.Reader, head, body string) error {
	if _, err := fmt.Fprintf(conn, "%s%d\r\n\r\n%s", head, len(body), body); err != nil {
		return err
	}
	answer, err := http.ReadResponse(answers, nil)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusCreated {
		err = fmt.Errorf("%s: %s", answer.Status, text)
	}
	return err
}
