package input

import (
	"bytes"
	"strings"
)

// A FormatError says that a source is of a format that holds no text, or none that is read,
// as an archive, an image or a web page.
type FormatError struct {
	// Format names it, as in: a zip archive.
	Format string
	// WayOut is what to do.
	WayOut string
}

// Error returns what it is, and the way out.
func (e *FormatError) Error() string { return "this is " + e.Format + "; " + e.WayOut }

const (
	unpackFirst  = "unpack it first, as with "
	saveAsCSV    = "open it in a spreadsheet program and save it as .xlsx or CSV"
	exportAsText = "export the orders as JSON or CSV"
)

// A magic is what a format starts with; ? is any byte. None of them can start JSON or a
// table.
type magic struct {
	start string
	FormatError
}

var magics = []magic{
	{"\xfd7zXZ\x00", FormatError{"an xz archive", unpackFirst + "xz -d"}},
	{"7z\xbc\xaf\x27\x1c", FormatError{"a 7z archive", unpackFirst + "7z x"}},
	{"Rar!\x1a\x07", FormatError{"a rar archive", unpackFirst + "unrar x"}},
	{"\x04\x22\x4d\x18", FormatError{"an lz4 file", unpackFirst + "lz4 -d"}},
	{"\x1f\x9d", FormatError{"a file of compress (.Z)", unpackFirst + "gzip -d"}},
	{"\x1f\x8b\x08", FormatError{"a gzip file in a compressed file", "decompress it once more"}},
	{"\x28\xb5\x2f\xfd", FormatError{"a zstd file in a compressed file", "decompress it once more"}},
	{"BZh?1AY&SY", FormatError{"a bzip2 file in a compressed file", "decompress it once more"}},
	{"MSCF\x00\x00\x00\x00", FormatError{"a cabinet archive", unpackFirst + "cabextract"}},
	{"\x09\x08?\x00\x00", FormatError{"an old spreadsheet (.xls)", saveAsCSV}},
	{"\x09\x00\x04\x00", FormatError{"an old spreadsheet (.xls)", saveAsCSV}},
	{"%PDF-", FormatError{"a PDF document", exportAsText}},
	{"{\\rtf", FormatError{"an RTF document", exportAsText}},
	{"PAR1\x15", FormatError{"a Parquet file", exportAsText}},
	{"Obj\x01", FormatError{"an Avro file", exportAsText}},
	{"ARROW1\x00\x00", FormatError{"an Arrow file", exportAsText}},
	{"SQLite format 3\x00", FormatError{"an SQLite database", exportAsText}},
	{"PGDMP", FormatError{"a dump of PostgreSQL", exportAsText}},
	{"bplist0", FormatError{"a binary property list", exportAsText}},
	{"\x89PNG\r\n\x1a\n", anImage},
	{"\xff\xd8\xff", anImage},
	{"GIF87a", anImage},
	{"GIF89a", anImage},
	{"II*\x00", anImage},
	{"MM\x00*", anImage},
	{"RIFF????WEBP", anImage},
	{"\xff\xfe\x00\x00", inUTF32},
	{"\x00\x00\xfe\xff", inUTF32},
}

var (
	anImage = FormatError{"an image", exportAsText}
	inUTF32 = FormatError{"text in UTF-32", "convert it to UTF-8, as with iconv -f UTF-32 -t UTF-8"}
	aTar    = FormatError{"a tar archive", unpackFirst + "tar -xf"}
	aZip    = FormatError{"a zip archive", unpackFirst + "unzip"}
	inXML   = FormatError{"XML", exportAsText}
	inHTML  = FormatError{"a web page (HTML)", exportAsText + "; if it is a table that a shop saved as .xls, " + saveAsCSV}
)

const (
	zipMagic = "PK"
	oleMagic = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
)

// zipMagics are those of the first entry, of an archive without any, and of one in pieces.
var zipMagics = []string{"PK\x03\x04", "PK\x05\x06", "PK\x07\x08"}

// A kind is what a source looks like by its head.
type kind uint8

const (
	asText  kind = iota // as far as the head shows
	utf16LE             // little end first
	utf16BE
	aZipFile // perhaps a workbook
	anOLE    // an old document of an office program
	refused
)

// A look is what the head of a source shows.
type look struct {
	kind  kind
	mark  int // how long its byte order mark is
	error *FormatError
}

const (
	// headBytes is how much of a source is looked at, at most.
	headBytes = 512
	// textBytes is how much of it shows that it is text: a tar archive has a zero within
	// that, and so has UTF-16, unless it has none of ASCII.
	textBytes = 108
)

// lookAt finds what a source is by its head; final reports whether that is all of it. It
// reports false if the head is too short. With more of the head the answer stays the same.
func lookAt(head []byte, final bool) (l look, ok bool) {
	final = final || len(head) >= headBytes
	for _, m := range magics {
		if is, ok := starts(head, m.start); is {
			return look{kind: refused, error: &m.FormatError}, true
		} else if !ok && !final {
			return look{}, false
		}
	}
	for _, m := range zipMagics {
		if is, ok := starts(head, m); is {
			return look{kind: aZipFile}, true
		} else if !ok && !final {
			return look{}, false
		}
	}
	for _, m := range []struct {
		start string
		look
	}{
		{oleMagic, look{kind: anOLE}}, {"\xff\xfe", look{utf16LE, 2, nil}}, {"\xfe\xff", look{utf16BE, 2, nil}},
	} {
		if is, ok := starts(head, m.start); is {
			return m.look, true
		} else if !ok && !final {
			return look{}, false
		}
	}
	return lookAtText(head, final)
}

// starts reports whether head starts so, and whether it is long enough to know.
func starts(head []byte, magic string) (is, known bool) {
	for i := range len(magic) {
		switch {
		case i == len(head):
			return false, false
		case magic[i] != '?' && magic[i] != head[i]:
			return false, true
		}
	}
	return true, true
}

const utf8Mark = "\xef\xbb\xbf"

// lookAtText looks at what starts with no magic.
func lookAtText(head []byte, final bool) (l look, ok bool) {
	is, known := starts(head, utf8Mark)
	if !known && !final {
		return look{}, false
	} else if is {
		l.mark = len(utf8Mark)
	}
	first := -1 // the first character that is no white space
	for i := l.mark; i < len(head) && i < textBytes; i++ {
		c := head[i]
		switch {
		case c == 0 && l.mark > 0:
			return l, true
		case c == 0:
			return lookAtZeros(head, final)
		case first >= 0 && i == first+1 && isOpening(head[first]), first >= 0 && c == '\n' && head[first] != '<':
			return l, true
		case first < 0 && c != ' ' && c != '\t' && c != '\r' && c != '\n':
			first = i
		}
	}
	switch {
	case first >= 0 && head[first] == '<' && !final:
		return look{}, false
	case first >= 0 && head[first] == '<':
		if err := markup(head[first:]); err != nil {
			return look{kind: refused, error: err}, true
		}
		return l, true
	}
	return l, final || len(head) >= textBytes
}

// isOpening reports whether a character opens an object or an array of JSON. No table starts
// with one.
func isOpening(c byte) bool { return c == '{' || c == '[' }

// lookAtZeros looks at what has a zero byte, and so is neither JSON nor a table in UTF-8.
func lookAtZeros(head []byte, final bool) (l look, ok bool) {
	if !final {
		return look{}, false
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		return look{kind: refused, error: &aTar}, true
	}
	var zeros [2]int // at even and at odd offsets
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	switch {
	case zeros[0] == 0 && isUTF16(head, littleEnd):
		l.kind = utf16LE
	case zeros[1] == 0 && isUTF16(head, bigEnd):
		l.kind = utf16BE
	}
	return l, true
}

// markup returns what a text is that starts with a tag; nil if it may be something else.
func markup(text []byte) *FormatError {
	lower := strings.ToLower(string(text))
	for _, page := range []string{"<!doctype html", "<html", "<head", "<body", "<table", "<meta"} {
		if rest, ok := strings.CutPrefix(lower, page); ok && (rest == "" || strings.ContainsAny(rest[:1], " \t\r\n/>")) {
			return &inHTML
		}
	}
	for _, document := range []string{"<?xml", "<!doctype", "<!--"} {
		if strings.HasPrefix(lower, document) {
			if strings.Contains(lower, "<html") {
				return &inHTML
			}
			return &inXML
		}
	}
	line, _, _ := strings.Cut(lower, "\n")
	if isTags(strings.TrimSpace(line)) {
		return &inXML
	}
	return nil
}

// isTags reports whether a line starts with a tag and has nothing outside of tags that could
// separate the names of columns.
func isTags(line string) bool {
	if len(line) < 2 || line[1] < 'a' || line[1] > 'z' || !strings.Contains(line, ">") {
		return false
	}
	within := false
	for _, c := range line {
		switch {
		case c == '<' || c == '>':
			within = c == '<'
		case !within && strings.ContainsRune(",;\t|", c):
			return false
		}
	}
	return true
}

// zipFormat names an archive that is no workbook by what is in it.
func zipFormat(names []string) *FormatError {
	for _, name := range names {
		name = strings.ToLower(name)
		switch {
		case name == "xl/workbook.bin":
			return &FormatError{"a binary workbook (.xlsb)", saveAsCSV}
		case strings.HasSuffix(name, ".iwa"):
			return &FormatError{"a document of Numbers, Pages or Keynote", "open it there and export it as CSV"}
		case name == "word/document.xml":
			return &FormatError{"a text document (.docx)", exportAsText}
		}
	}
	return &aZip
}

// officeFormat names a document of OpenDocument by its type; nil if it is none.
func officeFormat(mediaType []byte) *FormatError {
	switch {
	case bytes.HasPrefix(mediaType, []byte("application/vnd.oasis.opendocument.spreadsheet")):
		return &FormatError{"an OpenDocument spreadsheet (.ods)", saveAsCSV}
	case bytes.HasPrefix(mediaType, []byte("application/vnd.oasis.opendocument")):
		return &FormatError{"an OpenDocument text", exportAsText}
	}
	return nil
}

// oleFormat names an old document by the names of its streams, which are in UTF-16.
func oleFormat(directory []byte) *FormatError {
	has := func(name string) bool {
		return bytes.Contains(directory, []byte(strings.Join(strings.Split(name, ""), "\x00")+"\x00"))
	}
	switch {
	case has("EncryptedPackage"):
		return &FormatError{"a workbook that is protected by a password", "open it in a spreadsheet program and save it without one"}
	case has("Workbook"), has("Book"):
		return &FormatError{"an old spreadsheet (.xls)", saveAsCSV}
	}
	return &FormatError{"an old document of an office program, as .xls is", exportAsText}
}
