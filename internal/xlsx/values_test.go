package xlsx

import (
	"strings"
	"testing"
)

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"0", "0"}, {"-0", "0"}, {"7", "7"}, {"-7", "-7"}, {"+7", "7"}, {"007", "7"},
		{"4.5", "4.5"}, {"4.50", "4.5"}, {"8.0", "8"}, {".5", "0.5"}, {"5.", "5"}, {"0.05", "0.05"}, {"-.25", "-0.25"},
		{"612345678", "612345678"}, {"612345678.0", "612345678"}, {"8801712345678", "8801712345678"},
		{"8.801712345678E12", "8801712345678"}, {"8.801712345678E+12", "8801712345678"}, {"1.5e-3", "0.0015"}, {"2E2", "200"}, {"1200E-2", "12"},
		{"8.5000000000000000", "8.5"}, {"8.5000000000000018", "8.5"}, {"0.30000000000000004", "0.3"}, {"2.9500000000000002", "2.95"},
		{"14.309999999999999", "14.31"}, {"-14.309999999999999", "-14.31"}, {"1.0000000000000002", "1"},
		{"123456789012345", "123456789012345"}, {"123456789012345000", "123456789012345000"},
		{"1234567890123456", "1234567890123456"}, {"12345678901234567890", "12345678901234567890"}, {"1.2345678901234567E+19", "1.2345678901234567E+19"},
		{"123456789012345.6", "123456789012345.6"}, {"12345678901234.567", "12345678901234.6"},
		{"1E400", "1E400"}, {"1E99", "1E99"}, {"1e", "1e"}, {"", ""}, {".", "."}, {"abc", "abc"}, {"1.2.3", "1.2.3"}, {"1,5", "1,5"}, {" 4.5\n", "4.5"},
	} {
		if got := string(appendNumber([]byte(">"), []byte(c.text), false)); got != ">"+c.want {
			t.Errorf("%q: got %q, want %q", c.text, got[1:], c.want)
		}
		if got, want := string(appendNumber(nil, []byte(c.text), true)), strings.Replace(c.want, ".", ",", 1); got != want {
			t.Errorf("%q with a comma: got %q, want %q", c.text, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	for _, c := range []struct {
		serial   float64
		style    style
		from1904 bool
		want     string
	}{
		{46249, isDate, false, "2026-08-15"}, {46249, isTime, false, "2026-08-15 00:00:00"},
		{46249.5, isDate, false, "2026-08-15 12:00:00"}, {46249.5, isTime, false, "2026-08-15 12:00:00"},
		{46249.4375115741, isTime, false, "2026-08-15 10:30:01"}, {46248.99999999, isTime, false, "2026-08-15 00:00:00"},
		{44787, isDate, true, "2026-08-15"}, {0, isDate, true, "1904-01-01"},
		{1, isDate, false, "1900-01-01"}, {59, isDate, false, "1900-02-28"}, {60, isDate, false, "-"}, {61, isDate, false, "1900-03-01"},
		{0, isDate, false, "-"}, {0.4375, isTime, false, "10:30:00"}, {0.999999999, isTime, false, "1900-01-01 00:00:00"}, {0.75, isTime, true, "18:00:00"},
		{1.5, isSpan, false, "36:00:00"}, {0.0423611111, isSpan, false, "1:01:00"},
		{2958465, isDate, false, "9999-12-31"}, {2958466, isDate, false, "-"}, {1e9, isTime, false, "-"}, {-1, isDate, false, "-"},
	} {
		got, ok := appendTime(nil, c.serial, c.style, c.from1904)
		if !ok {
			got = []byte("-")
		}
		if string(got) != c.want {
			t.Errorf("%v as %d (1904: %t): got %q, want %q", c.serial, c.style, c.from1904, got, c.want)
		}
	}
}

func TestStyles(t *testing.T) {
	for code, want := range map[string]style{
		"General": plain, "0": plain, "0.00": plain, "#,##0.00": plain, `#,##0.00\ "€"`: plain, "0.00E+00": plain, "##0.0E+0": plain, "@": plain, "0%": plain,
		"# ?/?": plain, `_("$"* #,##0.00_)`: plain, `[$€-2]\ #,##0.00;[Red]\-[$€-2]\ #,##0.00`: plain, `0 "days"`: plain, `0\d`: plain, "[>100]0;0.0": plain, "": plain,
		`"d`: plain, "[h": plain, "[Red]0": plain, `00000\-0000`: plain, `"Day "0`: plain,
		"yyyy-mm-dd": isDate, `yyyy\-mm\-dd`: isDate, "m/d/yy": isDate, "dd.mm.yyyy;@": isDate, "[$-409]mmm d, yyyy": isDate, "mmm-yy": isDate, "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy": isDate,
		"mmmm": isDate, "YYYY/MM/DD": isDate, "[$-411]ge.m.d": isDate, "d. mmmm": isDate, `yyyy"年"m"月"d"日"`: isDate,
		"h:mm": isTime, "h:mm AM/PM": isTime, "m/d/yy h:mm": isTime, `yyyy\-mm\-dd\Thh:mm:ss`: isTime, "mm:ss.0": isTime, "yyyy-mm-dd hh:mm:ss.000": isTime,
		"[h]:mm": isSpan, "[hh]:mm:ss": isSpan, "[mm]:ss": isSpan, "[S]": isSpan,
	} {
		if got := styleOfCode(code); got != want {
			t.Errorf("%q: got %d, want %d", code, got, want)
		}
	}
	for id, want := range map[int]style{0: plain, 1: plain, 4: plain, 9: plain, 11: plain, 13: plain, 14: isDate, 17: isDate, 18: isTime, 22: isTime, 37: plain, 44: plain, 45: isTime, 46: isSpan, 47: isTime, 48: plain, 49: plain, 164: plain} {
		if got := styleOf(id, nil); got != want {
			t.Errorf("format %d: got %d, want %d", id, got, want)
		}
	}
	if styleOf(14, map[int]string{14: "0.00"}) != plain {
		t.Error("a format that the workbook defines again is not that one")
	}
}

func TestUnescape(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a": "a", "_x000D_": "\r", "a_x000A_b_x0041_": "a\nbA", "_x005F_x000D_": "_x000D_", "_x": "_x", "_x12": "_x12", "_xZZZZ_": "_xZZZZ_", "_x000D": "_x000D", "_xD83D_": "_xD83D_", "__x0041_": "_A", "snake_xylo_": "snake_xylo_",
	} {
		if got := string(unescape([]byte(text))); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestColumns(t *testing.T) {
	for ref, want := range map[string]int{"A1": 0, "Z9": 25, "AA1": 26, "b2": 1, "XFD1048576": maxColumns - 1, "": -1, "1": -1, "A": -1, "ZZZZZZ1": -1, "$A$1": -1} {
		got, ok := columnOf(ref)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q: got %d, want %d", ref, got, want)
		}
	}
	for column, want := range map[int]string{0: "A7", 25: "Z7", 26: "AA7", 701: "ZZ7", 702: "AAA7", maxColumns - 1: "XFD7"} {
		if got := name(column, 7); got != want {
			t.Errorf("column %d: got %s, want %s", column, got, want)
		}
	}
}

// What is kept in a file reads as what is kept in memory.
func TestPaged(t *testing.T) {
	p := paged{folder: t.TempDir()}
	defer p.Close()
	var want []byte
	for i := 0; len(want) < 2*pagedBytes || len(p.mem) == 0; i++ {
		text := []byte(strings.Repeat(string(rune('a'+i%26)), i%5000))
		want = append(want, text...)
		if err := p.append(text); err != nil {
			t.Fatal(err)
		}
	}
	if p.file == nil || len(p.mem) == 0 {
		t.Fatal("nothing is in the file, or all")
	}
	for _, at := range []int{0, 1, pageBytes - 1, pageBytes, pagedBytes, len(want) - len(p.mem) - 3, len(want) - 3, 5, len(want) / 2} {
		for _, n := range []int{0, 1, 3, pageBytes + 1} {
			if at+n > len(want) {
				continue
			}
			got, err := p.at(int64(at), n)
			if err != nil || string(got) != string(want[at:at+n]) {
				t.Errorf("%d bytes at %d: %v, or not the same", n, at, err)
			}
		}
	}
}
