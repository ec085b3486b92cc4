package sqlite

import (
	"cmp"
	"context"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

var _ store.Service = (*Store)(nil)

const (
	selectDocuments = `SELECT ` + sqlstore.DocumentColumns + ` FROM documents`
	oneDocument     = selectDocuments + ` WHERE kind = ? AND key = ?`
	documentsAfter  = selectDocuments + ` WHERE kind = ? AND key > ? ORDER BY key LIMIT ?`
	documentsBefore = selectDocuments + ` WHERE kind = ? AND key < ? AND key > '' ORDER BY key DESC LIMIT ?`

	putDocument = `INSERT OR FAIL INTO documents (` + sqlstore.DocumentColumns + `) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (kind, key) DO UPDATE SET at = excluded.at, value = excluded.value, checksum = excluded.checksum`
	deleteDocument  = `DELETE FROM documents WHERE kind = ? AND key = ?`
	deleteDocuments = `DELETE FROM documents WHERE rowid IN
		(SELECT rowid FROM documents WHERE kind = ? AND at < ? ORDER BY at, key LIMIT ?)`
)

// Commit commits what many requests ask for in one transaction.
func (s *Store) Commit(ctx context.Context, do func(store.Transaction) error) error {
	explain := func(err error) error { return explain(s.name, err) }
	err := s.writer.do(ctx, func(c *connection) error {
		return c.transact(ctx, func(tx *transaction) error {
			if err := s.checkFile(); err != nil {
				return err
			}
			tx.isShared = true
			return sqlstore.Commit(tx, explain, do)
		})
	})
	return sqlstore.Returned(err, explain)
}

// Document returns a document.
func (s *Store) Document(ctx context.Context, kind, key string) (store.Document, bool, error) {
	return findOne(ctx, s, oneDocument, sqlstore.ScanDocument[string], kind, key)
}

// Documents lists documents.
func (s *Store) Documents(ctx context.Context, kind, after string, isBackward bool, limit int) (all []store.Document, err error) {
	if limit < 1 || limit > store.MostListed {
		return nil, store.ErrLimit
	}
	query := documentsAfter
	if isBackward {
		query, after = documentsBefore, cmp.Or(after, sqlstore.AfterAllKeys)
	}
	err = findRows(ctx, s, query, sqlstore.ListDocument[string], func() { all = nil }, func(d *store.Document) (bool, error) {
		all = append(all, *d)
		return false, nil
	}, kind, after, limit)
	if err != nil {
		return nil, explain(s.name, err)
	}
	return all, nil
}

// Document returns a document as it is in the transaction.
func (tx *transaction) Document(kind, key string) (d store.Document, found bool, err error) {
	return one(tx, oneDocument, sqlstore.ScanDocument[string], kind, key)
}

func (tx *transaction) PutDocument(d *store.Document) error {
	value := d.Value
	if value == nil {
		value = []byte{} // nil is NULL
	}
	_, err := tx.update(putDocument, d.Kind, d.Key, d.At, value, sqlstore.DocumentSum(d))
	return err
}

func (tx *transaction) DeleteDocument(kind, key string) error {
	_, err := tx.update(deleteDocument, kind, key)
	return err
}

func (tx *transaction) DeleteDocuments(kind string, at int64, limit int) (int64, error) {
	return tx.update(deleteDocuments, kind, at, int64(limit))
}
