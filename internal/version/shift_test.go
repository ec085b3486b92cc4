package version_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"process-orders/internal/timestamp"
	"process-orders/internal/version"
)

// Positions move, in orders and in keys, and nothing else changes.
func TestShift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := draw(t, "order")
		o.at &= 1<<40 - 1
		shift := rapid.SampledFrom([]int64{0, 1, 255, 1 << 20}).Draw(t, "shift")
		moved := o
		moved.at += shift
		v, want := o.version(), moved.version()
		key := v.AppendKey(nil)
		if got := version.AppendShifted([]byte("x"), v.Order, shift); !bytes.Equal(got[1:], want.Order) {
			t.Errorf("%+v by %d: %x, want %x", o, shift, got[1:], want.Order)
		}
		if got := version.AppendShiftedKey([]byte("x"), key, shift); !bytes.Equal(got[1:], want.AppendKey(nil)) {
			t.Errorf("key of %+v by %d: %x, want %x", o, shift, got[1:], want.AppendKey(nil))
		}
		if !bytes.Equal(key, o.version().AppendKey(nil)) {
			t.Error("the key itself was changed")
		}
	})
}

// The version of a position is that of an order without an id and a time in the first source.
func TestPosition(t *testing.T) {
	for _, at := range []int64{0, 1, 255, 256, 1 << 40} {
		want := order{time: timestamp.None, at: at}.version()
		if got := version.Position(nil, at); got.Compare(want) != 0 {
			t.Errorf("position %d: %v, want %v", at, got, want)
		}
	}
}
