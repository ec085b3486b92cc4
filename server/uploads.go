package server

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// uploads are the files that are being taken. Each has a context that ends with its request or with
// the server, so that a file that nobody waits for is not applied any further than to the end of
// its batch. What was applied stays, and the file goes on from there when it is sent again.
//
// A file first comes, as fast as its client sends it, and is then applied when there is a place for
// it. So a slow client keeps nobody waiting.
type uploads struct {
	most    int             // that come, wait and are applied
	places  chan struct{}   // has a value for each that is applied
	ctx     context.Context // ends with the server
	stop    context.CancelCauseFunc
	mu      sync.Mutex
	running map[*upload]bool
	number  int64
}

// An upload is a file that is being taken. Its numbers may be read meanwhile.
type upload struct {
	number    int64
	key       string // the ID of the key
	name      string
	announced int64 // bytes of the body, or -1
	started   time.Time

	received, read atomic.Int64 // bytes that came, and that were read to be applied
	toRead         atomic.Int64 // how many will be read, about; 0 until that is known
	applied        atomic.Int64 // orders
}

func newUploads(l *Limits) *uploads {
	u := &uploads{most: l.Uploads, places: make(chan struct{}, l.Files), running: map[*upload]bool{}}
	u.ctx, u.stop = context.WithCancelCause(context.Background())
	return u
}

// errUploads is the answer if no more uploads are taken now.
func errUploads() error {
	return busy(http.StatusServiceUnavailable, "busy", "enough other files are being taken; send it again later", 10*time.Second)
}

// start adds an upload if there is room for one more. One key has half of the room, so that others
// have some too. End the upload.
func (u *uploads) start(ctx context.Context, one *upload) (context.Context, func(), error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.ctx.Err() != nil:
		return nil, nil, errStopping()
	case len(u.running) >= u.most, u.count(one.key) >= (u.most+1)/2:
		return nil, nil, errUploads()
	}
	u.number++
	one.number = u.number
	u.running[one] = true
	ctx, cancel := context.WithCancelCause(ctx)
	isOver := context.AfterFunc(u.ctx, func() { cancel(context.Cause(u.ctx)) })
	return ctx, func() {
		isOver()
		cancel(nil)
		u.mu.Lock()
		defer u.mu.Unlock()
		delete(u.running, one)
	}, nil
}

// count returns how many uploads a key has. The lock is held.
func (u *uploads) count(key string) (n int) {
	for one := range u.running {
		if one.key == key {
			n++
		}
	}
	return n
}

// place waits until a file that is here may be applied. Files get a place in the order in which they
// ask for one. Give it back.
func (u *uploads) place(ctx context.Context) (giveBack func(), err error) {
	select {
	case u.places <- struct{}{}:
		return func() { <-u.places }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// shutdown ends all uploads, and refuses others.
func (u *uploads) shutdown() { u.stop(errStopping()) }

// Upload says how far a file has come that is being taken.
type Upload struct {
	Number int64  `json:"number"`
	File   string `json:"file"`
	// Received are the bytes that came of so many that were announced; -1 if nobody knows.
	Announced int64 `json:"announced"`
	Received  int64 `json:"received"`
	// Read are the bytes that were read of about ToRead. A file of several batches is read
	// twice. Both are 0 until the whole file is here, and there is a place for it.
	Read   int64 `json:"read"`
	ToRead int64 `json:"to_read"`
	// Applied are the orders that are in the store already.
	Applied int64     `json:"applied"`
	Started time.Time `json:"started"`
}

// of returns how far the uploads of a key have come.
func (u *uploads) of(key string) []Upload {
	u.mu.Lock()
	defer u.mu.Unlock()
	all := []Upload{}
	for one := range u.running {
		if one.key == key {
			all = append(all, Upload{
				Number: one.number, File: one.name, Announced: one.announced, Received: one.received.Load(),
				Read: one.read.Load(), ToRead: one.toRead.Load(), Applied: one.applied.Load(), Started: one.started,
			})
		}
	}
	slices.SortFunc(all, func(a, b Upload) int { return cmp.Compare(a.Number, b.Number) })
	return all
}
