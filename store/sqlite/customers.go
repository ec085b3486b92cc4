package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"iter"

	"process-orders/store/internal/sqlstore"
)

const (
	customerColumns = `ending, phone, name, body`

	// SQLite overwrites a row that is there in its place, as the table has no index.
	putCustomers    = `customers (` + customerColumns + `)`
	selectCustomers = `SELECT ` + customerColumns + ` FROM customers WHERE (ending, phone) IN `
	customersFromTo = `SELECT ` + customerColumns + ` FROM customers WHERE (ending, phone) >= (?, ?) AND (ending, phone) <= (?, ?) ORDER BY ending, phone`
	countCustomers  = `SELECT coalesce((SELECT rows FROM totals WHERE name = '` + sqlstore.CustomersTable + `'), 0)`
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

// scanCustomers returns a function that reads customers, and checks the rows. Between two rows it
// uses the same variables, so that not each row needs memory for them.
func scanCustomers() func(sqlstore.Row) (sqlstore.Customer, error) {
	var ending, phone, name string
	var body sql.RawBytes // it is gone when the next row is read
	into := []any{&ending, &phone, &name, &body}
	return func(r sqlstore.Row) (c sqlstore.Customer, err error) {
		if err := r.Scan(into...); err != nil {
			return c, err
		}
		c.Phone, c.Name, c.Row.Body = phone, name, body
		if !isEnding(ending, phone) {
			return c, sqlstore.ErrRow
		}
		err = c.Read()
		c.Row.Body = nil
		return c, err
	}
}

func isEnding(ending, phone string) bool {
	var digits [32]byte
	return ending == string(sqlstore.AppendEnding(digits[:0], phone))
}

// customersAtOnce is how many customers are changed at once, while the next ones are read. They
// are few enough that all of them is still in the cache of a core when they are put.
const customersAtOnce = mostRows

// manyCustomers is how many are worth it that another connection reads them.
const manyCustomers = 50 * mostRows

// Customers reads many customers in a connection of its own. So one core reads the next ones
// while another one puts those before.
func (tx *transaction) Customers(phones []string, do func(some []string, found []sqlstore.Customer) error) error {
	has, err := tx.number(hasCustomers)
	if err != nil {
		return err
	}
	switch reader := tx.beside(has != 0 && len(phones) > manyCustomers && !tx.isShared); {
	case has == 0:
		return eachOf(phones, func(some []string) error { return do(some, nil) })
	case reader != nil:
		defer tx.c.endBeside(tx.ctx)
		return reader.customersAhead(phones, do)
	}
	return tx.customersByKey(phones, do)
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

// customersByKey calls do with some customers after the other, each of which it looks up.
func (tx *transaction) customersByKey(phones []string, do func(some []string, found []sqlstore.Customer) error) error {
	return eachOf(phones, func(some []string) error {
		found, err := findBy(tx, selectCustomers, len(some), 2, func(values []any, i int) []any {
			return append(values, sqlstore.EndingOf(some[i]), some[i])
		}, scanCustomers())
		if err != nil {
			return err
		}
		return do(some, found)
	})
}

// isDense reports whether so many of all customers are wanted that it takes less time to read all
// of them from the first to the last.
func (tx *transaction) isDense(phones []string) (bool, error) {
	rows, err := tx.number(countCustomers)
	return rows/4 < int64(len(phones)), err
}

// customersBetween calls do with some customers after the other, and with all that are between
// them. It reads from the first to the last. Nothing may be put in the same connection meanwhile.
func (tx *transaction) customersBetween(phones []string, do func(some []string, found []sqlstore.Customer) error) error {
	first, last := phones[0], phones[len(phones)-1]
	rows := selected(tx, customersFromTo, scanCustomers(), sqlstore.EndingOf(first), first, sqlstore.EndingOf(last), last)
	next, stop := iter.Pull2(rows)
	defer stop()
	var key, end []byte
	c, err, isRow := next()
	return eachOf(phones, func(some []string) error {
		found := make([]sqlstore.Customer, 0, len(some))
		end = sqlstore.AppendCustomerKey(end[:0], some[len(some)-1])
		for ; isRow && err == nil; c, err, isRow = next() {
			if key = sqlstore.AppendCustomerKey(key[:0], c.Phone); bytes.Compare(key, end) > 0 {
				break
			}
			found = append(found, c)
		}
		if err != nil {
			return err
		}
		return do(some, found)
	})
}

// aheadAtMost is how many times customersAtOnce are read ahead.
const aheadAtMost = 10

// customersAhead calls do with some customers after the other, and reads the next ones meanwhile.
func (tx *transaction) customersAhead(phones []string, do func(some []string, found []sqlstore.Customer) error) error {
	type batch struct {
		some  []string
		found []sqlstore.Customer
		err   error
	}
	read := tx.customersByKey
	if isDense, err := tx.isDense(phones); err != nil {
		return err
	} else if isDense {
		read = tx.customersBetween
	}
	batches, stop := make(chan batch, aheadAtMost), make(chan struct{})
	go func() {
		defer close(batches)
		send := func(b batch) error {
			select {
			case batches <- b:
				return nil
			case <-stop:
				return context.Canceled
			}
		}
		err := read(phones, func(some []string, found []sqlstore.Customer) error { return send(batch{some: some, found: found}) })
		if err != nil {
			_ = send(batch{err: err}) // unless nobody listens any more
		}
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
