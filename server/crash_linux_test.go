package server_test

import (
	"os"
	"testing"

	"process-orders/internal/powertest"
	"process-orders/internal/soak"
)

// TestPowerCut is TestKill with a disk whose power is cut.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	if !powertest.IsInside(t) {
		return
	}
	d := powertest.New(t)
	c := &crashing{
		newName: func() string { return d.Empty(t) },
		cut:     func(p *os.Process) error { return d.Cut(p, "") },
		settle:  func() { d.Unmount(t); d.Mount(t) },
	}
	c.run(t, soak.NewLoop(t, "power cuts", soak.Rounds{Short: 3, Default: 20, Soak: 100}), soak.Random(t))
}
