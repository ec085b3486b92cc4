// Package sqlstore holds what the SQL stores share: all that decides what becomes of the
// states of orders, and also retries, sorting, reading rows, and migrations.
//
// Dialects offer a [Transaction], and this package does the rest in it: see [Start], [Apply]
// and [Erase].
package sqlstore

import (
	"fmt"
	"io/fs"
	"iter"
)

// Schemas are the schemas that a program knows. They are numbered.
type Schemas struct {
	// Oldest is made from nothing by the script migrations/Oldest.sql. Each of the scripts
	// that follow, up to that of Newest, leads from the schema before it to its own.
	Oldest, Newest int64
	Scripts        fs.FS
}

// Check refuses a schema that this program cannot bring up to date. 0 is no schema yet.
func (s Schemas) Check(schema int64) error {
	switch {
	case schema > s.Newest:
		return fmt.Errorf("a newer process-orders wrote it (schema %d, this one knows %d): use that", schema, s.Newest)
	case schema != 0 && schema < s.Oldest:
		return fmt.Errorf("it was made by an earlier version of this program (schema %d, this one knows %d and later): make a new one from its files", schema, s.Oldest)
	}
	return nil
}

// Migrate calls exec with each script that leads from a schema to the newest.
func (s Schemas) Migrate(schema int64, exec func(schema int64, script string) error) error {
	for schema = max(schema+1, s.Oldest); schema <= s.Newest; schema++ {
		script, err := fs.ReadFile(s.Scripts, fmt.Sprintf("migrations/%d.sql", schema))
		if err != nil {
			return err
		}
		if err := exec(schema, string(script)); err != nil {
			return fmt.Errorf("bring the store to schema %d: %w", schema, err)
		}
	}
	return nil
}

// A Retold is an error with another text. The texts of drivers may hold values of rows,
// and so phones and names.
type Retold struct {
	Text string
	Err  error
}

func (e *Retold) Error() string { return e.Text }

func (e *Retold) Unwrap() error { return e.Err }

// Retell returns the error with another text, or as it is if that is its text.
func Retell(err error, text string) error {
	if text == err.Error() {
		return err
	}
	return &Retold{text, err}
}

// Rows are the rows that a query found, of any driver.
type Rows interface {
	Row
	Next() bool
	Err() error
}

// All yields the rows of a query one after the other. Query returns them with a function
// that closes them. An error is the last pair, and passes through explain first.
func All[T any](query func() (rows Rows, close func(), err error), scan func(Row) (T, error), explain func(error) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		rows, close, err := query()
		if err != nil {
			yield(none, explain(err))
			return
		}
		defer close()
		for rows.Next() {
			one, err := scan(rows)
			if err != nil {
				yield(none, explain(err))
				return
			}
			if !yield(one, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(none, explain(err))
		}
	}
}
