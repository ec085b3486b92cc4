// Service is a program with handlers of its own that also takes orders, as process-orders serve
// does.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"process-orders/server"
	"process-orders/store/sqlite"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: service STORE ADDRESS")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	listener, err := net.Listen("tcp", os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	if err := serve(ctx, os.Args[1], listener, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// serve prints a new key, and serves until the context ends.
func serve(ctx context.Context, path string, listener net.Listener, out io.Writer) error {
	store, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	defer store.Close()
	orders, err := server.New(store, server.Options{NoPage: true}) // as this program has pages of its own
	if err != nil {
		return err
	}
	key, err := server.AddKey(ctx, store, server.Key{Name: "example", Scopes: []server.Scope{server.ScopeIngest}})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, key)

	mux := http.NewServeMux()
	mux.Handle("/v1/", orders)
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") })
	serving := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- serving.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	orders.Drain() // answers without end are ended, and all others are waited for
	return errors.Join(serving.Shutdown(ending), orders.Shutdown(ending))
}
