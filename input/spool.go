package input

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"process-orders/internal/unnamed"
)

// Spool copies a source to a temporary file, so that what can be read only once can be
// read again. The copy has the source's name and its bytes as they are, compressed or not.
//
// The file has no name, so nobody else sees it. It is made in folder; "" means the folder
// for temporary files. Closing the closer frees it, and it is gone when the process ends,
// however it ends. The source is read to its end; the end of ctx ends a wait for it.
func Spool(ctx context.Context, s Source, folder string) (Source, io.Closer, error) {
	file, err := unnamed.Create(folder)
	if err != nil {
		return Source{}, nil, spoolError(s, err)
	}
	size, err := s.copyTo(ctx, file)
	if err != nil {
		if failed := file.Close(); failed != nil {
			err = errors.Join(err, failed)
		}
		return Source{}, nil, err
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(file, 0, size)), nil }
	s.Size, s.Reopens, s.Open = size, true, open
	return s, file, nil
}

// copyTo copies the source as it is.
func (s *Source) copyTo(ctx context.Context, w io.Writer) (int64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	file, err := s.openFile(ctx)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	from := &counter{s.reader(ctx, file), new(atomic.Int64)}
	size, err := io.CopyBuffer(struct{ io.Writer }{w}, from, make([]byte, rawBytes))
	if _, ok := err.(*failure); ok {
		return 0, s.readError(ctx, err)
	} else if err != nil {
		return 0, spoolError(*s, err)
	}
	return size, ctx.Err()
}

func spoolError(s Source, err error) error {
	return fmt.Errorf("%s: copy it to a temporary file, to read it twice: %w", s.Name, reason(err))
}
