package pgtest

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// A Cut reports whether and when a connection is cut at a query.
type Cut int

const (
	Pass         Cut = iota
	BeforeServer     // the server does not get the query
	AfterServer      // the server executes the query, but its answer is lost
	FreezeBefore     // nothing passes any more, from the query on: see [Proxy.Freeze]
	FreezeAfter      // nothing passes any more, from its answer on
)

// A Proxy is between clients and a server. It reads the queries of the clients, which must
// not be encrypted, and cuts connections.
type Proxy struct {
	listener net.Listener
	server   string
	cut      func(sql string) Cut

	mu     sync.Mutex
	passes chan struct{} // is closed while messages pass
}

// NewProxy makes a proxy for the server at an address, which stops when the test ends. It
// calls cut for every simple query, such as BEGIN and COMMIT, also from several goroutines
// at once.
func NewProxy(t testing.TB, server string, cut func(sql string) Cut) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	p := &Proxy{listener: listener, server: server, cut: cut, passes: make(chan struct{})}
	p.Thaw()
	t.Cleanup(p.Thaw)
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	return p
}

// Port returns the port of this machine on which the proxy listens.
func (p *Proxy) Port() int { return p.listener.Addr().(*net.TCPAddr).Port }

// Freeze lets nothing pass any more, and closes no connection, as a network does that is lost. New
// connections get no answer.
func (p *Proxy) Freeze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isPassing() {
		p.passes = make(chan struct{})
	}
}

// Thaw lets all pass again that was kept.
func (p *Proxy) Thaw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.isPassing() {
		close(p.passes)
	}
}

func (p *Proxy) isPassing() bool {
	select {
	case <-p.passes:
		return true
	default:
		return false
	}
}

// wait waits until messages pass.
func (p *Proxy) wait() {
	p.mu.Lock()
	passes := p.passes
	p.mu.Unlock()
	<-passes
}

// serve passes messages between a client and the server, until one of them ends or is cut.
func (p *Proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	var cutting atomic.Bool // the next answer of the server is dropped, and the connection ends
	go func() {
		defer client.Close()
		defer server.Close()
		buffer := make([]byte, 1<<16)
		for {
			n, err := server.Read(buffer)
			p.wait()
			if err != nil || cutting.Load() {
				return
			}
			if _, err := client.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	// The first message has a length but no type.
	for typed := 0; ; typed = 1 {
		message, err := readMessage(client, typed)
		if err != nil {
			return
		}
		isSent := false
		if typed == 1 && message[0] == 'Q' {
			switch p.cut(strings.TrimRight(string(message[5:]), "\x00")) {
			case BeforeServer:
				return
			case AfterServer:
				cutting.Store(true)
			case FreezeBefore:
				p.Freeze()
			case FreezeAfter:
				p.Freeze()
				isSent = true
			}
		}
		if !isSent {
			p.wait()
		}
		if _, err := server.Write(message); err != nil {
			return
		}
	}
}

// readMessage reads a message: a type of typeBytes bytes, a length that includes itself but
// not the type, and the rest.
func readMessage(r io.Reader, typeBytes int) ([]byte, error) {
	head := make([]byte, typeBytes+4)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	length := int(binary.BigEndian.Uint32(head[typeBytes:]))
	message := append(head, make([]byte, max(0, length-4))...)
	_, err := io.ReadFull(r, message[len(head):])
	return message, err
}
