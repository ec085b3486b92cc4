package orders

import (
	"math/rand/v2"
	"testing"
)

// Both ways to make the bitmaps of rows have each byte of any text, and none behind it.
func TestRowBitmaps(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 0))
	const bytes = ",;\n\r\"a\x00\xff\x2d\x0b"
	var m rowBitmaps
	for size := range 300 {
		data := make([]byte, size)
		for i := range data {
			data[i] = bytes[random.IntN(len(bytes))]
		}
		for _, wide := range []bool{false, hasWide} {
			for _, quote := range []byte{'"', '\n'} {
				m.make(data, ',', '\n', quote, wide)
				for i := range len(m.commas) * laneBytes {
					c := byte('x')
					if i < size {
						c = data[i]
					}
					comma, end := m.commas[i/64]>>(i%64)&1 == 1, m.ends[i/64]>>(i%64)&1 == 1
					if comma != (c == ',') || end != (c == '\n' || c == quote) {
						t.Fatalf("wide %v, %q: byte %d has the bits %v and %v", wide, data, i, comma, end)
					}
				}
			}
		}
	}
}
