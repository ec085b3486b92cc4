package input_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"process-orders/input"
)

// as16 is a text in UTF-16.
func as16(order binary.AppendByteOrder, text string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

var little, big binary.AppendByteOrder = binary.LittleEndian, binary.BigEndian

const (
	someJSON  = `[{"phone":"1","name":"Zoë Ζωή 🍵","items":[]}]` + "\n"
	someTable = "Заказ;Телефон;Größe\r\n1;+43 1;5,50 €\r\n"
)

// What is in an encoding comes out as UTF-8.
func TestEncodings(t *testing.T) {
	long := strings.Repeat(someJSON, 20_000)
	for _, c := range []struct{ name, encoding, content, want string }{
		{"UTF-16 with a mark, little end first", "", as16(little, "\ufeff"+someJSON), someJSON},
		{"UTF-16 with a mark, big end first", "", as16(big, "\ufeff"+someJSON), someJSON},
		{"UTF-16 without a mark, little end first", "", as16(little, someJSON), someJSON},
		{"UTF-16 without a mark, big end first", "", as16(big, someJSON), someJSON},
		{"UTF-16 of a table", "", as16(little, someTable), someTable},
		{"UTF-16 of a table, big end first", "", as16(big, someTable), someTable},
		{"UTF-16 of a table of an English shop", "", as16(little, "Order\tPhone\n1\t2\n"), "Order\tPhone\n1\t2\n"},
		{"UTF-16, a long one", "", as16(little, "\ufeff"+long), long},
		{"UTF-16, a byte order mark alone", "", "\xff\xfe", ""},
		{"UTF-16, one character", "", "[\x00", "["},
		{"UTF-16, nothing but []", "", as16(little, "[]"), "[]"},
		{"UTF-16, white space first", "", as16(little, "\n []"), "\n []"},
		{"UTF-16, compressed", "", gzipped(as16(little, "\ufeff"+someJSON)), someJSON},
		{"UTF-16, named, with a mark", "utf-16", as16(big, "\ufeff"+someJSON), someJSON},
		{"UTF-16, named, without a mark", "utf-16le", as16(little, "Ελένη"), "Ελένη"},
		{"UTF-16, named, big end first", "UTF-16BE", as16(big, "Ελένη"), "Ελένη"},
		{"UTF-16, a mark says more than a name", "windows-1252", as16(little, "\ufeffé"), "é"},
		{"UTF-16, zeros say more than a name", "windows-1252", as16(little, someJSON), someJSON},
		{"UTF-8 with a mark and a name", "windows-1252", "\xef\xbb\xbfé", "\xef\xbb\xbfé"},
		{"UTF-8 with a mark, named UTF-16", "utf-16", "\xef\xbb\xbfé", "\xef\xbb\xbfé"},
		{"UTF-8", "", someJSON, someJSON},
		{"UTF-8, named", "UTF-8", someJSON, someJSON},
		{"not UTF-8, which others find", "", "J\xf6rg", "J\xf6rg"},
		{"windows-1252", "windows-1252", "J\xf6rg \x80 5 \x93x\x94 CAF\xc9\x94", "Jörg € 5 “x” CAFÉ”"},
		{"windows-1252, ASCII alone", "windows-1252", "Order,Phone\n", "Order,Phone\n"},
		{"windows-1252, nothing", "windows-1252", "", ""},
		{"windows-1252, a long one", "Windows-1252", strings.Repeat("J\xf6rg\n", 200_000), strings.Repeat("Jörg\n", 200_000)},
		{"windows-1252, compressed", "windows-1252", gzipped("J\xf6rg"), "Jörg"},
		{"iso-8859-1", "iso-8859-1", "J\xf6rg \xdf", "Jörg ß"},
		{"iso-8859-15", "iso-8859-15", "5 \xa4", "5 €"},
		{"windows-1250", "windows-1250", "\x8akoda, Ji\xf8\xed", "Škoda, Jiří"},
		{"windows-1251", "windows-1251", "\xd2\xe5\xeb\xe5\xf4\xee\xed", "Телефон"},
		{"shift_jis", "shift_jis", "\x93\xfa\x96\x7b", "日本"},
		{"gbk that is UTF-8 by chance", "gbk", "\xc1\xaa\xcd\xa8", "联通"},
		{"gbk", "gbk", strings.Repeat("\xb6\xa9\xb5\xa5\n", 200_000), strings.Repeat("订单\n", 200_000)},
	} {
		for _, wrap := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.DataErrReader} {
			source := via("in", c.content, wrap)
			source.Encoding = c.encoding
			got, err := input.Head(context.Background(), source, len(c.want)+10)
			if string(got) != c.want || err != nil {
				t.Errorf("%s: got %.100q and %v, want %.100q", c.name, got, err, c.want)
			}
			if len(c.content) > 100_000 {
				break
			}
		}
	}
}

// What is not in its encoding is an error with its place, after all that is before it.
func TestEncodingErrors(t *testing.T) {
	const cutOff = "UTF-16 has two bytes a character, and one is left over; the file is cut off"
	const half = "half of a surrogate pair, so this is not valid UTF-16; the file is damaged"
	for _, c := range []struct{ name, encoding, content, before, want string }{
		{"an odd byte", "", as16(little, "\ufeff[]\n[") + "x", "[]\n[", "line 2, column 2: " + cutOff},
		{"a mark and an odd byte", "", "\xfe\xff\x00", "", "line 1, column 1: " + cutOff},
		{"half of a pair at the end", "", as16(little, "\ufeffé") + "\x3c\xd8", "é", "line 1, column 3: the text ends within a character; the file is cut off"},
		{"half of a pair and an odd byte", "", as16(little, "\ufeffé") + "\x3c\xd8\x75", "é", "line 1, column 3: the text ends within a character; the file is cut off"},
		{"the first half twice", "", as16(little, "\ufeff[\n") + "\x3c\xd8\x3c\xd8]\x00", "[\n", "line 2, column 1: " + half},
		{"the second half first", "", as16(big, "\ufeff[") + "\xdf\x75\xd8\x3c", "[", "line 1, column 2: " + half},
		{"a byte that windows-1252 has not", "windows-1252", "a\nJ\xf6rg \x81", "a\nJörg ", "line 2, column 7: the byte 0x81 is no character of windows-1252; the file is damaged or in another encoding"},
		{"UTF-8 as windows-1252", "windows-1252", "Jörg\nZoë\n", "JÃ¶rg\nZoÃ«\n", "line 3, column 1: all of the text before is valid UTF-8, and hardly windows-1252; read it as UTF-8"},
		{"UTF-8 as windows-1251", "windows-1251", "Телефон", "", "all of the text before is valid UTF-8, and hardly windows-1251; read it as UTF-8"},
		{"UTF-8 as shift_jis", "shift_jis", "Zoë, Jörg, José\nBjörk\n", "Zoﾃｫ, Jﾃｶrg, Josﾃｩ\nBjﾃｶrk\n", "line 3, column 1: all of the text before is valid UTF-8, and hardly shift_jis; read it as UTF-8"},
		{"not shift_jis", "shift_jis", "a\n\x93\xfa\xff", "a\n日", "line 2, column 4: this is no character of shift_jis; the file is damaged or in another encoding"},
		{"shift_jis that is cut off", "shift_jis", "a\x93", "a", "line 1, column 2: this is no character of shift_jis; the file is damaged or in another encoding"},
	} {
		for _, wrap := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.DataErrReader} {
			source := via("in", c.content, wrap)
			source.Encoding = c.encoding
			got, err := input.Head(context.Background(), source, 1000)
			var wrong *input.EncodingError
			if !errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), "in: line ") || !strings.HasSuffix(err.Error(), c.want) {
				t.Errorf("%s: got %v, want %s", c.name, err, c.want)
			}
			if c.before != "" && string(got) != c.before {
				t.Errorf("%s: got %q before it, want %q", c.name, got, c.before)
			}
		}
	}
}

// An error of the source itself stays what it is, behind what was decoded.
func TestReadErrorInEncoding(t *testing.T) {
	for n := 2; n < 20; n++ {
		source := via("in", as16(little, "\ufeff[{},\n{},{}]")[:n], func(r io.Reader) io.Reader { return io.MultiReader(r, iotest.ErrReader(errDisk)) })
		if _, err := input.Head(context.Background(), source, 100); message(err) != "in: input/output error" {
			t.Errorf("after %d bytes: got %v", n, err)
		}
	}
}

func TestCheckEncoding(t *testing.T) {
	for _, name := range append(input.UsualEncodings(), "", "UTF8", "latin1", "cp1252", "Windows-1257", " ascii ", "koi8-r", "macintosh") {
		if err := input.CheckEncoding(name); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"utf", "utf-7", "windows", "replacement", "x-user-defined", "1252", "\x00", "--"} {
		err := input.CheckEncoding(name)
		if err == nil || !strings.HasSuffix(err.Error(), "the usual ones are utf-8, utf-16, utf-16le, utf-16be, windows-1252, iso-8859-1, iso-8859-15, windows-1250, windows-1251, shift_jis, gbk, big5, euc-kr") {
			t.Errorf("%q: %v", name, err)
		}
		source := stream("in", order)
		source.Encoding = name
		if _, again := input.Open(context.Background(), source, nil); err != nil && message(again) != "in: "+err.Error() {
			t.Errorf("%q: got %v", name, again)
		}
	}
	if !slices.Contains(input.UsualEncodings(), "windows-1252") {
		t.Error("the most usual one is missing")
	}
}

// Nothing that is read is changed by its encoding: any text that is written in UTF-16 is
// that text again.
func FuzzUTF16(f *testing.F) {
	for _, text := range []string{someJSON, someTable, "", "🍵", "\ufffd", "\x00", "\ufeff"} {
		f.Add(text, true)
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, isBig bool) {
		text = strings.ToValidUTF8(text, "?")
		order := little
		if isBig {
			order = big
		}
		source := stream("in", as16(order, "\ufeff"+text))
		if !isBig && strings.HasPrefix(text, "\x00") {
			t.Skip("this is the mark of UTF-32")
		}
		got, err := input.Head(context.Background(), source, len(text)+1)
		if string(got) != text || err != nil {
			t.Errorf("%q: got %q and %v", text, got, err)
		}
	})
}
