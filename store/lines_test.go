package store_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"process-orders/store"
)

func read(l store.Lines) (lines []store.Line, err error) {
	for line, err := range l.All() {
		if err != nil {
			return lines, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// Lines come back as they were appended, and each is appended behind the others.
func TestLines(t *testing.T) {
	text := rapid.SampledFrom([]string{"", "Dosa", "10.50", "-1", "é\x01", strings.Repeat("long ", 30), strings.Repeat("x", 20_000)})
	rapid.Check(t, func(t *rapid.T) {
		var want []store.Line
		var l store.Lines
		for range rapid.IntRange(0, 5).Draw(t, "lines") {
			line := store.Line{Item: text.Draw(t, "item"), Price: text.Draw(t, "price"), Uncounted: rapid.Bool().Draw(t, "uncounted")}
			if rapid.Bool().Draw(t, "details") {
				line.Quantity, line.Total, line.Currency = text.Draw(t, "quantity"), text.Draw(t, "total"), text.Draw(t, "currency")
			}
			want = append(want, line)
			before := bytes.Clone(l)
			if l = l.Append(line); !bytes.HasPrefix(l, before) {
				t.Fatal("the lines before were changed")
			}
		}
		if got, err := read(l); err != nil || !slices.Equal(got, want) {
			t.Fatalf("%+v, %v; want %+v", got, err, want)
		}
		for range l.All() {
			break // which must not go on
		}
	})
}

// Lines take few bytes, as stores keep one such value for each order.
func TestLinesAreCompact(t *testing.T) {
	if n := len(store.Lines(nil).Append(store.Line{Item: "Dosa", Price: "10.50"})); n != len("Dosa10.50")+3 {
		t.Errorf("%d bytes", n)
	}
}

// Lines that are cut or changed end with an error, and never with a panic.
func TestLinesDamaged(t *testing.T) {
	whole := store.Lines(nil).Append(store.Line{Item: "Dosa", Price: "10.50", Uncounted: true}).
		Append(store.Line{Item: "Idli", Price: "2", Quantity: "3", Total: "6", Currency: "EUR"})
	first := len(store.Lines(nil).Append(store.Line{Item: "Dosa", Price: "10.50"}))
	for n := range whole {
		got, err := read(whole[:n])
		if isWhole := n == 0 || n == first; (err == nil) != isWhole {
			t.Errorf("the first %d bytes: %+v, %v", n, got, err)
		}
	}
	for _, bad := range []store.Lines{{4, 0, 0}, {0xff}, {0}, {0, 0}, {0, 5, 'x'}, {0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 'x'},
		{0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 'x'}, {2, 0, 0}} {
		n := 0
		for line, err := range bad.All() {
			if n++; err == nil || line != (store.Line{}) || n > 1 {
				t.Errorf("%x: %+v, %v", []byte(bad), line, err)
			}
		}
		if n != 1 {
			t.Errorf("%x: %d pairs, want one", []byte(bad), n)
		}
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte(store.Lines(nil).Append(store.Line{Item: "Dosa", Price: "1", Quantity: "2"})))
	f.Add([]byte{0, 200})
	f.Fuzz(func(t *testing.T, data []byte) {
		lines, err := read(data)
		if err != nil {
			return
		}
		var again store.Lines
		for _, line := range lines {
			again = again.Append(line)
		}
		if got, err := read(again); err != nil || !slices.Equal(got, lines) {
			t.Errorf("%+v, %v; want %+v", got, err, lines)
		}
	})
}
