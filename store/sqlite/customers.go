package sqlite

import (
	"bytes"
	"cmp"
	"iter"
	"maps"
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
	blocksFrom      = `SELECT ` + customerColumns + ` FROM customers WHERE first >= ` + blockOfCustomer + ` ORDER BY first`
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
	if has == 0 {
		for some := range slices.Chunk(phones, customersAtOnce) {
			if err := do(some, nil); err != nil {
				return err
			}
		}
		return nil
	}
	all := tx.someCustomers(phones, tx.blockOf)
	if reader := tx.beside(len(phones) > manyCustomers && !tx.isShared); reader != nil {
		defer tx.c.endBeside(tx.ctx)
		isDense, err := tx.isDense(phones)
		if err != nil {
			return err
		}
		all = reader.someCustomers(phones, reader.blockOf)
		if isDense {
			all = reader.customersInOrder(phones)
		}
		all = ahead(aheadAtMost, all)
	}
	for some, err := range all {
		if err != nil {
			return err
		}
		maps.Copy(tx.blocks.byPhone, some.blocks)
		if err := do(some.phones, some.found); err != nil {
			return err
		}
	}
	return nil
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

// someCustomers are customers that were read by their phones.
type someCustomers struct {
	phones []string
	found  []sqlstore.Customer    // those of them that are there
	blocks map[string]*foundBlock // by the first phone of each
}

// someCustomers yields customersAtOnce after the other. BlockOf returns the block of a phone.
func (tx *transaction) someCustomers(phones []string, blockOf func(phone string) (*foundBlock, error)) iter.Seq2[someCustomers, error] {
	return func(yield func(someCustomers, error) bool) {
		for some := range slices.Chunk(phones, customersAtOnce) {
			c, err := tx.customersOf(some, blockOf)
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

func (tx *transaction) customersOf(phones []string, blockOf func(phone string) (*foundBlock, error)) (someCustomers, error) {
	some := someCustomers{phones: phones, blocks: map[string]*foundBlock{}}
	for rest := phones; len(rest) > 0; {
		block, n, err := tx.customerBlock(blockOf, len(rest), func(i int) string { return rest[i] })
		if err == nil && block != nil {
			some.blocks[rest[0]] = block
			some.found, err = block.AppendOf(some.found, rest[:n])
		}
		if err != nil {
			return some, err
		}
		rest = rest[n:]
	}
	return some, nil
}

// A foundBlock is a block of customers, and the First of the block that follows; nil if none does.
type foundBlock struct {
	sqlstore.CustomerBlock
	next []byte
}

// customerBlock returns the block to which the first of n phones belongs, and how many of them
// do. The phones are sorted by their keys. There is no block if there are no customers.
func (tx *transaction) customerBlock(blockOf func(phone string) (*foundBlock, error), n int, phone func(i int) string) (block *foundBlock, of int, err error) {
	block, err = blockOf(phone(0))
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

// blockOf looks up the block to which a phone belongs; nil if there is none.
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

// customersInOrder is someCustomers by reading all blocks from the first phone to the last.
func (tx *transaction) customersInOrder(phones []string) iter.Seq2[someCustomers, error] {
	return func(yield func(someCustomers, error) bool) {
		blocks := blocksInOrder{}
		var stop func()
		blocks.next, stop = iter.Pull2(selected(tx, blocksFrom, sqlstore.ScanCustomerBlock, []byte(sqlstore.CustomerKey(phones[0]))))
		defer stop()
		tx.someCustomers(phones, blocks.blockOf)(yield)
	}
}

// blocksInOrder are blocks that follow each other.
type blocksInOrder struct {
	next          func() (sqlstore.CustomerBlock, error, bool)
	block, behind *foundBlock // the one that was returned last, and that which follows it; or nil
	isStarted     bool
}

// blockOf returns the block to which a phone belongs, which is not before those of earlier calls;
// nil if there is none.
func (b *blocksInOrder) blockOf(phone string) (*foundBlock, error) {
	if !b.isStarted {
		b.isStarted = true
		if err := b.step(); err != nil {
			return nil, err
		}
	}
	for key := sqlstore.CustomerKey(phone); b.behind != nil && b.behind.First <= key; {
		if err := b.step(); err != nil {
			return nil, err
		}
	}
	return b.block, nil
}

// step moves on by one block, and reads the one behind it.
func (b *blocksInOrder) step() error {
	b.block = b.behind
	next, err, isBlock := b.next()
	if b.behind = nil; !isBlock || err != nil {
		return err
	}
	b.behind = &foundBlock{CustomerBlock: next}
	if b.block != nil {
		b.block.next = []byte(next.First)
	}
	return nil
}

// aheadAtMost is how many times customersAtOnce are read ahead.
const aheadAtMost = 10

func (tx *transaction) PutCustomers(changes []sqlstore.Change[sqlstore.Customer]) error {
	var blocks []sqlstore.CustomerBlock
	changes = slices.DeleteFunc(changes, func(c sqlstore.Change[sqlstore.Customer]) bool { return c.Old == nil && c.Now == nil })
	for len(changes) > 0 {
		old, n, err := tx.customerBlock(tx.blockOf, len(changes), func(i int) string { return cmp.Or(changes[i].Now, changes[i].Old).Phone })
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
