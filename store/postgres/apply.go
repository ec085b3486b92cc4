package postgres

import (
	"context"
	"errors"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// rowsAtOnce is how many rows a statement inserts: enough that the round trip to the server
// costs little, and few enough for the memory of both.
const rowsAtOnce = 10_000

// Apply applies a batch in one transaction.
func (s *Store) Apply(ctx context.Context, b store.Batch) (o store.Outcome, err error) {
	var ours store.Outcome // of an attempt of this call that may have been committed
	var id int64           // of its transaction
	err = s.write(ctx, func(tx *transaction) error {
		// The server knows whether a group was committed. The rows do not always show it.
		if b.Feed != nil && ours.Applied {
			if committed, err := tx.isCommitted(id); committed || err != nil {
				return errors.Join(err, errCommitted)
			}
		}
		o, err = sqlstore.Apply(tx, b)
		if err == nil {
			ours, id = o, tx.id // unless the COMMIT that follows fails
		}
		return permanentRules(err)
	})
	switch {
	case err == nil:
		return o, nil
	case errors.Is(err, errCommitted), errors.Is(err, sqlstore.ErrApplied) && ours.Applied:
		return ours, nil
	case errors.Is(err, sqlstore.ErrApplied):
		return o, nil
	}
	return store.Outcome{}, s.explain(err)
}

var (
	// errCommitted ends a transaction that finds the one before committed.
	errCommitted = errors.New("the transaction before was committed")
	// errInDoubt says that the server is still at the transaction of a connection that broke.
	errInDoubt = errors.New("the server has not ended the transaction yet")
)

// isCommitted reports whether a transaction was committed whose connection broke. A server
// that takes over from another may not know it.
func (tx *transaction) isCommitted(id int64) (bool, error) {
	var status *string
	err := tx.query(`SELECT CASE WHEN $1 < txid_snapshot_xmax(txid_current_snapshot()) THEN txid_status($1) END`, id).Scan(&status)
	switch {
	case err != nil || status == nil:
		return false, err
	case *status == "in progress":
		return false, errInDoubt
	}
	return *status == "committed", nil
}

// column returns one value of each of the rows, as an array for unnest.
func column[T, R any](rows []R, value func(*R) T) []T {
	values := make([]T, len(rows))
	for i := range rows {
		values[i] = value(&rows[i])
	}
	return values
}

// keysOf returns the keys of texts.
func keysOf(texts []string) [][]byte {
	return column(texts, func(text *string) []byte { return keyOf(*text) })
}

// isKey reports whether a key is that of a text.
func isKey(key []byte, text string) bool {
	if len(text) <= maxKey {
		return string(key) == text
	}
	return string(key) == string(keyOf(text))
}

// maxKey is how many bytes a text may have that is its own key.
const maxKey = sqlstore.MaxKey

// keyOf returns the key of a text.
func keyOf(text string) []byte { return sqlstore.KeyOf(text) }
