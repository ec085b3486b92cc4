package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"

	"process-orders/money"
	"process-orders/records"
)

func topItem(name, price, orders string) records.TopItem {
	amount, _ := money.Parse([]byte(orders))
	return records.TopItem{Name: name, Price: price, Orders: amount}
}

// Names are cut, control characters are escaped, and half a number is never shown.
func TestTopLines(t *testing.T) {
	items := []records.TopItem{
		topItem("Masala Dosa", "10.95", "12345"), topItem("茶", "1", "6172.5"), topItem("A tea with a name that is far too long for a column", "0.5", "1"),
		topItem("\x1b[31mred\u202e", "2", "0"),
	}
	for width, want := range map[int][]string{
		80: {
			"  most ordered                          quantity  price",
			"  Masala Dosa                             12,345  10.95  ██████████████████████",
			"  茶                                     6,172.5      1  ███████████",
			"  A tea with a name that is far too l…         1    0.5  ▏",
			`  \x1b[31mred\u202e                            0      2  ▏`,
		},
		40: {
			"  most ordered    quantity  price",
			"  Masala Dosa       12,345  10.95  ████",
			"  茶               6,172.5      1  ██",
			"  A tea with a …         1    0.5  ▏",
			`  \x1b[31mred\u…         0      2  ▏`,
		},
		24: {
			"  most order…  quantity",
			"  Masala Dosa    12,345",
			"  茶            6,172.5",
			"  A tea with…         1",
			`  \x1b[31mre…         0`,
		},
		10: nil,
	} {
		if got := topLines(items, "quantity", width); !slices.Equal(got, want) {
			t.Errorf("in %d columns:\n%s\nwant\n%s", width, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// The table fits into any terminal.
func TestTopLinesFit(t *testing.T) {
	var items []records.TopItem
	for i := range shownTop {
		items = append(items, topItem(strings.Repeat("茶x", i*3), strings.Repeat("9", 2*i+1), strings.Repeat("8", 2*(shownTop-i))))
	}
	for width := minTopWidth; width < 200; width++ {
		lines := topLines(items, "lines", width)
		if len(lines) != shownTop+1 {
			t.Fatalf("%d lines", len(lines))
		}
		for _, line := range lines {
			if runewidth.StringWidth(line) >= width {
				t.Errorf("%d columns wide in %d: %q", runewidth.StringWidth(line), width, line)
			}
		}
	}
	if lines := topLines(nil, "lines", 80); lines != nil {
		t.Errorf("no items are shown as %q", lines)
	}
}

func TestBar(t *testing.T) {
	var got []string
	for _, share := range []float64{0, 0.001, 0.25, 0.33, 0.5, 0.99, 1} {
		got = append(got, bar(share, 4))
	}
	if want := []string{"▏", "▏", "█", "█▍", "██", "████", "████"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
