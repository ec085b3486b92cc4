package finding

import (
	"fmt"
	"testing"
)

// A set of phones answers as a map does, and stops growing before it takes more than it may.
func TestPhoneSet(t *testing.T) {
	t.Parallel()
	for _, limit := range []int64{0, 100, 64 << 10, 1 << 20} {
		s := phoneSet{limit: limit}
		known := map[string]bool{}
		n := 0
		for ; n < 100_000 && !s.full(); n++ {
			phone := fmt.Sprint(n * 7919 % 70_001)
			if s.add([]byte(phone)) == known[phone] {
				t.Fatalf("limit %d: %q is new: %v", limit, phone, known[phone])
			}
			known[phone] = true
			if taken := int64(len(s.slots)) * slotBytes; limit > 0 && taken > limit {
				t.Fatalf("limit %d: the set takes %d bytes", limit, taken)
			}
		}
		if limit == 0 && n < 100_000 || limit == 100 && n > 0 || limit == 64<<10 && (n < 1000 || n == 100_000) {
			t.Errorf("limit %d: full after %d", limit, n)
		}
	}
}
