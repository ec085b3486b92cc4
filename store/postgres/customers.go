package postgres

import (
	"bytes"
	"cmp"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"process-orders/store/internal/sqlstore"
)

const (
	customerColumns  = `key, phone, name, body`
	findCustomers    = `SELECT ` + customerColumns + ` FROM process_orders.customers WHERE key = ANY($1::bytea[])`
	customersBetween = `SELECT ` + customerColumns + ` FROM process_orders.customers WHERE key >= $1 AND key <= $2 ORDER BY key LIMIT $3`
)

func customerKey(phone string) []byte {
	key := sqlstore.AppendCustomerKey(make([]byte, 0, 2*len(phone)+1), phone)
	if len(key) > maxKey {
		return keyOf(string(key))
	}
	return key
}

// endOfCustomers is a key that is greater than that of any customer, which starts with a digit or a NUL.
var endOfCustomers = []byte{0xff}

// Customers reads all customers between if many are wanted: that costs less than a search for each.
func (tx *transaction) Customers(phones []string, wantsAll bool, do func(some []string, found, others []sqlstore.Customer) error) (hasAll bool, err error) {
	isEmpty, err := tx.isEmpty(sqlstore.CustomersTable)
	if err != nil {
		return false, err
	}
	if !isEmpty && tx.areDense(phones) {
		return wantsAll, tx.customersInOrder(phones, wantsAll, do)
	}
	look := func(some []string, found *[]sqlstore.Customer) {
		if !isEmpty {
			find(&tx.queue, found, collected(scanCustomer), findCustomers, column(some, func(phone *string) []byte { return customerKey(*phone) }))
		}
	}
	return isEmpty, ahead(&tx.queue, phones, look, func(some []string, found []sqlstore.Customer) error { return do(some, found, nil) })
}

// sparse is of how many customers one is wanted at least, if all between are read.
const sparse = 3

// areDense reports whether most customers are wanted, who are sorted by their keys: keys of long texts
// are sorted in another way than the texts.
func (tx *transaction) areDense(phones []string) bool {
	for _, phone := range phones {
		if 2*len(phone) >= maxKey {
			return false
		}
	}
	return int64(len(phones)) > tx.totals[sqlstore.CustomersTable].Rows/sparse
}

// customersInOrder reads customers from the first phone to the last, or all if all are wanted.
func (tx *transaction) customersInOrder(phones []string, wantsAll bool, do func(some []string, found, others []sqlstore.Customer) error) error {
	last := &span{next: []byte{}}
	return inTurn(&tx.queue, func() func() error {
		phones = phones[len(last.phones):]
		if last.next == nil || len(phones) == 0 && !wantsAll {
			return nil
		}
		s := &span{phones: phones[:min(len(phones), tx.s.atOnce)], wantsAll: wantsAll, most: 2 * tx.s.atOnce}
		from, to := last.next, endOfCustomers
		if !wantsAll {
			from = customerKey(phones[0])
		}
		if len(s.phones) < len(phones) || !wantsAll {
			to = customerKey(s.phones[len(s.phones)-1])
			s.next = after(to)
		}
		tx.waiting = append(tx.waiting, statement{sql: customersBetween, values: []any{from, to, s.most}, read: s.read})
		last = s
		return func() error { return do(s.phones, s.found, s.others) }
	})
}

// after is the first key that follows another.
func after(key []byte) []byte { return append(bytes.Clone(key), 0) }

// A span has the customers from one key to another.
type span struct {
	phones        []string // those that are looked for
	wantsAll      bool     // other customers are wanted too
	most          int      // how many rows it has at most, as many others may be between two phones
	next          []byte   // the key that follows; nil if there are no more customers
	found, others []sqlstore.Customer
}

// read reads the rows. If there are as many as it has at most, it ends with the last of them.
func (s *span) read(rows pgx.Rows) error {
	var row customerRow
	var key []byte
	n, passed := 0, 0 // rows, and phones up to the last of them
	for ; rows.Next(); n++ {
		if err := row.scan(rows); err != nil {
			return err
		}
		order := -1
		for ; passed < len(s.phones) && order < 0; passed++ {
			key = sqlstore.AppendCustomerKey(key[:0], s.phones[passed])
			if order = bytes.Compare(key, row.key); order > 0 {
				break
			}
		}
		into := &s.found
		if order != 0 {
			into = &s.others
		}
		if n+1 == s.most {
			s.phones, s.next = s.phones[:passed], after(row.key)
		}
		if order != 0 && !s.wantsAll {
			continue
		}
		c, err := row.customer()
		if err != nil {
			return err
		}
		*into = append(*into, c)
	}
	return rows.Err()
}

// A customerRow is one row of customers after the other.
type customerRow struct {
	key, phone, name, body pgtype.DriverBytes // up to the next row
	reader                 sqlstore.CustomerReader
}

func (r *customerRow) scan(row sqlstore.Row) error {
	return row.Scan(&r.key, &r.phone, &r.name, &r.body)
}

// customer reads the customer of the row that was scanned, and checks the row.
func (r *customerRow) customer() (c sqlstore.Customer, err error) {
	if c, err = r.reader.Read(r.phone, r.name, r.body); err == nil {
		err = checkCustomerKey(r.key, &c)
	}
	return c, err
}

// scanCustomer reads a customer, and checks the row.
func scanCustomer(r sqlstore.Row) (c sqlstore.Customer, err error) {
	var key []byte
	if err := r.Scan(&key, &c.Phone, &c.Name, &c.Row.Body); err != nil {
		return c, err
	}
	return c, cmp.Or(c.Read(), checkCustomerKey(key, &c))
}

// checkCustomerKey returns an error if a key is not that of a customer.
func checkCustomerKey(key []byte, c *sqlstore.Customer) error {
	var memory [64]byte
	if want := sqlstore.AppendCustomerKey(memory[:0], c.Phone); !isKey(key, string(want)) {
		return sqlstore.ErrRow
	}
	return nil
}
