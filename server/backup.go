package server

import (
	"context"

	"process-orders/store"
)

// IsServed reports whether a server works with a store, or may: it has keys, connections or acts.
func IsServed(ctx context.Context, s store.Service) (bool, error) {
	_, found, err := s.Document(ctx, settingsKind, "")
	return found, err
}

// RecordBackup writes into the log of acts that the store was copied.
func RecordBackup(ctx context.Context, s store.Service) error {
	act := (&Act{What: ActBackup}).by(ctx)
	return s.Commit(ctx, act.put)
}
