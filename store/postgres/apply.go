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
	err = s.write(ctx, func(tx *transaction) error {
		o, err = sqlstore.Apply(tx, b)
		return permanentRules(err)
	})
	switch {
	case err == nil, errors.Is(err, sqlstore.ErrApplied):
		return o, nil
	}
	return store.Outcome{}, s.explain(err)
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
