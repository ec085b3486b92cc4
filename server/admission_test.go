package server

import (
	"io"
	"strings"
	"testing"
)

// Bodies take memory as they come, up to the bound, and one that is alone may take more. All of
// it is given back.
func TestAdmission(t *testing.T) {
	t.Parallel()
	a := &admission{most: 100}
	admit := func(announced int64) *share {
		s, err := a.admit("", announced)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	read := func(s *share, n int) error {
		_, err := io.ReadAll(s.reader(strings.NewReader(strings.Repeat("x", n))))
		return err
	}
	slow, large := admit(1000), admit(1000) // announced, and not there yet
	if err := read(slow, 60); err != nil {
		t.Error(err)
	}
	if err := read(large, 41); err == nil {
		t.Error("two bodies took 101 of 100 bytes")
	}
	if _, err := a.admit("", 41); err == nil {
		t.Error("a body was admitted that cannot come")
	}
	slow.release()
	slow.release()
	if err := read(large, 500); err != nil {
		t.Errorf("one that is alone: %v", err)
	}
	if large.release(); a.bytes != 0 {
		t.Errorf("%d bytes are left", a.bytes)
	}
}

// One sender takes a part of the memory, and leaves room for others. What has no name may take all.
func TestAdmissionOfOne(t *testing.T) {
	t.Parallel()
	a := &admission{most: 100, mostOfOne: 25}
	read := func(sender string, n int) (*share, error) {
		s, err := a.admit(sender, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadAll(s.reader(strings.NewReader(strings.Repeat("x", n))))
		return s, err
	}
	first, err := read("a", 40)
	if err != nil {
		t.Error("one that is alone:", err)
	}
	if _, err := a.admit("a", 1); err == nil {
		t.Error("a second body of a sender who has more than a part was admitted")
	}
	for _, sender := range []string{"b", "c", ""} {
		if _, err := read(sender, 20); err != nil {
			t.Errorf("another sender %q: %v", sender, err)
		}
	}
	if _, err := read("b", 6); err == nil {
		t.Error("two bodies of one sender took 26 of 25 bytes")
	}
	first.release()
	if s, err := read("", 40); err != nil {
		t.Error("a sender without a name:", err)
	} else if s.release(); a.of["a"] != 0 || len(a.of) != 2 || a.bytes != 60 {
		t.Errorf("%d bytes are taken, of senders %v", a.bytes, a.of)
	}
}
