package pgtest

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
)

// A Cut says what becomes of a connection at a query.
type Cut int

const (
	Pass         Cut = iota
	BeforeServer     // the server does not get the query
	AfterServer      // the server does what is asked, and its answer is lost
)

// A Proxy stands between clients and a server. It reads what clients say, without
// encryption, and cuts connections.
type Proxy struct {
	listener net.Listener
	server   string
	cut      func(sql string) Cut
}

// NewProxy makes a proxy to a server's address that asks cut at every simple query, as
// BEGIN and COMMIT are. Several connections may ask at once.
func NewProxy(t testing.TB, server string, cut func(sql string) Cut) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	p := &Proxy{listener, server, cut}
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

// Port is where the proxy listens on this machine.
func (p *Proxy) Port() int { return p.listener.Addr().(*net.TCPAddr).Port }

// serve passes on what a client and the server say, until one of them ends or is cut.
func (p *Proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	var cutting atomic.Bool // the server's next answer is lost, and the connection with it
	go func() {
		defer client.Close()
		defer server.Close()
		buffer := make([]byte, 1<<16)
		for {
			n, err := server.Read(buffer)
			if err != nil || cutting.Load() {
				return
			}
			if _, err := client.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	// The first message has no type before its length.
	for typed := 0; ; typed = 1 {
		message, err := readMessage(client, typed)
		if err != nil {
			return
		}
		if typed == 1 && message[0] == 'Q' {
			switch p.cut(strings.TrimRight(string(message[5:]), "\x00")) {
			case BeforeServer:
				return
			case AfterServer:
				cutting.Store(true)
			}
		}
		if _, err := server.Write(message); err != nil {
			return
		}
	}
}

// readMessage reads a message: its type in so many bytes, its length, which counts
// itself, and the rest.
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
