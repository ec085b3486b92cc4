package server

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A metricsText is written in the text format of Prometheus. The library that mostly does it takes
// a millisecond at the start of every process that is linked with it, which all other commands
// would pay for, and 4 MB of the program. So it is written here, and the tests read it with that library.
type metricsText struct{ bytes.Buffer }

// metric starts a metric.
func (p *metricsText) metric(name, kind, help string) {
	fmt.Fprintf(p, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// value writes one series. Labels are names and values in turns.
func (p *metricsText) value(name string, v float64, labels ...string) {
	p.WriteString(name)
	for i := 0; i < len(labels); i += 2 {
		before := ","
		if i == 0 {
			before = "{"
		}
		p.WriteString(before + labels[i] + `="` + labelEscaper.Replace(labels[i+1]) + `"`)
	}
	if len(labels) > 0 {
		p.WriteByte('}')
	}
	p.WriteString(" " + strconv.FormatFloat(v, 'g', -1, 64) + "\n")
}

var labelEscaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// one writes a metric that is one series.
func (p *metricsText) one(name, kind, help string, v float64) {
	p.metric(name, kind, help)
	p.value(name, v)
}

func (p *metricsText) histogram(name, help string, h *histogram) {
	p.metric(name, "histogram", help)
	var count int64
	for i, bound := range bucketBounds {
		count += h.buckets[i].Load()
		p.value(name+"_bucket", float64(count), "le", strconv.FormatFloat(bound, 'g', -1, 64))
	}
	count += h.buckets[len(bucketBounds)].Load()
	p.value(name+"_bucket", float64(count), "le", "+Inf")
	p.value(name+"_sum", seconds(h.nanos.Load()))
	p.value(name+"_count", float64(count))
}

func seconds(nanos int64) float64 { return time.Duration(nanos).Seconds() }

// serveMetrics answers with all metrics.
func (s *Server) serveMetrics(w http.ResponseWriter, r *http.Request) {
	p := new(metricsText)
	s.requestMetrics(p)
	s.orderMetrics(p)
	s.storeMetrics(r.Context(), p)
	s.processMetrics(p)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(p.Bytes()) // whoever has gone does not read it
}

// A requestSum is the requests of one family of routes by one method.
type requestSum struct {
	family, method string
	classes        [6]int64
	nanos          int64
}

func (s *Server) requestMetrics(p *metricsText) {
	sums := s.requestSums()
	p.metric("process_orders_requests_total", "counter", "Requests that were answered.")
	type timing struct{ nanos, count int64 }
	times := map[string]timing{}
	for _, sum := range sums {
		t := times[sum.family]
		for class, n := range sum.classes {
			if n > 0 {
				p.value("process_orders_requests_total", float64(n), "route", sum.family, "method", sum.method, "status", strconv.Itoa(class)+"xx")
			}
			t.count += n
		}
		t.nanos += sum.nanos
		times[sum.family] = t
	}
	p.metric("process_orders_request_seconds", "summary", "How long requests took, until the end of their answers.")
	for _, family := range slices.Sorted(maps.Keys(times)) {
		if t := times[family]; t.count > 0 {
			p.value("process_orders_request_seconds_sum", seconds(t.nanos), "route", family)
			p.value("process_orders_request_seconds_count", float64(t.count), "route", family)
		}
	}
	p.histogram("process_orders_ingest_seconds", "How long requests took that brought orders, until those were on the disk.", &s.metrics.ingest)
}

// requestSums are the sums of all routes, by family and method.
func (s *Server) requestSums() []*requestSum {
	var sums []*requestSum
	add := func(c *routeCounts) {
		i := slices.IndexFunc(sums, func(r *requestSum) bool { return r.family == c.family && r.method == c.method })
		if i < 0 {
			i = len(sums)
			sums = append(sums, &requestSum{family: c.family, method: c.method})
		}
		for class := range c.classes {
			sums[i].classes[class] += c.classes[class].Load()
		}
		sums[i].nanos += c.nanos.Load()
	}
	for _, one := range s.all {
		add(one.counts)
	}
	add(&s.metrics.other)
	return sums
}

func (s *Server) orderMetrics(p *metricsText) {
	m := s.metrics
	p.metric("process_orders_orders_total", "counter", "States of orders that were taken, by what became of them.")
	for i, name := range fateNames {
		p.value("process_orders_orders_total", float64(m.fates[i].Load()), "fate", name)
	}
	p.metric("process_orders_deliveries_total", "counter", "Deliveries of webhooks.")
	m.mu.Lock()
	hooks := maps.Clone(m.hooks)
	m.mu.Unlock()
	for _, l := range slices.SortedFunc(maps.Keys(hooks), func(a, b hookLabels) int { return strings.Compare(a.kind+" "+a.result, b.kind+" "+b.result) }) {
		p.value("process_orders_deliveries_total", float64(hooks[l]), "kind", l.kind, "result", l.result)
	}
	p.histogram("process_orders_commit_seconds", "How long transactions took, until they were on the disk.", &m.commits)
	p.one("process_orders_committed_requests_total", "counter", "Requests that transactions committed; with process_orders_commit_seconds_count it says how many share one.", float64(m.tasks.Load()))
	s.commits.mu.Lock()
	waiting, size := len(s.commits.waiting), s.commits.bytes
	s.commits.mu.Unlock()
	p.one("process_orders_waiting_requests", "gauge", "Requests that wait for the next transaction.", float64(waiting))
	p.one("process_orders_waiting_bytes", "gauge", "How large the bodies of those are.", float64(size))
	held := s.bodies.held() + s.strangers.held()
	p.one("process_orders_body_bytes", "gauge", "Memory that the bodies of requests take.", float64(held))
	p.one("process_orders_event_listeners", "gauge", "Clients that listen to changes.", float64(s.changes.count()))
}

func (s *Server) storeMetrics(ctx context.Context, p *metricsText) {
	p.one("process_orders_store_errors_total", "counter", "Transactions that the store failed to commit.", float64(s.metrics.failures.Load()))
	if size, err := s.quarantineSize(ctx); err == nil {
		p.one("process_orders_quarantined", "gauge", "Deliveries in quarantine.", float64(size.Deliveries))
		p.one("process_orders_quarantined_bytes", "gauge", "How large those are.", float64(size.Bytes))
	}
	if totals, err := s.store.Totals(ctx); err == nil {
		p.one("process_orders_store_bytes", "gauge", "What the store takes on the disk; 0 if that is not known.", float64(totals.Bytes))
		p.one("process_orders_erasures_due", "gauge", "Erasures that wait for the store to be scrubbed.", float64(totals.Due))
	}
	if log := s.logKeeper; log != nil {
		p.one("process_orders_store_log_bytes", "gauge", "The file beside the store that has what is not moved to it yet.", float64(log.LogBytes()))
	}
}

func (s *Server) processMetrics(p *metricsText) {
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	p.metric("process_orders_build_info", "gauge", "The program.")
	p.value("process_orders_build_info", 1, "version", s.options.Version, "go", runtime.Version())
	p.one("process_start_time_seconds", "gauge", "When the server was started, in seconds since 1970.", float64(s.metrics.started.UnixMilli())/1000)
	p.one("go_goroutines", "gauge", "Goroutines.", float64(runtime.NumGoroutine()))
	p.one("go_memstats_heap_alloc_bytes", "gauge", "Memory of the heap that is in use.", float64(mem.HeapAlloc))
	p.one("go_memstats_sys_bytes", "gauge", "Memory that was taken from the system.", float64(mem.Sys))
	p.one("go_gc_cycles_total", "counter", "Garbage collections.", float64(mem.NumGC))
}
