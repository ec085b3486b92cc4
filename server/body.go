package server

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"math"
	"net/http"
	"strings"

	"process-orders/input"
)

// A body is what a request brings, whole in memory.
type body struct {
	sent []byte // as it was sent, which is what signatures are of
	text []byte // after decompression
	took *share
}

// release gives the memory back, once nobody needs the body any more.
func (b *body) release() { b.took.release() }

// source is the body as it is read for orders. Charset is the encoding that the sender names,
// or "".
func (b *body) source(charset string) input.Source {
	return input.Source{
		Name: bodyName, Size: int64(len(b.text)), Reopens: true, Decompressed: true, Encoding: charset,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.text)), nil },
	}
}

// bodyName is what messages call the body of a request.
const bodyName = "body"

const (
	// maxRatio is how much larger a body may become by decompression, once it has more than
	// freeBytes. Orders become up to 40 times as large.
	maxRatio  = 200
	freeBytes = 1 << 20
	// maxWindowBytes is the window that a zstd body may have: all that zstd takes by itself.
	maxWindowBytes = 8 << 20
	// firstBytes is how much memory a body gets before any of it has come.
	firstBytes = 64 << 10
)

// readBody reads the body of a request once, within the limits. What the server has no room for
// is refused before it is read. Release the body.
func (c *call) readBody() (b *body, err error) {
	l := &c.server.limits
	announced := c.r.ContentLength
	if announced > l.BodyBytes {
		return nil, errBodyTooLarge(l.BodyBytes)
	}
	if c.server.commits.isFull(max(announced, 0)) {
		return nil, errFull()
	}
	took, err := c.server.bodies.admit("", max(announced, 0))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			took.release()
		}
	}()
	b = &body{took: took}
	if b.sent, err = readSent(took.reader(http.MaxBytesReader(c.w, c.r.Body, l.BodyBytes)), announced); err != nil {
		return nil, bodyProblem(err, errBodyTooLarge(l.BodyBytes))
	}
	if err := c.checkEncoding(b.sent); err != nil {
		return nil, err
	}
	if b.text = b.sent; input.IsCompressed(b.sent) {
		if b.text, err = b.decompress(c, l.DecodedBytes); err != nil {
			return nil, bodyProblem(err, errBodyTooLarge(l.BodyBytes))
		}
	}
	if unpackedBytes(b.text) > uint64(l.DecodedBytes) {
		return nil, bodyProblem(errDecoded, nil)
	}
	return b, nil
}

// zipMagic starts a zip archive with parts, such as a workbook.
const zipMagic = "PK\x03\x04"

// unpackedBytes returns the sum of the sizes that a zip archive states for its parts. Reading fails if a
// part is larger than stated. The sum is 0 if the text is no zip archive.
func unpackedBytes(text []byte) (all uint64) {
	if !bytes.HasPrefix(text, []byte(zipMagic)) {
		return 0
	}
	archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return 0 // whoever reads it says what is wrong
	}
	for _, part := range archive.File {
		if all += part.UncompressedSize64; all < part.UncompressedSize64 {
			return math.MaxUint64
		}
	}
	return all
}

// readSent reads all of a body of which so many bytes are announced, or -1.
func readSent(r io.Reader, announced int64) ([]byte, error) {
	var all bytes.Buffer
	if announced >= 0 {
		all.Grow(int(min(announced, firstBytes)) + bytes.MinRead)
	}
	_, err := all.ReadFrom(r)
	return all.Bytes(), err
}

// checkEncoding refuses a Content-Encoding that is not read here, or that is not that of the body.
func (c *call) checkEncoding(sent []byte) error {
	named := strings.ToLower(strings.Join(c.r.Header.Values("Content-Encoding"), ","))
	switch named {
	case "", "identity":
		return nil
	case "gzip", "x-gzip", "zstd":
		if len(sent) > 0 && !input.IsCompressed(sent) {
			return newProblem(http.StatusBadRequest, "body-damaged", "the body is not compressed as its Content-Encoding says")
		}
		return nil
	}
	c.w.Header().Set("Accept-Encoding", "gzip, zstd")
	return newProblem(http.StatusUnsupportedMediaType, "encoding-unsupported", "send the body as it is, or compressed with gzip or zstd")
}

// Errors in what a body becomes by decompression.
var (
	errRatio   = errors.New("the body becomes more than 200 times as large by decompression: these are no orders")
	errDecoded = errors.New("the body is too large after decompression; send it in parts, or as a file to /v1/files")
)

// decompress returns what is in the body.
func (b *body) decompress(c *call, most int64) ([]byte, error) {
	opened, err := input.Decompress(c.r.Context(), input.Source{
		Name: bodyName, Size: int64(len(b.sent)), Reopens: true, MaxWindowBytes: maxWindowBytes,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.sent)), nil },
	})
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	ratio := max(freeBytes, maxRatio*int64(len(b.sent)))
	var all bytes.Buffer
	_, err = all.ReadFrom(b.took.reader(io.LimitReader(opened, min(most, ratio)+1)))
	switch n := int64(all.Len()); {
	case err != nil:
		return nil, err
	case n > ratio:
		return nil, errRatio
	case n > most:
		return nil, errDecoded
	}
	return all.Bytes(), nil
}

func errBodyTooLarge(most int64) error {
	return newProblem(http.StatusRequestEntityTooLarge, "body-too-large", "the body has more than "+shownBytes(most)+"; send it in parts, or as a file to /v1/files")
}
