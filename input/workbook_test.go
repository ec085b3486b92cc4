package input_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"process-orders/input"
)

const (
	spreadsheetML = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	contentTypes  = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`
)

// zipped is an archive of files, each with its name and its content.
func zipped(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err == nil {
			_, err = w.Write([]byte(files[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// workbook is the smallest one: a sheet with these rows, and more parts.
func workbook(t testing.TB, rows string, more ...string) string {
	return zipped(t, append([]string{
		"[Content_Types].xml", contentTypes,
		"xl/workbook.xml", `<workbook ` + spreadsheetML + `><sheets><sheet name="Orders" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/worksheets/sheet1.xml", sheetOf(rows),
	}, more...)...)
}

func sheetOf(rows string) string {
	return `<worksheet ` + spreadsheetML + `><sheetData>` + rows + `</sheetData></worksheet>`
}

// inline is a cell with a text of its own.
func inline(text string) string { return `<c t="inlineStr"><is><t>` + text + `</t></is></c>` }

const (
	sharedTexts = `<sst ` + spreadsheetML + `><si><t>Phone</t></si><si><r><t>Rich </t></r><r><rPr><b/></rPr><t>text</t></r><rPh sb="0" eb="1"><t>PHONETIC</t></rPh></si><si><t xml:space="preserve"> a "b", c </t></si><si><t/></si></sst>`
	someStyles  = `<styleSheet ` + spreadsheetML + `><numFmts count="1"><numFmt numFmtId="164" formatCode="dd\.mm\.yyyy\ hh:mm"/></numFmts>` +
		`<cellStyleXfs><xf numFmtId="22"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="4"/><xf numFmtId="46"/></cellXfs><dxfs><dxf><numFmt numFmtId="164" formatCode="0"/></dxf></dxfs></styleSheet>`
)

// What is in a workbook comes out as CSV. The values were made by hand.
func TestWorkbook(t *testing.T) {
	relations := func(body string) string {
		return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + body + `</Relationships>`
	}
	for _, c := range []struct {
		name, content, want string
	}{
		{"inline texts", workbook(t, `<row>`+inline("Phone")+inline("Name")+`</row><row>`+inline("0612345678")+inline("Ann &amp; Bob")+`</row>`), "Phone,Name\n0612345678,Ann & Bob\n"},
		{"numbers", workbook(t, `<row r="1"><c r="A1"><v>612345678</v></c><c r="B1"><v>1.2345678901E+10</v></c><c r="C1" t="n"><v>8.5000000000000018</v></c><c r="D1"><v>1234567890123456789</v></c></row>`), "612345678,12345678901,8.5,1234567890123456789\n"},
		{"numbers that have a format", workbook(t, `<row><c s="3"><v>1234.5</v></c><c s="9"><v>1</v></c></row>`, "xl/styles.xml", someStyles), "1234.5,1\n"},
		{"dates", workbook(t, `<row><c s="1"><v>46249</v></c><c s="2"><v>46249.4375</v></c><c s="1"><v>46249.5</v></c><c s="0"><v>46249</v></c><c s="4"><v>1.5</v></c><c t="d"><v>2026-08-15T10:30:00</v></c></row>`, "xl/styles.xml", someStyles),
			"2026-08-15,2026-08-15 10:30:00,2026-08-15 12:00:00,46249,36:00:00,2026-08-15T10:30:00\n"},
		{"dates since 1904", zipped(t, "[Content_Types].xml", "", "xl/workbook.xml", `<workbook `+spreadsheetML+`><workbookPr date1904="1"/><sheets><sheet name="S"/></sheets></workbook>`,
			"xl/worksheets/sheet1.xml", sheetOf(`<row><c s="1"><v>44787</v></c></row>`), "xl/styles.xml", someStyles), "2026-08-15\n"},
		{"shared and rich texts", workbook(t, `<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>2</v></c><c t="s"><v>3</v></c><c t="s"><v>0</v></c></row>`, "xl/sharedStrings.xml", sharedTexts), "Phone,Rich text,\" a \"\"b\"\", c \",,Phone\n"},
		{"booleans and errors", workbook(t, `<row><c t="b"><v>1</v></c><c t="b"><v>0</v></c><c t="e"><v>#N/A</v></c></row>`), "true,false,#N/A\n"},
		{"formulas", workbook(t, `<row><c><f>1+1</f><v>2</v></c><c t="str"><f>A1&amp;"x"</f><v>2x</v></c><c t="str"><f>""</f><v></v></c><c t="b"><f>TRUE()</f><v>1</v></c></row>`), "2,2x,,true\n"},
		{"cells that are not there", workbook(t, `<row r="1"><c r="B1"><v>1</v></c><c r="E1"><v>2</v></c></row><row r="2"><c r="A2"><v>3</v></c></row>`), ",1,,,2\n3,,,,\n"},
		{"rows that are not there", workbook(t, `<row r="2"><c><v>1</v></c></row><row r="4"><c><v>2</v></c></row><row r="5"/><row r="9"><c s="1"/></row>`), "\n1\n\n2\n"},
		{"a row that is longer by blanks", workbook(t, `<row><c><v>1</v></c></row><row><c><v>2</v></c><c s="1"/><c t="str"><v></v></c></row>`), "1\n2\n"},
		{"hidden rows and merged cells", workbook(t, `<row hidden="1"><c><v>1</v></c><c/></row></sheetData><mergeCells><mergeCell ref="A1:B1"/></mergeCells><sheetData>`), "1\n"},
		{"ends of lines in a cell", workbook(t, `<row>`+inline("a&#10;b")+inline("c_x000D_d")+`</row>`), "\"a\nb\",\"c\rd\"\n"},
		{"prefixes, comments and a processing instruction", zipped(t, "[Content_Types].xml", "", "xl/workbook.xml", `<?xml version="1.0"?><x:workbook xmlns:x="u"><x:sheets><x:sheet name="S"/></x:sheets></x:workbook>`,
			"xl/worksheets/sheet1.xml", `<x:worksheet xmlns:x="u"><x:sheetData><!-- c --><x:row><x:c><x:v>1<!-- c -->2</x:v></x:c></x:row></x:sheetData></x:worksheet>`), "12\n"},
		{"other paths", zipped(t, `[content_types].xml`, "", `xl\workbook.xml`, `<workbook `+spreadsheetML+`><sheets><sheet name="S" r:id="a"/></sheets></workbook>`,
			`xl\_rels\workbook.xml.rels`, relations(`<Relationship Id="a" Type="http://x/worksheet" Target="/xl/tables/first.xml"/><Relationship Id="b" Type="http://x/sharedStrings" Target="texts.xml"/>`),
			"xl/tables/first.xml", sheetOf(`<row><c t="s"><v>0</v></c></row>`), "xl/texts.xml", sharedTexts), "Phone\n"},
		{"the first is a chart, the second hidden", zipped(t, "[Content_Types].xml", "", "xl/workbook.xml", `<workbook `+spreadsheetML+`><sheets><sheet name="C" r:id="c"/><sheet name="H" state="hidden" r:id="h"/><sheet name="S" r:id="s"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels", relations(`<Relationship Id="c" Type="x/chartsheet" Target="chartsheets/sheet1.xml"/><Relationship Id="h" Type="x/worksheet" Target="worksheets/h.xml"/><Relationship Id="s" Type="x/worksheet" Target="worksheets/s.xml"/>`),
			"xl/worksheets/h.xml", sheetOf(`<row><c><v>1</v></c></row>`), "xl/worksheets/s.xml", sheetOf(`<row><c><v>2</v></c></row>`)), "2\n"},
		{"compressed as a file", gzipped(workbook(t, `<row><c><v>1</v></c></row>`)), "1\n"},
	} {
		if got, err := readOne(t, c.name, stream("in.xlsx", c.content)); got != c.want || err != nil {
			t.Errorf("%s: got %q and %v, want %q", c.name, got, err, c.want)
		}
	}
}

func TestDecimalComma(t *testing.T) {
	source := stream("in.xlsx", workbook(t, `<row><c><v>1299.5</v></c><c><v>7</v></c><c s="1"><v>46249</v></c><c t="str"><v>1.5</v></c></row>`, "xl/styles.xml", someStyles))
	source.DecimalComma = true
	if got, err := readOne(t, "a comma", source); got != "\"1299,5\",7,2026-08-15,1.5\n" || err != nil {
		t.Errorf("got %q and %v", got, err)
	}
}

func TestSheets(t *testing.T) {
	content := zipped(t, "[Content_Types].xml", "", "xl/workbook.xml", `<workbook `+spreadsheetML+`><sheets><sheet name="Jan"/><sheet name="Feb"/><sheet name="Old" state="veryHidden"/></sheets></workbook>`,
		"xl/worksheets/sheet1.xml", sheetOf(`<row><c><v>1</v></c></row>`), "xl/worksheets/sheet2.xml", sheetOf(`<row><c><v>2</v></c></row>`), "xl/worksheets/sheet3.xml", sheetOf(``))
	for sheet, want := range map[string]string{
		"": "1\n", "Jan": "1\n", "Feb": "2\n", " feb": "2\n",
		"Mar": `in.xlsx: the workbook has no sheet "Mar"; it has "Jan", "Feb", "Old"`,
		"Old": `in.xlsx: the sheet "Old" has no cells; the workbook has "Jan", "Feb", "Old"`,
	} {
		source := stream("in.xlsx", content)
		source.Sheet = sheet
		got, err := readOne(t, sheet, source)
		if err != nil {
			got += message(err)
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", sheet, got, want)
		}
	}
}

// A workbook that cannot be read as a whole is an error, whatever other programs make of it.
func TestDamagedWorkbook(t *testing.T) {
	const one, three = `<row r="1"><c><v>1</v></c></row>`, `<row r="3"><c><v>3</v></c></row>`
	cut := func(sheet string) string {
		return zipped(t, "[Content_Types].xml", "", "xl/workbook.xml", `<workbook `+spreadsheetML+`><sheets><sheet name="S"/></sheets></workbook>`, "xl/worksheets/sheet1.xml", sheet)
	}
	long := strings.Repeat("x", 1<<20+1)
	for _, c := range []struct{ name, content, want string }{
		{"the given one", zipped(t, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<workbook/>", "xl/worksheets/sheet1.xml", "<worksheet/>"), "the workbook has no sheets"},
		{"no sheet behind its name", zipped(t, "[Content_Types].xml", "", "xl/workbook.xml", `<workbook><sheets><sheet name="S"/></sheets></workbook>`), "the workbook is damaged: it has no xl/worksheets/sheet1.xml"},
		{"no cells", workbook(t, ""), `the sheet "Orders" has no cells`},
		{"blank cells", workbook(t, `<row r="7"><c s="1"/></row>`), `the sheet "Orders" has no cells`},
		{"a character that XML has not", workbook(t, one+`<row r="2">`+inline("a\x01")+`</row>`+three), "xl/worksheets/sheet1.xml: XML syntax error"},
		{"an ampersand", workbook(t, one+`<row r="2">`+inline("a & b")+`</row>`+three), "xl/worksheets/sheet1.xml: XML syntax error"},
		{"the XML is cut off", cut(strings.TrimSuffix(sheetOf(one+three), "</sheetData></worksheet>")), "xl/worksheets/sheet1.xml: XML syntax error"},
		{"the XML is cut off behind the rows", cut(strings.TrimSuffix(sheetOf(one+three), "</worksheet>")), "xl/worksheets/sheet1.xml: XML syntax error"},
		{"no XML", cut(""), "xl/worksheets/sheet1.xml"},
		{"a text that is not there", workbook(t, one+`<row r="2"><c t="s"><v>7</v></c></row>`+three, "xl/sharedStrings.xml", sharedTexts), `the cell A2 of the sheet "Orders": there is no text 7`},
		{"a text with a negative number", workbook(t, `<row><c t="s"><v>-1</v></c></row>`, "xl/sharedStrings.xml", sharedTexts), "there is no text -1"},
		{"a text without a number", workbook(t, `<row><c t="s"><v>x</v></c></row>`), "the number of its text is no number"},
		{"a formula that was not calculated", workbook(t, one+`<row r="2"><c/><c/><c><f>A1+1</f></c></row>`), `the cell C2 of the sheet "Orders": it has a formula and no value; open the file`},
		{"rows in disorder", workbook(t, three+one), `row "1" comes after row 3`},
		{"a row twice", workbook(t, one+one), `row "1" comes after row 1`},
		{"a row that cannot be", workbook(t, `<row r="1048577"/>`), `row "1048577"`},
		{"cells in disorder", workbook(t, `<row><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>`), `the cell "A1" in row 1`},
		{"a column that cannot be", workbook(t, `<row><c r="XFE1"><v>1</v></c></row>`), "more than 16384 columns"},
		{"a part twice", workbook(t, one, "XL/workbook.xml", ""), `it has "xl/workbook.xml" twice`},
		{"a long text", workbook(t, `<row>`+inline(long)+`</row>`), "has a text of more than 1 MiB"},
		{"a long text in parts", workbook(t, `<row>`+inline(strings.Repeat(long[:1<<10]+"<!-- -->", 1<<10+1))+`</row>`), "has a text of more than 1 MiB"},
		{"a long attribute", workbook(t, `<row x="`+long+`"/>`), "has a text of more than 1 MiB"},
		{"a long row", workbook(t, `<row>`+strings.Repeat(inline(long[:1<<19]), 40)+`</row>`), "has more than 16 MiB in row 1"},
		{"a long shared text", workbook(t, one, "xl/sharedStrings.xml", `<sst><si><t>`+long+`</t></si></sst>`), "xl/sharedStrings.xml has a text of more than 1 MiB"},
		{"deep", workbook(t, strings.Repeat("<a>", 100)+strings.Repeat("</a>", 100)), "has elements in more than 64 others"},
		{"many sheets", zipped(t, "[Content_Types].xml", "", "xl/workbook.xml", "<workbook>"+strings.Repeat(`<sheet name="`+long[:1000]+`"/>`, 20_000)+"</workbook>"), "xl/workbook.xml is larger than 16 MiB"},
		{"many files", zipped(t, manyFiles(2000)...), "this is a zip archive of very many files; unpack it first"},
	} {
		got, err := input.Head(context.Background(), stream("in.xlsx", c.content), 1<<22)
		if err == nil || !strings.HasPrefix(err.Error(), "in.xlsx: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %d bytes and %v, want %s", c.name, len(got), err, c.want)
		}
	}
}

func manyFiles(n int) (files []string) {
	for i := range n {
		files = append(files, fmt.Sprintf("xl/%d%s", i, strings.Repeat("x", 3000)), "")
	}
	return files
}

// Whatever is cut off or changed in a workbook, it is an error or all of its rows are right.
func TestWorkbookBits(t *testing.T) {
	content := workbook(t, `<row><c t="s"><v>0</v></c><c><v>2.5</v></c></row><row><c s="1"><v>46249</v></c></row>`, "xl/sharedStrings.xml", sharedTexts, "xl/styles.xml", someStyles,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="x/styles" Target="styles.xml"/></Relationships>`)
	const want = "Phone,2.5\n2026-08-15,\n"
	if got, err := input.Head(context.Background(), stream("in", content), 1000); string(got) != want || err != nil {
		t.Fatalf("got %q and %v", got, err)
	}
	for n := 4; n < len(content); n++ {
		if got, err := input.Head(context.Background(), stream("in", content[:n]), 1000); err == nil {
			t.Errorf("cut off after %d bytes: got %q", n, got)
		}
	}
	kept := 0
	for i := 4; i < len(content); i++ {
		changed := []byte(content)
		changed[i] ^= 1 << (i % 8)
		got, err := input.Head(context.Background(), stream("in", string(changed)), 1000)
		if err == nil && string(got) != want {
			t.Errorf("byte %d changed: got %q", i, got)
		}
		if err == nil {
			kept++
		}
	}
	if kept > len(content)/3 {
		t.Errorf("%d of %d changes were not noticed", kept, len(content))
	}
}

// A file that takes no space and holds a lot takes no memory.
func TestBomb(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	part := func(name string, write func(io.Writer)) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		write(w)
	}
	text := func(s string) func(io.Writer) { return func(w io.Writer) { io.WriteString(w, s) } }
	part("[Content_Types].xml", text(""))
	part("xl/workbook.xml", text(`<workbook><sheets><sheet name="S"/></sheets></workbook>`))
	part("xl/media/picture.png", func(w io.Writer) { // which nobody reads
		for range 30 {
			w.Write(make([]byte, 1<<20))
		}
	})
	part("xl/sharedStrings.xml", func(w io.Writer) {
		io.WriteString(w, "<sst>")
		for range 50 {
			io.WriteString(w, strings.Repeat("<si><t>"+strings.Repeat("x", 1000)+"</t></si>", 1000))
		}
		io.WriteString(w, "</sst>")
	})
	part("xl/worksheets/sheet1.xml", func(w io.Writer) {
		io.WriteString(w, "<worksheet><sheetData>")
		for range 50 {
			io.WriteString(w, `<row>`+strings.Repeat(`<c t="s"><v>49999</v></c>`, 100)+`</row>`)
		}
		io.WriteString(w, "</sheetData></worksheet>")
	})
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	source := stream("bomb.xlsx", b.String())
	source.SpoolFolder = folder
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	open, err := input.Open(context.Background(), source, nil)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 24<<20 {
		t.Errorf("an open workbook takes %d MiB", grown>>20)
	}
	n, err := io.Copy(io.Discard, open)
	if want := int64(50 * 100 * 1001); n != want || err != nil {
		t.Errorf("got %d bytes and %v, want %d", n, err, want)
	}
	if err := open.Close(); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir(folder); len(entries) > 0 || err != nil {
		t.Errorf("the folder has %v, %v", entries, err)
	}
}

// A workbook that is large, as a file and in its texts, reads like a small one, leaves
// nothing behind, also if nobody reads it to its end, and can be interrupted.
func TestLargeWorkbook(t *testing.T) {
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	const rows = 30_000
	var want strings.Builder
	for i := range rows {
		text := fmt.Sprintf("%x%x", i*7919*104729, i*i*i*15485863)
		text = text + text + text + text
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), []any{i, text}); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&want, "%d,%s\n", i, text)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	folder, goroutines := t.TempDir(), runtime.NumGoroutine()
	// It is padded in front of its end, so that it comes to a temporary file.
	source := stream("in.xlsx", padded(t, b.Bytes(), 5<<20))
	source.SpoolFolder = folder
	got, err := input.Head(context.Background(), source, want.Len()+1)
	if string(got) != want.String() || err != nil {
		t.Errorf("got %d bytes and %v, want %d", len(got), err, want.Len())
	}
	if got, err := input.Head(context.Background(), source, 100); string(got) != want.String()[:100] || err != nil {
		t.Errorf("the head is %q, %v", got, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	open, err := input.Open(ctx, source, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(open, make([]byte, 1000)); err != nil {
		t.Error(err)
	}
	cancel()
	if _, err := io.Copy(io.Discard, open); err != context.Canceled {
		t.Errorf("after the end of the context: %v", err)
	}
	open.Close()
	source.SpoolFolder = folder + "/missing"
	if _, err := input.Head(context.Background(), source, 1); message(err) != "in.xlsx: copy it to a temporary file, to read it as a workbook: no such file or directory" {
		t.Errorf("without a folder: %v", err)
	}
	if entries, err := os.ReadDir(folder); len(entries) > 0 || err != nil {
		t.Errorf("the folder has %v, %v", entries, err)
	}
	if n := fewestGoroutines(goroutines); n > goroutines {
		t.Errorf("%d goroutines are left", n-goroutines)
	}
}

// padded adds a part of so many bytes that are not compressed.
func padded(t *testing.T, content []byte, size int) string {
	t.Helper()
	from, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	to := zip.NewWriter(&b)
	for _, f := range from.File {
		if err := to.Copy(f); err != nil {
			t.Fatal(err)
		}
	}
	w, err := to.CreateHeader(&zip.FileHeader{Name: "xl/media/image1.png", Method: zip.Store})
	if err == nil {
		_, err = w.Write(make([]byte, size))
	}
	if err = errors.Join(err, to.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The end of the context ends the wait for the rest of a workbook that comes by a pipe.
func TestCancelWorkbook(t *testing.T) {
	content := workbook(t, `<row><c><v>1</v></c></row>`)
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	source := stalled(t, content[:len(content)-5])
	within(t, "Open", func() {
		if _, err := input.Open(ctx, source, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// excelize is a second reader: of what it writes, both read the same. Types of Go become
// the cells that Excel would have.
func TestLikeExcelize(t *testing.T) {
	f := excelize.NewFile()
	at := time.Date(2026, 8, 15, 10, 30, 0, 0, time.UTC)
	want := [][]string{
		{"Order", "Phone", "Name", "Price", "When", "Paid", "Note"},
		{"1001", "612345678", "Ann", "4.5", "2026-08-15 10:30:00", "true", "a, \"b\"\nc"},
		{"1002", "8801712345678", "Bob ", "1299", "2026-08-16 10:30:00", "false", "=1+1"},
		{"1003", "0612345678", "Ζωή 🍵", "0.1", "2026-08-17 10:30:00", "true", "12345678901234567890"},
	}
	for i, row := range [][]any{
		{"Order", "Phone", "Name", "Price", "When", "Paid", "Note"},
		{1001, 612345678, "Ann", 4.5, at, true, "a, \"b\"\nc"},
		{1002, int64(8801712345678), "Bob ", 1299, at.AddDate(0, 0, 1), false, "=1+1"},
		{1003, "0612345678", "Ζωή 🍵", 0.1, at.AddDate(0, 0, 2), true, "12345678901234567890"},
	} {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	phones, err := f.NewStyle(&excelize.Style{NumFmt: 4})
	if err == nil {
		err = errors.Join(f.SetCellStyle("Sheet1", "B2", "B3", phones), f.SetRowVisible("Sheet1", 3, false))
	}
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	text, err := readOne(t, "excelize", stream("in.xlsx", b.String()))
	if err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("got %q and %v", got, err)
	}
	again, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	other, err := again.GetRows("Sheet1", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range other {
		for j, cell := range row {
			if j != 4 && j != 5 && cell != got[i][j] {
				t.Errorf("row %d, column %d: excelize has %q, we have %q", i+1, j+1, cell, got[i][j])
			}
		}
	}
}

func BenchmarkWorkbook(b *testing.B) {
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	for i := range 20_000 {
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), []any{i, "0612345678", "Anna", "Kaas", 4.5, 2}); err != nil {
			b.Fatal(err)
		}
	}
	var content bytes.Buffer
	if err := errors.Join(w.Flush(), f.Write(&content)); err != nil {
		b.Fatal(err)
	}
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			open, err := input.Open(context.Background(), stream("in.xlsx", content.String()), nil)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, open); err != nil {
				b.Fatal(err)
			}
			open.Close()
		}
	})
	b.Run("excelize", func(b *testing.B) {
		for b.Loop() {
			f, err := excelize.OpenReader(bytes.NewReader(content.Bytes()))
			if err != nil {
				b.Fatal(err)
			}
			rows, err := f.Rows("Sheet1")
			if err != nil {
				b.Fatal(err)
			}
			for rows.Next() {
				if _, err := rows.Columns(excelize.Options{RawCellValue: true}); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// Why there is a reader of sheets here: the library's passes over what it cannot read. Of a
// sheet that is damaged it gives fewer rows, and no error. If this test fails, the library
// has changed, and the reader here can go.
func TestLibraryPassesOverRows(t *testing.T) {
	var saved bytes.Buffer
	if _, err := excelize.NewFile().WriteTo(&saved); err != nil {
		t.Fatal(err)
	}
	const good = `<row><c><v>1</v></c></row>`
	for what, rows := range map[string]string{
		"a control character": good + `<row>` + inline("\x01") + `</row>` + good,
		"an ampersand":        good + `<row>` + inline("a & b") + `</row>` + good,
	} {
		book := replaced(t, saved.Bytes(), "xl/worksheets/sheet1.xml", sheetOf(rows))
		f, err := excelize.OpenReader(strings.NewReader(book))
		if err != nil {
			t.Fatal(what, err)
		}
		read, err := f.Rows("Sheet1")
		if err != nil {
			t.Fatal(what, err)
		}
		count := 0
		for ; read.Next(); count++ {
			if _, err := read.Columns(); err != nil {
				t.Errorf("%s: the library finds %v", what, err)
			}
		}
		if count > 2 || read.Error() != nil {
			t.Errorf("%s: the library finds %d rows, and %v", what, count, read.Error())
		}
		if _, err := readOne(t, "in.xlsx", stream("in.xlsx", book)); err == nil {
			t.Errorf("%s is not refused", what)
		}
	}
}

// replaced is an archive with another content of one file.
func replaced(t *testing.T, archive []byte, name, content string) string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, file := range r.File {
		in, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if file.Name == name {
			text = []byte(content)
		}
		files = append(files, file.Name, string(text))
	}
	return zipped(t, files...)
}
