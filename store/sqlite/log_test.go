package sqlite_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"process-orders/store"
	"process-orders/store/sqlite"
)

// TestCheckLogEnds looks for holes in a log until the context ends.
func TestCheckLogEnds(t *testing.T) {
	t.Parallel()
	_, name := numbered(t, 3)
	image := imageOf(t, name)
	other := filepath.Join(t.TempDir(), "orders.db")
	check := func(ctx context.Context) error {
		image.write(t, other)
		return sqlite.CheckLog(ctx, other)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := check(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("a sound log: %v, want context.Canceled", err)
	}
	if err := check(t.Context()); err != nil {
		t.Error(err)
	}
	image.log[100] ^= 1
	if err := check(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("a log with a hole: %v, want context.Canceled", err)
	}
	if err := check(t.Context()); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("a log with a hole: %v, want ErrDamaged", err)
	}
	if err := os.Remove(other + "-wal"); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.CheckLog(t.Context(), other); err != nil {
		t.Errorf("no log: %v", err)
	}
}

// BenchmarkCheckLog reads a log.
func BenchmarkCheckLog(b *testing.B) {
	_, name := numbered(b, 10)
	b.SetBytes(int64(len(imageOf(b, name).log)))
	for b.Loop() {
		if err := sqlite.CheckLog(b.Context(), name); err != nil {
			b.Fatal(err)
		}
	}
}
