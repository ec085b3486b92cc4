package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"sync/atomic"
	"time"

	"process-orders/internal/lazy"
)

// A visit is what is known of a request, for the log and for the log of acts. It holds no
// personal data.
type visit struct {
	now func() time.Time

	request, trace string // ids
	route          string // its method and pattern; "none" if no route takes it
	key            string // the id of a good key
	connection     string // the name of the webhook's
	problem        string // what was answered, if it is one
	status         int
	bytes          atomic.Int64 // of the answer

	// goesOn, if not nil, sends more of the answer when its handler has returned, and calls end.
	goesOn *hearer
	ends   []func()
}

// atEnd calls a function at the end of the answer. That is now, if the answer does not go on.
func (v *visit) atEnd(do func()) {
	if v.goesOn == nil {
		do()
		return
	}
	v.ends = append(v.ends, do)
}

// end is the end of an answer that went on.
func (v *visit) end() {
	for _, do := range v.ends {
		do()
	}
}

type visitKey struct{}

// visitOf returns the visit of a request by its context; nil if it is none.
func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

func (v *visit) within(ctx context.Context) context.Context {
	return context.WithValue(ctx, visitKey{}, v)
}

var (
	// requestID is what is taken as the id of a request: hexadecimal digits, as in a UUID. What
	// else a client sends may be anything, as a phone, and is replaced.
	requestID   = lazy.Regexp(`^[0-9a-fA-F-]{24,64}$`)
	traceParent = lazy.Regexp(`^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$`)
)

func newVisit(r *http.Request, now func() time.Time) *visit {
	v := &visit{now: now, route: "none", request: r.Header.Get("X-Request-Id")}
	if len(v.request) < 24 || !requestID().MatchString(v.request) {
		var random [16]byte
		_, _ = rand.Read(random[:]) // which never fails
		v.request = hex.EncodeToString(random[:])
	}
	if trace := r.Header.Get("Traceparent"); trace != "" {
		if found := traceParent().FindStringSubmatch(trace); found != nil {
			v.trace = found[1]
		}
	}
	return v
}

// note takes note that a request is answered with a problem.
func (v *visit) note(w http.ResponseWriter, p *problem) {
	v.problem = p.Type
	if p.Status == http.StatusRequestTimeout || p.Status == http.StatusRequestEntityTooLarge {
		w.Header().Set("Connection", "close") // nobody reads the rest of the body
	}
}
