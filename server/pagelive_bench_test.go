package server_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"process-orders/server"
	"process-orders/store/sqlite"
)

// BenchmarkOpenPages posts orders one after the other while pages are open. It reports how much memory
// they take, with that of those who read them, which is a goroutine each.
func BenchmarkOpenPages(b *testing.B) {
	for _, pages := range []int{0, 1000} {
		b.Run(fmt.Sprint(pages), func(b *testing.B) { benchmarkOpenPages(b, pages) })
	}
}

func benchmarkOpenPages(b *testing.B, pages int) {
	s, err := sqlite.Open(b.Context(), b.TempDir()+"/shop.db", sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	l, srv := newLooker(b, s, server.Options{})
	for i := range 500 {
		l.post(s, placed(i, thursday.Add(-time.Duration(i)*time.Minute)))
		if i == 3 && testing.Short() {
			break
		}
	}
	cookie := l.client.Transport.(withCookie).cookie
	before := memoryInUse()
	for range pages {
		address := strings.TrimPrefix(l.url, "http://") // the name of the cookie has the port
		conn, err := net.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close() })
		fmt.Fprintf(conn, "GET /page/events HTTP/1.1\r\nHost: %s\r\nCookie: %s=%s\r\n\r\n", address, cookie.Name, cookie.Value)
		go func() {
			_, _ = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{conn}, make([]byte, 4<<10))
		}()
	}
	for srv.OpenPages() < pages {
		time.Sleep(10 * time.Millisecond)
	}
	key, client := newKey(b, s, server.ScopeIngest), &http.Client{}
	n := 1000
	var took []time.Duration
	for b.Loop() {
		n++
		start := time.Now()
		r, err := http.NewRequest("POST", l.url+"/v1/orders?from=shopify", strings.NewReader(placed(n, thursday)))
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+key)
		a, err := client.Do(r)
		if err != nil || a.StatusCode != 201 {
			b.Fatal(a, err)
		}
		_, _ = io.Copy(io.Discard, a.Body)
		a.Body.Close()
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs-median")
	b.ReportMetric(float64(memoryInUse()-before)/(1<<20), "MiB")
}

// memoryInUse is how much the process needs for what is alive.
func memoryInUse() int64 {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
