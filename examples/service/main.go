// Service is a program with handlers of its own that also takes orders, as process-orders serve
// does.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"time"

	"process-orders/server"
	"process-orders/store/sqlite"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: service STORE")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

// run serves until the context ends.
func run(ctx context.Context, path string) error {
	store, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	defer store.Close()
	orders, err := server.New(store, server.Options{})
	if err != nil {
		return err
	}
	key, err := server.AddKey(ctx, store, server.Key{Name: "example", Scopes: []server.Scope{server.ScopeIngest}})
	if err != nil {
		return err
	}
	fmt.Println(key)

	mux := http.NewServeMux()
	mux.Handle("/v1/", orders)
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") })
	listener := &http.Server{Addr: "127.0.0.1:8080", Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- listener.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	orders.Drain() // answers without end are ended, and all others are waited for
	return errors.Join(listener.Shutdown(ending), orders.Shutdown(ending))
}
