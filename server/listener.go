package server

import (
	"net"
	"net/netip"
	"sync"
)

// LimitListener returns a listener that closes connections that are too many: more than all
// together, or more than perAddress from one address (of IPv6, from one network of 64 bits).
// 0 is no limit. [MostConnections] and [MostPerAddress] are good ones. Addresses of this machine
// and sockets of Unix have no limit of their own, as a proxy may be behind them. Those that are
// open keep working.
func LimitListener(l net.Listener, all, perAddress int) net.Listener {
	return &limitListener{Listener: l, most: all, mostPerAddress: perAddress, addresses: map[string]int{}}
}

// Good limits for [LimitListener].
const (
	MostConnections = 2048
	MostPerAddress  = 64
)

type limitListener struct {
	net.Listener
	most, mostPerAddress int

	mu        sync.Mutex
	open      int
	addresses map[string]int // open ones, by address
}

// Accept waits for the next connection that is not too many.
func (l *limitListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		address := countedAddress(c.RemoteAddr())
		if l.enter(address) {
			return &limitedConn{Conn: c, leave: sync.OnceFunc(func() { l.leave(address) })}, nil
		}
		_ = c.Close()
	}
}

// countedAddress is the address of a client, or "" if it has no limit of its own.
func countedAddress(a net.Addr) string {
	address := parseIP(hostName(a.String()))
	if ip, err := netip.ParseAddr(address); err == nil && ip.IsLoopback() {
		return ""
	}
	return address
}

func (l *limitListener) enter(address string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.most > 0 && l.open >= l.most || address != "" && l.mostPerAddress > 0 && l.addresses[address] >= l.mostPerAddress {
		return false
	}
	l.open++
	if address != "" {
		l.addresses[address]++
	}
	return true
}

func (l *limitListener) leave(address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if address == "" {
		return
	}
	if l.addresses[address]--; l.addresses[address] == 0 {
		delete(l.addresses, address)
	}
}

// A limitedConn is a connection that is counted until it is closed.
type limitedConn struct {
	net.Conn
	leave func()
}

func (c *limitedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
