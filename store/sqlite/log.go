package sqlite

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"process-orders/store"
)

// The file name-wal is SQLite's log: what was committed and is not in the file yet. Its frames,
// each with a page, have checksums, each made on top of the one before. SQLite takes the log to
// end at the first frame that does not fit, as it cannot know whether the frame was ever written
// in full. That is right for the last transaction alone: the one before it was on the disk when
// it started. So a log in which a whole transaction follows what does not fit is damaged.

const (
	logHeaderBytes   = 32
	frameHeaderBytes = 24
	logMagic         = 0x377f0682 // and the last bit says that words are big-endian
)

var errLog = fmt.Errorf("its log (the file with -wal) has a hole: %w", store.ErrDamaged)

// checkLog returns an error if the log of a file is damaged. Another process may be writing it,
// so what is wrong must be so twice.
//
// It reads all of the log, which takes some two seconds for a GiB. SQLite does the same if it is
// the first to open the file, and takes what is behind a hole for nothing; if others have the file
// open it only trusts what they have read. A log is checked then too, as whoever opened it first
// may be another program, which does not look for holes.
func checkLog(ctx context.Context, path string) error {
	hole, err := findHole(ctx, path+"-wal")
	for range 2 {
		if hole < 0 || err != nil {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
		var again int64
		if again, err = findHole(ctx, path+"-wal"); again != hole {
			hole = -1
		}
	}
	if errors.Is(err, fs.ErrNotExist) || err == nil && hole < 0 {
		return nil
	}
	if err == nil {
		err = errLog
	}
	return err
}

// A frameSum is a checksum of the log.
type frameSum struct{ a, b uint32 }

func (s frameSum) add(data []byte, order binary.ByteOrder) frameSum {
	for ; len(data) >= 8; data = data[8:] {
		s.a += order.Uint32(data) + s.b
		s.b += order.Uint32(data[4:]) + s.a
	}
	return s
}

func sumAt(b []byte) frameSum {
	return frameSum{binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])}
}

// findHole returns where the log does not fit although a transaction follows, or -1.
func findHole(ctx context.Context, name string) (hole int64, err error) {
	file, err := os.Open(name)
	if err != nil {
		return -1, err
	}
	defer file.Close()
	var header [logHeaderBytes]byte
	switch n, err := io.ReadFull(file, header[:]); {
	case err == io.EOF:
		return -1, nil
	case err == io.ErrUnexpectedEOF:
		return -1, nil // the first thing that a process has written of it before it died
	case err != nil:
		return -1, err
	case isZero(header[:n]):
		return -1, nil // its size was on the disk first
	}
	magic := binary.BigEndian.Uint32(header[:])
	order := binary.ByteOrder(binary.LittleEndian)
	if magic&1 != 0 {
		order = binary.BigEndian
	}
	sum := frameSum{}.add(header[:24], order)
	if magic&^1 != logMagic || binary.BigEndian.Uint32(header[8:]) != pageBytes || sumAt(header[24:]) != sum {
		return 0, nil
	}
	return walkFrames(ctx, file, header[16:24], sum, order)
}

// walkFrames returns where the first frame is that does not fit, if the log has a frame with which
// a transaction ends after it, and a next one that fits; or -1.
func walkFrames(ctx context.Context, file io.Reader, salts []byte, before frameSum, order binary.ByteOrder) (hole int64, err error) {
	hole = -1
	isAfterCommit := false // the frame before was the last of a transaction, and is of this log
	frame := make([]byte, frameHeaderBytes+pageBytes)
	for at := int64(logHeaderBytes); ; at += int64(len(frame)) {
		if err := ctx.Err(); err != nil {
			return -1, err
		}
		if _, err := io.ReadFull(file, frame); err == io.EOF || err == io.ErrUnexpectedEOF {
			return -1, nil
		} else if err != nil {
			return -1, err
		}
		isOfLog := string(frame[8:16]) == string(salts)
		fits := isOfLog && before.add(frame[:8], order).add(frame[frameHeaderBytes:], order) == sumAt(frame[16:])
		switch {
		case !fits && hole < 0:
			hole = at
		case fits && hole >= 0 && isAfterCommit:
			return hole, nil
		}
		before = sumAt(frame[16:])
		isAfterCommit = isOfLog && hole >= 0 && binary.BigEndian.Uint32(frame[4:]) != 0
	}
}

func isZero(b []byte) bool {
	for _, one := range b {
		if one != 0 {
			return false
		}
	}
	return true
}
