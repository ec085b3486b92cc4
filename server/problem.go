package server

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// A problem is an answer that says why a request was not done: a problem document of RFC 9457.
// It holds no personal data.
type problem struct {
	// Type is a word that programs may rely on, as in "idempotency-key-reused".
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	// Detail says what is wrong and what to do.
	Detail string `json:"detail,omitempty"`
	// Errors are the places of faults in the body: the first ten of Count.
	Errors []fault `json:"errors,omitempty"`
	Count  int64   `json:"count,omitempty"`

	retryAfter time.Duration
	challenge  string // of WWW-Authenticate
}

// A fault is one place in the body at which something is wrong.
type fault struct {
	// Pointer is the path in the order, as in items[1].price.
	Pointer string `json:"pointer,omitempty"`
	// Line, Column and Order count from 1, in the text of the body.
	Line   int64  `json:"line,omitempty"`
	Column int64  `json:"column,omitempty"`
	Order  int64  `json:"order,omitempty"`
	Detail string `json:"detail"`
}

func (p *problem) Error() string { return p.Type + ": " + p.Detail }

// newProblem makes a problem. Its title is that of the status.
func newProblem(status int, kind, detail string) *problem {
	return &problem{Type: kind, Title: http.StatusText(status), Status: status, Detail: detail}
}

// busy is the answer while the server cannot take more, or cannot write.
func busy(status int, kind, detail string, after time.Duration) *problem {
	p := newProblem(status, kind, detail)
	p.retryAfter = after
	return p
}

// write answers with the problem.
func (p *problem) write(w http.ResponseWriter) {
	p.setHeaders(w.Header())
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // whoever has gone does not read it
}

// setHeaders sets what its answer has, in whatever form it is.
func (p *problem) setHeaders(h http.Header) {
	h.Set("Cache-Control", "no-store")
	if p.challenge != "" {
		h.Set("WWW-Authenticate", p.challenge)
	}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((p.retryAfter+time.Second-1)/time.Second)))
	}
}
