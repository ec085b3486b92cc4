package sqlite

import (
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

	insertNames = `names (name, ending, phone)`
	deleteName  = `DELETE FROM names WHERE name = ? AND ending = ? AND phone = ?`
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
	switch reader := tx.beside(has != 0 && len(phones) > customersAtOnce && !tx.isShared); {
	case has == 0:
		err = eachOf(phones, func(some []string) error { return do(some, nil) })
	case reader != nil:
		err = reader.customersAhead(phones, do)
		tx.c.endBeside(tx.ctx)
	default:
		err = eachOf(phones, func(some []string) error {
			found, err := tx.customers(some)
			if err != nil {
				return err
			}
			return do(some, found)
		})
	}
	if err != nil {
		return err
	}
	return tx.insertNames()
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
		if err := tx.changeNames(c, ending); err != nil {
			return err
		}
	}
	err := tx.put("REPLACE", putCustomers, 4, "", len(kept), func(values []any, i int) []any {
		c := kept[i]
		return append(values, c.ending, c.Phone, c.Name, c.Row.Body)
	}, nil)
	if err != nil || len(tx.names) < mostNames {
		return err
	}
	return tx.insertNames()
}

// A nameKey is a start of a name by which a customer is found.
type nameKey struct{ name, ending, phone string }

// mostNames is how many keys of names wait to be inserted: those of a batch, sorted, visit each
// page of the table once.
const mostNames = 400_000

// changeNames deletes by what a customer is not found any more, and takes note of what is to be
// inserted.
func (tx *transaction) changeNames(c sqlstore.Change[sqlstore.Customer], ending string) error {
	gone, added := sqlstore.NameChanges(c)
	for _, name := range gone {
		if _, err := tx.update(deleteName, name, ending, c.Old.Phone); err != nil {
			return err
		}
	}
	for _, name := range added {
		tx.names = append(tx.names, nameKey{name, ending, c.Now.Phone})
	}
	return nil
}

// insertNames inserts the keys of names that wait. One may be there, if another Go release folded
// the name of before otherwise.
func (tx *transaction) insertNames() error {
	names := tx.names
	tx.names = nil
	sorted := sqlstore.Sorted(len(names), func(i int) string { return names[i].name })
	return tx.insert(insertNames, 3, " ON CONFLICT DO NOTHING", len(names), func(values []any, i int) []any {
		n := &names[sorted[i]]
		return append(values, n.name, n.ending, n.phone)
	}, nil)
}
