package input_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"process-orders/input"
	"process-orders/internal/blocks"
	"process-orders/internal/blocks/blockstest"
)

const order = `{"phone":"1","items":[]}` + "\n"

func TestFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "orders.json")
	if err := os.WriteFile(name, []byte(order), 0o600); err != nil {
		t.Fatal(err)
	}
	source, err := input.File(name)
	if err != nil {
		t.Fatal(err)
	}
	if source.Name != name || source.Size != int64(len(order)) || !source.Reopens {
		t.Errorf("the source is %q with %d bytes", source.Name, source.Size)
	}
	if content, err := readOne(t, name, source); content != order || err != nil {
		t.Errorf("got %q and %v", content, err)
	}

	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if _, err := readOne(t, name, source); message(err) != name+": no such file" {
		t.Errorf("a file that is gone when its turn comes: %v", err)
	}
	if _, err := input.File(name); message(err) != name+": no such file" {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := input.File(filepath.Join(dir, "no", "such", "folder")); err == nil || !strings.HasSuffix(err.Error(), ": no such file") {
		t.Errorf("a folder that is not there: %v", err)
	}
	if _, err := input.File(dir); message(err) != dir+": is a folder; name the files in it, as in "+dir+"/*.json" {
		t.Errorf("a folder: %v", err)
	}
}

// A file that cannot be read says why, once, and with its name once.
func TestUnreadableFile(t *testing.T) {
	denied := input.Source{Name: "a.json", Size: -1, Open: func() (io.ReadCloser, error) {
		return nil, &fs.PathError{Op: "open", Path: "a.json", Err: fs.ErrPermission}
	}}
	got := blockstest.Read(t, 0, blockstest.Lines, denied, file("b", order))
	if message(got.Err) != "a.json: permission denied" || !errors.Is(got.Err, fs.ErrPermission) {
		t.Errorf("got %v", got.Err)
	}
	if len(got.Blocks) != 2 || got.Blocks[0].Err == nil || !got.Blocks[0].First || !got.Blocks[0].Last {
		t.Errorf("the error is not in the source's own block: %+v", got.Blocks)
	}
}

// Readers may give as little as they like, and the end in any way.
func TestReaders(t *testing.T) {
	text := strings.Repeat(order, 40)
	wraps := map[string]func(io.Reader) io.Reader{
		"one byte":             iotest.OneByteReader,
		"half":                 iotest.HalfReader,
		"data with the end":    iotest.DataErrReader,
		"one byte and the end": func(r io.Reader) io.Reader { return iotest.DataErrReader(iotest.OneByteReader(r)) },
		"nothing now and then": func(r io.Reader) io.Reader { return &hesitant{r: iotest.OneByteReader(r)} },
		"nothing, then all":    func(r io.Reader) io.Reader { return &hesitant{r: r} },
	}
	contents := map[string]string{"plain": text, "gzip": gzipped(text), "zstd": zstdCompressed(text), "bzip2": unbase64(bzip2One), "empty": "", "short": "[]"}
	for name, wrap := range wraps {
		for kind, content := range contents {
			want := text
			switch kind {
			case "bzip2":
				want = order
			case "empty", "short":
				want = content
			}
			what := name + ", " + kind
			got, err := readOne(t, what, via("in", content, wrap))
			if got != want || err != nil {
				t.Errorf("%s: got %d bytes and %v, want %d", what, len(got), err, len(want))
			}
			known := via("in", content, wrap)
			known.Size, known.Reopens = int64(len(content)), true
			if got, err := readOne(t, what, known); got != want || err != nil {
				t.Errorf("%s, of a known size: got %d bytes and %v, want %d", what, len(got), err, len(want))
			}
		}
	}
}

// hesitant gives nothing at every second try.
type hesitant struct {
	r     io.Reader
	ready bool
}

func (h *hesitant) Read(p []byte) (int, error) {
	h.ready = !h.ready
	if h.ready {
		return 0, nil
	}
	return h.r.Read(p)
}

// An error of a source comes with its name, and after everything that was read
// before it.
func TestReadErrors(t *testing.T) {
	text := strings.Repeat(order, 4)
	for _, failure := range []error{errDisk, &fs.PathError{Op: "read", Path: "orders.json", Err: errDisk}} {
		for n := 0; n <= len(text); n++ {
			for _, together := range []bool{false, true} {
				for _, reopens := range []bool{false, true} {
					source := via("orders.json", text[:n], func(r io.Reader) io.Reader {
						r = io.MultiReader(r, iotest.ErrReader(failure))
						if together {
							return iotest.DataErrReader(r)
						}
						return r
					})
					source.Reopens = reopens
					what := fmt.Sprintf("an error after %d bytes", n)
					got, err := readOne(t, what, source)
					if message(err) != "orders.json: input/output error" || !errors.Is(err, errDisk) {
						t.Errorf("%s: got %v", what, err)
						return
					}
					if got != text[:n] && n >= 4 {
						t.Errorf("%s: got %q", what, got)
						return
					}
				}
			}
		}
	}
}

// A body that ends too early, as net/http reports it, is no clean end.
func TestUnexpectedEnd(t *testing.T) {
	text := strings.Repeat(order, 4)
	for _, n := range []int{0, 2, 3, 4, 5, len(order), len(text)} {
		for _, reopens := range []bool{false, true} {
			for _, together := range []bool{false, true} {
				source := via("body", text[:n], func(r io.Reader) io.Reader {
					r = io.MultiReader(r, iotest.ErrReader(io.ErrUnexpectedEOF))
					if together {
						return iotest.DataErrReader(r)
					}
					return r
				})
				source.Reopens = reopens
				got := blockstest.Read(t, 1000, blockstest.Lines, source)
				if got.Err == nil || !errors.Is(got.Err, io.ErrUnexpectedEOF) || !strings.HasPrefix(got.Err.Error(), "body: ") {
					t.Errorf("cut off after %d bytes: got %q and %v, want io.ErrUnexpectedEOF with the name", n, got.Content[0], got.Err)
				}
			}
		}
	}
}

// A read error within a compressed file is the disk's fault, not the file's.
func TestReadErrorsInCompressed(t *testing.T) {
	for kind, content := range map[string]string{"gzip": gzipped(order), "zstd": zstdCompressed(order), "bzip2": unbase64(bzip2One)} {
		for n := range len(content) {
			source := via("orders.gz", content[:n], func(r io.Reader) io.Reader { return io.MultiReader(r, iotest.ErrReader(errDisk)) })
			got := blockstest.Read(t, 0, blockstest.Lines, source)
			if got.Err == nil || !errors.Is(got.Err, errDisk) || strings.Count(got.Err.Error(), "orders.gz: ") != 1 || !strings.HasPrefix(got.Err.Error(), "orders.gz: ") {
				t.Errorf("%s, an error after %d bytes: got %v", kind, n, got.Err)
				break
			}
			if strings.Contains(got.Err.Error(), "damaged") {
				t.Errorf("%s, an error after %d bytes: got %v, which says that the file is at fault", kind, n, got.Err)
				break
			}
		}
	}
}

// After a source that fails the next one is read: the reader decides when to stop.
func TestErrorsAmongSources(t *testing.T) {
	bad := via("bad", order, func(r io.Reader) io.Reader { return io.MultiReader(r, iotest.ErrReader(errDisk)) })
	got := blockstest.Read(t, 10, blockstest.Lines, file("a", order), bad, file("b", order), file("c", ""))
	if strings.Join(got.Content, "|") != order+"|"+order+"|"+order+"|" || message(got.Err) != "bad: input/output error" {
		t.Errorf("got %q and %v", got.Content, got.Err)
	}
}

// Reader does not close what it was given.
func TestReaderIsNotClosed(t *testing.T) {
	closed := false
	r := logged{strings.NewReader(order), func() { closed = true }}
	source := input.Reader("in", r)
	if source.Name != "in" || source.Size != -1 {
		t.Errorf("the source is %q with %d bytes", source.Name, source.Size)
	}
	if got := blockstest.Read(t, 0, blockstest.Lines, source); got.Content[0] != order || got.Err != nil {
		t.Errorf("got %q and %v", got.Content, got.Err)
	}
	if closed {
		t.Error("the reader was closed")
	}
}

// A context that has ended ends the reading before it starts.
func TestEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	opened := false
	source := input.Source{Name: "in", Size: -1, Open: func() (io.ReadCloser, error) {
		opened = true
		return io.NopCloser(strings.NewReader(order)), nil
	}}
	reader := blocks.NewReader(ctx, []input.Source{source}, 0, blockstest.Lines, nil)
	cancel()
	if _, err := reader.Next(nil); !errors.Is(err, context.Canceled) || opened {
		t.Errorf("got %v, opened %t", err, opened)
	}
	reader.Close()
}
