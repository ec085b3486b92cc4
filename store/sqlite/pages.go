package sqlite

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"sync"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// Each page of the file ends with a checksum of its number and of all else in it. It is in the
// bytes that SQLite leaves to whoever wants them. It is made when a page is written to the file
// and checked when one is read, below all that SQLite does. So nothing that SQLite decides by a
// page, such as which row comes next or that there is none, is decided by a damaged one.
//
// Programs that do not know the checksums can read the file. The last program that closes it moves
// the log to it, also if it only reads. So pages in the log have no checksum but a mark in its
// place, or zeros if they are new, and such pages are accepted. They get a checksum when this
// package writes them. A page that another program has changed counts as damaged.

const (
	pageBytes    = 8192 // with 4096 much takes a sixth longer
	pageSumBytes = 4    // at the end of each page
	usableBytes  = pageBytes - pageSumBytes
	noSum        = 0x6e6f7375 // "nosu": the mark in the place of a checksum
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// pageSum is the checksum of a page. Its number is in it, as a page in the place of another one is
// damage too.
func pageSum(page []byte, number int64) uint32 {
	var at [8]byte
	binary.BigEndian.PutUint64(at[:], uint64(number))
	return crc32.Update(crc32.Update(0, castagnoli, at[:]), castagnoli, page[:usableBytes])
}

func putSum(page []byte, sum uint32) { binary.BigEndian.PutUint32(page[usableBytes:], sum) }

// isSound reports whether a page is what was written to the file.
func isSound(page []byte, number int64) bool {
	switch sum := binary.BigEndian.Uint32(page[usableBytes:]); sum {
	case pageSum(page, number), noSum:
		return true
	case 0:
		return mayEndInZeros(page) || binary.BigEndian.Uint64(page[usableBytes-8:]) != 0
	}
	return false
}

// mayEndInZeros reports whether a page without a checksum may have zeros before its end. The
// pages of tables and indexes are filled from the end, so in these it is damage.
func mayEndInZeros(page []byte) bool {
	switch page[0] {
	case 2, 5, 10, 13: // the kinds of these pages
		return binary.BigEndian.Uint16(page[3:]) == 0 // it has no rows
	}
	return true
}

// pageOf returns the page that is read or written, and its number. It returns false for other
// pieces, such as the header alone.
func pageOf(buffer uintptr, n int32, at int64) (page []byte, number int64, ok bool) {
	if n != pageBytes || at%pageBytes != 0 {
		return nil, 0, false
	}
	return unsafe.Slice(pointer[byte](buffer), pageBytes), at/pageBytes + 1, true
}

// The functions of SQLite that are called, or are put in the place of those of its own. SQLite is
// C that was translated to Go: its pointers are numbers, and a pointer to a function is a Go
// function.
type (
	openFile  = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, outFlags uintptr) int32
	readFile  = func(tls *libc.TLS, file, buffer uintptr, n int32, at int64) int32
	writeFile = readFile
)

// pointer is a pointer of SQLite as one of Go.
func pointer[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) }

// function is a pointer to a function as a function, and address is the other way round.
func function[F any](p uintptr) F { return *(*F)(unsafe.Pointer(&p)) }

func address[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) }

// A checkedVFS is one of SQLite's ways to the files of the system, with checksums.
type checkedVFS struct {
	sqlite3.Tsqlite3_vfs
	of uintptr // SQLite's own
}

// checkedMethods are what SQLite does with an open file, with checksums. They start with what
// SQLite knows, so a pointer to one is a pointer to the other.
type checkedMethods struct {
	sqlite3.Tsqlite3_io_methods
	read  readFile // SQLite's own
	write writeFile
}

// made returns memory of SQLite's for a value that SQLite has the address of. It is never freed.
func made[T any](tls *libc.TLS) (p uintptr, value *T) {
	var size T
	p = libc.Xcalloc(tls, 1, libc.Tsize_t(unsafe.Sizeof(size)))
	if p == 0 {
		panic("store/sqlite: no memory for the checksums of pages")
	}
	return p, pointer[T](p)
}

// checked are those that were made.
var checked struct {
	mu      sync.Mutex
	vfs     map[string]*checkedVFS
	methods map[uintptr]*checkedMethods // by SQLite's own
	logs    map[uintptr]*logMethods     // by SQLite's own
}

// withChecksums returns the name of the way to files that is called so in SQLite, with
// checksums. "" is that which is used if nobody says.
func withChecksums(vfs string) (name string, err error) {
	checked.mu.Lock()
	defer checked.mu.Unlock()
	name = "process-orders"
	if vfs != "" {
		name += "-" + vfs
	}
	if checked.vfs[vfs] != nil {
		return name, nil
	}
	tls := libc.NewTLS()
	defer tls.Close()
	if rc := sqlite3.Xsqlite3_initialize(tls); rc != sqlite3.SQLITE_OK {
		return "", fmt.Errorf("start SQLite: %s", nameOf(int(rc)))
	}
	of, err := findVFS(tls, vfs)
	if err != nil {
		return "", err
	}
	text, err := libc.CString(name)
	if err != nil {
		return "", err
	}
	at, v := made[checkedVFS](tls)
	*v = checkedVFS{*pointer[sqlite3.Tsqlite3_vfs](of), of}
	v.FpNext, v.FzName, v.FxOpen = 0, text, address(openFile(openChecked))
	v.FszOsFile += int32(unsafe.Sizeof(logBuffer{}))
	if checked.vfs == nil {
		checked.vfs, checked.methods, checked.logs = map[string]*checkedVFS{}, map[uintptr]*checkedMethods{}, map[uintptr]*logMethods{}
	}
	checked.vfs[vfs] = v
	if rc := sqlite3.Xsqlite3_vfs_register(tls, at, 0); rc != sqlite3.SQLITE_OK {
		delete(checked.vfs, vfs)
		return "", fmt.Errorf("register a VFS: %s", nameOf(int(rc)))
	}
	return name, nil
}

func findVFS(tls *libc.TLS, vfs string) (of uintptr, err error) {
	if vfs != "" {
		text, err := libc.CString(vfs)
		if err != nil {
			return 0, err
		}
		defer libc.Xfree(tls, text)
		of = sqlite3.Xsqlite3_vfs_find(tls, text)
	} else {
		of = sqlite3.Xsqlite3_vfs_find(tls, 0)
	}
	if of == 0 {
		return 0, fmt.Errorf("SQLite has no VFS %q here", vfs)
	}
	return of, nil
}

// openChecked opens a file. If it is a database, its pages have checksums; a log has a buffer.
func openChecked(tls *libc.TLS, vfs, name, file uintptr, flags int32, outFlags uintptr) int32 {
	of := pointer[checkedVFS](vfs).of
	rc := function[openFile](pointer[sqlite3.Tsqlite3_vfs](of).FxOpen)(tls, of, name, file, flags, outFlags)
	switch {
	case rc != sqlite3.SQLITE_OK:
		return rc
	case flags&sqlite3.SQLITE_OPEN_WAL != 0:
		bufferLog(tls, pointer[sqlite3.Tsqlite3_vfs](of), file)
		return rc
	case flags&sqlite3.SQLITE_OPEN_MAIN_DB == 0:
		return rc
	}
	f := pointer[sqlite3.Tsqlite3_file](file)
	checked.mu.Lock()
	defer checked.mu.Unlock()
	m := checked.methods[f.FpMethods]
	if m == nil {
		own := *pointer[sqlite3.Tsqlite3_io_methods](f.FpMethods)
		_, m = made[checkedMethods](tls)
		*m = checkedMethods{own, function[readFile](own.FxRead), function[writeFile](own.FxWrite)}
		m.FxRead, m.FxWrite = address(readFile(readChecked)), address(writeFile(writeChecked))
		checked.methods[f.FpMethods] = m
	}
	f.FpMethods = uintptr(unsafe.Pointer(m))
	return rc
}

func methodsOf(file uintptr) *checkedMethods {
	return pointer[checkedMethods](pointer[sqlite3.Tsqlite3_file](file).FpMethods)
}

// readChecked reads, and checks a page.
func readChecked(tls *libc.TLS, file, buffer uintptr, n int32, at int64) int32 {
	rc := methodsOf(file).read(tls, file, buffer, n, at)
	if rc != sqlite3.SQLITE_OK && rc != sqlite3.SQLITE_IOERR_SHORT_READ {
		return rc
	}
	page, number, ok := pageOf(buffer, n, at)
	switch {
	case !ok:
	case rc == sqlite3.SQLITE_IOERR_SHORT_READ:
		// SQLite takes what is behind the end of the file for zeros. That is right for a page
		// that was never written, and wrong for one of which a part is there.
		if slices.ContainsFunc(page, func(b byte) bool { return b != 0 }) {
			return sqlite3.SQLITE_IOERR_DATA
		}
	case !isSound(page, number):
		return sqlite3.SQLITE_IOERR_DATA
	default:
		putSum(page, noSum)
	}
	return rc
}

// writeChecked writes. SQLite does not use the end of a page, so the checksum is put there.
func writeChecked(tls *libc.TLS, file, buffer uintptr, n int32, at int64) int32 {
	page, number, ok := pageOf(buffer, n, at)
	if !ok {
		return methodsOf(file).write(tls, file, buffer, n, at)
	}
	putSum(page, pageSum(page, number))
	rc := methodsOf(file).write(tls, file, buffer, n, at)
	putSum(page, noSum)
	return rc
}
