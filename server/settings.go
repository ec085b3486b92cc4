package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"sync"

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

// storedSettings reads the settings of a store.
func storedSettings(ctx context.Context, s store.Service) (*settings, error) {
	d, _, err := s.Document(ctx, settingsKind, "")
	if err != nil {
		return nil, err
	}
	return parseSettings(d.Value)
}

// changeSettings changes the settings in one transaction, and records it as an act, of which
// change may set more.
func changeSettings(ctx context.Context, s store.Service, act *Act, change func(*settings) error) error {
	act.by(ctx)
	return s.Commit(ctx, func(tx store.Transaction) error {
		return act.once(tx, func() error {
			all, err := readSettings(tx)
			if err != nil {
				return err
			}
			if err := change(all); err != nil {
				return err
			}
			return all.put(tx)
		})
	})
}

// readSettings reads the settings in a transaction. They have a secret.
func readSettings(tx store.Transaction) (*settings, error) {
	d, _, err := tx.Document(settingsKind, "")
	if err != nil {
		return nil, err
	}
	all, err := parseSettings(d.Value)
	if err != nil || len(all.Secret) > 0 {
		return all, err
	}
	all.Secret = make([]byte, 32)
	_, _ = rand.Read(all.Secret) // which never fails
	return all, all.put(tx)
}

// secret returns what cursors are sealed with. A store has none before its first key, connection or
// act with a phone, and gets one now.
func (s *Server) secret(ctx context.Context) ([]byte, error) {
	all, err := s.settings.get(ctx)
	if err != nil {
		return nil, s.readProblem(err)
	}
	if len(all.Secret) > 0 {
		return all.Secret, nil
	}
	var made []byte
	err = s.commitAlso(ctx, func(tx store.Transaction) error {
		all, err := readSettings(tx)
		if err == nil {
			made = all.Secret
		}
		return err
	})
	if err != nil {
		return nil, s.storeProblem(err)
	}
	return made, nil
}

func (all *settings) put(tx store.Transaction) error {
	value, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return tx.Put(store.Document{Kind: settingsKind, Value: value})
}
