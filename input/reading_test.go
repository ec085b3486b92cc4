package input_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/internal/blocks/blockstest"
)

// readOne reads one source in blocks of several sizes, which must all give the
// same.
func readOne(t *testing.T, what string, source input.Source) (string, error) {
	t.Helper()
	first := blockstest.Read(t, 0, blockstest.Never, source)
	for _, size := range []int{1, 3, 10, 1000} {
		if len(first.Content[0]) > 100_000 && size < 1000 {
			continue
		}
		again := blockstest.Read(t, size, blockstest.Lines, source)
		if again.Content[0] != first.Content[0] || message(again.Err) != message(first.Err) {
			t.Errorf("%s: in blocks of %d bytes %d bytes and %v, in one block %d bytes and %v", what, size,
				len(again.Content[0]), again.Err, len(first.Content[0]), first.Err)
		}
	}
	return first.Content[0], first.Err
}

func message(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}

// stream is a source that may be read again and again; it is one of those that
// may make us wait.
func stream(name, text string) input.Source {
	return input.Source{Name: name, Size: -1, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}}
}

// file is a source that is as long as it says.
func file(name, text string) input.Source {
	s := stream(name, text)
	s.Size, s.Reopens = int64(len(text)), true
	return s
}

// via is a source that is read through a reader of the test's own making.
func via(name, text string, wrap func(io.Reader) io.Reader) input.Source {
	return input.Source{Name: name, Size: -1, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(wrap(strings.NewReader(text))), nil
	}}
}

var errDisk = errors.New("input/output error")
