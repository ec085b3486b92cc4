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
		s, err := a.admit(announced)
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
	if _, err := a.admit(41); err == nil {
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
