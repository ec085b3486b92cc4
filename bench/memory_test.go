package main

import "testing"

// More is touched than a run needs, whether or not it has run before.
func TestNeededMemory(t *testing.T) {
	const gigabyte = 1_000_000_000
	if got := needed(gigabyte, 0); got < 4*gigabyte {
		t.Errorf("before the first run: %d", got)
	}
	if got := needed(gigabyte, 2*gigabyte); got < 6*gigabyte {
		t.Errorf("before later runs: %d", got)
	}
}

func TestTouch(t *testing.T) {
	for _, bytes := range []int64{-1, 0, 1, 1 << 20} {
		if took, err := touch(bytes); err != nil || bytes <= 0 && took != 0 {
			t.Errorf("%d bytes: %v, %v", bytes, took, err)
		}
	}
}
