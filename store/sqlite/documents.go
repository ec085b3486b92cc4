package sqlite

import (
	"context"
	"fmt"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

var _ store.Service = (*Store)(nil)

const (
	oneDocument     = `SELECT ` + sqlstore.DocumentColumns + ` FROM documents WHERE kind = ? AND key = ?`
	documentsAfter  = `SELECT ` + sqlstore.DocumentColumns + ` FROM documents WHERE kind = ? AND key > ? ORDER BY key LIMIT ?`
	documentsBefore = `SELECT ` + sqlstore.DocumentColumns + ` FROM documents WHERE kind = ?1 AND (?2 = '' OR key < ?2) ORDER BY key DESC LIMIT ?3`
	putDocument     = `REPLACE INTO documents (` + sqlstore.DocumentColumns + `) VALUES (?, ?, ?, ?, ?)`
	deleteDocument  = `DELETE FROM documents WHERE kind = ? AND key = ?`
	deleteDocuments = `DELETE FROM documents WHERE (kind, key) IN (SELECT kind, key FROM documents WHERE kind = ? AND at < ? ORDER BY at LIMIT ?)`
)

// Commit commits what many requests ask for in one transaction.
func (s *Store) Commit(ctx context.Context, do func(store.Transaction) error) error {
	return s.write(ctx, func(tx *transaction) error { return do(sqlstore.Tx{Transaction: tx}) })
}

// Document returns a document.
func (s *Store) Document(ctx context.Context, kind, key string) (store.Document, bool, error) {
	return findOne(ctx, s, oneDocument, sqlstore.ScanDocument, kind, key)
}

// Documents lists documents.
func (s *Store) Documents(ctx context.Context, kind, after string, isBackward bool, limit int) (all []store.Document, err error) {
	if limit < 1 || limit > store.MostListed {
		return nil, store.ErrLimit
	}
	query := documentsAfter
	if isBackward {
		query = documentsBefore
	}
	err = findRows(ctx, s, query, sqlstore.ScanDocument, func() { all = nil }, func(d *store.Document) (bool, error) {
		all = append(all, *d)
		return false, nil
	}, kind, after, limit)
	return all, explain(s.name, err)
}

// Document returns a document as it is in the transaction.
func (tx *transaction) Document(kind, key string) (d store.Document, found bool, err error) {
	for one, err := range selected(tx, oneDocument, sqlstore.ScanDocument, kind, key) {
		if err != nil {
			return d, false, err
		}
		d, found = one, true
	}
	return d, found, nil
}

// Put keeps a document.
func (tx *transaction) Put(d store.Document) error {
	if d.Value == nil {
		d.Value = []byte{}
	}
	_, err := tx.update(putDocument, d.Kind, d.Key, d.At, d.Value, int64(sqlstore.DocumentSum(&d)))
	return err
}

// Delete removes a document.
func (tx *transaction) Delete(kind, key string) error {
	_, err := tx.update(deleteDocument, kind, key)
	return err
}

// DeleteBefore removes old documents.
func (tx *transaction) DeleteBefore(kind string, at int64, limit int) (int64, error) {
	if limit < 0 {
		return 0, fmt.Errorf("a limit of %d documents: want none or more", limit)
	}
	return tx.update(deleteDocuments, kind, at, int64(limit))
}
