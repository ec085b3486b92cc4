package server

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	"process-orders/input"
	"process-orders/internal/unnamed"
)

// keptFreeBytes is how much room an upload leaves on the disk that it is spooled to: the store may
// be on the same one.
const keptFreeBytes = 16 << 20

// checkRoom refuses an upload if the disk has no room for so many bytes more.
func (s *Server) checkRoom(bytes int64) error {
	if free, ok := unnamed.FreeBytes(s.options.SpoolFolder); ok && free-keptFreeBytes < bytes {
		return errSpoolFull()
	}
	return nil
}

func errSpoolFull() error {
	return busy(http.StatusInsufficientStorage, "spool-full", "the disk for files that come has no room for this one; nothing was saved; send it again later", 30*time.Second)
}

func errFileTooLarge(most int64) error {
	return newProblem(http.StatusRequestEntityTooLarge, "body-too-large", "the file has more than "+shownBytes(most)+"; send it in parts")
}

// spool copies the file of a request to a temporary file without a name, so that nothing is left
// of it when the process ends, however it ends. Close it.
func (c *call) spool(ctx context.Context, u *upload, how *reading) (input.Source, io.Closer, error) {
	s := c.server
	sent := &spooling{r: http.MaxBytesReader(c.w, c.r.Body, s.limits.FileBytes), server: s, upload: u}
	source := input.Source{
		Name: u.name, Shop: how.shop, Size: u.announced, Encoding: how.charset, Sheet: how.sheet,
		MaxWindowBytes: maxWindowBytes, SpoolFolder: s.options.SpoolFolder,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(sent), nil },
	}
	source, closer, err := input.Spool(ctx, source, s.options.SpoolFolder)
	switch {
	case err == nil:
		return source, closer, nil
	case ctx.Err() != nil && c.r.Context().Err() == nil:
		// Somebody may still wait for the body, and no answer is written before that ends.
		_ = http.NewResponseController(c.w).SetReadDeadline(time.Now())
		return source, nil, context.Cause(ctx)
	}
	return source, nil, c.spoolProblem(err, sent.failure())
}

// A spooling is a body that is read as long as there is room for it.
type spooling struct {
	r       io.Reader
	server  *Server
	upload  *upload
	checked int64 // up to which there was room

	mu  sync.Mutex // held by each reading, which may go on when nobody waits for it any more
	err error      // of the body; nil at its end
}

// failure is why the body could not be read; nil if it could. It waits for a reading that goes on:
// when a body comes too slowly, the request ends a moment before its reading returns.
func (s *spooling) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// roomBytes is how much of a file comes until the room is looked at again.
const roomBytes = 4 << 20

func (s *spooling) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if received := s.upload.received.Load(); received >= s.checked {
		if err := s.server.checkRoom(roomBytes); err != nil {
			s.err = err
			return 0, err
		}
		s.checked = received + roomBytes
	}
	n, err := s.r.Read(p)
	s.upload.received.Add(int64(n))
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// limitRatio ends a context if the text of a file becomes far larger than the file.
func limitRatio(bytes int64, end context.CancelCauseFunc) func(bool) io.Writer {
	return func(asIs bool) io.Writer {
		if asIs {
			return nil
		}
		return &limitedText{max(freeBytes, maxRatio*bytes), end}
	}
}

// A limitedText is written what is read of a file.
type limitedText struct {
	left int64
	end  context.CancelCauseFunc
}

func (l *limitedText) Write(p []byte) (int, error) {
	if l.left -= int64(len(p)); l.left < 0 {
		l.end(newProblem(http.StatusRequestEntityTooLarge, "body-too-large", errRatio.Error()))
	}
	return len(p), nil
}
