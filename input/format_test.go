package input_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"process-orders/input"
)

// Other formats are named, whoever reads them and however they come.
func TestFormats(t *testing.T) {
	tar := "orders.json" + strings.Repeat("\x00", 89) + "0000644\x00" + strings.Repeat("0", 149) + "ustar\x0000" + strings.Repeat("\x00", 248)
	ole := func(names string) string {
		header := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 22) + "\x09\x00" + strings.Repeat("\x00", 16) + "\x02\x00\x00\x00" + strings.Repeat("\x00", 460)
		return header + strings.Repeat("x", 1024) + strings.Join(strings.Split(names, ""), "\x00") + "\x00" + strings.Repeat("\x00", 512)
	}
	const page = "this is a web page (HTML); export the orders as JSON or CSV; if it is a table that a shop saved as .xls, open it in a spreadsheet program and save it as .xlsx or CSV"
	const exportIt, saveIt = "; export the orders as JSON or CSV", "; open it in a spreadsheet program and save it as .xlsx or CSV"
	for _, c := range []struct{ name, content, want string }{
		{"zip", zipped(t, "orders.json", "[]"), "this is a zip archive; unpack it first, as with unzip"},
		{"an empty zip", zipped(t), "this is a zip archive; unpack it first, as with unzip"},
		{"a zip that is cut off", zipped(t, "orders.json", "[]")[:40], "this zip archive or workbook is damaged or cut off; copy or download it again"},
		{"the magic of zip alone", "PK\x03\x04", "this zip archive or workbook is damaged or cut off; copy or download it again"},
		{"ods", zipped(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", ""), "this is an OpenDocument spreadsheet (.ods)" + saveIt},
		{"odt", zipped(t, "mimetype", "application/vnd.oasis.opendocument.text"), "this is an OpenDocument text" + exportIt},
		{"numbers", zipped(t, "Index/Document.iwa", "", "preview.jpg", ""), "this is a document of Numbers, Pages or Keynote; open it there and export it as CSV"},
		{"xlsb", zipped(t, "[Content_Types].xml", "", "xl/workbook.bin", ""), "this is a binary workbook (.xlsb)" + saveIt},
		{"docx", zipped(t, "[Content_Types].xml", "", "word/document.xml", ""), "this is a text document (.docx)" + exportIt},
		{"xls", ole("Root Entry\x00Workbook"), "this is an old spreadsheet (.xls)" + saveIt},
		{"xls of Excel 5", ole("Book"), "this is an old spreadsheet (.xls)" + saveIt},
		{"a protected xlsx", ole("EncryptedPackage"), "this is a workbook that is protected by a password; open it in a spreadsheet program and save it without one"},
		{"doc", ole("WordDocument"), "this is an old document of an office program, as .xls is" + exportIt},
		{"an office document that is cut off", ole("Workbook")[:100], "this is an old document of an office program, as .xls is" + exportIt},
		{"xls without a container", "\x09\x08\x10\x00\x00\x06\x05\x00", "this is an old spreadsheet (.xls)" + saveIt},
		{"xz", "\xfd7zXZ\x00\x00\x04", "this is an xz archive; unpack it first, as with xz -d"},
		{"7z", "7z\xbc\xaf\x27\x1c\x00", "this is a 7z archive; unpack it first, as with 7z x"},
		{"rar", "Rar!\x1a\x07\x01\x00", "this is a rar archive; unpack it first, as with unrar x"},
		{"lz4", "\x04\x22\x4d\x18", "this is an lz4 file; unpack it first, as with lz4 -d"},
		{"tar", tar, "this is a tar archive; unpack it first, as with tar -xf"},
		{"tar.gz", gzipped(tar), "this is a tar archive; unpack it first, as with tar -xf"},
		{"gzip in gzip", gzipped(gzipped(order)), "this is a gzip file in a compressed file; decompress it once more"},
		{"zstd in gzip", gzipped(zstdCompressed(order)), "this is a zstd file in a compressed file; decompress it once more"},
		{"bzip2 in gzip", gzipped(unbase64(bzip2One)), "this is a bzip2 file in a compressed file; decompress it once more"},
		{"pdf", "%PDF-1.7\n", "this is a PDF document" + exportIt},
		{"rtf", `{\rtf1\ansi`, "this is an RTF document" + exportIt},
		{"parquet", "PAR1\x15\x04\x15", "this is a Parquet file" + exportIt},
		{"avro", "Obj\x01\x04", "this is an Avro file" + exportIt},
		{"sqlite", "SQLite format 3\x00\x10", "this is an SQLite database" + exportIt},
		{"png", "\x89PNG\r\n\x1a\n", "this is an image" + exportIt},
		{"jpeg", "\xff\xd8\xff\xe0", "this is an image" + exportIt},
		{"webp", "RIFF\x00\x10\x00\x00WEBP", "this is an image" + exportIt},
		{"xml", `<?xml version="1.0"?>` + "\n<orders/>", "this is XML" + exportIt},
		{"xml without a declaration", "\n <orders>\n<order/></orders>", "this is XML" + exportIt},
		{"xml on one line", "<order><id>1</id></order>", "this is XML" + exportIt},
		{"html", "\xef\xbb\xbf<!DOCTYPE HTML>\n<html>", page},
		{"html as xls", "<table border=1><tr><td>", page},
		{"UTF-32", "\xff\xfe\x00\x00[\x00\x00\x00", "this is text in UTF-32; convert it to UTF-8, as with iconv -f UTF-32 -t UTF-8"},
	} {
		for _, wrap := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.DataErrReader} {
			_, err := input.Open(context.Background(), via("in", c.content, wrap), nil)
			if message(err) != "in: "+c.want {
				t.Errorf("%s: got %v, want %s", c.name, err, c.want)
			}
			var format *input.FormatError
			if isFormat := strings.HasPrefix(c.want, "this is "); errors.As(err, &format) != isFormat {
				t.Errorf("%s: %T, want a FormatError: %t", c.name, err, isFormat)
			}
		}
	}
}

// What can be JSON or a table is never taken for anything else, and neither is any start of
// it.
func TestNoOtherFormat(t *testing.T) {
	for _, text := range []string{
		"", " ", "\n", "[]", "{}", "[", "{", `{"a":"<html>"}`, `"<xml>"`, "null", "1", "-", "\t[1]", "\xef\xbb\xbf", "\xef\xbb\xbf[]", "\xef\xbb\xbfOrder,Phone\n",
		"PK,Phone\n1,2\n", "PKey;Phone\n", "BZ,Phone\n", "Rar,Phone\n", "Rar!,Phone\n", "7z,Phone\n", "PAR1,Phone\n", "Obj,Phone\n", "RIFF,Phone,Name,Item\n", "GIF8,Phone\n", "SQLite format 3,Phone\n", "%PDF,Phone\n",
		"II*,Phone\n", "MM,Phone\n", "bplist,Phone\n", "\tOrder\tPhone\n", "\t\x08\n", "sep=;\nOrder;Phone\n",
		"<Order>,<Phone>\n1,2\n", "<Order>;<Phone>\n", "<b>Order</b>\tPhone\n", "<", "<1>\n", "<>\n", "< a>\n", "<a\n", "<3,Phone\n",
		strings.Repeat(" ", 600) + "[]", strings.Repeat("a", 107) + "\x00", strings.Repeat("Column,", 100) + "\n",
		"J\xf6rg,Phone\n", "Zo\xeb\n", "\xff,1\n", "\x1b[0m", "kkkkkkkkkkkkkkkk\x00z", "\x00",
	} {
		for n := range len(text) + 1 {
			for _, wrap := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.DataErrReader} {
				got, err := input.Head(context.Background(), via("in", text[:n], wrap), len(text)+1)
				if err == nil && string(got) != text[:n] || err != nil && !strings.HasPrefix(text[:n], "<") {
					t.Errorf("%q: got %q and %v", text[:n], got, err)
				}
			}
		}
	}
}
