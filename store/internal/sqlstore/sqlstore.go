// Package sqlstore holds what the SQL stores share: all that decides what becomes of the
// states of orders, and also retries, sorting, reading and spooling rows, and migrations.
//
// Dialects offer a [Transaction], and this package does the rest in it: see [Start], [Apply]
// and [Erase].
package sqlstore

import (
	"embed"
	"fmt"
	"iter"
)

// CheckSchema refuses a schema that a newer program made. Schemas are numbered from 1,
// and known is the newest that this program knows.
func CheckSchema(schema, known int64) error {
	if schema > known {
		return fmt.Errorf("a newer process-orders wrote it (schema %d, this one knows %d): use that", schema, known)
	}
	return nil
}

// Migrate calls exec with each script that leads from a schema to the one with the
// number known. The scripts are migrations/1.sql, which makes the first schema from
// nothing, 2.sql and so on.
func Migrate(scripts embed.FS, schema, known int64, exec func(schema int64, script string) error) error {
	for schema++; schema <= known; schema++ {
		script, err := scripts.ReadFile(fmt.Sprintf("migrations/%d.sql", schema))
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
