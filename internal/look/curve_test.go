package look_test

import (
	"testing"

	"process-orders/internal/look"
)

func moments(now, then []int64) (all []look.Moment) {
	for i := range then {
		m := look.Moment{Then: then[i]}
		if i < len(now) {
			m.Now = now[i]
		}
		all = append(all, m)
	}
	return all
}

// The line of what is not over is apart from the line of what is, and starts where that ends.
func TestCurve(t *testing.T) {
	then := []int64{10, 0, 20, 10}
	for _, test := range []struct {
		name            string
		now             []int64
		isOpen          bool
		line, dots, end string
	}{
		{"nothing yet", nil, true, "", "", ""},
		{"the first hour", []int64{5}, true, "", "", "12.500%"},
		{"the second hour", []int64{20, 0}, true, "", "M125.0 0.0L375.0 190.0", "37.500%"},
		{"the third hour", []int64{20, 0, 10}, true, "M125.0 0.0L375.0 190.0", "M375.0 190.0L625.0 95.0", "62.500%"},
		{"all is over", []int64{20, 0, 10, 20}, false, "M125.0 0.0L375.0 190.0L625.0 95.0L875.0 0.0", "", "87.500%"},
	} {
		c := look.NewCurve(look.English, moments(test.now, then), len(test.now), test.isOpen)
		if c.Now != test.line || c.Open != test.dots || c.EndX != test.end {
			t.Errorf("%s: got %q, %q and %q, want %q, %q and %q", test.name, c.Now, c.Open, c.EndX, test.line, test.dots, test.end)
		}
		if want := "M125.0 95.0L375.0 190.0L625.0 0.0L875.0 95.0"; c.Then != want {
			t.Errorf("%s: got %q, want %q", test.name, c.Then, want)
		}
		if len(c.Slots) != 4 || c.Widest != "15" && c.Widest != "10" && c.Widest != "20" {
			t.Errorf("%s: got %d slots, and the widest number %q", test.name, len(c.Slots), c.Widest)
		}
	}
}

// What comes after the present hour does not make the lines lower.
func TestCurveTop(t *testing.T) {
	all := moments([]int64{4, 4, 900}, []int64{1, 2, 3})
	c := look.NewCurve(look.English, all, 2, true)
	if top := c.Grid[len(c.Grid)-1].Label; top != "4" {
		t.Errorf("the top is %s, want 4", top)
	}
}

func TestPercent(t *testing.T) {
	var n look.Notation = look.English
	for _, test := range []struct{ from, to, want string }{
		{"100", "112", "+12\u00a0%"}, {"3", "1", "−67\u00a0%"}, {"1", "1235", "+123,400\u00a0%"},
		{"0", "5", ""}, {"-1", "5", ""}, {"a", "5", ""}, {"5", "", ""}, {"200", "200", "0\u00a0%"},
	} {
		if got := n.Percent(test.from, test.to, 0); got != test.want {
			t.Errorf("from %q to %q: got %q, want %q", test.from, test.to, got, test.want)
		}
	}
}
