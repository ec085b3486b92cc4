package sqlite_test

import (
	"testing"

	"process-orders/internal/powertest"
	"process-orders/store/storetest"
)

// TestPowerCut cuts the power of a disk that processes use. What a process said was done is there
// when the disk is mounted again.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	if !powertest.IsInside(t) {
		return
	}
	d := powertest.New(t)
	power := storetest.Processes{
		New:     d.Empty,
		Open:    openSound,
		Cut:     d.Cut,
		Gone:    gone,
		Settled: func(t testing.TB, name string) { d.Unmount(t); d.Mount(t) },
	}
	power.TestCut(t)
}
