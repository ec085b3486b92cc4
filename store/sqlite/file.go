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
	"process-orders/store/internal/sqlstore"
)

// applicationID marks our files in their header: "pOrd".
const applicationID = 0x704f7264

// The size of the header of an SQLite file, and offsets in it.
const (
	headerBytes         = 100
	schemaOffset        = 60 // user_version, big-endian
	applicationIDOffset = 68
)

var magic = []byte("SQLite format 3\x00")

// ErrNoStore says that a file exists and is not a store.
var ErrNoStore = errors.New("the file is not a store of process-orders")

// prepareFile makes the file if there is none, and refuses one that is not ours.
func prepareFile(path string) error {
	if err := checkRegular(path); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		file, err = os.Open(path)
	}
	if err != nil {
		return err
	}
	isNew, err := checkHeader(file)
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

// checkHeader refuses a file that is not ours, or that a newer program wrote. It reads the
// bytes itself, as SQLite changes some files by looking at them, such as one of another
// program that was killed. It returns true if the file is empty, or if the process that
// makes it has not written the first page yet, or died before it did; SQLite tells these
// apart.
func checkHeader(file io.Reader) (isNew bool, err error) {
	header, err := io.ReadAll(io.LimitReader(file, headerBytes))
	switch {
	case err != nil:
		return false, err
	case len(bytes.Trim(header, "\x00")) == 0:
		return true, nil
	case len(header) < headerBytes || !bytes.HasPrefix(header, magic):
		return false, fmt.Errorf("%w: it is not an SQLite file", ErrNoStore)
	case binary.BigEndian.Uint32(header[applicationIDOffset:]) != applicationID:
		return false, fmt.Errorf("%w: it is an SQLite file of another program", ErrNoStore)
	}
	return false, sqlstore.CheckSchema(int64(binary.BigEndian.Uint32(header[schemaOffset:])), schema)
}
