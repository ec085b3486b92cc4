package input_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"process-orders/input"
	"process-orders/internal/blocks/blockstest"
)

// raw is what opening a source gives.
func raw(t *testing.T, s input.Source) string {
	t.Helper()
	file, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A copy has all bytes as they are, can be read again and again, and is seen by nobody.
func TestSpool(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"plain": order, "empty": "", "gzip": gzipped(order), "large": strings.Repeat(order, 50_000)} {
		copied, closer, err := input.Spool(context.Background(), input.Reader(name, iotest.HalfReader(strings.NewReader(content))), dir)
		if err != nil {
			t.Fatal(err)
		}
		if copied.Name != name || copied.Size != int64(len(content)) || !copied.Reopens {
			t.Errorf("%s: the copy is %+v", name, copied)
		}
		for range 2 {
			if got := raw(t, copied); got != content {
				t.Errorf("%s: read %d bytes, want %d", name, len(got), len(content))
			}
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
			t.Errorf("%s: the folder shows %v, %v", name, entries, err)
		}
		if err := closer.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A copy that cannot be made says why, with the source's name, and leaves nothing.
func TestSpoolFails(t *testing.T) {
	dir := t.TempDir()
	broken := func(err error) input.Source {
		return input.Reader("pipe", io.MultiReader(strings.NewReader(order), iotest.ErrReader(err)))
	}
	for _, c := range []struct {
		source input.Source
		folder string
		want   string
	}{
		{broken(errDisk), dir, "pipe: input/output error"},
		{broken(io.ErrUnexpectedEOF), dir, "pipe: unexpected EOF"},
		{input.Source{Name: "none"}, dir, "none: the source has no Open function"},
		{input.Source{Name: "gone", Open: func() (io.ReadCloser, error) { return os.Open(filepath.Join(dir, "gone")) }}, dir, "gone: no such file"},
		{stream("pipe", order), filepath.Join(dir, "missing"), "pipe: copy it to a temporary file, to read it twice: no such file or directory"},
	} {
		_, closer, err := input.Spool(context.Background(), c.source, c.folder)
		if message(err) != c.want || closer != nil {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// The end of the context ends the wait for a pipe.
func TestCancelSpool(t *testing.T) {
	for _, text := range []string{"", order} {
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(20*time.Millisecond, cancel)
		source := stalled(t, text)
		within(t, "Spool", func() {
			if _, _, err := input.Spool(ctx, source, t.TempDir()); err != context.Canceled {
				t.Errorf("got %v", err)
			}
		})
		cancel()
	}
}

// A reader that is no file can be opened once: a second time it would look empty.
func TestReaderOpensOnce(t *testing.T) {
	source := input.Reader("in", strings.NewReader(order))
	if source.Reopens {
		t.Error("a stream says that it can be opened again")
	}
	if got := blockstest.Read(t, 0, blockstest.Lines, source); got.Content[0] != order || got.Err != nil {
		t.Errorf("got %q and %v", got.Content, got.Err)
	}
	if got := blockstest.Read(t, 0, blockstest.Lines, source); message(got.Err) != "in: can be read only once" {
		t.Errorf("the second time got %q and %v", got.Content, got.Err)
	}
}

// A reader that is a regular file starts at its offset, can be read again, also by two at
// once, and leaves the file's offset where the reading ended.
func TestReaderOfFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "orders")
	if err := os.WriteFile(name, []byte("a line\n"+order), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Seek(7, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	source := input.Reader("in", file)
	if source.Size != int64(len(order)) || !source.Reopens {
		t.Errorf("the source is %+v", source)
	}
	other, err := source.Open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Read(make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := blockstest.Read(t, 0, blockstest.Lines, source); got.Content[0] != order || got.Err != nil {
			t.Errorf("got %q and %v", got.Content, got.Err)
		}
		if at, err := file.Seek(0, io.SeekCurrent); at != int64(7+len(order)) || err != nil {
			t.Errorf("the file's offset is %d (%v), want its end", at, err)
		}
	}
	if rest, err := io.ReadAll(other); err != nil || string(rest) != order[3:] {
		t.Errorf("a reader that was opened before got %q, %v", rest, err)
	}

	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if source := input.Reader("pipe", r); source.Reopens || source.Size != -1 {
		t.Errorf("a pipe is %+v", source)
	}
}

// Head is the start of a source, decompressed.
func TestHead(t *testing.T) {
	text := strings.Repeat(order, 3)
	for _, content := range []string{text, gzipped(text), zstdCompressed(text)} {
		for _, n := range []int{0, 1, 10, len(text), 1000} {
			got, err := input.Head(context.Background(), stream("in", content), n)
			if want := text[:min(n, len(text))]; string(got) != want || err != nil {
				t.Errorf("the first %d bytes are %q, %v", n, got, err)
			}
		}
	}
	got, err := input.Head(context.Background(), stream("in.gz", gzipped(text)[:30]), 1000)
	if err == nil || !strings.HasPrefix(err.Error(), "in.gz: the compressed file is cut off") {
		t.Errorf("got %q and %v", got, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	source := stalled(t, order)
	within(t, "Head", func() {
		if got, err := input.Head(ctx, source, 1000); !errors.Is(err, context.Canceled) || string(got) != order {
			t.Errorf("got %q and %v", got, err)
		}
	})
}
