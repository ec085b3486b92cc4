package server

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// An answerWriter counts what is answered, and gives a client that does not take it some time, and
// no more.
type answerWriter struct {
	http.ResponseWriter
	control  *http.ResponseController
	patience time.Duration

	until  time.Time // the deadline for what is being written
	status int       // 0: nothing is written yet
	bytes  int64
}

func newAnswerWriter(w http.ResponseWriter, patience time.Duration) *answerWriter {
	return &answerWriter{ResponseWriter: w, control: http.NewResponseController(w), patience: patience}
}

// Unwrap is for [http.ResponseController].
func (w *answerWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *answerWriter) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.wait()
	w.ResponseWriter.WriteHeader(status)
}

func (w *answerWriter) Write(p []byte) (int, error) {
	w.begin()
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// WriteString writes a text.
func (w *answerWriter) WriteString(s string) (int, error) {
	w.begin()
	n, err := io.WriteString(w.ResponseWriter, s)
	w.bytes += int64(n)
	return n, err
}

// FlushError sends what was written.
func (w *answerWriter) FlushError() error {
	w.begin()
	return w.control.Flush()
}

// Flush is FlushError, for those who do not ask for the error.
func (w *answerWriter) Flush() { _ = w.FlushError() }

func (w *answerWriter) begin() {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.wait()
}

// wait moves the deadline on. It does so now and then, as answers are written in many parts.
func (w *answerWriter) wait() {
	now := time.Now()
	if until := now.Add(w.patience); until.Sub(w.until) > w.patience/4 {
		w.until = until
		_ = w.control.SetWriteDeadline(until) // what is no connection has none
	}
}

// least is how many bytes a second of a body must come at least, on average.
const least = 1 << 10

// A slowBody is a body that must come in time: at least so many bytes in each while that somebody
// waits for it. Time in which nobody reads does not count.
type slowBody struct {
	io.ReadCloser
	control  *http.ResponseController
	patience time.Duration

	left  time.Duration // of the time for the bytes that are missing
	bytes float64       // that came in it
	end   time.Time     // by which all must have come; zero: never
}

func newSlowBody(body io.ReadCloser, control *http.ResponseController, patience time.Duration) *slowBody {
	b := &slowBody{ReadCloser: body, control: control, patience: patience, left: patience}
	_ = control.SetReadDeadline(time.Now().Add(patience)) // for a body that no handler reads
	return b
}

func (b *slowBody) Read(p []byte) (int, error) {
	start := time.Now()
	deadline := start.Add(b.left)
	if !b.end.IsZero() && b.end.Before(deadline) {
		deadline = b.end
	}
	_ = b.control.SetReadDeadline(deadline) // what is no connection has none
	n, err := b.ReadCloser.Read(p)
	if err != nil && !isTooSlow(err) {
		// The connection is watched for its end, for as long as the answer takes.
		_ = b.control.SetReadDeadline(time.Time{})
	}
	b.left -= time.Since(start)
	if b.bytes += float64(n); b.bytes >= least*b.patience.Seconds() {
		b.left, b.bytes = b.patience, 0
	}
	return n, err
}

// isTooSlow reports whether a body came too slowly.
func isTooSlow(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// errTooSlow is the answer if a body comes too slowly.
func errTooSlow() error {
	return newProblem(http.StatusRequestTimeout, "body-too-slow", "the body came too slowly; send it again")
}
