package server

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"process-orders/orders"
)

// A metrics counts what a server does. Its labels are names of ours: nothing of a request becomes
// one, so that no client makes series, and no personal data gets there. What is counted is lost
// when the process ends, as is usual.
type metrics struct {
	started  time.Time
	other    routeCounts // requests for no route
	ingest   histogram   // answers to requests that bring orders
	commits  histogram   // transactions of the committer
	tasks    atomic.Int64
	failures atomic.Int64 // of the store
	fates    [len(fateNames)]atomic.Int64

	mu    sync.Mutex
	hooks map[hookLabels]int64
}

// A hookLabels is a kind of connection and what became of a delivery.
type hookLabels struct{ kind, result string }

func newMetrics(now time.Time) *metrics {
	return &metrics{started: now, other: routeCounts{family: "other"}, hooks: map[hookLabels]int64{}}
}

// fateNames are what may become of the states of orders, see [Received].
var fateNames = [...]string{"applied", "skipped", "repeated", "superseded", "rejected"}

// committed counts a transaction.
func (m *metrics) committed(tasks []*task, took time.Duration) {
	m.commits.add(took)
	m.tasks.Add(int64(len(tasks)))
	for _, t := range tasks {
		if t.group == nil || t.err != nil {
			continue
		}
		m.settled(&t.settled.Totals)
	}
}

// settled counts what became of states of orders.
func (m *metrics) settled(totals *orders.Totals) {
	var skipped int64
	for _, n := range totals.Skipped {
		skipped += n
	}
	for i, n := range [...]int64{totals.Orders, skipped, totals.Repeated, totals.Superseded, totals.Rejected} {
		m.fates[i].Add(n)
	}
}

// delivered counts a delivery of a webhook.
func (m *metrics) delivered(kind string, answer *HookAnswer, err error) {
	labels := hookLabels{kind, "failed"}
	switch {
	case err == nil && answer == nil: // it panicked
	case err == nil && (answer.Result == "applied" || answer.Result == "quarantined"):
		labels.result = answer.Result
	case err == nil:
		labels.result = "other"
	case problemOf(err).Status == http.StatusUnauthorized:
		labels.result = "refused"
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hooks[labels]++
}

// A routeCounts counts the requests for one route. Routes whose paths start alike are one family.
type routeCounts struct {
	family, method string
	isIngest       bool
	classes        [6]atomic.Int64 // by the first digit of the status
	nanos          atomic.Int64
}

// countsOf are the counts of a route.
func countsOf(one *route) *routeCounts {
	words := strings.SplitN(one.path, "/", 4)
	family := strings.Join(words[:min(len(words), 3)], "/")
	if one.isPage { // which are many
		family = "/page"
	}
	isIngest := one.method == http.MethodPost && (family == "/v1/orders" || family == "/v1/files" || family == "/v1/hooks")
	return &routeCounts{family: family, method: one.method, isIngest: isIngest}
}

// observe counts a request when it is answered. It returns what to answer on, and what to call in
// the end. That keeps nothing of the writer, as the end may be long after the handler has returned.
func (m *metrics) observe(counts *routeCounts, w http.ResponseWriter) (http.ResponseWriter, func()) {
	start, status := time.Now(), new(int)
	return &observed{w, status}, func() {
		took := time.Since(start)
		counts.classes[min(max(*status, 200)/100, 5)].Add(1)
		counts.nanos.Add(int64(took))
		if counts.isIngest && *status < 300 {
			m.ingest.add(took)
		}
	}
}

// An observed notes the status of an answer. All else of the writer is reached by
// [http.ResponseController].
type observed struct {
	http.ResponseWriter
	status *int
}

func (o *observed) WriteHeader(status int) {
	if *o.status == 0 && status >= 200 {
		*o.status = status
	}
	o.ResponseWriter.WriteHeader(status)
}

func (o *observed) Write(p []byte) (int, error) {
	if *o.status == 0 {
		*o.status = http.StatusOK
	}
	return o.ResponseWriter.Write(p)
}

func (o *observed) Unwrap() http.ResponseWriter { return o.ResponseWriter }

// bucketBounds are those of all histograms, in seconds.
var bucketBounds = [...]float64{0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 5}

// A histogram counts times.
type histogram struct {
	buckets [len(bucketBounds) + 1]atomic.Int64
	nanos   atomic.Int64
}

func (h *histogram) add(took time.Duration) {
	i := 0
	for i < len(bucketBounds) && took.Seconds() > bucketBounds[i] {
		i++
	}
	h.buckets[i].Add(1)
	h.nanos.Add(int64(took))
}
