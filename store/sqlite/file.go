package sqlite

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"process-orders/internal/durable"
	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// applicationID marks our files in their header: "pOrd".
const applicationID = 0x704f7264

// The size of the header of an SQLite file, and offsets in it.
const (
	headerBytes         = 100
	pageBytesOffset     = 16 // big-endian
	leftOffset          = 20 // how many bytes at the end of each page SQLite does not use
	schemaOffset        = 60 // user_version, big-endian
	applicationIDOffset = 68
)

var magic = []byte("SQLite format 3\x00")

// ErrNoStore says that a file exists and is not a store.
var ErrNoStore = errors.New("the file is not a store of process-orders")

// errHeader says that the pages of a store are not as they were made.
var errHeader = fmt.Errorf("its first bytes do not say what pages it has: %w", store.ErrDamaged)

// prepareFile makes the file if there is none, and refuses one that is not ours.
func prepareFile(path string, schemas sqlstore.Schemas) error {
	if err := checkRegular(path); err != nil {
		return err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		// Another process may be faster. Nobody sees the file before it is ours.
		if err := durable.CreateNew(path, firstPage()); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	isNew, err := checkHeader(file, schemas)
	_ = file.Close() // of which nothing was written
	if err != nil || !isNew {
		return err
	}
	// The name must be durable before anything in the file is.
	return durable.SyncFolder(durable.OS, filepath.Dir(path))
}

// checkRegular refuses a folder or a device. It accepts that there is no file.
func checkRegular(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%w: it is not a regular file", ErrNoStore)
	}
	return nil
}

// checkHeader refuses a file that is not ours, or whose schema this program does not know. It reads the
// bytes itself, as SQLite changes some files by looking at them, such as one of another
// program that was killed. SQLite would also take an empty file for its own. It returns
// true if the process that makes the file has not come to its tables yet.
func checkHeader(file io.Reader, schemas sqlstore.Schemas) (isNew bool, err error) {
	header, err := io.ReadAll(io.LimitReader(file, headerBytes))
	switch {
	case err != nil:
		return false, err
	case len(header) == 0:
		return false, fmt.Errorf("%w: it is empty; remove it first if it is to become one", ErrNoStore)
	case len(header) < headerBytes || !bytes.HasPrefix(header, magic):
		return false, fmt.Errorf("%w: it is not an SQLite file", ErrNoStore)
	case binary.BigEndian.Uint32(header[applicationIDOffset:]) != applicationID:
		return false, fmt.Errorf("%w: it is an SQLite file of another program", ErrNoStore)
	}
	found := int64(binary.BigEndian.Uint32(header[schemaOffset:]))
	if found != 0 {
		if err := schemas.Check(found); err != nil {
			return false, err
		}
	}
	if binary.BigEndian.Uint16(header[pageBytesOffset:]) != pageBytes || header[leftOffset] != pageSumBytes {
		return false, errHeader
	}
	return found == 0, nil
}

// firstPage is an SQLite file without any table, as SQLite writes it, that has our mark.
func firstPage() []byte {
	const leafOfTables = 0x0d // the kind of the page, which lists the tables
	page := make([]byte, pageBytes)
	copy(page, magic)
	big := binary.BigEndian
	big.PutUint16(page[pageBytesOffset:], pageBytes)
	copy(page[18:], []byte{1, 1, pageSumBytes, 64, 32, 32}) // with a rollback journal; fixed fractions
	big.PutUint32(page[24:], 1)                             // changes
	big.PutUint32(page[28:], 1)                             // pages
	big.PutUint32(page[44:], 4)                             // the newest format of schemas
	big.PutUint32(page[56:], 1)                             // UTF-8
	big.PutUint32(page[applicationIDOffset:], applicationID)
	big.PutUint32(page[92:], 1)         // the changes that the next number is valid for
	big.PutUint32(page[96:], 3_040_000) // the version of SQLite that wrote it
	page[headerBytes] = leafOfTables
	big.PutUint16(page[headerBytes+5:], usableBytes) // where its contents start
	putSum(page, pageSum(page, 1))
	return page
}
