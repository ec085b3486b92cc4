package sqlstore

import (
	"encoding/binary"
	"math"

	"process-orders/internal/version"
	"process-orders/store"
)

// timeBytes is how many bytes of a version are its time.
const timeBytes = 8

// lineVersion returns the version of a line of an order that has that version.
func lineVersion(order store.Version, line int64) store.Version {
	if line == 0 {
		return order
	}
	return store.Version(version.AppendLine(nil, []byte(order), line))
}

// placeOf returns where a walk starts that finds all orders beyond a version: at the order
// itself if its place is in the version, and otherwise before all orders of its time.
func placeOf(v store.Version, forward bool) (Place, error) {
	if len(v) <= timeBytes {
		return Place{}, ErrRow
	}
	p := Place{Time: int64(binary.BigEndian.Uint64([]byte(v[:timeBytes])) ^ 1<<63), Source: math.MaxInt64, At: math.MaxInt64}
	if forward {
		p.Source, p.At = 0, 0
	}
	if p.Time != store.NoTime {
		return p, nil
	}
	rest, ok := []byte(v[timeBytes+1:]), true
	number := func() (n int64) {
		if len(rest) == 0 || rest[0] > 8 || len(rest) <= int(rest[0]) {
			ok = false
			return 0
		}
		end := 1 + int(rest[0])
		for _, b := range rest[1:end] {
			n = n<<8 | int64(b)
		}
		rest = rest[end:]
		return n
	}
	p.Source, p.At = number(), number()
	if !ok {
		return Place{}, ErrRow
	}
	return p, nil
}
