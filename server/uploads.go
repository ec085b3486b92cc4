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
type uploads struct {
	most    int
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

func newUploads(most int) *uploads {
	u := &uploads{most: most, running: map[*upload]bool{}}
	u.ctx, u.stop = context.WithCancelCause(context.Background())
	return u
}

// errUploads is the answer if there are enough uploads.
func errUploads() error {
	return busy(http.StatusServiceUnavailable, "busy", "other files are being taken; send it again later", 10*time.Second)
}

// start adds an upload if there is room for one more. End it.
func (u *uploads) start(ctx context.Context, one *upload) (context.Context, func(), error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.ctx.Err() != nil:
		return nil, nil, errStopping()
	case len(u.running) >= u.most:
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
	// twice. It is 0 until the whole file is here.
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
