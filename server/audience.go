package server

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"time"
)

// An audience is listeners whose connections were taken over from net/http. Most of the time nothing is
// sent. A listener takes its connection then, and a goroutine with a small stack that waits for its end. It
// has no buffers of net/http and no handler, which are ten times as much.
//
// If a frame comes, each listener gets a goroutine that sends it, and ends. So whoever does not take what is
// sent holds nobody up.
type audience struct {
	server *Server

	mu  sync.Mutex
	all map[*hearer]struct{}
}

// A hearer is one of them.
type hearer struct {
	of      *audience
	conn    net.Conn
	visit   *visit
	mayHear mayHear

	mu        sync.Mutex
	heard     *frame // the last one that it was sent
	isSending bool   // a goroutine sends what comes after that
	isOver    bool
}

// A mayHear returns an error if a listener may not hear what was made at some time.
type mayHear func(made time.Time) error

func newAudience(s *Server) *audience { return &audience{server: s, all: map[*hearer]struct{}{}} }

// goOn takes the connection of a listener over, and reports whether it could. Later events are sent when
// the handler has returned: see [visit].goesOn. The head of the answer and the first event were sent by
// net/http, so what comes later are more chunks of that answer. HTTP/2 has one connection for many
// requests, and HTTP/1.0 has no chunks.
func (c *call) goOn(heard *frame, may mayHear) bool {
	if c.r.ProtoMajor != 1 || !c.r.ProtoAtLeast(1, 1) {
		return false
	}
	conn, _, err := http.NewResponseController(c.w).Hijack()
	if err != nil {
		return false
	}
	c.visit.goesOn = &hearer{of: c.server.audience, conn: conn, visit: c.visit, mayHear: may, heard: heard}
	return true
}

// start lets a listener hear what has come meanwhile, and what comes.
func (l *hearer) start() {
	l.of.mu.Lock()
	l.of.all[l] = struct{}{}
	l.of.mu.Unlock()
	go l.watch()
	if l.startSending() {
		go l.send()
	}
}

// watch waits for the end of the connection. A listener has nothing to send: if it does, its end is
// noticed when something is sent to it.
func (l *hearer) watch() {
	if _, err := l.conn.Read(make([]byte, 1)); err != nil {
		l.end()
	}
}

// wake lets all hear what was passed. Who may hear is read once for all. Each of them then sends before the
// next one starts, mostly, so that they use the same stack one after the other.
func (a *audience) wake() {
	all := a.members()
	if len(all) == 0 {
		return
	}
	_, _ = a.server.settings.get(context.Background()) // whose error mayHear returns, too
	_, _ = a.server.signIns.get(context.Background())
	for _, l := range all {
		if l.startSending() {
			go l.send()
			runtime.Gosched()
		}
	}
}

func (a *audience) members() []*hearer {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Collect(maps.Keys(a.all))
}

// startSending reports whether somebody must send, as there is something to send and nobody does.
func (l *hearer) startSending() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isSending || l.isOver || l.heard.latest() == l.heard {
		return false
	}
	l.isSending = true
	return true
}

// send sends all that was passed.
func (l *hearer) send() {
	for f := l.next(); f != nil; f = l.next() {
		if !l.sendOne(f) {
			l.end()
			return
		}
	}
}

// next returns the frame to send. If there is none, nobody sends any more.
func (l *hearer) next() *frame {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.heard.passed:
		l.heard = l.heard.next
		return l.heard
	default:
		l.isSending = false
		return nil
	}
}

// sendOne sends a frame, and reports whether the listener hears more.
func (l *hearer) sendOne(f *frame) bool {
	if f.isLast {
		_ = l.write(append(chunkOf(farewell()), "0\r\n\r\n"...)) // with the end of the answer
		return false
	}
	return l.mayHear(f.made) == nil && l.write(f.chunk) == nil
}

func (l *hearer) write(chunk []byte) error {
	_ = l.conn.SetWriteDeadline(time.Now().Add(l.of.server.changes.pace.write)) // whose error the write has
	n, err := l.conn.Write(chunk)
	l.visit.bytes.Add(int64(n))
	return err
}

// end ends a listener, once.
func (l *hearer) end() {
	l.mu.Lock()
	wasOver := l.isOver
	l.isOver = true
	l.mu.Unlock()
	if wasOver {
		return
	}
	l.visit.end() // first: whoever sees the connection's end does not find it among those who listen
	_ = l.conn.Close()
	l.of.mu.Lock()
	defer l.of.mu.Unlock()
	delete(l.of.all, l)
}

// shutdown waits until all have left, and ends those who have not when the context ends.
func (a *audience) shutdown(ctx context.Context) error {
	for len(a.members()) > 0 {
		if !sleep(ctx, time.Millisecond) {
			for _, l := range a.members() {
				l.end()
			}
			return ctx.Err()
		}
	}
	return nil
}

// chunkOf is a text as a chunk of an answer.
func chunkOf(text []byte) []byte { return fmt.Appendf(nil, "%x\r\n%s\r\n", len(text), text) }

// farewell says when to come back: at different times, so that those who do are no crowd.
func farewell() []byte { return fmt.Appendf(nil, "retry: %d\n\n", 1000+rand.IntN(4000)) }
