package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// The program takes an order, answers its own requests, and ends when it is stopped.
func TestService(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, filepath.Join(t.TempDir(), "shop.db"), listener, write) }()
	key, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	request, err := http.NewRequest("POST", url+"/v1/orders", strings.NewReader(`{"phone": "555-0101", "name": "Ann", "items": [{"name": "Tea", "price": 2.50}]}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(key))
	request.Header.Set("Idempotency-Key", "first")
	for want, ask := range map[int]func() (*http.Response, error){
		http.StatusCreated: func() (*http.Response, error) { return http.DefaultClient.Do(request) },
		http.StatusOK:      func() (*http.Response, error) { return http.Get(url + "/hello") },
	} {
		answer, err := ask()
		if err != nil || answer.StatusCode != want {
			t.Fatal(answer, err)
		}
		answer.Body.Close()
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
