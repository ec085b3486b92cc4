package sqlstore

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"iter"
	"slices"
)

// A row for each customer costs SQLite more time than all else that is done for the customer. So a
// row of it has a block of some 25 customers who follow each other, as that of a [NameBlock] has
// names. A block is written as a whole if one of them changes, but so is the page that it is in.

// A CustomerBlock is the row of customers who follow each other by their keys: see [CustomerKey].
// They are those from its first one up to that of the next block.
type CustomerBlock struct {
	// First is the key of the first customer. That of the first block of all is "": so there is a
	// block for each customer as soon as there is any.
	First string
	Row   Sealed
}

// customerBlocks is what the checksum of a block is made for. Each customer in it has one more,
// which the total of all customers is made of.
const customerBlocks = "blocks of customers"

// ScanCustomerBlock reads a row with the columns of CustomerBlockColumns, and checks it.
func ScanCustomerBlock(r Row) (b CustomerBlock, err error) {
	var first []byte
	if err := r.Scan(&first, &b.Row.Body); err != nil {
		return b, err
	}
	b.First = string(first)
	_, b.Row.sum, err = unseal(b.Row.Body, customerBlocks, b.First)
	return b, err
}

// reader reads the customers of a block that was checked.
func (b *CustomerBlock) reader() customerReader {
	return customerReader{bodyReader: newSharingReader(b.Row.Body[:len(b.Row.Body)-sumBytes])}
}

// Append appends all customers of the block, which was checked, to some.
func (b *CustomerBlock) Append(some []Customer) ([]Customer, error) {
	in := b.reader()
	for in.next() {
		some = append(some, in.customer())
	}
	return some, in.err()
}

// AppendOf appends those customers of the block, which was checked, that have one of some phones.
// The phones are sorted by their keys.
func (b *CustomerBlock) AppendOf(some []Customer, phones []string) ([]Customer, error) {
	in := b.reader()
	for isOf, err := range in.withPhones(phones) {
		if err != nil {
			return some, err
		}
		if isOf {
			some = append(some, in.customer())
		}
	}
	return some, nil
}

// Others yields those customers of the block that have none of some phones, which are sorted by their
// keys.
func (b *CustomerBlock) Others(phones []string) Others {
	return func(yield func(*Customer, error) bool) {
		in := b.reader()
		in.body.spare = make(Sums, 0, sumsAtOnce)
		spare := in.body.spare
		var c Customer
		for isOf, err := range in.withPhones(phones) {
			if isOf {
				continue
			}
			if err == nil {
				in.body.spare = spare // the customer before is gone
				c = in.customer()
			}
			if !yield(&c, err) || err != nil {
				return
			}
		}
	}
}

// withPhones goes from customer to customer, and yields whether one has one of some phones.
func (r *customerReader) withPhones(phones []string) iter.Seq2[bool, error] {
	return func(yield func(bool, error) bool) {
		var key []byte // of the first phone
		for r.next() {
			order := +1
			for len(phones) > 0 {
				if len(key) == 0 {
					key = AppendCustomerKey(key, phones[0])
				}
				if order = bytes.Compare(key, r.key); order >= 0 {
					break
				}
				phones, key = phones[1:], key[:0]
			}
			if !yield(order == 0, nil) {
				return
			}
		}
		if r.isBad {
			yield(false, ErrRow)
		}
	}
}

// A customerReader reads the customers of a block one after the other.
type customerReader struct {
	*bodyReader
	entry       []byte // all of the last one
	phone, name string
	body        bodyReader
	sum         uint32
	key         []byte
}

// next reports whether there is one more customer.
func (r *customerReader) next() bool {
	if len(r.rest) == 0 || r.isBad {
		return false
	}
	entry := r.rest
	r.phone, r.name = r.text(), r.text()
	n := r.unsigned()
	if r.isBad = r.isBad || n < sumBytes; !r.has(n) {
		return false
	}
	end := int(n) - sumBytes
	r.body = bodyReader{rest: r.rest[:end], all: r.all[:len(r.all)-len(r.rest)+end], spare: r.body.spare}
	r.sum = binary.BigEndian.Uint32(r.rest[end:])
	r.rest = r.rest[n:]
	r.entry = entry[:len(entry)-len(r.rest)]
	r.key = AppendCustomerKey(r.key[:0], r.phone)
	return true
}

// sumsAtOnce is how many sums of customers share memory.
const sumsAtOnce = 16

// customer returns the last customer. Its texts share the memory of the block.
func (r *customerReader) customer() Customer {
	if cap(r.body.spare) == 0 {
		r.body.spare = make(Sums, 0, sumsAtOnce)
	}
	c := Customer{Phone: r.phone, Name: r.name, Row: Sealed{sum: r.sum}}
	c.readPersons(&r.body)
	r.isBad = r.isBad || r.body.err() != nil
	return c
}

// A customerWriter cuts customers, sorted by their keys, into blocks.
type customerWriter struct {
	most    int  // how large a block becomes, unless it has one customer alone
	isFirst bool // the next block is the first one of all
	blocks  []CustomerBlock
	first   string
	body    []byte // of the block that is not finished, which starts at from
	from    int
}

// start makes room for a customer of so many bytes.
func (w *customerWriter) start(phone string, bytes int) {
	if size := len(w.body) - w.from; size > 0 && size+bytes > w.most {
		w.finish()
	}
	if len(w.body) == w.from && !w.isFirst {
		w.first = CustomerKey(phone)
	}
}

// keep adds a customer as it was read.
func (w *customerWriter) keep(r *customerReader) {
	w.start(r.phone, len(r.entry))
	w.body = append(w.body, r.entry...)
}

func (w *customerWriter) add(c *Customer) {
	w.start(c.Phone, c.entryBytes())
	w.body = appendText(appendText(w.body, c.Phone), c.Name)
	w.body = append(binary.AppendUvarint(w.body, uint64(len(c.Row.Body))), c.Row.Body...)
}

// entryBytes is how many bytes the customer takes in a block, mostly.
func (c *Customer) entryBytes() int { return len(c.Phone) + len(c.Name) + len(c.Row.Body) + 3 }

func (w *customerWriter) finish() {
	b := CustomerBlock{First: w.first}
	w.body, b.Row.sum = seal(w.body, w.from, customerBlocks, b.First)
	b.Row.Body = w.body[w.from:len(w.body):len(w.body)]
	w.blocks = append(w.blocks, b)
	w.from, w.isFirst = len(w.body), false
}

// ChangedCustomers returns the blocks that become of one by changes of its customers, which are
// sorted by their keys. Old is nil if there is no block yet.
func ChangedCustomers(old *CustomerBlock, changes []Change[Customer]) ([]CustomerBlock, error) {
	w := customerWriter{isFirst: old == nil || old.First == ""}
	kept := (&CustomerBlock{Row: Sealed{Body: make([]byte, sumBytes)}}).reader()
	if old != nil {
		kept = old.reader()
	}
	// All blocks become about as large as each other, so that each takes more customers.
	size := len(kept.rest)
	for _, c := range changes {
		if c.Now != nil {
			size += c.Now.entryBytes()
		}
	}
	w.most = size/(1+size/mostBlockBytes) + 1
	w.body = make([]byte, 0, size+size/64+64)
	var key []byte
	has := kept.next()
	for _, c := range changes {
		one := cmp.Or(c.Now, c.Old)
		if one == nil {
			continue
		}
		key = AppendCustomerKey(key[:0], one.Phone)
		order := -1
		for has {
			if order = bytes.Compare(kept.key, key); order >= 0 {
				break
			}
			w.keep(&kept)
			has = kept.next()
		}
		if has && order == 0 {
			has = kept.next()
		}
		if c.Now != nil {
			w.add(c.Now)
		}
	}
	for ; has; has = kept.next() {
		w.keep(&kept)
	}
	if len(w.body) > w.from || w.isFirst {
		w.finish()
	}
	return slices.Clip(w.blocks), kept.err()
}
