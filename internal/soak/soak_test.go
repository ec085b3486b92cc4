package soak

import (
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	t.Setenv("SOAK", "")
	if On() || Times(3, 300) != 3 {
		t.Errorf("no soak: on %v, %d times", On(), Times(3, 300))
	}
	t.Setenv("SOAK", "1")
	if !On() || Times(3, 300) != 300 {
		t.Errorf("soak: on %v, %d times", On(), Times(3, 300))
	}
}

func TestUntil(t *testing.T) {
	t.Setenv("SOAK", "")
	t.Setenv("SOAK_SECONDS", "3600")
	if Until(t)() {
		t.Error("goes on without a soak")
	}
	t.Setenv("SOAK", "1")
	if !Until(t)() {
		t.Error("stops in the first of 3600 seconds")
	}
	t.Setenv("SOAK_SECONDS", "0")
	if Until(t)() {
		t.Error("goes on after its seconds")
	}
	t.Setenv("SOAK_SECONDS", "0.01")
	more := Until(t)
	for end := time.Now().Add(10 * time.Second); more(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never stops")
		}
	}
}
