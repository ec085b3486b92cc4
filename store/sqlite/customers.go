package sqlite

import (
	"bytes"
	"cmp"
	"errors"
	"iter"
	"slices"
	"sort"

	"process-orders/store/internal/sqlstore"
)

const (
	customerColumns = sqlstore.CustomerBlockColumns

	// The first block of all has the First ''. It is lost if none is found.
	putCustomers    = `customers (` + customerColumns + `)`
	blockOfCustomer = `(SELECT coalesce(max(first), x'') FROM customers WHERE first <= ?)`
	customerBlock   = `SELECT ` + customerColumns + `, (SELECT min(c.first) FROM customers AS c WHERE c.first > customers.first)
		FROM customers WHERE first = ` + blockOfCustomer
	oneCustomer     = `SELECT ` + customerColumns + ` FROM customers WHERE first = ` + blockOfCustomer
	customersFromTo = `SELECT ` + customerColumns + ` FROM customers WHERE first >= ` + blockOfCustomer + ` AND first <= ? ORDER BY first`
	countCustomers  = `SELECT coalesce((SELECT rows FROM totals WHERE name = '` + sqlstore.CustomersTable + `'), 0)`
	deleteCustomers = `DELETE FROM customers WHERE first = ?`
	hasCustomers    = `SELECT EXISTS (SELECT 1 FROM customers)`

	putNames  = `names (` + sqlstore.NameColumns + `)`
	onFirst   = ` ON CONFLICT (first) DO UPDATE SET body = excluded.body`
	blockOf   = `(SELECT coalesce(max(first), x'') FROM names WHERE first <= ?)`
	nameBlock = `SELECT ` + sqlstore.NameColumns + `, (SELECT min(n.first) FROM names AS n WHERE n.first > names.first)
		FROM names WHERE first = ` + blockOf
	namesFrom  = `SELECT ` + sqlstore.NameColumns + ` FROM names WHERE first >= ` + blockOf + ` ORDER BY first LIMIT ?`
	deleteName = `DELETE FROM names WHERE first = ?`
)

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
		var found []sqlstore.Customer
		for rest := some; len(rest) > 0; {
			block, n, err := tx.customerBlock(len(rest), func(i int) string { return rest[i] })
			if err == nil && block != nil {
				if tx.blocks.byPhone != nil {
					tx.blocks.byPhone[rest[0]] = block
				}
				found, err = block.AppendOf(found, rest[:n])
			}
			if err != nil {
				return err
			}
			rest = rest[n:]
		}
		return do(some, found)
	})
}

// A foundBlock is a block of customers, and the First of the block that follows; nil if none does.
type foundBlock struct {
	sqlstore.CustomerBlock
	next []byte
}

// customerBlock looks up the block to which the first of n phones belongs, and how many of them
// do. The phones are sorted by their keys. There is no block if there are no customers.
func (tx *transaction) customerBlock(n int, phone func(i int) string) (block *foundBlock, of int, err error) {
	block, err = tx.blockOf(phone(0))
	switch {
	case err != nil:
		return nil, 0, err
	case block == nil:
		has, err := tx.number(hasCustomers)
		if err == nil && has != 0 {
			err = sqlstore.ErrRows // the first block of all is lost
		}
		return nil, n, err
	case block.next == nil:
		return block, n, nil
	}
	var key []byte
	of = sort.Search(n, func(i int) bool {
		key = sqlstore.AppendCustomerKey(key[:0], phone(i))
		return bytes.Compare(key, block.next) >= 0
	})
	return block, of, nil
}

// blockOf returns the block to which a phone belongs; nil if there is none.
func (tx *transaction) blockOf(phone string) (*foundBlock, error) {
	if b := tx.blocks.byPhone[phone]; b != nil {
		delete(tx.blocks.byPhone, phone)
		if !tx.blocks.changed[b.First] && !tx.blocks.changed[string(b.next)] {
			return b, nil
		}
	}
	var next []byte
	b, found, err := one(tx, customerBlock, func(r sqlstore.Row) (sqlstore.CustomerBlock, error) {
		return sqlstore.ScanCustomerBlock(withMore{r, &next})
	}, []byte(sqlstore.CustomerKey(phone)))
	if !found || err != nil {
		return nil, err
	}
	return &foundBlock{b, next}, nil
}

// knownBlocks are blocks that were looked up for customers who are put soon, by the phone for which
// each was looked up, so that it is not looked up again; and the Firsts of those that were changed
// in the transaction. A block is not known any more if it or the next one was changed.
type knownBlocks struct {
	byPhone map[string]*foundBlock
	changed map[string]bool
}

func newKnownBlocks() knownBlocks {
	return knownBlocks{map[string]*foundBlock{}, map[string]bool{}}
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
	first, last := sqlstore.CustomerKey(phones[0]), sqlstore.CustomerKey(phones[len(phones)-1])
	next, stop := iter.Pull2(selected(tx, customersFromTo, sqlstore.ScanCustomerBlock, []byte(first), []byte(last)))
	defer stop()
	var key, end []byte
	var all, rest []sqlstore.Customer // of the block that was read last; those that are not found yet
	return eachOf(phones, func(some []string) error {
		found := make([]sqlstore.Customer, 0, len(some))
		end = sqlstore.AppendCustomerKey(end[:0], some[len(some)-1])
		for {
			n := sort.Search(len(rest), func(i int) bool {
				key = sqlstore.AppendCustomerKey(key[:0], rest[i].Phone)
				return bytes.Compare(key, end) > 0
			})
			found = append(found, rest[:n]...)
			if rest = rest[n:]; len(rest) > 0 {
				break
			}
			block, err, isBlock := next()
			if isBlock && err == nil {
				all, err = block.Append(all[:0])
				rest = all
			}
			if err != nil {
				return err
			}
			if !isBlock {
				break
			}
		}
		return do(some, found)
	})
}

// aheadAtMost is how many times customersAtOnce are read ahead.
const aheadAtMost = 10

// customersAhead calls do with some customers after the other, and reads the next ones meanwhile.
func (tx *transaction) customersAhead(phones []string, do func(some []string, found []sqlstore.Customer) error) error {
	read := tx.customersByKey
	if isDense, err := tx.isDense(phones); err != nil {
		return err
	} else if isDense {
		read = tx.customersBetween
	}
	type batch struct {
		some  []string
		found []sqlstore.Customer
	}
	batches := func(yield func(batch, error) bool) {
		err := read(phones, func(some []string, found []sqlstore.Customer) error {
			if !yield(batch{some, found}, nil) {
				return errNoMore
			}
			return nil
		})
		if err != nil && !errors.Is(err, errNoMore) {
			yield(batch{}, err)
		}
	}
	for b, err := range ahead(aheadAtMost, batches) {
		if err != nil {
			return err
		}
		if err := do(b.some, b.found); err != nil {
			return err
		}
	}
	return nil
}

// errNoMore ends a reading of which no more is wanted.
var errNoMore = errors.New("no more is wanted")

func (tx *transaction) PutCustomers(changes []sqlstore.Change[sqlstore.Customer]) error {
	var blocks []sqlstore.CustomerBlock
	changes = slices.DeleteFunc(changes, func(c sqlstore.Change[sqlstore.Customer]) bool { return c.Old == nil && c.Now == nil })
	for len(changes) > 0 {
		old, n, err := tx.customerBlock(len(changes), func(i int) string { return cmp.Or(changes[i].Now, changes[i].Old).Phone })
		if err != nil {
			return err
		}
		var before *sqlstore.CustomerBlock
		if old != nil {
			before = &old.CustomerBlock
		}
		now, err := sqlstore.ChangedCustomers(before, changes[:n])
		if err == nil && old != nil && (len(now) == 0 || now[0].First != old.First) {
			_, err = tx.update(deleteCustomers, []byte(old.First))
		}
		if err != nil {
			return err
		}
		if old != nil {
			tx.blocks.changed[old.First] = true
		}
		blocks, changes = append(blocks, now...), changes[n:]
	}
	return tx.insert(putCustomers, 2, onFirst, len(blocks), func(values []any, i int) []any {
		return append(values, []byte(blocks[i].First), blocks[i].Row.Body)
	}, nil)
}

// NameBlocks looks up the block of the first key, then that of the first key behind the block, and
// so on.
func (tx *transaction) NameBlocks(keys [][]byte, _ bool) (all []sqlstore.NameBlock, err error) {
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
