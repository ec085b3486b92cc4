package sqlstore

import (
	"unsafe"

	"process-orders/store"
)

// documentRows are the rows of documents, each with a checksum.
type documentRows interface {
	// Document returns a document.
	Document(kind, key string) (d store.Document, found bool, err error)
	// PutDocument keeps a document, in the place of one of the same kind and key. The value is
	// not kept when it returns.
	PutDocument(d *store.Document) error
	// DeleteDocument removes a document.
	DeleteDocument(kind, key string) error
	// DeleteDocuments removes documents of a kind whose At is before a time: those with the
	// least first, and of equals those with the least key, limit at most.
	DeleteDocuments(kind string, at int64, limit int) (removed int64, err error)
}

// DocumentColumns are in the order in which [ScanDocument] reads them.
const DocumentColumns = `kind, key, at, value, checksum`

// DocumentSum is the checksum of a document's row.
func DocumentSum(d *store.Document) int64 {
	value := unsafe.String(unsafe.SliceData(d.Value), len(d.Value)) // it is long, and not kept
	return int64(Checksum("documents", d.Kind, d.Key, number(d.At), value))
}

// ScanDocument reads a document, and checks its row. Key is of any type that a database has keys
// in.
func ScanDocument[K ~string | ~[]byte](r Row) (d store.Document, err error) {
	var key K
	var sum int64
	if err := r.Scan(&d.Kind, &key, &d.At, &d.Value, &sum); err != nil {
		return d, err
	}
	d.Key = string(key)
	return d, CheckSum(sum, uint32(DocumentSum(&d)))
}

// ListDocument is [ScanDocument] for a list. A row that does not fit its checksum does not end the list.
func ListDocument[K ~string | ~[]byte](r Row) (store.Document, error) {
	d, err := ScanDocument[K](r)
	if err == ErrRow {
		return store.Document{Kind: d.Kind, Key: d.Key, Damaged: true}, nil
	}
	return d, err
}

// AfterAllKeys is greater than all keys of documents, which are UTF-8.
const AfterAllKeys = "\xff"
