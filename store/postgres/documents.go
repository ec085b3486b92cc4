package postgres

import (
	"cmp"
	"context"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

var _ store.Service = (*Store)(nil)

const (
	selectDocuments = `SELECT ` + sqlstore.DocumentColumns + ` FROM process_orders.documents`
	oneDocument     = selectDocuments + ` WHERE kind = $1 AND key = $2`
	documentsAfter  = selectDocuments + ` WHERE kind = $1 AND key > $2 ORDER BY key LIMIT $3`
	documentsBefore = selectDocuments + ` WHERE kind = $1 AND key < $2 AND key > '' ORDER BY key DESC LIMIT $3`

	putDocument = `INSERT INTO process_orders.documents (` + sqlstore.DocumentColumns + `) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (kind, key) DO UPDATE SET at = excluded.at, value = excluded.value, checksum = excluded.checksum`
	deleteDocument = `DELETE FROM process_orders.documents WHERE kind = $1 AND key = $2`
	// Each row is looked up by its key, however many the server thinks that there are.
	deleteDocuments = `DELETE FROM process_orders.documents AS d
		USING (SELECT kind, key FROM process_orders.documents WHERE kind = $1 AND at < $2 ORDER BY at, key LIMIT $3) AS old
		WHERE d.kind = old.kind AND d.key = old.key`
)

var scanDocument = sqlstore.ScanDocument[[]byte]

// Commit commits what many requests ask for in one transaction.
func (s *Store) Commit(ctx context.Context, do func(store.Transaction) error) error {
	err := s.write(ctx, func(tx *transaction) error {
		if err := tx.finish(); err != nil { // until it has the lock, which may take as long as the transaction of another
			return err
		}
		return sqlstore.Commit(tx, s.explain, do)
	})
	return sqlstore.Returned(err, s.explain)
}

// Document returns a document.
func (s *Store) Document(ctx context.Context, kind, key string) (d store.Document, found bool, err error) {
	rows, err := ask(ctx, s, oneDocument, scanDocument, kind, []byte(key))
	if err != nil || len(rows) == 0 {
		return d, false, err
	}
	return rows[0], true, nil
}

// Documents lists documents.
func (s *Store) Documents(ctx context.Context, kind, after string, isBackward bool, limit int) ([]store.Document, error) {
	if limit < 1 || limit > store.MostListed {
		return nil, store.ErrLimit
	}
	query := documentsAfter
	if isBackward {
		query, after = documentsBefore, cmp.Or(after, sqlstore.AfterAllKeys)
	}
	return ask(ctx, s, query, sqlstore.ListDocument[[]byte], kind, []byte(after), limit)
}

// Document returns a document as it is in the transaction.
func (tx *transaction) Document(kind, key string) (d store.Document, found bool, err error) {
	rows, err := collect(tx, collected(scanDocument), oneDocument, kind, []byte(key))
	if err != nil || len(rows) == 0 {
		return d, false, err
	}
	return rows[0], true, nil
}

// PutDocument sends a copy later.
func (tx *transaction) PutDocument(d *store.Document) error {
	value := append([]byte{}, d.Value...) // not nil, which is null
	tx.later(putDocument, d.Kind, []byte(d.Key), d.At, value, sqlstore.DocumentSum(d))
	return nil
}

func (tx *transaction) DeleteDocument(kind, key string) error {
	tx.later(deleteDocument, kind, []byte(key))
	return nil
}

func (tx *transaction) DeleteDocuments(kind string, at int64, limit int) (int64, error) {
	return tx.exec(deleteDocuments, kind, at, limit)
}
