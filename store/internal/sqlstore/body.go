package sqlstore

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"unsafe"

	"process-orders/money"
	"process-orders/store"
)

// ErrRow says that a row is not what was stored. It does not say what is in the row.
var ErrRow = fmt.Errorf("a row does not fit its checksum: %w", store.ErrDamaged)

// WayOut is what to do with a store that is damaged.
const WayOut = "restore a backup of it; process-orders doctor says more"

// ErrRows says that the rows of a table are others than those that were stored.
var ErrRows = fmt.Errorf("rows are missing or there twice: %w", store.ErrDamaged)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sumBytes is how many bytes a checksum takes at the end of a body.
const sumBytes = 4

// Checksum returns the checksum of a row of a table: of its columns, one after the other, each
// with its length ahead of it.
func Checksum(table string, columns ...string) uint32 {
	sum := addText(0, table)
	for _, c := range columns {
		sum = addText(sum, c)
	}
	return sum
}

// addText adds a text to a checksum.
func addText(sum uint32, text string) uint32 {
	n := uint64(len(text))
	for ; n >= 0x80; n >>= 7 {
		sum = addByte(sum, byte(n)|0x80)
	}
	sum = addByte(sum, byte(n))
	// The checksum does not keep or change the bytes, so they need not be copied.
	return crc32.Update(sum, castagnoli, unsafe.Slice(unsafe.StringData(text), len(text)))
}

// addByte is crc32.Update with one byte, which needs no memory.
func addByte(sum uint32, b byte) uint32 {
	return ^(castagnoli[byte(^sum)^b] ^ ^sum>>8)
}

// seal appends the checksum of a row to its body, which starts at an offset. The other columns
// are given.
func seal(body []byte, from int, table string, columns ...string) (_ []byte, sum uint32) {
	sum = rowSum(body[from:], table, columns)
	return binary.BigEndian.AppendUint32(body, sum), sum
}

// bufferFor returns memory for a few more bodies: that of those before, or more if it lacks so many
// bytes.
func bufferFor(bodies []byte, n int) []byte {
	if cap(bodies)-len(bodies) < n {
		return make([]byte, 0, bodiesBytes)
	}
	return bodies
}

// rowSum is the checksum of a row with a body.
func rowSum(body []byte, table string, columns []string) uint32 {
	return crc32.Update(Checksum(table, columns...), castagnoli, body)
}

// unseal checks a row, and returns its body without the checksum.
func unseal(body []byte, table string, columns ...string) (_ []byte, sum uint32, err error) {
	if len(body) < sumBytes {
		return nil, 0, ErrRow
	}
	end := len(body) - sumBytes
	if sum = rowSum(body[:end], table, columns); binary.BigEndian.Uint32(body[end:]) != sum {
		return nil, 0, ErrRow
	}
	return body[:end], sum, nil
}

// A bodyReader reads what is in a body. What it returns after a fault means nothing.
type bodyReader struct {
	rest  []byte
	all   string // the same bytes as rest has, from an earlier start on: texts share it
	isBad bool
	spare Sums // memory for the next sums; it is empty
}

func newBodyReader(body []byte) *bodyReader {
	r := &bodyReader{}
	r.start(body, false)
	return r
}

// newSharingReader is newBodyReader for a body that nobody changes any more: texts share its memory.
func newSharingReader(body []byte) *bodyReader {
	r := &bodyReader{}
	r.start(body, true)
	return r
}

// start starts to read a body, which is shared if nobody changes it any more: see newSharingReader.
func (r *bodyReader) start(body []byte, isShared bool) {
	*r = bodyReader{rest: body, spare: r.spare}
	if isShared {
		r.all = unsafe.String(unsafe.SliceData(body), len(body))
	} else {
		r.all = string(body)
	}
}

// err is ErrRow if there was a fault, or if something is left.
func (r *bodyReader) err() error {
	if r.isBad || len(r.rest) > 0 {
		return ErrRow
	}
	return nil
}

func (r *bodyReader) skip(n int) {
	if r.isBad = r.isBad || n <= 0; !r.isBad {
		r.rest = r.rest[n:]
	}
}

// has reports whether so many bytes may be left.
func (r *bodyReader) has(n uint64) bool {
	r.isBad = r.isBad || n > uint64(len(r.rest))
	return !r.isBad
}

func (r *bodyReader) unsigned() uint64 {
	n, size := binary.Uvarint(r.rest)
	r.skip(size)
	return n
}

func (r *bodyReader) signed() int64 {
	n, size := binary.Varint(r.rest)
	r.skip(size)
	return n
}

// bytes returns the next n bytes as a text.
func (r *bodyReader) bytes(n uint64) string {
	if !r.has(n) {
		return ""
	}
	from := len(r.all) - len(r.rest)
	r.rest = r.rest[n:]
	return r.all[from : from+int(n)]
}

func (r *bodyReader) text() string { return r.bytes(r.unsigned()) }

func (r *bodyReader) version() store.Version { return store.Version(r.text()) }

func (r *bodyReader) amount() money.Amount {
	a, rest, ok := money.DecodeBinary(r.rest)
	if r.isBad = r.isBad || !ok; r.isBad {
		return money.Amount{}
	}
	r.rest = rest
	return a
}

func appendText[T ~string](dst []byte, text T) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}
