package server

import (
	"cmp"
	"context"
	"time"

	"process-orders/store"
)

// IsServed reports whether a server works with a store, or may: it has keys, connections or acts.
func IsServed(ctx context.Context, s store.Service) (bool, error) {
	_, found, err := s.Document(ctx, settingsKind, "")
	return found, err
}

// backupKind is the kind of the one document that says when the store was copied last.
const backupKind = "backup"

// RecordBackup writes into the log of acts that the store was copied.
func RecordBackup(ctx context.Context, s store.Service) error {
	act := (&Act{What: ActBackup}).by(ctx)
	return s.Commit(ctx, func(tx store.Transaction) error { return putBackup(tx, act) })
}

func putBackup(tx store.Transaction, act *Act) error {
	return cmp.Or(act.put(tx), tx.Put(store.Document{Kind: backupKind, At: act.At.UnixMilli(), Value: []byte(act.At.Format(time.RFC3339))}))
}

// lastBackup is when the store was copied last; zero if that is not known.
func (s *Server) lastBackup(ctx context.Context) (time.Time, error) {
	d, found, err := s.store.Document(ctx, backupKind, "")
	if err != nil || !found {
		return time.Time{}, err
	}
	return time.UnixMilli(d.At), nil
}

// backups are how the store is copied: one copy at a time, as each takes as much room as the store.
type backups struct {
	// copies is the store if it can copy itself to a new file, or nil.
	copies interface {
		Backup(ctx context.Context, name string) error
	}
	running chan struct{} // has a value while one runs
}

func newBackups(s store.Service) backups {
	b := backups{running: make(chan struct{}, 1)}
	b.copies, _ = s.(interface {
		Backup(ctx context.Context, name string) error
	})
	return b
}
