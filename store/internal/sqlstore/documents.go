package sqlstore

import (
	"errors"

	"process-orders/store"
)

// documentRows are the rows of documents, each with a checksum.
type documentRows interface {
	// Document returns a document.
	Document(kind, key string) (d store.Document, found bool, err error)
	// Put keeps a document, in the place of one of the same kind and key.
	Put(d store.Document) error
	// Delete removes a document.
	Delete(kind, key string) error
	// DeleteBefore removes the first documents of a kind by their At, which is before a time.
	DeleteBefore(kind string, at int64, limit int) (removed int64, err error)
}

// DocumentColumns are in the order in which [ScanDocument] reads them.
const DocumentColumns = `kind, key, at, value, checksum`

// DocumentSum is the checksum of a document's row.
func DocumentSum(d *store.Document) uint32 {
	return Checksum("documents", d.Kind, d.Key, number(d.At), string(d.Value))
}

// ScanDocument reads a document, and checks its row.
func ScanDocument(r Row) (d store.Document, err error) {
	var sum int64
	if err := r.Scan(&d.Kind, &d.Key, &d.At, &d.Value, &sum); err != nil {
		return d, err
	}
	return d, CheckSum(sum, DocumentSum(&d))
}

// Tx is a transaction as a server has it: see [store.Transaction].
type Tx struct{ Transaction }

// Apply applies a group of live orders.
func (tx Tx) Apply(b store.Batch) (store.Outcome, error) {
	if b.Feed == nil {
		return store.Outcome{}, errors.New("a batch of a source is applied in a transaction of its own")
	}
	o, err := Apply(tx.Transaction, b)
	if errors.Is(err, ErrApplied) {
		err = nil
	}
	return o, err
}

// Erase removes a customer.
func (tx Tx) Erase(e store.Erasure) (found bool, err error) {
	found, _, err = Erase(tx.Transaction, e)
	return found, err
}
