package postgres

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A server that is lost without a word, as with its machine or its network, leaves those who wait for
// its answer waiting: TCP gives up after 15 minutes. A server that is slow does so too, and must not
// be given up. So what has waited for a while asks on a new connection whether the server is there.
// If it does not answer there either, the old connection is closed. What waited for it fails as with
// any connection that is lost, and finds out later whether it was committed.

// A patience says how long the server may be silent.
type patience struct {
	silent time.Duration // until it is asked whether it is there, and between two times
	answer time.Duration // for the answer
}

var usualPatience = patience{silent: 2 * time.Second, answer: 5 * time.Second}

// watch closes a connection if the server vanishes while it is used. Stop the watch.
func (s *Store) watch(conn *pgxpool.Conn) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	socket := conn.Conn().PgConn().Conn()
	var again *time.Timer
	var mu sync.Mutex
	mu.Lock()
	defer mu.Unlock()
	again = time.AfterFunc(s.patience.silent, func() {
		isThere := s.isThere(ctx, socket.RemoteAddr())
		mu.Lock()
		defer mu.Unlock()
		switch {
		case ctx.Err() != nil:
		case isThere:
			again.Reset(s.patience.silent)
		default:
			_ = socket.Close() // whoever waits for it has an error
			s.pool.Reset()     // the others are lost too
		}
	})
	return func() {
		mu.Lock()
		defer mu.Unlock()
		cancel()
		again.Stop()
	}
}

// isThere reports whether the server at an address answers a new connection, be it with an error.
func (s *Store) isThere(ctx context.Context, at net.Addr) bool {
	ctx, cancel := context.WithTimeout(ctx, s.patience.answer)
	defer cancel()
	config := s.pool.Config().ConnConfig
	config.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	config.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, at.Network(), at.String())
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return answered(err)
	}
	_ = conn.Close(ctx) // the server sees its end in any case
	return true
}
