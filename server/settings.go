package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"runtime"
	"sync"
	"time"

	"process-orders/store"
)

// settings are what is kept of keys and connections, in one document of the store.
type settings struct {
	// Secret is what cursors are sealed with, and what the log of acts hashes phones with.
	Secret      []byte       `json:"secret"`
	Keys        []Key        `json:"keys,omitempty"`
	Connections []Connection `json:"connections,omitempty"`

	readers sync.Map // *connectionReader by the name of the connection
}

// settingsKind is the kind of the one document.
const settingsKind = "settings"

func parseSettings(value []byte) (*settings, error) {
	all := new(settings)
	if len(value) == 0 {
		return all, nil
	}
	if err := json.Unmarshal(value, all); err != nil {
		return nil, fmt.Errorf("the settings of the server cannot be read: %w", store.ErrDamaged)
	}
	return all, nil
}

// changeSettings changes the settings in one transaction, and records it as an act, of which
// change may set more.
func changeSettings(ctx context.Context, s store.Service, act *Act, change func(*settings) error) error {
	return s.Commit(ctx, func(tx store.Transaction) error {
		all, err := readSettings(tx)
		if err != nil {
			return err
		}
		if err := change(all); err != nil {
			return err
		}
		return firstError(all.put(tx), act.by(ctx).put(tx))
	})
}

// readSettings reads the settings in a transaction. They have a secret.
func readSettings(tx store.Transaction) (*settings, error) {
	d, _, err := tx.Document(settingsKind, "")
	if err != nil {
		return nil, err
	}
	all, err := parseSettings(d.Value)
	if err != nil || all.Secret != nil {
		return all, err
	}
	all.Secret = make([]byte, 32)
	_, _ = rand.Read(all.Secret) // which never fails
	return all, all.put(tx)
}

func (all *settings) put(tx store.Transaction) error {
	value, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return tx.Put(store.Document{Kind: settingsKind, Value: value})
}

// A settingsCache has the settings as they were read last. Each request asks for settings that
// were read after it came, so that a key that is revoked is good for nothing from the next
// request on. Those who ask while they are read wait for the next reading, together.
type settingsCache struct {
	store store.Service

	mu        sync.Mutex
	isReading bool
	next      *settingsReading

	raw   []byte // as they were read last
	value *settings
}

// A settingsReading is what some requests wait for.
type settingsReading struct {
	done  chan struct{}
	value *settings
	err   error
}

func newSettingsCache(s store.Service) *settingsCache {
	return &settingsCache{store: s, value: new(settings)}
}

// get returns the settings as they were at some time during the call. They must not be changed.
func (c *settingsCache) get(ctx context.Context) (*settings, error) {
	c.mu.Lock()
	if c.next == nil {
		c.next = &settingsReading{done: make(chan struct{})}
		if !c.isReading {
			c.isReading = true
			go c.read()
		}
	}
	reading := c.next
	c.mu.Unlock()
	select {
	case <-reading.done:
		return reading.value, reading.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// read reads the settings as long as somebody waits for them. It lets others run first, so that
// those of them who come with a request share the reading.
func (c *settingsCache) read() {
	for {
		runtime.Gosched()
		c.mu.Lock()
		reading := c.next
		c.next = nil
		if reading == nil {
			c.isReading = false
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
		reading.value, reading.err = c.load()
		close(reading.done)
	}
}

// settingsTime is how long a reading of the settings may take. It is the first that a request
// waits for.
const settingsTime = 2 * time.Second

// load is called by one goroutine at a time.
func (c *settingsCache) load() (*settings, error) {
	ctx, cancel := context.WithTimeout(context.Background(), settingsTime)
	defer cancel()
	d, _, err := c.store.Document(ctx, settingsKind, "")
	if err != nil {
		return nil, err
	}
	if bytes.Equal(d.Value, c.raw) {
		return c.value, nil
	}
	value, err := parseSettings(d.Value)
	if err != nil {
		return nil, err
	}
	c.raw, c.value = d.Value, value
	return value, nil
}
