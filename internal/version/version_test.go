package version_test

import (
	"bytes"
	"cmp"
	"testing"

	"pgregory.net/rapid"

	"process-orders/internal/timestamp"
	"process-orders/internal/version"
)

// An order is what a version is made of.
type order struct {
	time             int64
	hasID            bool
	source, at       int64
	shop, id, system string
	line             int64
}

func draw(t *rapid.T, label string) order {
	return order{
		time:   rapid.SampledFrom([]int64{timestamp.None, -5, 0, 1, 255, 256, 1 << 40}).Draw(t, label+" time"),
		hasID:  rapid.Bool().Draw(t, label+" has an id"),
		source: rapid.SampledFrom([]int64{0, 1, 2, 255, 256, 1 << 33}).Draw(t, label+" source"),
		at:     rapid.SampledFrom([]int64{0, 1, 255, 256, 65535, 1 << 33, 1<<63 - 1}).Draw(t, label+" at"),
		shop:   rapid.SampledFrom([]string{"", "a", "ab", "b"}).Draw(t, label+" shop"),
		id:     rapid.SampledFrom([]string{"1", "2", "10", "9", "a", "Z", "100000000000000000000000", "\xff"}).Draw(t, label+" id"),
		system: rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, label+" system"),
		line:   rapid.SampledFrom([]int64{0, 1, 2, 255, 256}).Draw(t, label+" line"),
	}
}

func (o order) version() version.Version {
	v := version.Version{Time: o.time, Line: o.line}
	if o.hasID {
		v.Order = version.AppendID(nil, []byte(o.shop), []byte(o.id), []byte(o.system))
	} else {
		v.Order = version.AppendPosition(nil, o.source, o.at)
	}
	return v
}

// compare says by hand which is later.
func (o order) compare(p order) int {
	if c := cmp.Compare(o.time, p.time); c != 0 {
		return c
	}
	switch {
	case o.hasID && !p.hasID:
		return 1
	case !o.hasID && p.hasID:
		return -1
	case o.hasID:
		return cmp.Or(cmp.Compare(o.shop, p.shop), cmp.Compare(len(o.id), len(p.id)), cmp.Compare(o.id, p.id),
			cmp.Compare(o.system, p.system), cmp.Compare(o.line, p.line))
	}
	return cmp.Or(cmp.Compare(o.source, p.source), cmp.Compare(o.at, p.at), cmp.Compare(o.line, p.line))
}

// Versions, and their keys, compare as what they are made of.
func TestCompare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw(t, "a"), draw(t, "b")
		want := a.compare(b)
		if got := a.version().Compare(b.version()); got != want {
			t.Errorf("%+v and %+v: %d, want %d", a, b, got, want)
		}
		if got := bytes.Compare(a.version().AppendKey(nil), b.version().AppendKey(nil)); got != want {
			t.Errorf("keys of %+v and %+v: %d, want %d", a, b, got, want)
		}
		if version.None.Compare(a.version()) >= 0 {
			t.Errorf("%+v is not after none", a)
		}
	})
}

// A key of an order's line 0 becomes that of another line.
func TestAppendLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := draw(t, "order")
		want := o.version().AppendKey(nil)
		line := o.line
		o.line = 0
		if got := version.AppendLine([]byte("x"), o.version().AppendKey(nil), line); !bytes.Equal(got[1:], want) {
			t.Errorf("line %d of %+v: %x, want %x", line, o, got[1:], want)
		}
	})
}

// A key of a position gets another number of the source, and no other key changes.
func TestRenumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := draw(t, "order")
		want := o
		key := o.version().AppendKey(nil)
		want.source = rapid.SampledFrom([]int64{1, 300, 1 << 33}).Draw(t, "number")
		if got := version.Renumber(key, want.source); !bytes.Equal(got, want.version().AppendKey(nil)) {
			t.Errorf("%+v: %x, want %x", o, got, want.version().AppendKey(nil))
		}
		if !bytes.Equal(key, o.version().AppendKey(nil)) {
			t.Error("the key itself was changed")
		}
	})
}
