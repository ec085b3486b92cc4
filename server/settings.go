package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"process-orders/store"
)

// settings are what is kept of keys and connections, in one document of the store.
type settings struct {
	// Secret is what cursors are sealed with, and what the log of acts hashes phones with.
	Secret      []byte       `json:"secret"`
	Keys        []Key        `json:"keys,omitempty"`
	Connections []Connection `json:"connections,omitempty"`

	raw     []byte   // as the store has them
	readers sync.Map // *connectionReader by the name of the connection
}

// settingsKind is the kind of the one document.
const settingsKind = "settings"

func parseSettings(value []byte) (*settings, error) {
	all := &settings{raw: value}
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

// A settingsCache has the settings as they were read last. A request asks for settings that were
// read after it came, or its transaction looks at them, so that a key that is revoked is good for
// nothing from the next request on. They must not be changed.
type settingsCache struct {
	shared[*settings]
	store  store.Service
	latest atomic.Pointer[settings]
}

func newSettingsCache(s store.Service) *settingsCache {
	c := &settingsCache{store: s}
	c.latest.Store(new(settings))
	c.read = c.load
	return c
}

// settingsTime is how long a reading of the settings may take. It is the first that a request
// waits for.
const settingsTime = 2 * time.Second

// load is called by one goroutine at a time.
func (c *settingsCache) load(ctx context.Context) (*settings, error) {
	ctx, cancel := context.WithTimeout(ctx, settingsTime)
	defer cancel()
	d, _, err := c.store.Document(ctx, settingsKind, "")
	if err != nil {
		return nil, err
	}
	return c.parsed(d.Value)
}

// within returns the settings as they are in a transaction.
func (c *settingsCache) within(tx store.Transaction) (*settings, error) {
	d, _, err := tx.Document(settingsKind, "")
	if err != nil {
		return nil, err
	}
	return c.parsed(d.Value)
}

// parsed returns the settings of a document, which mostly are those that were read last.
func (c *settingsCache) parsed(raw []byte) (*settings, error) {
	if latest := c.latest.Load(); bytes.Equal(raw, latest.raw) {
		return latest, nil
	}
	all, err := parseSettings(raw)
	if err == nil {
		c.latest.Store(all)
	}
	return all, err
}
