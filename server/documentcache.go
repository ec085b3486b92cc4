package server

import (
	"bytes"
	"context"
	"time"

	"process-orders/store"
)

// A documentCache has a document of the store that many requests need. Each asks for the document as
// it was read after the request came, so that a key or a session that has ended is good for nothing
// from the next request on. What it returns must not be changed.
type documentCache[T any] struct {
	shared[*T]
	store store.Service
	kind  string // of the document, whose key is ""
	parse func(value []byte) (*T, error)

	raw   []byte // as it was read last
	value *T
}

func newDocumentCache[T any](s store.Service, kind string, parse func([]byte) (*T, error)) *documentCache[T] {
	c := &documentCache[T]{store: s, kind: kind, parse: parse, value: new(T)}
	c.read = c.load
	return c
}

// documentTime is how long a reading may take. It is the first that a request waits for.
const documentTime = 2 * time.Second

// load is called by one goroutine at a time.
func (c *documentCache[T]) load(ctx context.Context) (*T, error) {
	ctx, cancel := context.WithTimeout(ctx, documentTime)
	defer cancel()
	d, _, err := c.store.Document(ctx, c.kind, "")
	if err != nil {
		return nil, err
	}
	if bytes.Equal(d.Value, c.raw) {
		return c.value, nil
	}
	value, err := c.parse(d.Value)
	if err != nil {
		return nil, err
	}
	c.raw, c.value = d.Value, value
	return value, nil
}
