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
func (tx *transaction) Customers(phones []string, wantsAll bool, do func(some []string, found []sqlstore.Customer, others sqlstore.Others) error) (hasAll bool, err error) {
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
func (tx *transaction) customersInOrder(phones []string, wantsAll bool, do func(some []string, found []sqlstore.Customer, others sqlstore.Others) error) error {
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
		return func() error { return do(s.phones, s.found, s.eachOther) }
	})
}

// after is the first key that follows another.
func after(key []byte) []byte { return append(bytes.Clone(key), 0) }

// A span has the customers from one key to another.
type span struct {
	phones   []string // those that are looked for
	wantsAll bool     // other customers are wanted too
	most     int      // how many rows it has at most, as many others may be between two phones
	next     []byte   // the key that follows; nil if there are no more customers
	found    []sqlstore.Customer
	others   []customerRow

	passed      int    // how many phones are not behind the last row
	key, memory []byte // of a phone, and for rows
	reader      sqlstore.CustomerReader
}

// read reads the rows. If there are as many as it has at most, it ends with the last of them.
func (s *span) read(rows pgx.Rows) error {
	var row scannedCustomer
	for n := 1; rows.Next(); n++ {
		if err := row.scan(rows); err != nil {
			return err
		}
		if err := s.take(&row); err != nil {
			return err
		}
		if n == s.most {
			s.phones, s.next = s.phones[:s.passed], after(row.key)
		}
	}
	return rows.Err()
}

// take takes the next row.
func (s *span) take(row *scannedCustomer) error {
	isWanted := s.pass(row.key)
	if !isWanted && !s.wantsAll {
		return nil
	}
	if size := row.size(); cap(s.memory)-len(s.memory) < size {
		s.memory = make([]byte, 0, max(size, spanBytes))
	}
	s.memory = row.appendTo(s.memory)
	one := row.in(s.memory)
	if !isWanted {
		s.others = append(s.others, one)
		return nil
	}
	c, err := one.customer(&s.reader)
	s.found = append(s.found, c)
	return err
}

// pass passes the phones up to a key, and reports whether one of them has it.
func (s *span) pass(to []byte) bool {
	for ; s.passed < len(s.phones); s.passed++ {
		s.key = sqlstore.AppendCustomerKey(s.key[:0], s.phones[s.passed])
		switch bytes.Compare(s.key, to) {
		case 0:
			s.passed++
			return true
		case +1:
			return false
		}
	}
	return false
}

// spanBytes is how much memory the rows of a span share at once.
const spanBytes = 64 << 10

// eachOther yields the customers who were not looked for.
func (s *span) eachOther(yield func(*sqlstore.Customer, error) bool) {
	var reader sqlstore.CustomerReader
	for i := range s.others {
		if c, err := s.others[i].customer(&reader); !yield(&c, err) || err != nil {
			return
		}
	}
}

// A scannedCustomer is one row of customers after the other. Its bytes are valid up to the next one.
type scannedCustomer struct{ key, phone, name, body pgtype.DriverBytes }

func (r *scannedCustomer) scan(row sqlstore.Row) error {
	return row.Scan(&r.key, &r.phone, &r.name, &r.body)
}

func (r *scannedCustomer) size() int { return len(r.key) + len(r.phone) + len(r.name) + len(r.body) }

func (r *scannedCustomer) appendTo(dst []byte) []byte {
	return append(append(append(append(dst, r.key...), r.phone...), r.name...), r.body...)
}

// in is the row at the end of memory, to which it was appended.
func (r *scannedCustomer) in(memory []byte) customerRow {
	return customerRow{memory[len(memory)-r.size():], len(r.key), len(r.phone), len(r.name)}
}

// A customerRow is a row of customers: the columns one after the other.
type customerRow struct {
	bytes            []byte
	key, phone, name int // how many bytes these have
}

// customer reads the customer, and checks the row, whose memory it shares.
func (r *customerRow) customer(reader *sqlstore.CustomerReader) (c sqlstore.Customer, err error) {
	if c, err = reader.Read(r.bytes[r.key:], r.phone, r.name); err == nil {
		err = checkCustomerKey(r.bytes[:r.key], &c)
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
