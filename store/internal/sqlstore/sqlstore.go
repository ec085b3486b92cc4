// Package sqlstore holds what the SQL stores share: how they apply a batch, retries,
// sorting, reading and spooling rows, and migrations.
package sqlstore

import (
	"embed"
	"fmt"
	"iter"

	"process-orders/store"
)

// CheckRules returns a [store.RulesError] if a source with the rules got cannot be
// applied to a store that has the rules have. Either is empty if there are none.
func CheckRules(have, got string) error {
	if have == "" || got == "" || have == got {
		return nil
	}
	return &store.RulesError{Have: have, Got: got}
}

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

// A Row is what values are read from: a row of any driver.
type Row interface{ Scan(into ...any) error }

// ScanCustomer reads a row of phone, name, and the versions of the name and of the first
// appearance.
func ScanCustomer(r Row) (c store.Customer, err error) {
	err = r.Scan(&c.Phone, &c.Name, &c.Named.Source, &c.Named.At, &c.First.Source, &c.First.At)
	return c, err
}

// ScanItem reads a row of name, price, the versions of the price and of the first
// appearance, and the number of orders.
func ScanItem(r Row) (i store.Item, err error) {
	err = r.Scan(&i.Name, &i.Price, &i.Priced.Source, &i.Priced.At, &i.First.Source, &i.First.At, &i.Orders)
	return i, err
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
