package input_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"process-orders/input"
	"process-orders/internal/blocks/blockstest"
)

// What bzip2 1.0.8 makes of order, of the same with the phone 2, and of nothing.
const (
	bzip2One   = "QlpoOTFBWSZTWVySH3UAAAvbgAAQEAQgEAAKAmPMCiAAIiBoyBp+qFNMjExMQsrRgZEV+grkVDx8XckU4UJBckh91A=="
	bzip2Two   = "QlpoOTFBWSZTWT9DIVQAAAvbgAAQEAQQEAAKAmPMCiAAIiBoyBp+qFNMjExMQsrRgZEV+grkVDx8XckU4UJA/QyFUA=="
	bzip2Empty = "QlpoORdyRThQkAAAAAA="
)

const order2 = `{"phone":"2","items":[]}` + "\n"

func unbase64(s string) string {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

// gzippedWithHeader has every optional part of gzip's header.
func gzippedWithHeader(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Name, w.Comment, w.Extra = "orders.json", "of today", []byte("ab\x02\x00cd")
	if _, err := w.Write([]byte(text)); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

func zstdCompressed(text string, options ...zstd.EOption) string {
	w, err := zstd.NewWriter(nil, append(options, zstd.WithEncoderConcurrency(1))...)
	if err != nil {
		panic(err)
	}
	return string(w.EncodeAll([]byte(text), nil))
}

// skippable is a zstd frame that holds no data.
func skippable(magic byte, content string) string {
	return string([]byte{magic, 0x2a, 0x4d, 0x18, byte(len(content)), 0, 0, 0}) + content
}

// frame is a zstd frame of one raw block with a window descriptor.
func frame(window byte, content string) string {
	n := len(content)<<3 | 1
	return string([]byte{0x28, 0xb5, 0x2f, 0xfd, 0, window, byte(n), byte(n >> 8), byte(n >> 16)}) + content
}

// segment is a zstd frame of one raw block that says that it holds so many bytes
// and needs as large a window.
func segment(size uint32, content string) string {
	n := len(content)<<3 | 1
	return string([]byte{0x28, 0xb5, 0x2f, 0xfd, 0xa0, byte(size), byte(size >> 8), byte(size >> 16), byte(size >> 24), byte(n), byte(n >> 8), byte(n >> 16)}) + content
}

func TestCompression(t *testing.T) {
	long := strings.Repeat(order+order2, 3000)
	for _, c := range []struct{ name, content, want string }{
		{"plain", order, order},
		{"plain, nothing", "", ""},
		{"plain, one byte", "[", "["},
		{"plain, two bytes", "[]", "[]"},
		{"plain, three bytes", "[ ]", "[ ]"},
		{"plain, four bytes", "[  ]", "[  ]"},
		{"plain, begins as gzip does", "\x1f", "\x1f"},
		{"plain, begins as zstd does", "\x28\xb5\x2f", "\x28\xb5\x2f"},
		{"plain, begins as bzip2 does", "BZ", "BZ"},
		{"plain, begins as a frame to skip does", "\x60\x2a\x4d\x18", "\x60\x2a\x4d\x18"},

		{"gzip", gzipped(order), order},
		{"gzip, nothing", gzipped(""), ""},
		{"gzip, long", gzipped(long), long},
		{"gzip, a full header", gzippedWithHeader(order), order},
		{"gzip, two members", gzipped(order) + gzipped(order2), order + order2},
		{"gzip, empty members between", gzipped("") + gzipped(order) + gzipped("") + gzipped("") + gzipped(order2) + gzipped(""), order + order2},
		{"gzip, a member for each byte", members(order, gzipped), order},
		{"gzip, a zero behind", gzipped(order) + "\x00", order},
		{"gzip, zeros behind", gzipped(order) + gzipped(order2) + strings.Repeat("\x00", 1<<20), order + order2},

		{"zstd", zstdCompressed(order), order},
		{"zstd, nothing", zstdCompressed("", zstd.WithZeroFrames(true)), ""},
		{"zstd, long", zstdCompressed(long), long},
		{"zstd, without checksum", zstdCompressed(order, zstd.WithEncoderCRC(false)), order},
		{"zstd, best", zstdCompressed(long, zstd.WithEncoderLevel(zstd.SpeedBestCompression)), long},
		{"zstd, two frames", zstdCompressed(order) + zstdCompressed(order2), order + order2},
		{"zstd, a frame for each byte", members(order, func(s string) string { return zstdCompressed(s) }), order},
		{"zstd, a frame to skip first", skippable(0x50, "some index") + zstdCompressed(order), order},
		{"zstd, the last kind of frame to skip first", skippable(0x5f, "") + zstdCompressed(order), order},
		{"zstd, frames to skip between", zstdCompressed(order) + skippable(0x51, "x") + skippable(0x5e, "y") + zstdCompressed(order2), order + order2},
		{"zstd, a frame to skip last", zstdCompressed(order) + skippable(0x5d, "a seek table"), order},
		{"zstd, only a frame to skip", skippable(0x50, "x"), ""},
		{"zstd, a small window", frame(0x00, order), order},
		{"zstd, a window of 64 MiB", frame(16<<3, order), order},
		{"zstd, a window of 128 MiB", frame(17<<3, order), order},
		{"zstd, one segment", segment(uint32(len(order)), order), order},

		{"bzip2", unbase64(bzip2One), order},
		{"bzip2, nothing", unbase64(bzip2Empty), ""},
		{"bzip2, two streams", unbase64(bzip2One) + unbase64(bzip2Two), order + order2},
		{"bzip2, an empty stream first", unbase64(bzip2Empty) + unbase64(bzip2One), order},
	} {
		// The name says nothing about the content.
		for _, name := range []string{"orders.json", "orders.gz", "orders.zst", "orders.bz2"} {
			for _, source := range []input.Source{stream(name, c.content), file(name, c.content)} {
				got := blockstest.Read(t, 1000, blockstest.Lines, source)
				if got.Content[0] != c.want || got.Err != nil {
					t.Errorf("%s, as %s: got %d bytes and %v, want %d", c.name, name, len(got.Content[0]), got.Err, len(c.want))
				}
				if got.Read != int64(len(c.content)) {
					t.Errorf("%s: %d bytes counted, want %d", c.name, got.Read, len(c.content))
				}
				if len(c.content) > 1000 {
					break
				}
			}
		}
		if content, err := readOne(t, c.name, stream("in", c.content)); content != c.want || err != nil {
			t.Errorf("%s: got %d bytes and %v", c.name, len(content), err)
		}
	}
}

// members compresses each byte by itself.
func members(text string, compress func(string) string) string {
	var all strings.Builder
	for i := range text {
		all.WriteString(compress(text[i : i+1]))
	}
	return all.String()
}

// What the commands themselves write, if they are installed.
func TestCommands(t *testing.T) {
	text := strings.Repeat(order+order2, 3000)
	for _, command := range [][]string{
		{"gzip", "-c"}, {"gzip", "-9c"}, {"bzip2", "-c"}, {"bzip2", "-1c"}, {"zstd", "-c"}, {"zstd", "-19", "-c"}, {"zstd", "--ultra", "--long=27", "-c"}, {"zstd", "--no-check", "-c"},
	} {
		if _, err := exec.LookPath(command[0]); err != nil {
			t.Logf("not tested: %v", err)
			continue
		}
		c := exec.Command(command[0], command[1:]...)
		c.Stdin = strings.NewReader(text)
		out, err := c.Output()
		if err != nil {
			t.Errorf("%s: %v", command, err)
			continue
		}
		for n := 1; n <= 2; n++ {
			got := blockstest.Read(t, 0, blockstest.Lines, stream("in", strings.Repeat(string(out), n)))
			if got.Content[0] != strings.Repeat(text, n) || got.Err != nil || got.Read != int64(n*len(out)) {
				t.Errorf("%s, %d times: got %d bytes, %d counted and %v", command, n, len(got.Content[0]), got.Read, got.Err)
			}
		}
	}
}

// damagedFile is followed by the decompressor's own words.
const damagedFile = "in: the compressed file is damaged: "

const cutOff = "in: the compressed file is cut off: it ends within its data; copy or download it again"

// A compressed file that is cut off says so, wherever the cut is, and gives no
// more than what it held.
func TestCutOffCompressed(t *testing.T) {
	text := order + order2 + order
	for _, c := range []struct {
		name, content, want string
		magic               int   // so many bytes say what it is
		ends                []int // where a file may end: the cut cannot be seen there
	}{
		{"gzip", gzipped(text), text, 2, nil},
		{"gzip with a full header", gzippedWithHeader(text), text, 2, nil},
		{"gzip, two members", gzipped(order) + gzipped(order2), order + order2, 2, []int{len(gzipped(order))}},
		{"gzip, two members with full headers", gzippedWithHeader(order) + gzippedWithHeader(order2), order + order2, 2, []int{len(gzippedWithHeader(order))}},
		{"zstd", zstdCompressed(text), text, 4, nil},
		{"zstd without checksum", zstdCompressed(text, zstd.WithEncoderCRC(false)), text, 4, nil},
		{"zstd, one segment", segment(uint32(len(text)), text), text, 4, nil},
		{"zstd, two frames", zstdCompressed(order) + zstdCompressed(order2), order + order2, 4, []int{len(zstdCompressed(order))}},
		{"zstd, a frame to skip first", skippable(0x50, "index") + zstdCompressed(order), order, 4, []int{len(skippable(0x50, "index"))}},
		{"zstd, a frame to skip last", zstdCompressed(order) + skippable(0x50, "index"), order, 4, []int{len(zstdCompressed(order))}},
		{"bzip2", unbase64(bzip2One), order, 3, nil},
		{"bzip2, nothing", unbase64(bzip2Empty), "", 3, nil},
		{"bzip2, two streams", unbase64(bzip2One) + unbase64(bzip2Two), order + order2, 3, []int{len(unbase64(bzip2One))}},
	} {
		for n := c.magic; n < len(c.content); n++ {
			what := fmt.Sprintf("%s, cut off after %d of %d bytes", c.name, n, len(c.content))
			content, err := readOne(t, what, stream("in", c.content[:n]))
			if !strings.HasPrefix(c.want, content) {
				t.Errorf("%s: got %q", what, content)
			}
			if len(c.ends) > 0 && n == c.ends[0] {
				if err != nil {
					t.Errorf("%s, between two of its parts: %v", what, err)
				}
				continue
			}
			if message(err) != cutOff {
				t.Errorf("%s: got %v, want %s", what, err, cutOff)
			}
		}
	}
}

// A compressed file that was changed is an error or gives what it held: never
// something else.
func TestDamagedCompressed(t *testing.T) {
	text := order + order2 + order
	for _, c := range []struct{ name, content, want string }{
		{"gzip", gzipped(text), text},
		{"gzip with a full header", gzippedWithHeader(text), text},
		{"zstd", zstdCompressed(text), text},
		{"zstd, two frames", zstdCompressed(order) + zstdCompressed(order2), order + order2},
		{"bzip2", unbase64(bzip2One), order},
	} {
		refused := 0
		for i := 4; i < len(c.content); i++ {
			for bit := range 8 {
				damaged := []byte(c.content)
				damaged[i] ^= 1 << bit
				got := blockstest.Read(t, 1000, blockstest.Lines, stream("in", string(damaged)))
				if got.Err == nil && got.Content[0] != c.want {
					t.Errorf("%s, bit %d of byte %d changed: no error, and %q", c.name, bit, i, got.Content[0])
				}
				if got.Err != nil {
					refused++
					if !strings.HasPrefix(got.Err.Error(), "in: ") || strings.Count(got.Err.Error(), "in: ") > 1 {
						t.Errorf("%s, bit %d of byte %d changed: %v", c.name, bit, i, got.Err)
					}
				}
			}
		}
		if refused < 4*len(c.content) {
			t.Errorf("%s: only %d of %d changes were noticed", c.name, refused, 8*(len(c.content)-4))
		}
	}
}

// What is compressed and then something else is damaged, not at its end.
func TestDamageMessages(t *testing.T) {
	damaged := func(content string, at int) string {
		b := []byte(content)
		b[at] ^= 0xff
		return string(b)
	}
	const tooLarge = "in: this zstd file needs more than 128 MiB of memory to read; compress it again without --long"
	for _, c := range []struct{ name, content, want string }{
		{"gzip, the checksum", damaged(gzipped(order), len(gzipped(order))-8), "in: the compressed file is damaged: gzip: invalid checksum"},
		{"gzip, the length", damaged(gzipped(order), len(gzipped(order))-1), "in: the compressed file is damaged: gzip: invalid checksum"},
		{"gzip, not its method", damaged(gzipped(order), 2), "in: the compressed file is damaged: gzip: invalid header"},
		{"gzip, zeros and text behind it", gzipped(order) + "\x00\x00something else", "in: the compressed file is damaged: gzip: invalid header"},
		{"gzip, zeros and another member behind it", gzipped(order) + strings.Repeat("\x00", 1<<20) + gzipped(order2), "in: the compressed file is damaged: gzip: invalid header"},
		{"gzip, text behind it", gzipped(order) + "something else", "in: the compressed file is damaged: gzip: invalid header"},
		{"zstd, the checksum", damaged(zstdCompressed(order), len(zstdCompressed(order))-1), damagedFile},
		{"zstd, text behind it", zstdCompressed(order) + "something else", damagedFile},
		{"zstd, a window of 144 MiB", frame(17<<3|1, order), tooLarge},
		{"zstd, a window of 256 MiB", frame(18<<3, order), tooLarge},
		{"zstd, the largest window", frame(0xff, order), tooLarge},
		{"zstd, one segment of more than 128 MiB", segment(128<<20+1, order), tooLarge},
		{"zstd, one segment of 4 GiB", segment(1<<32-1, order), tooLarge},
		{"bzip2, the checksum", damaged(unbase64(bzip2One), 12), damagedFile},
		{"bzip2, text behind it", unbase64(bzip2One) + "something else", damagedFile},
	} {
		got := blockstest.Read(t, 0, blockstest.Lines, stream("in", c.content))
		if message(got.Err) != c.want && (c.want != damagedFile || !strings.HasPrefix(message(got.Err), damagedFile)) {
			t.Errorf("%s: got %v, want %s", c.name, got.Err, c.want)
		}
	}
}

// A source can allow smaller windows than the default, and a window that means nothing is
// refused before the source is opened.
func TestMaxWindow(t *testing.T) {
	for _, c := range []struct {
		most    int64
		content string
		want    string
	}{
		{8 << 20, frame(13<<3, order), ""},
		{8 << 20, frame(13<<3|1, order), "in: this zstd file needs more than 8 MiB of memory to read; compress it again without --long"},
		{1536, frame(1<<3, order), "in: this zstd file needs more than 1536 bytes of memory to read; compress it again without --long"},
		{100 << 10, segment(100<<10+1, order), "in: this zstd file needs more than 100 KiB of memory to read; compress it again without --long"},
		{8 << 20, gzipped(order), ""},
		{1023, order, "in: a window of 1023 bytes: want 1024 to 134217728, or 0 for the default"},
		{128<<20 + 1, order, "in: a window of 134217729 bytes: want 1024 to 134217728, or 0 for the default"},
		{-1, order, "in: a window of -1 bytes: want 1024 to 134217728, or 0 for the default"},
	} {
		source := stream("in", c.content)
		source.MaxWindowBytes = c.most
		got := blockstest.Read(t, 0, blockstest.Lines, source)
		if got.Err == nil && c.want == "" {
			continue
		}
		if message(got.Err) != c.want {
			t.Errorf("%d: got %v, want %s", c.most, got.Err, c.want)
		}
		var window *input.WindowError
		if errors.As(got.Err, &window) && window.MaxBytes != c.most {
			t.Errorf("%d: the error says %d", c.most, window.MaxBytes)
		}
	}
}

// Only where the file is read is it a large one: a bomb costs a block's memory at
// a time.
func TestCompressedBlocks(t *testing.T) {
	bomb := gzipped(strings.Repeat(" ", 20<<20))
	total := 0
	for _, b := range blockstest.Read(t, 64<<10, blockstest.Never, stream("in", bomb)).Blocks {
		total += len(b.Data)
		if len(b.Data) > 64<<10 {
			t.Fatalf("a block of %d bytes", len(b.Data))
		}
	}
	if total != 20<<20 {
		t.Errorf("got %d bytes", total)
	}
}
