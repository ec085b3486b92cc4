package xlsx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"process-orders/internal/unnamed"
)

// texts are those that cells share: each cell has the number of its text.
type texts struct {
	text paged
	ends paged // where each text ends, in 8 bytes
	n    int
}

// readTexts reads all texts; a workbook without that part has none.
func (b *book) readTexts(name string) (*texts, error) {
	t := &texts{text: paged{folder: b.options.Folder}, ends: paged{folder: b.options.Folder}}
	if name == "" {
		return t, nil
	}
	var buf []byte
	err := b.each(name, maxTextsBytes, func(p *part, e *element) (err error) {
		if e.name != "si" {
			return nil
		}
		if buf, err = p.text(buf[:0], "r", "t"); err != nil {
			return err
		}
		return t.add(unescape(buf))
	})
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (t *texts) add(text []byte) error {
	t.n++
	return errors.Join(t.text.append(text), t.ends.append(binary.LittleEndian.AppendUint64(nil, uint64(t.text.size))))
}

// get appends a text.
func (t *texts) get(dst []byte, i int) ([]byte, error) {
	if i < 0 || i >= t.n {
		return dst, fmt.Errorf("there is no text %d", i)
	}
	start := int64(0)
	if i > 0 {
		before, err := t.ends.at(int64(i-1)*8, 8)
		if err != nil {
			return dst, err
		}
		start = int64(binary.LittleEndian.Uint64(before))
	}
	end, err := t.ends.at(int64(i)*8, 8)
	if err != nil {
		return dst, err
	}
	text, err := t.text.at(start, int(int64(binary.LittleEndian.Uint64(end))-start))
	return append(dst, text...), err
}

// Close frees what is on disk.
func (t *texts) Close() error { return errors.Join(t.text.Close(), t.ends.Close()) }

// pagedBytes is how many bytes are kept in memory before they go to a file, and pageBytes
// how many are read of it at once.
const (
	pagedBytes = 4 << 20
	pageBytes  = 64 << 10
)

// paged is bytes in memory or, if they are many, in a file of which a page is in memory.
type paged struct {
	folder string
	size   int64
	mem    []byte // the end of what is not yet in the file
	file   *unnamed.File

	page   []byte
	offset int64 // of the page
}

func (p *paged) append(data []byte) error {
	p.mem = append(p.mem, data...)
	p.size += int64(len(data))
	if len(p.mem) < pagedBytes {
		return nil
	}
	return p.flush()
}

func (p *paged) flush() (err error) {
	if p.file == nil {
		if p.file, err = unnamed.Create(p.folder); err != nil {
			return err
		}
	}
	_, err = p.file.Write(p.mem)
	p.mem = p.mem[:0]
	return err
}

// at returns bytes, which are valid until the next call.
func (p *paged) at(offset int64, n int) ([]byte, error) {
	inFile := p.size - int64(len(p.mem))
	if offset >= inFile {
		return p.mem[offset-inFile:][:n], nil
	}
	if offset+int64(n) > inFile { // on both sides: once, so that the end moves to the file
		if err := p.flush(); err != nil {
			return nil, err
		}
	}
	if offset < p.offset || offset+int64(n) > p.offset+int64(len(p.page)) {
		if err := p.read(offset, n); err != nil {
			return nil, err
		}
	}
	return p.page[offset-p.offset:][:n], nil
}

// read reads the page that starts at an offset.
func (p *paged) read(offset int64, n int) error {
	n = int(min(int64(max(n, pageBytes)), p.size-int64(len(p.mem))-offset))
	if cap(p.page) < n {
		p.page = make([]byte, n)
	}
	p.page, p.offset = p.page[:n], offset
	if _, err := p.file.ReadAt(p.page, offset); err != nil {
		p.page = p.page[:0]
		return err
	}
	return nil
}

func (p *paged) Close() error {
	if p.file == nil {
		return nil
	}
	err := p.file.Close()
	p.file = nil
	return err
}

// unescape replaces _xHHHH_, which is how a workbook has characters that XML cannot have.
func unescape(text []byte) []byte {
	i := bytes.Index(text, []byte("_x"))
	if i < 0 {
		return text
	}
	var out []byte
	for ; i >= 0; i = bytes.Index(text, []byte("_x")) {
		n := 2 // of the text to pass
		out = append(out, text[:i]...)
		if len(text) >= i+7 && text[i+6] == '_' {
			if code, err := strconv.ParseUint(string(text[i+2:i+6]), 16, 16); err == nil && !utf16.IsSurrogate(rune(code)) {
				out, n = utf8.AppendRune(out, rune(code)), 7
			}
		}
		if n == 2 {
			out = append(out, "_x"...)
		}
		text = text[i+n:]
	}
	return append(out, text...)
}
