package server

import (
	"bytes"
	"context"
	"sync/atomic"
	"time"

	"process-orders/store"
)

// A documentReader reads a document: that of a transaction, or of the store.
type documentReader func(kind, key string) (d store.Document, found bool, err error)

// documents reads documents of the store, outside of a transaction.
func (s *Server) documents(ctx context.Context) documentReader {
	return func(kind, key string) (store.Document, bool, error) { return s.store.Document(ctx, kind, key) }
}

// A documentCache has a document of the store that many requests need. Each asks for the document as
// it was read after the request came, or its transaction looks at it, so that a key or a session that
// has ended is good for nothing from the next request on. What it returns must not be changed.
type documentCache[T any] struct {
	shared[*T]
	store store.Service
	kind  string // of the document, whose key is ""
	parse func(value []byte) (*T, error)

	latest atomic.Pointer[parsedDocument[T]] // as it was read last
}

// A parsedDocument is a document and what was read of it.
type parsedDocument[T any] struct {
	raw   []byte
	value *T
}

func newDocumentCache[T any](s store.Service, kind string, parse func([]byte) (*T, error)) *documentCache[T] {
	c := &documentCache[T]{store: s, kind: kind, parse: parse}
	c.latest.Store(&parsedDocument[T]{value: new(T)})
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
	return c.parsed(d.Value)
}

// forNow returns the document as it was read last, which may be some time ago.
func (c *documentCache[T]) forNow() *T { return c.latest.Load().value }

// within returns the document as it is in a transaction.
func (c *documentCache[T]) within(tx store.Transaction) (*T, error) {
	d, _, err := tx.Document(c.kind, "")
	if err != nil {
		return nil, err
	}
	return c.parsed(d.Value)
}

// parsed returns what a document says, which mostly is what the one says that was read last.
func (c *documentCache[T]) parsed(raw []byte) (*T, error) {
	if latest := c.latest.Load(); bytes.Equal(raw, latest.raw) {
		return latest.value, nil
	}
	value, err := c.parse(raw)
	if err == nil {
		c.latest.Store(&parsedDocument[T]{raw, value})
	}
	return value, err
}
