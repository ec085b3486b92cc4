package sqlite

import (
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// SQLite writes each frame of its log in two pieces, and a transaction of a server has hundreds of
// frames. So the pieces are gathered, as they follow each other, and are written when they fill a
// buffer, or when something else is to be done with the log. That is before others can see the
// frames: SQLite asks for them to be on the disk first.

// A logBuffer is what was gathered of a log. It follows, in memory, what SQLite's own way to the
// files keeps of the file, and lasts as long as that.
type logBuffer struct {
	bytes uintptr // of SQLite's memory; 0 before the first write
	from  int64   // where in the file they belong
	n     int32
}

// logBufferBytes is how much is gathered. SQLite's own way to the files of Unix writes less than
// 128 KiB at once.
const logBufferBytes = 120 << 10

// logMethods are what SQLite does with a log, with a buffer. They start with what SQLite knows.
type logMethods struct {
	sqlite3.Tsqlite3_io_methods
	own    *sqlite3.Tsqlite3_io_methods
	offset uintptr // of the buffer, from the start of a file
}

type (
	closeFile    = func(tls *libc.TLS, file uintptr) int32
	truncateFile = func(tls *libc.TLS, file uintptr, size int64) int32
	syncFile     = func(tls *libc.TLS, file uintptr, flags int32) int32
	sizeOfFile   = func(tls *libc.TLS, file, size uintptr) int32
)

// bufferLog gives a buffer to a log that was opened. If the disk may change bytes beside those that
// are written, SQLite writes some more frames behind a transaction, and others may see them before they
// are on the disk: then there is no buffer.
func bufferLog(tls *libc.TLS, vfs *sqlite3.Tsqlite3_vfs, file uintptr) {
	f := pointer[sqlite3.Tsqlite3_file](file)
	own := pointer[sqlite3.Tsqlite3_io_methods](f.FpMethods)
	if function[closeFile](own.FxDeviceCharacteristics)(tls, file)&sqlite3.SQLITE_IOCAP_POWERSAFE_OVERWRITE == 0 {
		return
	}
	checked.mu.Lock()
	defer checked.mu.Unlock()
	m := checked.logs[f.FpMethods]
	if m == nil {
		_, m = made[logMethods](tls)
		*m = logMethods{*own, own, uintptr(vfs.FszOsFile)}
		m.FxClose, m.FxRead, m.FxWrite = address(closeFile(closeLog)), address(readFile(readLog)), address(writeFile(writeLog))
		m.FxTruncate, m.FxSync, m.FxFileSize = address(truncateFile(truncateLog)), address(syncFile(syncLog)), address(sizeOfFile(sizeOfLog))
		checked.logs[f.FpMethods] = m
	}
	f.FpMethods = uintptr(unsafe.Pointer(m))
	*m.buffer(file) = logBuffer{}
}

func logMethodsOf(file uintptr) *logMethods {
	return pointer[logMethods](pointer[sqlite3.Tsqlite3_file](file).FpMethods)
}

func (m *logMethods) buffer(file uintptr) *logBuffer { return pointer[logBuffer](file + m.offset) }

// writeLog gathers what follows that which was gathered before. What does not starts a new piece.
func writeLog(tls *libc.TLS, file, piece uintptr, n int32, at int64) int32 {
	m := logMethodsOf(file)
	b := m.buffer(file)
	if at != b.from+int64(b.n) || n > logBufferBytes-b.n {
		if rc := m.flush(tls, file); rc != sqlite3.SQLITE_OK {
			return rc
		}
	}
	if b.bytes == 0 {
		b.bytes = libc.Xmalloc(tls, logBufferBytes)
	}
	if b.bytes == 0 || n > logBufferBytes {
		return function[writeFile](m.own.FxWrite)(tls, file, piece, n, at)
	}
	if b.n == 0 {
		b.from = at
	}
	copy(b.free(), unsafe.Slice(pointer[byte](piece), n))
	b.n += n
	return sqlite3.SQLITE_OK
}

// free is where the next piece goes.
func (b *logBuffer) free() []byte {
	return unsafe.Slice(pointer[byte](b.bytes), logBufferBytes)[b.n:]
}

// flush writes what was gathered. If it fails, all of that is kept for the next time: SQLite has
// taken it for written.
func (m *logMethods) flush(tls *libc.TLS, file uintptr) int32 {
	b := m.buffer(file)
	if b.n == 0 {
		return sqlite3.SQLITE_OK
	}
	rc := function[writeFile](m.own.FxWrite)(tls, file, b.bytes, b.n, b.from)
	if rc == sqlite3.SQLITE_OK {
		b.n = 0
	}
	return rc
}

func syncLog(tls *libc.TLS, file uintptr, flags int32) int32 {
	m := logMethodsOf(file)
	if rc := m.flush(tls, file); rc != sqlite3.SQLITE_OK {
		return rc
	}
	return function[syncFile](m.own.FxSync)(tls, file, flags)
}

func readLog(tls *libc.TLS, file, buffer uintptr, n int32, at int64) int32 {
	m := logMethodsOf(file)
	if rc := m.flush(tls, file); rc != sqlite3.SQLITE_OK {
		return rc
	}
	return function[readFile](m.own.FxRead)(tls, file, buffer, n, at)
}

func sizeOfLog(tls *libc.TLS, file, size uintptr) int32 {
	m := logMethodsOf(file)
	if rc := m.flush(tls, file); rc != sqlite3.SQLITE_OK {
		return rc
	}
	return function[sizeOfFile](m.own.FxFileSize)(tls, file, size)
}

func truncateLog(tls *libc.TLS, file uintptr, size int64) int32 {
	m := logMethodsOf(file)
	if rc := m.flush(tls, file); rc != sqlite3.SQLITE_OK {
		return rc
	}
	return function[truncateFile](m.own.FxTruncate)(tls, file, size)
}

// closeLog drops what was gathered: it is of a transaction that was not committed.
func closeLog(tls *libc.TLS, file uintptr) int32 {
	m := logMethodsOf(file)
	b := m.buffer(file)
	libc.Xfree(tls, b.bytes)
	*b = logBuffer{}
	return function[closeFile](m.own.FxClose)(tls, file)
}
