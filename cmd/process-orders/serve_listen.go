package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"process-orders/internal/shown"
	"process-orders/server"
)

// Limits of connections, beside those of requests.
const (
	maxHeaderBytes = 16 << 10
	headerTime     = 5 * time.Second
	idleTime       = time.Minute
)

// noOps is the value of --ops for no such address.
const noOps = "off"

// listeners are the sockets of a server.
type listeners struct {
	main, ops   net.Listener // ops may be nil
	certificate *certificate // nil without TLS
	host        string       // by which others reach it, if one is named
	isBehind    bool         // a proxy
	servers     []*http.Server
}

// listeners opens the sockets, so that an address that is taken is known before anything is done.
func (s *serving) listeners(ctx context.Context) (_ *listeners, err error) {
	l := new(listeners)
	defer func() {
		if err != nil {
			l.close()
		}
	}()
	if s.tlsCert != "" {
		if l.certificate, err = newCertificate(s.tlsCert, s.tlsKey, s.log); err != nil {
			return nil, err
		}
	}
	if err := s.checkPublic(ctx); err != nil {
		return nil, err
	}
	if l.main, err = listen(ctx, "--listen", s.listen); err != nil {
		return nil, err
	}
	l.main = server.LimitListener(l.main, s.maxConnections, s.mostPerAddress())
	if len(s.hosts) > 0 {
		l.host = s.hosts[0]
	}
	l.isBehind = s.behindProxy
	if s.ops != noOps {
		l.ops, err = listen(ctx, "--ops", s.ops)
	}
	return l, err
}

// mostPerAddress is how many connections one address may have open. A proxy has those of all.
func (s *serving) mostPerAddress() int {
	if s.behindProxy {
		return 0
	}
	return server.MostPerAddress
}

// clientOf is the address of the client as the proxy before the server names it, which is the last
// one of X-Forwarded-For: what is before that may be anything that the client has sent. If the
// proxy names none, it is that of the proxy.
func clientOf(r *http.Request) string {
	all := r.Header.Values("X-Forwarded-For")
	if len(all) == 0 {
		return r.RemoteAddr
	}
	last := all[len(all)-1]
	last = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
	if at, err := netip.ParseAddrPort(last); err == nil {
		return at.String()
	}
	if ip, err := netip.ParseAddr(strings.Trim(last, "[]")); err == nil {
		return netip.AddrPortFrom(ip, 0).String()
	}
	return r.RemoteAddr
}

// behind is a handler behind a proxy.
func behind(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		named := *r
		named.RemoteAddr = clientOf(r)
		next.ServeHTTP(w, &named)
	})
}

// checkPublic refuses to serve others than this machine in the clear.
func (s *serving) checkPublic(ctx context.Context) error {
	isLocal, err := isLocalAddress(ctx, s.listen)
	if err != nil {
		return wrongUsage("--listen: want an address, as in 127.0.0.1:8080 or unix:/run/orders.sock, got %s", shown.Value(s.listen))
	}
	if !isLocal && s.tlsCert == "" && !s.behindProxy {
		return wrongUsage("--listen %s: others than this machine reach it, and would send keys and orders in the clear. "+
			"Give --tls-cert and --tls-key; or --behind-proxy, if a proxy does TLS and nobody else reaches the address; or listen on 127.0.0.1", s.listen)
	}
	switch hasNoName := len(s.hosts) == 0; {
	case hasNoName && s.behindProxy:
		return wrongUsage("--behind-proxy needs --host NAME: the name by which clients reach the proxy, as in --host orders.example.com. " +
			"Requests for other names are refused")
	case hasNoName && !isLocal:
		s.log.Warn("requests from other machines are refused until --host says by which name they reach the server", "listen", s.listen)
	}
	if s.ops == noOps {
		return nil
	}
	isLocal, err = isLocalAddress(ctx, s.ops)
	switch {
	case err != nil:
		return wrongUsage("--ops: want an address, as in 127.0.0.1:8081, or off, got %s", shown.Value(s.ops))
	case !isLocal:
		s.log.Warn("others than this machine can reach the operations address, which asks for no key", "ops", s.ops)
	}
	return nil
}

// unixPrefix starts the address of a socket in the file system.
const unixPrefix = "unix:"

// isLocalAddress reports whether only this machine reaches an address.
func isLocalAddress(ctx context.Context, address string) (bool, error) {
	if path, isUnix := strings.CutPrefix(address, unixPrefix); isUnix {
		if path == "" {
			return false, errors.New("there is no path")
		}
		return true, nil
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil || host == "" {
		return false, err
	}
	all, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	for _, one := range all {
		if !one.IP.IsLoopback() {
			return false, nil
		}
	}
	return err == nil, err
}

// listen opens a socket.
func listen(ctx context.Context, flag, address string) (net.Listener, error) {
	path, isUnix := strings.CutPrefix(address, unixPrefix)
	network := "tcp"
	if isUnix {
		network, address = "unix", path
		removeDeadSocket(path)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w%s", flag, address, errors.Unwrap(err), listenHint(flag))
	}
	return l, nil
}

func listenHint(flag string) string {
	if flag == "--ops" {
		return "; choose another address, or --ops off"
	}
	return "; choose another address"
}

// removeDeadSocket removes a socket that nobody listens to any more, as a process that was killed
// leaves it.
func removeDeadSocket(path string) {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&os.ModeSocket == 0 {
		return
	}
	if conn, err := net.DialTimeout("unix", path, time.Second); err == nil {
		_ = conn.Close() // somebody listens
		return
	}
	_ = os.Remove(path) // if it stays, listening says why it cannot
}

// serve serves both. The channel gets the first error that ends one of them too early.
func (l *listeners) serve(srv *server.Server, s *serving) <-chan error {
	failed := make(chan error, 2)
	start := func(listener net.Listener, handler http.Handler, isTLS bool) {
		h := &http.Server{
			Handler: handler, MaxHeaderBytes: maxHeaderBytes, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime,
			ErrorLog: httpLog{s.log}.logger(),
		}
		l.servers = append(l.servers, h)
		if isTLS {
			h.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: l.certificate.get}
		}
		go func() {
			var err error
			if isTLS {
				err = h.ServeTLS(listener, "", "") // with HTTP/2
			} else {
				err = h.Serve(listener)
			}
			if !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		}()
	}
	if l.ops != nil {
		start(l.ops, srv.Ops(), false)
	}
	var handler http.Handler = srv
	if s.behindProxy {
		handler = behind(handler)
	}
	start(l.main, handler, l.certificate != nil)
	return failed
}

// shutdown takes no more requests, and waits for those that were accepted. The listener for
// operations answers until then. What has not ended by the context is ended.
func (l *listeners) shutdown(ctx context.Context) error {
	for i := len(l.servers) - 1; i >= 0; i-- {
		if err := l.servers[i].Shutdown(ctx); err != nil {
			for _, one := range l.servers {
				_ = one.Close()
			}
			return err
		}
	}
	return nil
}

func (l *listeners) close() {
	for _, one := range []net.Listener{l.main, l.ops} {
		if one != nil {
			_ = one.Close() // it may be closed already
		}
	}
}

// url is where clients reach the server, which may be by a proxy.
func (l *listeners) url() string {
	if l.isBehind && l.host != "" {
		return "https://" + l.host
	}
	scheme := ""
	if l.certificate != nil {
		scheme = "https"
	}
	return urlOf(scheme, l.main.Addr(), l.host)
}

// localURL is where this machine reaches the server, also if the name and the proxy of its host are not
// there yet.
func (l *listeners) localURL() string {
	at, isTCP := l.main.Addr().(*net.TCPAddr)
	if l.certificate == nil && (!isTCP || at.IP.IsLoopback()) {
		return urlOf("", l.main.Addr(), "")
	}
	return l.url()
}

// address is that of the socket, as --listen takes it.
func address(l net.Listener) string {
	if l.Addr().Network() == "unix" {
		return unixPrefix + l.Addr().String()
	}
	return l.Addr().String()
}

func (l *listeners) opsURL() string {
	if l.ops == nil {
		return noOps
	}
	if l.ops.Addr().Network() == "unix" {
		return address(l.ops)
	}
	return urlOf("", l.ops.Addr(), "")
}

func urlOf(scheme string, address net.Addr, host string) string {
	if scheme == "" {
		scheme = "http"
	}
	at, isTCP := address.(*net.TCPAddr)
	switch {
	case !isTCP && host == "":
		return scheme + "://localhost" // with the socket, which curl is given beside it
	case !isTCP, hasPort(host):
		return scheme + "://" + host
	case scheme == "https" && host != "" && at.Port == 443:
		return scheme + "://" + host
	case host != "":
		return fmt.Sprintf("%s://%s:%d", scheme, host, at.Port)
	case at.IP.IsUnspecified():
		return fmt.Sprintf("%s://localhost:%d", scheme, at.Port)
	}
	return scheme + "://" + at.String()
}

func hasPort(host string) bool {
	_, port, err := net.SplitHostPort(host)
	return err == nil && port != ""
}

// curlFlags are what curl needs to reach the server, beside its URL.
func (s *serving) curlFlags() string {
	if path, isUnix := strings.CutPrefix(s.listen, unixPrefix); isUnix {
		return "--unix-socket " + typed(path) + " "
	}
	return ""
}
