package sqlite

import (
	"bytes"
	"cmp"
	"context"

	"process-orders/store/internal/sqlstore"
)

const (
	customerColumns = `ending, phone, name, body`

	// SQLite overwrites a row that is there in its place, as the table has no index.
	putCustomers    = `customers (` + customerColumns + `)`
	selectCustomers = `SELECT ` + customerColumns + ` FROM customers WHERE (ending, phone) IN `
	deleteCustomer  = `DELETE FROM customers WHERE ending = ? AND phone = ?`
	hasCustomers    = `SELECT EXISTS (SELECT 1 FROM customers)`

	// The first block of all has the First ''. It is lost if none is found.
	putNames  = `names (` + sqlstore.NameColumns + `)`
	onFirst   = ` ON CONFLICT (first) DO UPDATE SET body = excluded.body`
	blockOf   = `(SELECT coalesce(max(first), x'') FROM names WHERE first <= ?)`
	nameBlock = `SELECT ` + sqlstore.NameColumns + `, (SELECT min(n.first) FROM names AS n WHERE n.first > names.first)
		FROM names WHERE first = ` + blockOf
	namesFrom  = `SELECT ` + sqlstore.NameColumns + ` FROM names WHERE first >= ` + blockOf + ` ORDER BY first LIMIT ?`
	deleteName = `DELETE FROM names WHERE first = ?`
)

// scanCustomer reads a customer, and checks the row.
func scanCustomer(r sqlstore.Row) (c sqlstore.Customer, err error) {
	var ending string
	if err := r.Scan(&ending, &c.Phone, &c.Name, &c.Row.Body); err != nil {
		return c, err
	}
	if !isEnding(ending, c.Phone) {
		return c, sqlstore.ErrRow
	}
	return c, c.Read()
}

func isEnding(ending, phone string) bool {
	var digits [32]byte
	return ending == string(sqlstore.AppendEnding(digits[:0], phone))
}

// customersAtOnce is how many customers are changed at once, while the next ones are read.
const customersAtOnce = 50 * mostRows

// Customers reads many customers in a connection of its own. So one core reads the next ones
// while another one puts those before.
func (tx *transaction) Customers(phones []string, do func(some []string, found []sqlstore.Customer) error) error {
	has, err := tx.number(hasCustomers)
	if err != nil {
		return err
	}
	switch reader := tx.beside(has != 0 && len(phones) > customersAtOnce); {
	case has == 0:
		return eachOf(phones, func(some []string) error { return do(some, nil) })
	case reader != nil:
		defer tx.c.endBeside(tx.ctx)
		return reader.customersAhead(phones, do)
	}
	return eachOf(phones, func(some []string) error {
		found, err := tx.customers(some)
		if err != nil {
			return err
		}
		return do(some, found)
	})
}

// beside returns a transaction of another connection if it is wanted and can be had. That sees
// the file as it was when this one started, as nobody else can have written since.
func (tx *transaction) beside(isWanted bool) *transaction {
	if !isWanted {
		return nil
	}
	reader, err := tx.c.startBeside(tx.ctx)
	if err != nil {
		return nil // as if too many files are open: this connection reads too
	}
	return &transaction{ctx: tx.ctx, c: reader}
}

// eachOf calls do with some phones after the other.
func eachOf(phones []string, do func(some []string) error) error {
	for len(phones) > 0 {
		some := phones[:min(len(phones), customersAtOnce)]
		phones = phones[len(some):]
		if err := do(some); err != nil {
			return err
		}
	}
	return nil
}

// customers returns the rows of some customers.
func (tx *transaction) customers(phones []string) ([]sqlstore.Customer, error) {
	return findBy(tx, selectCustomers, len(phones), 2, func(values []any, i int) []any {
		return append(values, sqlstore.EndingOf(phones[i]), phones[i])
	}, scanCustomer)
}

// customersAhead calls do with some customers after the other, and reads the next ones meanwhile.
func (tx *transaction) customersAhead(phones []string, do func(some []string, found []sqlstore.Customer) error) error {
	type batch struct {
		some  []string
		found []sqlstore.Customer
		err   error
	}
	batches, stop := make(chan batch), make(chan struct{})
	go func() {
		defer close(batches)
		_ = eachOf(phones, func(some []string) error {
			b := batch{some: some}
			b.found, b.err = tx.customers(some)
			select {
			case batches <- b:
			case <-stop:
				return context.Canceled
			}
			return b.err
		})
	}()
	// Nothing is read any more when this returns.
	defer func() {
		close(stop)
		for range batches {
		}
	}()
	for b := range batches {
		if b.err != nil {
			return b.err
		}
		if err := do(b.some, b.found); err != nil {
			return err
		}
	}
	return nil
}

func (tx *transaction) PutCustomers(changes []sqlstore.Change[sqlstore.Customer]) error {
	type row struct {
		*sqlstore.Customer
		ending string
	}
	kept := make([]row, 0, len(changes))
	for _, c := range changes {
		one := cmp.Or(c.Now, c.Old)
		if one == nil {
			continue
		}
		ending := sqlstore.EndingOf(one.Phone)
		if c.Now != nil {
			kept = append(kept, row{c.Now, ending})
		} else if _, err := tx.update(deleteCustomer, ending, one.Phone); err != nil {
			return err
		}
	}
	return tx.put("REPLACE", putCustomers, 4, "", len(kept), func(values []any, i int) []any {
		c := kept[i]
		return append(values, c.ending, c.Phone, c.Name, c.Row.Body)
	}, nil)
}

// NameBlocks looks up the block of the first key, then that of the first key behind the block, and
// so on.
func (tx *transaction) NameBlocks(keys [][]byte) (all []sqlstore.NameBlock, err error) {
	for len(keys) > 0 {
		var next []byte // the First of the block that follows
		key := keys[0]
		keys = keys[1:]
		for b, err := range selected(tx, nameBlock, func(r sqlstore.Row) (sqlstore.NameBlock, error) {
			return sqlstore.ScanNameBlock(withMore{r, &next})
		}, key) {
			if err != nil {
				return nil, err
			}
			all = append(all, b)
		}
		for len(keys) > 0 && (next == nil || bytes.Compare(keys[0], next) < 0) {
			keys = keys[1:]
		}
	}
	return all, nil
}

func (tx *transaction) PutNameBlocks(changes []sqlstore.Change[sqlstore.NameBlock]) error {
	kept, gone := split(changes)
	for _, b := range gone {
		if _, err := tx.update(deleteName, []byte(b.First)); err != nil {
			return err
		}
	}
	return tx.insert(putNames, 2, onFirst, len(kept), func(values []any, i int) []any {
		return append(values, []byte(kept[i].First), kept[i].Row.Body)
	}, nil)
}
