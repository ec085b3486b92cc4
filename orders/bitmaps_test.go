package orders

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"unicode/utf8"
)

// bitmapsOf are the bitmaps of data, made with wide instructions or without.
func bitmapsOf(data []byte, wide bool) *bitmaps {
	m := &bitmaps{wide: wide}
	m.make(data)
	return m
}

// checkBitmaps compares both ways to make bitmaps with what they should be.
func checkBitmaps(t *testing.T, data []byte) {
	t.Helper()
	whole := data[:len(data)/laneBytes*laneBytes]
	for _, wide := range []bool{false, hasWide} {
		m := bitmapsOf(data, wide)
		if utf8.Valid(whole) && m.valid != len(whole) {
			t.Fatalf("wide %v: %d of %d bytes are valid: %q", wide, m.valid, len(whole), data)
		}
		// A character may end behind what is known to be valid.
		known := data[:m.valid]
		for cut := 1; cut <= 3 && cut <= len(known); cut++ {
			if tail := known[len(known)-cut:]; utf8.RuneStart(tail[0]) && !utf8.FullRune(tail) {
				known = known[:len(known)-cut]
				break
			}
		}
		if !utf8.Valid(known) {
			t.Fatalf("wide %v: %d bytes are valid: %q", wide, m.valid, data)
		}
		for i, c := range data[:m.valid] {
			for bitmap, want := range [bitsCount]bool{
				bitsText:     c == '"' || c == '\\' || c < ' ',
				bitsNumber:   !isDigit(c) && c != '.',
				bitsNotDigit: !isDigit(c),
			} {
				if got := m.bits[bitmap][i/8]>>(i%8)&1 == 1; got != want {
					t.Fatalf("wide %v: bitmap %d has %v at %d, %q", wide, bitmap, got, i, c)
				}
			}
		}
	}
}

// Every byte, and every start of a character, right and wrong, within a lane and over the
// border of two.
func TestBitmaps(t *testing.T) {
	all := make([]byte, 256)
	for i := range 128 {
		all[i], all[128+i] = byte(i), byte(127-i)
	}
	checkBitmaps(t, all)
	ends := []byte{0x00, 'a', 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff}
	data := bytes.Repeat([]byte{'a'}, 4*laneBytes)
	for first := 0x80; first < 0x100; first++ {
		for second := 0; second < 0x100; second += 1 + first%3 {
			for i, third := range ends {
				fourth := ends[(i*5+second)%len(ends)]
				for _, at := range []int{20, 29, 61, 62, 63} {
					copy(data[at:], []byte{byte(first), byte(second), third, fourth})
					checkValid(t, data)
					copy(data[at:], "aaaa")
				}
			}
		}
	}
}

// checkValid is checkBitmaps for what is valid alone.
func checkValid(t *testing.T, data []byte) {
	t.Helper()
	right := utf8.Valid(data)
	for _, wide := range []bool{false, hasWide} {
		if m := bitmapsOf(data, wide); (m.valid == len(data)) != right {
			t.Fatalf("wide %v: %d of %d bytes are valid: %q", wide, m.valid, len(data), data)
		}
	}
}

func TestBitmapsOfRandomTexts(t *testing.T) {
	const seed = 5
	random := rand.New(rand.NewPCG(seed, 0))
	pieces := []string{"a", "0", "9", ".", `"`, `\`, " ", "\n", "\x1f", "\x7f", "é", "ப்", "美", "🌶", "\xff", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80"}
	for range 3000 {
		var text []byte
		size := random.IntN(400)
		faults := random.IntN(2) * 5 // half of the texts have none
		for len(text) < size {
			text = append(text, pieces[random.IntN(len(pieces)-5+faults)]...)
		}
		checkBitmaps(t, text)
	}
}
