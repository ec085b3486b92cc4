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
	updateCustomers = `UPDATE OR FAIL customers SET body = ? WHERE first = ?`
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
func (tx *transaction) Customers(phones []string, wantsAll bool, do func(some []string, found []sqlstore.Customer, others sqlstore.Others) error) (hasAll bool, err error) {
	has, err := tx.number(hasCustomers)
	if err != nil {
		return false, err
	}
	if has == 0 {
		for some := range slices.Chunk(phones, customersAtOnce) {
			if err := do(some, nil, nil); err != nil {
				return false, err
			}
		}
		return true, nil
	}
	all := tx.customersOf(phones)
	if reader := tx.beside(len(phones) > manyCustomers && !tx.isShared); reader != nil {
		defer tx.c.endBeside(tx.ctx)
		isDense, err := tx.isDense(phones)
		if err != nil {
			return false, err
		}
		all = reader.customersOf(phones)
		if isDense {
			all, hasAll = reader.customersInOrder(phones, wantsAll), wantsAll
		}
		all = ahead(aheadAtMost, all)
	}
	for some, err := range all {
		if err != nil {
			return false, err
		}
		maps.Copy(tx.blocks.byPhone, some.blocks)
		if err := do(some.phones, some.found, some.others); err != nil {
			return false, err
		}
	}
	return hasAll, nil
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
	all    []wantedBlock          // if others are wanted too
}

// A wantedBlock is a block of customers with those phones in it that were asked for.
type wantedBlock struct {
	*foundBlock
	phones []string
}

// others yields those who have none of the phones.
func (s *someCustomers) others(yield func(*sqlstore.Customer, error) bool) {
	for _, b := range s.all {
		for c, err := range b.Others(b.phones) {
			if !yield(c, err) {
				return
			}
		}
	}
}

// customersOf yields customers by their phones, customersAtOnce after the other.
func (tx *transaction) customersOf(phones []string) iter.Seq2[someCustomers, error] {
	return func(yield func(someCustomers, error) bool) {
		for some := range slices.Chunk(phones, customersAtOnce) {
			c, err := tx.someCustomers(some)
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

func (tx *transaction) someCustomers(phones []string) (someCustomers, error) {
	some := someCustomers{phones: phones, blocks: map[string]*foundBlock{}}
	for rest := phones; len(rest) > 0; {
		block, n, err := tx.customerBlock(len(rest), func(i int) string { return rest[i] })
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
	}
	return block, block.has(n, phone), nil
}

// has is how many of n phones belong to the block, of which the first does.
func (b *foundBlock) has(n int, phone func(i int) string) int {
	if b.next == nil {
		return n
	}
	var key []byte
	isBehind := func(i int) bool {
		key = sqlstore.AppendCustomerKey(key[:0], phone(i))
		return bytes.Compare(key, b.next) >= 0
	}
	few := 1 // a block has few customers, and there may be phones of a million
	for few < n && !isBehind(few) {
		few *= 2
	}
	return sort.Search(min(few, n), isBehind)
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

// customersInOrder is customersOf by reading blocks one after the other: all from that of the first
// phone to that of the last, or all that there are. Of these it yields the other customers too.
func (tx *transaction) customersInOrder(phones []string, wantsAll bool) iter.Seq2[someCustomers, error] {
	return func(yield func(someCustomers, error) bool) {
		rest := phonesInOrder{phones: phones, wantsAll: wantsAll}
		for block, err := range tx.blocksInOrder(phones[0], wantsAll) {
			if err == nil {
				err = rest.take(block)
			}
			isEnd := len(rest.phones) == 0 && !wantsAll
			if err != nil || isEnd || block.next == nil || rest.isFull() {
				if !yield(rest.some, err) || err != nil || isEnd {
					return
				}
				rest.some = someCustomers{}
			}
		}
	}
}

// blocksInOrder yields blocks from that of a phone on, or all.
func (tx *transaction) blocksInOrder(phone string, all bool) iter.Seq2[*foundBlock, error] {
	from := []byte(sqlstore.CustomerKey(phone))
	if all {
		from = []byte{}
	}
	return func(yield func(*foundBlock, error) bool) {
		var last *foundBlock
		for b, err := range selected(tx, blocksFrom, sqlstore.ScanCustomerBlock, from) {
			switch {
			case err != nil:
			case last != nil:
				last.next = []byte(b.First)
				if !yield(last, nil) {
					return
				}
			case b.First > string(from):
				err = sqlstore.ErrRows // the first block of all is lost
			}
			if err != nil {
				yield(nil, err)
				return
			}
			last = &foundBlock{CustomerBlock: b}
		}
		if last == nil {
			yield(nil, sqlstore.ErrRows)
			return
		}
		yield(last, nil)
	}
}

// phonesInOrder are the phones whose customers are not read yet, and customers of those before.
type phonesInOrder struct {
	phones   []string
	wantsAll bool // others are wanted too
	some     someCustomers
}

// take takes the customers of a block.
func (r *phonesInOrder) take(b *foundBlock) (err error) {
	mine := r.phones[:b.has(len(r.phones), func(i int) string { return r.phones[i] })]
	if len(mine) > 0 {
		if r.some.phones == nil {
			r.some.phones, r.some.blocks = r.phones[:0], map[string]*foundBlock{}
		}
		r.some.phones = r.some.phones[:len(r.some.phones)+len(mine)]
		r.some.blocks[mine[0]] = b
		r.phones = r.phones[len(mine):]
	}
	if r.wantsAll {
		r.some.all = append(r.some.all, wantedBlock{b, mine})
	}
	r.some.found, err = b.AppendOf(r.some.found, mine)
	return err
}

// blocksAtOnce is how many blocks have customersAtOnce.
const blocksAtOnce = customersAtOnce / 20

// isFull reports whether customersAtOnce were taken.
func (r *phonesInOrder) isFull() bool {
	return len(r.some.phones) >= customersAtOnce || len(r.some.all) >= blocksAtOnce
}

// aheadAtMost is how many times customersAtOnce are read ahead.
const aheadAtMost = 10

func (tx *transaction) PutCustomers(changes []sqlstore.Change[sqlstore.Customer]) error {
	var added []sqlstore.CustomerBlock
	changes = slices.DeleteFunc(changes, func(c sqlstore.Change[sqlstore.Customer]) bool { return c.Old == nil && c.Now == nil })
	for len(changes) > 0 {
		old, n, err := tx.customerBlock(len(changes), func(i int) string { return cmp.Or(changes[i].Now, changes[i].Old).Phone })
		if err != nil {
			return err
		}
		var before *sqlstore.CustomerBlock
		if old != nil {
			before = &old.CustomerBlock
			tx.blocks.changed[old.First] = true
		}
		now, err := sqlstore.ChangedCustomers(before, changes[:n])
		if err == nil && old != nil {
			now, err = tx.replaceBlock(before, now)
		}
		if err != nil {
			return err
		}
		added, changes = append(added, now...), changes[n:]
	}
	return tx.insert(putCustomers, 2, "", len(added), func(values []any, i int) []any {
		return append(values, []byte(added[i].First), added[i].Row.Body)
	}, nil)
}

// replaceBlock replaces a block by the first of others if that starts with the same customer. It returns those
// that are left.
func (tx *transaction) replaceBlock(old *sqlstore.CustomerBlock, now []sqlstore.CustomerBlock) (left []sqlstore.CustomerBlock, err error) {
	if len(now) == 0 || now[0].First != old.First {
		_, err = tx.update(deleteCustomers, []byte(old.First))
		return now, err
	}
	replaced, err := tx.update(updateCustomers, now[0].Row.Body, []byte(old.First))
	if err == nil && replaced != 1 {
		err = sqlstore.ErrRows
	}
	return now[1:], err
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
