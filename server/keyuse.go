package server

import (
	"context"
	"maps"
	"sync"
	"time"

	"process-orders/store"
)

// keyUseKind is the kind of documents that say when a key was used last, under its id. Their
// value is empty: At is all.
const keyUseKind = "key-use"

// writeUsesEvery is how often uses of keys are written, if there are any.
const writeUsesEvery = time.Minute

// keyUses are the uses of keys that are not written yet. They are written together, with what
// else is committed at the time; a server that is killed forgets those of the last minute.
type keyUses struct {
	mu      sync.Mutex
	last    map[string]time.Time // by id
	written time.Time
}

// note takes note that a key was used.
func (u *keyUses) note(id string, at time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.last == nil {
		u.last = map[string]time.Time{}
	}
	u.last[id] = at
}

// take returns what is to be written, if it is time for that.
func (u *keyUses) take(now time.Time, isLast bool) map[string]time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.last) == 0 || !isLast && now.Sub(u.written) < writeUsesEvery {
		return nil
	}
	uses := u.last
	u.last, u.written = nil, now
	return uses
}

// giveBack is called if uses could not be written.
func (u *keyUses) giveBack(uses map[string]time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	maps.Copy(uses, u.last)
	u.last = uses
}

// writeKeyUses writes which keys were used, once a minute, and at the end.
func (s *Server) writeKeyUses(ctx context.Context, isLast bool) error {
	uses := s.keyUses.take(s.now(), isLast)
	if uses == nil {
		return nil
	}
	err := s.commits.commit(ctx, &task{also: func(tx store.Transaction) error { return putKeyUses(tx, uses) }})
	if err != nil {
		s.keyUses.giveBack(uses)
	}
	return err
}

// putKeyUses writes uses of keys. Another server may have written later ones.
func putKeyUses(tx store.Transaction, uses map[string]time.Time) error {
	for id, at := range uses {
		d, _, err := tx.Document(keyUseKind, id)
		if err != nil {
			return err
		}
		at := at.Truncate(time.Minute).UnixMilli()
		if d.At >= at {
			continue
		}
		if err := tx.Put(store.Document{Kind: keyUseKind, Key: id, At: at}); err != nil {
			return err
		}
	}
	return nil
}

// readKeyUse returns when a key was used last; zero if it never was.
func readKeyUse(ctx context.Context, s store.Service, id string) (time.Time, error) {
	d, found, err := s.Document(ctx, keyUseKind, id)
	if err != nil || !found {
		return time.Time{}, err
	}
	return time.UnixMilli(d.At).UTC(), nil
}
