package orders

import (
	"strings"
	"testing"
)

// What is open where a block starts is found before there are bitmaps of it. Those of the
// block before, which had longer texts, do not count.
func TestNoBitmapsOfOtherData(t *testing.T) {
	p, err := compile(Default(), switches{})
	if err != nil {
		t.Fatal(err)
	}
	p.limit = MaxOrderBytes
	order := func(n int) []byte {
		return []byte(`{"name":"` + strings.Repeat("x", n) + `","phone":"1","items":[]}`)
	}
	r := reader{program: p}
	var b findings
	long := append(order(5000), order(5000)...)
	r.scan(&b, &window{data: long, final: true, shape: &shape{}})
	if len(b.All) != 2 || b.stop != nil {
		t.Fatalf("got %d orders, %v", len(b.All), b.stop)
	}
	short := long[:copy(long, order(1))] // as blocks use the same memory
	b.reset(short)
	r.reset(&b, short, 0)
	if r.fast.bitmaps != nil || r.fast.read() {
		t.Error("the fast path read what it has no bitmaps of")
	}
}
