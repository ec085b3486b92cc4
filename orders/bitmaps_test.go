package orders

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"unicode/utf8"
)

// marksOf are the marks of data, made with wide instructions or without.
func marksOf(data []byte, useWide bool) *marks {
	defer func(old bool) { wide = old }(wide)
	wide = useWide
	m := new(marks)
	m.mark(data)
	return m
}

// checkMarks compares both ways to make marks with what they should be.
func checkMarks(t *testing.T, data []byte) {
	t.Helper()
	whole := data[:len(data)/blockBytes*blockBytes]
	for _, useWide := range []bool{false, wide} {
		m := marksOf(data, useWide)
		if utf8.Valid(whole) && m.valid != len(whole) {
			t.Fatalf("wide %v: %d of %d bytes are valid: %q", useWide, m.valid, len(whole), data)
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
			t.Fatalf("wide %v: %d bytes are valid: %q", useWide, m.valid, data)
		}
		for i, c := range data[:m.valid] {
			for plane, want := range [planeCount]bool{
				planeText:   c == '"' || c == '\\' || c < ' ',
				planeNumber: !isDigit(c) && c != '.',
				planeOther:  !isDigit(c),
			} {
				if got := m.planes[plane][i/8]>>(i%8)&1 == 1; got != want {
					t.Fatalf("wide %v: plane %d has %v at %d, %q", useWide, plane, got, i, c)
				}
			}
		}
	}
}

// Every byte, and every beginning of a character, right and wrong, within a block
// and over the border of two.
func TestMarks(t *testing.T) {
	all := make([]byte, 256)
	for i := range 128 {
		all[i], all[128+i] = byte(i), byte(127-i)
	}
	checkMarks(t, all)
	ends := []byte{0x00, 'a', 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff}
	data := bytes.Repeat([]byte{'a'}, 4*blockBytes)
	for first := 0x80; first < 0x100; first++ {
		for second := 0; second < 0x100; second += 1 + first%3 {
			for i, third := range ends {
				fourth := ends[(i*5+second)%len(ends)]
				for _, at := range []int{20, 29, 61, 62, 63} {
					copy(data[at:], []byte{byte(first), byte(second), third, fourth})
					checkMarksValid(t, data)
					copy(data[at:], "aaaa")
				}
			}
		}
	}
}

// checkMarksValid is checkMarks for what is valid alone.
func checkMarksValid(t *testing.T, data []byte) {
	t.Helper()
	right := utf8.Valid(data)
	for _, useWide := range []bool{false, wide} {
		if m := marksOf(data, useWide); (m.valid == len(data)) != right {
			t.Fatalf("wide %v: %d of %d bytes are valid: %q", useWide, m.valid, len(data), data)
		}
	}
}

func TestMarksOfRandomTexts(t *testing.T) {
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
		checkMarks(t, text)
	}
}
