package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"process-orders/server"
	"process-orders/store"
)

// A demo is a restaurant that serve --demo shows: its orders come by the way of all orders, into a
// store that is gone in the end.
type demo struct {
	*serving
	server *server.Server
	key    string
	place  *restaurant
	over   sync.WaitGroup
}

// demoStore makes a folder for the store of a demo. The function removes it.
func (s *serving) demoStore() (remove func() error, err error) {
	folder, err := os.MkdirTemp("", "process-orders-demo-")
	if err != nil {
		return nil, fmt.Errorf("--demo: %w", err)
	}
	s.demoFolder.Store(&folder)
	s.store = filepath.Join(folder, "demo.db")
	return func() error { return os.RemoveAll(folder) }, nil
}

// newDemo prepares a demo: its orders have a key.
func (s *serving) newDemo(ctx context.Context, opened store.Service) (*demo, error) {
	key, err := server.AddKey(ctx, opened, server.Key{Name: "demo", Scopes: []server.Scope{server.ScopeIngest}})
	if err != nil {
		return nil, err
	}
	zone, err := s.location()
	if err != nil {
		return nil, err
	}
	return &demo{serving: s, key: key, place: newRestaurant(uint64(s.demoSeed), cmp.Or(zone, time.Local))}, nil
}

// start fills the store, and goes on until the context ends. Wait for the end.
func (d *demo) start(ctx context.Context, srv *server.Server) (wait func()) {
	d.server = srv
	d.over.Go(func() {
		if err := d.run(ctx); err != nil && ctx.Err() == nil {
			d.log.Error("the demo has ended", "error", err)
		}
	})
	return d.over.Wait
}

// The orders of a demo come in times from least to most.
const (
	leastBetween = time.Second
	mostBetween  = 3 * time.Second
)

func (d *demo) run(ctx context.Context) error {
	now := time.Now().In(d.place.zone)
	if err := d.post(ctx, d.place.before(now)); err != nil {
		return err
	}
	if err := d.fillDays(ctx, now); err != nil {
		return err
	}
	for {
		wait := leastBetween + time.Duration(d.place.random.Int64N(int64(mostBetween-leastBetween)))
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		if err := d.post(ctx, d.place.happens(time.Now())); err != nil {
			return err
		}
	}
}

// fillDays brings the days that a page shows: today and the same day a week ago. Who reads it may be in
// another zone, where these have hours of the days beside them.
func (d *demo) fillDays(ctx context.Context, now time.Time) error {
	for _, ago := range []int{8, 7, 6, 1} {
		if ago == 1 {
			d.place.changePrices(5)
		}
		if err := d.fill(ctx, now.AddDate(0, 0, -ago), 24*time.Hour); err != nil {
			return err
		}
	}
	return d.fill(ctx, now, sinceMidnight(now))
}

// ordersAtOnce is how many orders of a day that is over come in one request.
const ordersAtOnce = 500

// fill brings the orders of a day, from its start for so long.
func (d *demo) fill(ctx context.Context, day time.Time, long time.Duration) error {
	all := d.place.day(day, long)
	for len(all) > 0 {
		n := min(len(all), ordersAtOnce)
		if err := d.post(ctx, all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// post brings orders as a client does, without a socket. They have ids, so that they count once.
func (d *demo) post(ctx context.Context, orders [][]byte) error {
	body := fmt.Appendf(nil, `{"orders":[%s]}`, bytes.Join(orders, []byte(",")))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/v1/orders?from=shopify", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+d.key)
	r.Header.Set("Content-Type", "application/json")
	answer := &demoAnswer{header: http.Header{}}
	d.server.ServeHTTP(answer, r)
	if answer.status != http.StatusCreated {
		return fmt.Errorf("its orders were answered with %d: %s", answer.status, answer.text.Bytes())
	}
	return nil
}

// A demoAnswer keeps what a request is answered.
type demoAnswer struct {
	header http.Header
	status int
	text   bytes.Buffer
}

func (a *demoAnswer) Header() http.Header         { return a.header }
func (a *demoAnswer) WriteHeader(status int)      { a.status = status }
func (a *demoAnswer) Write(p []byte) (int, error) { return a.text.Write(p) }

func sinceMidnight(t time.Time) time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
}

// newRandom makes the same numbers for the same seed.
func newRandom(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }
