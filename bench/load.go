package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

// A load is requests to a server from clients of this process, on the same machine.
type load struct {
	client *http.Client
	url    string
	header http.Header
	sign   func(body []byte) string // the line of the head that signs a body; nil for none
}

// newLoad returns a load of so many clients.
func newLoad(url, key string, clients int) *load {
	header := http.Header{"Content-Type": {"application/json"}}
	if key != "" {
		header.Set("Authorization", "Bearer "+key)
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients, MaxConnsPerHost: clients}}
	return &load{client: client, url: url, header: header}
}

func (l *load) close() { l.client.CloseIdleConnections() }

// post posts a body and reads the answer, which must be a good one.
func (l *load) post(ctx context.Context, path string, body io.Reader) error {
	r, err := http.NewRequestWithContext(ctx, "POST", l.url+path, body)
	if err != nil {
		return err
	}
	r.Header = l.header
	answer, err := l.client.Do(r)
	if err != nil {
		return err
	}
	return goodAnswer(answer)
}

// postAll posts bodies with several clients at once, until there are none or the context ends. It
// returns how long each took, sorted.
func (l *load) postAll(ctx context.Context, path string, bodies [][]byte, clients int) ([]time.Duration, error) {
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	next := make(chan []byte)
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			var took []time.Duration
			c := l.newCaller(path)
			defer c.close()
			for body := range next {
				start := time.Now()
				err := c.post(ctx, body)
				if err != nil && ctx.Err() == nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
				}
				if err == nil {
					took = append(took, time.Since(start))
				}
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, took...)
		})
	}
	for _, body := range bodies {
		if ctx.Err() != nil {
			break
		}
		next <- body
	}
	close(next)
	group.Wait()
	if len(all) == 0 {
		failed = errors.Join(failed, errors.New("no request was answered"))
	}
	slices.Sort(all)
	return all, failed
}

// postFile posts a file.
func (l *load) postFile(ctx context.Context, path, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	return l.post(ctx, path, file)
}

// listen opens streams of events, and reads them until the context ends.
func (l *load) listen(ctx context.Context, path string, listeners int) error {
	client := &http.Client{Transport: &http.Transport{}}
	for range listeners {
		r, err := http.NewRequestWithContext(ctx, "GET", l.url+path, nil)
		if err != nil {
			return err
		}
		r.Header = l.header
		answer, err := client.Do(r)
		if err != nil {
			return err
		}
		if answer.StatusCode != http.StatusOK {
			_ = answer.Body.Close()
			return fmt.Errorf("%s: %s", path, answer.Status)
		}
		go func() {
			defer answer.Body.Close()
			_, _ = io.Copy(io.Discard, answer.Body)
		}()
	}
	return nil
}

// syncTime is how long it takes to write 4 KiB to the end of a file in a folder and to wait until
// they are on the disk: half of the times.
func syncTime(folder string) (time.Duration, error) {
	file, err := os.CreateTemp(folder, "sync-")
	if err != nil {
		return 0, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	var all []time.Duration
	for block := make([]byte, 4096); len(all) < 200; {
		start := time.Now()
		if _, err := file.Write(block); err != nil {
			return 0, err
		}
		if err := file.Sync(); err != nil {
			return 0, err
		}
		all = append(all, time.Since(start))
	}
	slices.Sort(all)
	return all[len(all)/2], nil
}
