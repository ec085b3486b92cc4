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
)

// applicationID is in the header of our files and tells them from others: "pOrd".
const applicationID = 0x704f7264

// Of the header of an SQLite file.
const (
	headerBytes     = 100
	versionAt       = 60 // user_version, big-endian: the schema's version
	applicationIDAt = 68
)

var magic = []byte("SQLite format 3\x00")

// ErrNoStore says that a file is something else than a store.
var ErrNoStore = errors.New("the file is no store of process-orders")

// prepareFile makes the file where there is none, and refuses one that is not ours.
// It reads the bytes itself: SQLite would change some files by looking at them, such
// as another program's that was killed.
func prepareFile(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%w, and no regular file", ErrNoStore)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		file, err = os.Open(path)
	}
	if err != nil {
		return err
	}
	header, err := io.ReadAll(io.LimitReader(file, headerBytes))
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if len(bytes.Trim(header, "\x00")) == 0 {
		// Nothing is in it yet, or its maker died, or is at it now, before the first
		// page was written: SQLite can tell. The name must last before what will be in
		// the file does.
		return durable.SyncFolder(durable.OS, filepath.Dir(path))
	}
	if len(header) < headerBytes || !bytes.HasPrefix(header, magic) {
		return fmt.Errorf("%w, and no SQLite file", ErrNoStore)
	}
	if id := binary.BigEndian.Uint32(header[applicationIDAt:]); id != applicationID {
		return fmt.Errorf("%w, but an SQLite file of another program", ErrNoStore)
	}
	return checkVersion(int64(binary.BigEndian.Uint32(header[versionAt:])))
}
