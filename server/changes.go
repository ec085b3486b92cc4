package server

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// A frame is what all listeners are sent. Each listener goes from frame to frame, so nothing is
// kept for a listener, and a frame is gone once the slowest one has it.
type frame struct {
	text   []byte
	chunk  []byte // the same memory, with what is around a chunk
	made   time.Time
	isLast bool
	next   *frame
	passed chan struct{} // is closed once there is a next one
}

// A changePace says how often something is done.
type changePace struct {
	poll    time.Duration // the store is asked for commits of other processes
	between time.Duration // two versions, or two times that the store is asked
	comment time.Duration // something is sent, so that proxies do not close the connection
	write   time.Duration // a listener must take what is sent
}

var usualPace = changePace{poll: time.Second, between: 500 * time.Millisecond, comment: 15 * time.Second, write: 10 * time.Second}

// A notifier is a store that reports at once what other processes commit.
type notifier interface {
	// Listen calls changed when it listens, and after each commit, until the context ends or an
	// error comes.
	Listen(ctx context.Context, changed func()) error
}

// maxListeners is how many may listen at once.
const maxListeners = 2048

// A changes says to listeners that the records have another version. It asks the store only while
// somebody listens.
type changes struct {
	server   *Server
	notifier notifier      // the store, if it is one; or nil
	again    time.Duration // until it is heard again
	pace     changePace
	wake     chan struct{} // holds a value if this server may have changed the records
	noticed  chan struct{} // holds a value if some process has

	mu        sync.Mutex
	listeners int
	watch     *watch // nil if nobody listens
	last      *frame
	version   int64
	isClosed  bool
}

// A watch looks for changes as long as somebody listens.
type watch struct {
	ready chan struct{} // is closed when it knows what the records are
	ctx   context.Context
	stop  context.CancelFunc
	mark  changeMark
}

// A changeMark is another one once the store has changed.
type changeMark struct {
	mark uint64
	due  int64
	err  bool // it could not be read
}

func newChanges(s *Server) *changes {
	return &changes{server: s, pace: usualPace, again: usualAgain, wake: make(chan struct{}, 1), noticed: make(chan struct{}, 1), last: newFrame(nil), version: 1}
}

func lastFrame() *frame { return &frame{isLast: true, passed: make(chan struct{})} }

func newFrame(text []byte) *frame {
	chunk := chunkOf(text)
	end := len(chunk) - len("\r\n")
	return &frame{text: chunk[end-len(text) : end], chunk: chunk, made: time.Now(), passed: make(chan struct{})}
}

// pass lets another frame come after the last one, and returns it.
func (f *frame) pass(next *frame) *frame {
	f.next = next
	close(f.passed)
	return next
}

// latest is the last frame that has come after one that was passed.
func (f *frame) latest() *frame {
	for {
		select {
		case <-f.passed:
			f = f.next
		default:
			return f
		}
	}
}

// changed says that this server may have changed the records. It takes no time.
func (h *changes) changed() { signal(h.wake) }

// signal puts a value into a channel that holds one, if there is none.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// join makes one more listener, who must leave. What changes from now on is in the frames after
// the one that it returns.
func (h *changes) join(ctx context.Context) (*frame, int64, error) {
	h.mu.Lock()
	switch {
	case h.isClosed:
		h.mu.Unlock()
		return nil, 0, errStopping()
	case h.listeners >= maxListeners:
		h.mu.Unlock()
		return nil, 0, busy(http.StatusServiceUnavailable, "listeners-full", "too many listen already; try again later", 30*time.Second)
	}
	h.listeners++
	if h.watch == nil {
		h.watch = &watch{ready: make(chan struct{})}
		h.watch.ctx, h.watch.stop = context.WithCancel(context.Background())
		go h.run(h.watch)
	}
	w, last, version := h.watch, h.last, h.version
	h.mu.Unlock()
	select {
	case <-w.ready:
		return last, version, nil
	case <-ctx.Done():
		h.leave()
		return nil, 0, errTookTooLong()
	}
}

// count returns how many listen.
func (h *changes) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.listeners
}

// leave ends a listener.
func (h *changes) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.listeners--; h.listeners == 0 && h.watch != nil {
		h.watch.stop()
		h.watch = nil
	}
}

// close tells all listeners that the server stops.
func (h *changes) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.isClosed {
		return
	}
	h.isClosed = true
	if h.watch != nil {
		h.watch.stop()
		h.watch = nil
	}
	h.pass(lastFrame())
}

// pass sends a frame to all listeners. The lock is held.
func (h *changes) pass(f *frame) {
	h.last = h.last.pass(f)
	go h.server.audience.wake()
}

// tell sends a new version, or a comment, unless the watch is over.
func (h *changes) tell(w *watch, isVersion bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.watch != w:
	case isVersion:
		h.version++
		h.pass(newFrame(fmt.Appendf(nil, "event: version\ndata: %d\n\n", h.version)))
	default:
		h.pass(newFrame([]byte(": still here\n\n")))
	}
}

// run looks for changes until nobody listens any more.
func (h *changes) run(w *watch) {
	w.mark = h.read(w.ctx)
	close(w.ready)
	if h.notifier != nil {
		go h.hear(w.ctx)
	}
	poll := time.NewTicker(h.pace.poll)
	defer poll.Stop()
	said := time.Now()
	for {
		isVersion, isNotice := false, false
		select {
		case <-w.ctx.Done():
			return
		case <-h.wake:
			w.mark = h.read(w.ctx)
			isVersion = true
		case <-h.noticed:
			isVersion, isNotice = h.look(w), true
		case <-poll.C:
			isVersion = h.look(w)
		}
		if isVersion || time.Since(said) >= h.pace.comment {
			h.tell(w, isVersion)
			said = time.Now()
		}
		if (isVersion || isNotice) && !sleep(w.ctx, h.pace.between) {
			return
		}
	}
}

// look reports whether the store has changed since it was read last.
func (h *changes) look(w *watch) bool {
	before := w.mark
	w.mark = h.read(w.ctx)
	return w.mark != before
}

// hear takes notices of the store until nobody listens any more. While it cannot, what others
// commit is found by asking.
func (h *changes) hear(ctx context.Context) {
	for {
		err := h.notifier.Listen(ctx, func() { signal(h.noticed) })
		if ctx.Err() != nil {
			return
		}
		h.server.log.Warn("the store does not report what others commit, and is asked for it", "error", err)
		if !sleep(ctx, h.again) {
			return
		}
	}
}

// usualAgain is after how long hear tries again.
const usualAgain = 15 * time.Second

// read reads the mark of the store. It is read before a change is announced, so that the change is
// not announced again.
func (h *changes) read(ctx context.Context) changeMark {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	t, err := h.server.store.Totals(ctx)
	return changeMark{t.Mark, t.Due, err != nil}
}

// sleep waits, and returns false if the context ends before.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
