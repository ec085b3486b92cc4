package server

import (
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// rates are how often some may do something, by their names.
type rates struct {
	limit rate.Limit
	burst int

	mu  sync.Mutex
	all map[string]*rate.Limiter
}

// mostRates is how many names are known at a time.
const mostRates = 4096

// newRates lets each do something so often a second, and at once what it may do in some seconds.
func newRates(perSecond, seconds float64) *rates {
	return &rates{limit: rate.Limit(perSecond), burst: max(1, int(perSecond*seconds)), all: map[string]*rate.Limiter{}}
}

// allow reports whether one may do it now.
func (r *rates) allow(name string, now time.Time) bool {
	r.mu.Lock()
	one := r.all[name]
	if one == nil {
		if len(r.all) >= mostRates {
			r.forget(now)
		}
		one = rate.NewLimiter(r.limit, r.burst)
		r.all[name] = one
	}
	r.mu.Unlock()
	return one.AllowN(now, 1)
}

// forget forgets those who have done nothing for a while, and all if that is not enough.
func (r *rates) forget(now time.Time) {
	for name, one := range r.all {
		if one.TokensAt(now) >= float64(r.burst) {
			delete(r.all, name)
		}
	}
	if len(r.all) >= mostRates {
		clear(r.all)
	}
}

// addressOf is the address of a client, by which it is counted: of IPv6 the network of 64 bits,
// as a client has all of it.
func addressOf(remote string) string {
	host := hostName(remote)
	if ip := parseIP(host); ip != "" {
		return ip
	}
	if strings.HasPrefix(remote, "@") || remote == "" {
		return "local" // a socket of Unix
	}
	return host
}

// parseIP is an address as it is counted, or "" if it is none.
func parseIP(text string) string {
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return ""
	}
	if ip = ip.Unmap().WithZone(""); ip.Is4() || ip.IsLoopback() {
		return ip.String()
	}
	network, _ := ip.Prefix(64)
	return network.String()
}
